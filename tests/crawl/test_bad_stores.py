"""A store that cannot be used, or holds what is broken: one line that says what to do, and the current run stays."""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from crawler.export import layout
from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, Ended, Export, Started, scrapy
from tests.servers.scripted import error, scripted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crawl.buckets import Bucket

CRAWL = ("crawl", "harmony", *FAST, "-a", "run_id=two", "-s", "EXPORT_BATCH_ITEMS=10", "-s", "EXPORT_OUTAGE_SECONDS=1")
FIRST = layout.sightings("first", 0)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Export:
    with serving(tree=small.tree()) as mirror:
        folder = tmp_path_factory.mktemp("small")
        assert scrapy(*CRAWL, "-a", "run_id=first", mirror=mirror, exports=folder).code == 0
    return Export(folder)


@pytest.fixture
def exports(crawled: Export, tmp_path: Path) -> Path:
    """Return an export with one run."""
    return copytree(crawled.folder, tmp_path / "exports")


def crawl(exports: Path | str, *args: str, **more: str) -> Ended:
    """Crawl the small catalogue, as run two."""
    with serving(tree=small.tree()) as mirror:
        return scrapy(*CRAWL, *args, mirror=mirror, exports=exports, **more)


def test_a_bucket_that_is_not_there(seaweed: Bucket) -> None:
    ended = crawl(f"{seaweed.uri.rpartition('/')[0]}-not")
    assert ended.code == 4
    assert "(NoSuchBucket: " in ended.error
    assert "create that bucket, or set EXPORT_URI to another one" in ended.error


@pytest.mark.parametrize(
    ("key", "secret", "advice"),
    [
        ("reader", "reads-only", "allow these credentials s3:PutObject"),
        ("reader", "another", "set AWS_SECRET_ACCESS_KEY to the secret of that AWS_ACCESS_KEY_ID"),
        ("nobody", "another", "the store does not know that key: set AWS_ACCESS_KEY_ID, or AWS_PROFILE"),
    ],
)
def test_credentials_that_do_not_do(seaweed: Bucket, key: str, secret: str, advice: str) -> None:
    ended = crawl(seaweed.uri, **replace(seaweed.server, access_key=key, secret_key=secret).environment)
    assert ended.code == 4
    assert advice in ended.error
    assert seaweed.store.list("") == []


def test_no_credentials_at_all(seaweed: Bucket) -> None:
    ended = crawl(seaweed.uri, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert ended.code == 4
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in ended.error


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (400, "ExpiredToken", "renew the credentials, then start the same run_id again"),
        (403, "RequestTimeTooSkewed", "set the clock of this machine, then start the same run_id again"),
    ],
)
def test_what_the_store_says_of_credentials_and_clock(status: int, code: str, advice: str) -> None:
    with scripted(error(status, code)) as there:
        ended = crawl("s3://bucket/exports", **there.server.environment)
    assert ended.code == 4
    assert advice in ended.error


def a_file_for_a_folder(exports: Path) -> str:
    (exports / "v1/log/two").write_text("")
    return "error: v1/log/two/"


def a_damaged_batch(exports: Path) -> str:
    (exports / "v1/log/two").mkdir()
    (exports / "v1/log/two/0f3c-000000.jsonl.gz").write_bytes(b"no gzip")
    return "error: v1/log/two/0f3c-000000.jsonl.gz: is damaged"


def a_batch_that_is_cut(exports: Path) -> str:
    batch = next((exports / "v1/log/first").glob("*.jsonl.gz")).read_bytes()
    (exports / "v1/log/two").mkdir()
    (exports / "v1/log/two/0f3c-000000.jsonl.gz").write_bytes(batch[: len(batch) // 2])
    return "error: v1/log/two/0f3c-000000.jsonl.gz: is damaged"


def a_missing_object(exports: Path) -> str:
    (exports / FIRST).unlink()
    return f"error: {FIRST}: "


def another_object(exports: Path) -> str:
    (exports / FIRST).write_bytes(b"PAR1")
    return f"error: {FIRST}: is not what its manifest says"


def a_deleted_run(exports: Path) -> str:
    for path in sorted((exports / "v1/runs/first").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    return "error: v1/runs/first/manifest.json: "


def a_damaged_manifest(exports: Path) -> str:
    (exports / "v1/runs/first/manifest.json").write_text("{}")
    return "error: v1/runs/first/manifest.json: is no manifest"


def a_damaged_commit(exports: Path) -> str:
    (exports / layout.commit(1)).write_text("{")
    (exports / layout.CURRENT).write_text("{")
    return f"error: {layout.commit(1)}: is no commit"


@pytest.mark.parametrize(
    "broken",
    [
        a_file_for_a_folder,
        a_damaged_batch,
        a_batch_that_is_cut,
        a_missing_object,
        another_object,
        a_deleted_run,
        a_damaged_manifest,
        a_damaged_commit,
    ],
)
def test_what_is_broken_in_the_store(exports: Path, broken: Callable[[Path], str]) -> None:
    line = broken(exports)
    before = (exports / layout.CURRENT).read_bytes()
    ended = crawl(exports)
    assert ended.code == 4, ended.log
    assert ended.error.startswith(line)
    assert (exports / layout.CURRENT).read_bytes() == before
    assert not (exports / layout.commit(2)).exists()


def test_a_damaged_batch_that_is_removed_is_fetched_again(crawled: Export, exports: Path) -> None:
    a_damaged_batch(exports)
    (exports / "v1/log/two/0f3c-000000.jsonl.gz").unlink()
    assert crawl(exports).code == 0
    assert Export(exports).digests == crawled.digests


def test_a_current_that_is_older_than_the_newest_commit(crawled: Export, exports: Path) -> None:
    """It is healed at the start, whatever becomes of the crawl."""
    newest = crawled.commit | {"number": 2, "committed_at": "2031-05-06T07:30:00Z"}
    (exports / layout.commit(2)).write_text(json.dumps(newest))
    (exports / FIRST).unlink()
    assert crawl(exports).code == 4
    assert json.loads((exports / layout.CURRENT).read_bytes()) == newest


@pytest.mark.parametrize(("most", "key"), [(400, "v1/log/two/"), (9000, "v1/runs/two/records/parquet/")])
def test_a_disk_that_is_full(crawled: Export, exports: Path, most: int, key: str) -> None:
    """A limit on the size of files stands for it: it is below a batch, or above one and below the records."""
    with serving(tree=small.tree()) as mirror, Started(*CRAWL, mirror=mirror, exports=exports) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
        ended = process.ended()
    assert ended.code == 4, ended.log
    assert ended.error.startswith(f"error: {key}")
    assert "raise the limit on file sizes (ulimit -f), then start the same run_id again" in ended.error
    assert Export(exports).commit == crawled.commit
    assert crawl(exports).code == 0
    assert Export(exports).digests == crawled.digests


def test_a_folder_that_nobody_may_write_to(tmp_path: Path) -> None:
    (tmp_path / "exports").symlink_to("/sys")  # where not even root may
    ended = crawl(tmp_path / "exports")
    assert ended.code == 4
    assert ended.error.startswith("error: v1/log/.probe: ")
    assert "set EXPORT_URI to another folder" in ended.error


def test_a_file_where_the_folder_must_be(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("")
    ended = crawl(tmp_path / "exports")
    assert ended.code == 4
    assert "a file stands where a folder must be: move it away, or set EXPORT_URI to another folder" in ended.error
