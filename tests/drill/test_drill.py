"""An operator's drill: what goes wrong in a night, and what tells of it in the morning.

In each case the exit code, the one line, the summary, the metrics, the alert rules over them, as promtool evaluates
them, and the crawl's own alarms say what happened, and readers still get the snapshot before.
"""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from crawler.export import layout
from crawler.sites import datacite
from sandbox.generator import Catalogue
from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import Export
from tests.crawl.test_signals import wait_for
from tests.drill.nightly import Schedule, documented, redeployed, small_disk, small_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.buckets import Bucket
    from tests.crawl.crawling import Started

SLOWLY = ("-a", "full=1", "-s", "DOWNLOAD_DELAY=0.1", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
"""For a crawl in which something happens before it ends."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the export of a night in which all went well, and its metrics."""
    folder = tmp_path_factory.mktemp("first")
    with serving(tree=small.tree()) as mirror:
        night = Schedule(folder, folder / "exports").night("first", mirror=mirror)
    assert (night.ended.code, night.ended.summary["result"], night.alarms) == (0, "published", frozenset())
    assert night.firing() == set()
    return folder


@pytest.fixture
def nightly(first: Path, tmp_path: Path) -> Schedule:
    """The schedule after that night."""
    copytree(first, tmp_path, dirs_exist_ok=True)
    return Schedule(tmp_path, tmp_path / "exports")


def stays(nightly: Schedule, first: Path) -> bool:
    """Tell whether readers get what they got after the first night."""
    before, now = Export(first / "exports"), Export(nightly.exports)  # type: ignore[arg-type] # a folder here
    return now.commit == before.commit and now.digests == before.digests


def test_the_site_is_down(nightly: Schedule, first: Path) -> None:
    night = nightly.night("second")
    assert night.result == (3, "refused")
    assert night.metric("study_crawler_gate_verdict", verdict="failed", outcome="refused") == 1
    assert night.metric("study_crawler_targets", site="harmony", state="denied_by_robots") == 40
    assert night.is_as_documented("the site is down")
    assert night.alarms == {"exit_code", "failed_share"}
    assert stays(nightly, first)


def test_the_site_was_redeployed(nightly: Schedule, first: Path) -> None:
    with serving(tree=redeployed()) as mirror:
        night = nightly.night("second", mirror=mirror)
    assert night.result == (3, "refused")
    assert night.ended.summary["ledger"]["parse_failed"] == 10
    assert night.metric("study_crawler_targets", site="harmony", state="parse_failed") == 10
    assert night.metric("study_crawler_unknown_keys", site="harmony") == 1
    assert night.is_as_documented("the site was redeployed")
    assert night.alarms == {"exit_code", "failed_share", "unknown_keys"}
    assert stays(nightly, first)


def test_a_followed_source_is_down(tmp_path: Path) -> None:
    """It is kept as it was, and the rest is published."""
    nightly, followed, tree = Schedule(tmp_path, tmp_path / "exports"), ("-a", "follow=doi"), Catalogue({}, 13)
    with serving(tree=tree) as mirror:
        assert nightly.night("first", *followed, mirror=mirror).firing() == set()
    with serving(tree=tree, faults=[f"503:1@{host}/" for host in datacite.HOSTS]) as mirror:
        night = nightly.night("second", *followed, mirror=mirror)
    assert (night.ended.code, night.ended.summary["result"]) == (0, "published")
    assert night.ended.summary["kept"] == ["datacite"]
    assert night.metric("study_crawler_source_kept", site="datacite") == 1
    assert night.metric("study_crawler_gate_verdict", verdict="failed", outcome="warned") == 1
    assert night.is_as_documented("a followed source is down")
    assert night.alarms == {"failed_share", "kept_sources"}
    assert Export(tmp_path / "exports").commit["number"] == 2


@pytest.mark.parametrize(
    ("secret", "advice"),
    [
        ("reads-only", "allow these credentials s3:PutObject"),
        ("another", "set AWS_SECRET_ACCESS_KEY to the secret of that AWS_ACCESS_KEY_ID"),
    ],
    ids=["the bucket is read-only", "the credentials are bad"],
)
def test_the_store_turns_us_away(first: Path, seaweed: Bucket, tmp_path: Path, secret: str, advice: str) -> None:
    for path in (first / "exports").rglob("*.*"):
        if path.is_file():
            seaweed.store.put(path.relative_to(first / "exports").as_posix(), path.read_bytes())
    (tmp_path / "nightly.prom").write_bytes((first / "nightly.prom").read_bytes())
    reader = replace(seaweed.server, access_key="reader", secret_key=secret)
    with serving(tree=small.tree()) as mirror:
        night = Schedule(tmp_path, seaweed.uri).night("second", mirror=mirror, user=reader)
    assert night.result == (4, "store")
    assert night.ended.error.startswith("error: v1/log/.probe: ")
    assert advice in night.ended.error
    assert night.metric("study_crawler_records", type="study") is None
    assert night.is_as_documented("the bucket is read-only, or the credentials are bad")
    assert night.firing(hours=37) == {"StudyCrawlerStoreFailed", "StudyCrawlerNoSuccess"}
    assert night.alarms == {"exit_code", "store"}
    assert json.loads(seaweed.store.get(layout.CURRENT))["run_id"] == "first"


def test_the_disk_is_full(first: Path, tmp_path: Path) -> None:
    copytree(first, tmp_path / "metrics")
    (tmp_path / "metrics/exports").rename(tmp_path / "before")
    taken = sum(-(-path.stat().st_size // 4096) * 4 for path in (tmp_path / "before").rglob("*") if path.is_file())
    with small_disk(tmp_path / "exports", kib=taken + 12) as is_small, serving(tree=small.tree()) as mirror:
        copytree(tmp_path / "before", tmp_path / "exports", dirs_exist_ok=True)
        nightly = Schedule(tmp_path / "metrics", tmp_path / "exports")
        limit = None if is_small else small_files
        night = nightly.night("second", "-a", "full=1", mirror=mirror, meanwhile=limit)
        assert stays(nightly, first)
    assert night.result == (4, "store")
    assert night.ended.error.startswith("error: v1/")
    said = "No space left on device" if is_small else "File too large"
    assert f"{said} in {tmp_path}/exports; " in night.ended.error
    assert night.is_as_documented("the disk is full") or not is_small
    assert night.firing() == {"StudyCrawlerStoreFailed"}
    assert {"exit_code", "store"} <= night.alarms


def test_the_crawl_is_stopped(nightly: Schedule, first: Path) -> None:
    def stop(process: Started) -> None:
        wait_for(lambda: log_of(nightly, "second"), process)
        process.send(signal.SIGTERM)

    with serving(tree=small.tree()) as mirror:
        night = nightly.night("second", *SLOWLY, mirror=mirror, meanwhile=stop)
    assert night.result == (1, "stopped")
    line = "error: the crawl was stopped by a signal; nothing was published (to go on with it: -a run_id=second)"
    assert night.ended.error == line
    assert night.is_as_documented("the crawl was stopped (SIGTERM)")
    assert night.alarms == {"exit_code", "finish_reason"}
    assert stays(nightly, first)
    with serving(tree=small.tree()) as mirror:
        night = nightly.night("second", "-a", "full=1", mirror=mirror)
    assert (night.ended.code, night.firing(), night.alarms) == (0, set(), frozenset())


def test_the_crawl_is_killed(nightly: Schedule, first: Path) -> None:
    """It can say nothing: what tells is that no success has been told for too long."""

    def kill(process: Started) -> None:
        wait_for(lambda: log_of(nightly, "second"), process)
        process.send(signal.SIGKILL)

    with serving(tree=small.tree()) as mirror:
        night = nightly.night("second", *SLOWLY, mirror=mirror, meanwhile=kill)
    assert (night.ended.code, night.ended.out) == (-signal.SIGKILL, "")
    assert "error: " not in night.ended.log
    assert night.metrics == (first / "nightly.prom").read_text()
    assert night.firing() == set()
    assert night.firing(hours=37) == documented("the crawl was killed (SIGKILL)")[2]
    assert night.alarms == frozenset()
    assert stays(nightly, first)


def log_of(nightly: Schedule, run_id: str) -> list[Path]:
    """Return the batches that a run has in its log."""
    return list(nightly.exports.glob(f"{layout.logs(run_id)}*.jsonl.gz"))  # type: ignore[union-attr] # a folder here
