"""Crawls that run at the same time over one export."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from crawler.export import layout
from crawler.export.folder import FolderStore
from sandbox.server import serving
from tests.chaos.trial import commits, published, whole
from tests.crawl.crawling import FAST, SCALE, Ended, Export, Started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.buckets import Bucket


def crawled_at_once(exports: Path | str, *run_ids: str) -> None:
    """Start a crawl for each run_id, all at once; each has to end with 0."""
    with serving(scale=SCALE) as mirror, ExitStack() as stack:
        started = [
            stack.enter_context(
                Started(
                    *("crawl", "harmony", *FAST, "-s", "EXPORT_BATCH_ITEMS=10", "-a", f"run_id={run_id}"),
                    mirror=mirror,
                    exports=exports,
                )
            )
            for run_id in run_ids
        ]
        for process in started:
            ended: Ended = process.ended()
            assert ended.code == 0, ended.log


def test_of_one_run(undisturbed: Export, seaweed: Bucket) -> None:
    """They share the log, and one commit wins; its manifest says what is there."""
    crawled_at_once(seaweed.uri, "one", "one")
    found = published(seaweed.store)
    assert commits(seaweed.store) == ["one"]
    assert found.digests == undisturbed.digests
    processes = {key.rpartition("/")[2].partition("-")[0] for key in seaweed.store.list(layout.logs("one"))}
    assert len(processes - {"publish"}) == 2


def test_of_different_runs(undisturbed: Export, tmp_path: Path) -> None:
    crawled_at_once(tmp_path, "one", "two", "three")
    store = FolderStore(tmp_path)
    assert sorted(commits(store)) == ["one", "three", "two"]
    assert published(store).digests == undisturbed.digests
    before = None
    for run_id in commits(store):
        manifest = whole(store, {"run_id": run_id, "manifest": layout.manifest(run_id)})
        assert manifest["previous_run"] == before
        before = run_id
