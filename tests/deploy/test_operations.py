"""The steps that docs/operations.md has for production, run one after the other as an operator would."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from crawler.export import layout, manifest
from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, Ended, Started, asked, scrapy
from tests.deploy.conftest import Cloud, as_whom, keys_in
from tests.deploy.steps import BUCKET, PREFIX, URI, run, steps, succeed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIRST, SECOND = "nightly-2031-05-05", "nightly-2031-05-06"
"""The runs that the steps name."""


def arguments(run_id: str) -> tuple[str, ...]:
    return ("crawl", "harmony", *FAST, "-a", f"run_id={run_id}", "-s", "GATE_MAX_FAILED=0.1")


def crawl(cloud: Cloud, run_id: str, faults: Sequence[str] = ()) -> Ended:
    with serving(tree=small.tree(), faults=faults) as mirror:
        return scrapy(*arguments(run_id), mirror=mirror, exports=URI, **cloud.crawler)


def commits(cloud: Cloud) -> list[str]:
    """Return the runs that the commits name, the current one first."""
    return [commit.run_id for commit in manifest.commits(cloud.store)]


def remove(cloud: Cloud, prefix: str) -> None:
    """Remove all objects of the export whose keys begin so."""
    with cloud.client() as client:
        for key in cloud.store.list(prefix):
            client.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{key}")


@pytest.fixture(scope="module", autouse=True)
def published(cloud: Cloud) -> None:
    """Two nights: in the second one a page failed."""
    for run_id, faults in ((FIRST, []), (SECOND, [f"500:1@{small.path(small.slug(1))}"])):
        ended = crawl(cloud, run_id, faults)
        assert ended.code == 0, ended.log


def test_a_roll_back(cloud: Cloud) -> None:
    (code,) = steps("Past runs")
    assert f'"run_id":"{FIRST}"' in succeed(code, cloud.crawler)
    assert commits(cloud) == [FIRST, SECOND, FIRST]


def test_what_failed_is_asked_for_again_and_that_alone(cloud: Cloud) -> None:
    (code,) = steps("Re-drive")
    with serving(tree=small.tree()) as mirror:
        succeed(code, {**cloud.crawler, "MIRROR": mirror})
        pages = [url for url in asked(mirror) if url.startswith("/items/")]
    assert set(pages) == {f"/items/{small.slug(1)}.txt"}
    assert commits(cloud)[0] == f"{SECOND}-again"


class Held:
    """A catalogue whose server stops at one page, and goes on when it is told to."""

    def __init__(self) -> None:
        self._tree = small.tree()
        self.reached, self.go_on = Event(), Event()

    def get(self, path: str, /) -> bytes | None:
        if path == small.path(small.slug(1)):
            self.reached.set()
            self.go_on.wait(30)
        return self._tree.get(path)


def test_a_key_is_rotated_while_a_crawl_is_at_work(cloud: Cloud) -> None:
    second, use = steps("Rotate keys")
    look, let_go = use.splitlines()
    (new,) = keys_in(succeed(second, cloud.operator))
    assert FIRST in succeed(look, as_whom(cloud.server, new))
    held = Held()
    with (
        serving(tree=held) as mirror,
        Started(*arguments("rotated"), mirror=mirror, exports=URI, **cloud.crawler) as crawling,
    ):
        assert held.reached.wait(30)
        succeed(let_go, cloud.operator, AKIA0FIRST0KEY000000=cloud.key["AccessKeyId"])
        held.go_on.set()
        ended = crawling.ended()
    assert ended.code == 4, ended.log
    assert "the store does not know that key" in ended.error
    assert "-a run_id=rotated" in ended.error
    cloud.key = new
    assert crawl(cloud, "rotated").code == 0


def test_a_lost_export_is_put_back_from_its_copy(cloud: Cloud) -> None:
    keep, put_back, _ = steps("Restore")
    succeed(keep, cloud.operator)
    before = commits(cloud)
    remove(cloud, "")
    assert commits(cloud) == []
    assert FIRST in succeed(put_back, cloud.operator)
    assert commits(cloud) == before
    assert not cloud.store.exists(layout.CURRENT)
    assert crawl(cloud, "restored").code == 0
    assert commits(cloud) == ["restored", *before]
    assert b'"restored"' in cloud.store.get(layout.CURRENT)


def test_a_lost_object_is_put_back_from_its_copy(cloud: Cloud) -> None:
    keep, _, put_back = steps("Restore")
    succeed(keep, cloud.operator)
    lost = layout.records_parquet(FIRST, 0)
    remove(cloud, lost)
    ended = scrapy("rollback", FIRST, exports=URI, **cloud.crawler)
    advice = "put back a copy of it, or go back to another run"
    assert (ended.code, ended.error) == (4, f"error: {lost}: is missing; {advice}")
    succeed(put_back, cloud.operator)
    assert commits(cloud)[0] == FIRST


def test_a_damaged_snapshot_is_gone_back_from(cloud: Cloud) -> None:
    current = commits(cloud)[0]
    damaged = layout.sightings(current, 0)
    cloud.store.put(damaged, b"PAR1")
    ended = crawl(cloud, "after-damage")
    assert ended.code == 4
    assert ended.error.startswith(f"error: {damaged}: is not what its manifest says")
    whole = next(run_id for run_id in commits(cloud) if run_id != current)
    assert scrapy("rollback", whole, exports=URI, **cloud.crawler).code == 0
    assert crawl(cloud, "after-damage").code == 0


def test_a_version_goes_on_from_its_own_last_run_where_it_does_not_know_the_newest(cloud: Cloud) -> None:
    """A field that this version does not know stands for what a newer one has written."""
    newest = layout.manifest(commits(cloud)[0])
    known = cloud.store.get(newest)
    cloud.store.put(newest, known.replace(b"{", b'{"of_a_newer_version": 1,', 1))
    ended = crawl(cloud, "older-version")
    assert ended.code == 4
    assert ended.error.startswith(f"error: {newest}: is no manifest")
    assert "use the version of the crawler that wrote it" in ended.error
    own = next(run_id for run_id in commits(cloud) if layout.manifest(run_id) != newest)
    assert scrapy("rollback", own, exports=URI, **cloud.crawler).code == 0
    assert crawl(cloud, "older-version").code == 0
    cloud.store.put(newest, known)


def test_cron_starts_one_run_a_day(cloud: Cloud, tmp_path: Path) -> None:
    (line,) = steps("Roll out", "crontab")
    *when, code = line.replace(r"\%", "%").split(maxsplit=5)
    assert when == ["15", "2-22/2", "*", "*", "*"]
    settings, env = {**cloud.crawler, "EXPORT_URI": URI}, tmp_path / "env"
    places = {"/etc/study-crawler.env": str(env), "/opt/study-crawler": ".", "/run/lock": str(tmp_path)}
    with serving(tree=small.tree()) as mirror:
        env.write_text("".join(f"{name}={value}\n" for name, value in (settings | {"MIRROR": mirror}).items()))
        first, again = (run(code, {}, **places) for _ in range(2))
    assert (first.code, again.code) == (0, 0), first.log + again.log
    assert (again.summary["run_id"], again.summary["result"]) == (commits(cloud)[0], "unchanged")
