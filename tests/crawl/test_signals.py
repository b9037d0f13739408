"""A crawl that is stopped by a signal: it ends in time, keeps what is done, and goes on by the same run_id."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from crawler.export import layout, log
from crawler.export.folder import FolderStore
from sandbox.generator import items
from sandbox.server import serving
from tests.crawl.crawling import FAST, SCALE, SITE, Ended, Export, Started, asked, crawl, scrapy
from tests.crawl.lines import Treacherous
from tests.servers.proxy import proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from crawler.export.store import Store
    from tests.crawl.buckets import Bucket
    from tests.servers.proxy import Proxy

SLOW = [item.pages[0] for item in items(SCALE) if item.part == 1][-2:]
FAULTS = [f"slow=60:1@harmonydata.ac.uk/search/{page}.txt" for page in SLOW]
IN_TIME = 20
"""Seconds after a signal within which a crawl has ended."""


def wait_for(condition: Callable[[], object], crawl: Started) -> None:
    """Wait until there is what a test waits for."""
    give_up = time.monotonic() + 60
    while not condition():
        assert crawl.alive, crawl.ended().log
        assert time.monotonic() < give_up
        time.sleep(0.02)


def waits_for_slow_pages(mirror: str) -> bool:
    """Tell whether a crawl has asked for the slow pages and for most others."""
    seen = asked(mirror)
    return len(seen) > 40 and {f"/{page}.txt" for page in SLOW} <= set(seen)


def stopped(crawl: Started, number: signal.Signals) -> Ended:
    """Stop a crawl, which has to end in time."""
    began = time.monotonic()
    crawl.send(number)
    ended = crawl.ended()
    assert time.monotonic() - began < IN_TIME, ended.log
    return ended


def done(store: Store, run_id: str) -> set[str]:
    """Return the pages whose targets are done, as the log has it."""
    targets = log.read(store, log.batches(store, run_id))
    return {row["url"].removeprefix(SITE) for row in targets if row["attempts"]}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_mid_crawl(undisturbed: Export, tmp_path: Path, number: signal.Signals) -> None:
    args = ("crawl", "harmony", *FAST, "-a", "run_id=one")
    with serving(scale=SCALE, faults=FAULTS) as mirror, Started(*args, mirror=mirror, exports=tmp_path) as crawling:
        wait_for(lambda: waits_for_slow_pages(mirror), crawling)
        ended = stopped(crawling, number)
    line = "error: the crawl was stopped by a signal; nothing was published (to go on with it: -a run_id=one)"
    assert (ended.code, ended.error) == (1, line)
    assert "was stopped by a signal" in (tmp_path / layout.report("one")).read_text()
    assert not (tmp_path / "v1/current.json").exists()
    kept = done(FolderStore(tmp_path), "one")
    assert len(kept) > 30
    with serving(scale=SCALE) as mirror:
        export = crawl(mirror, tmp_path, "-a", "run_id=one")
        pages = {url.removesuffix(".txt") for url in asked(mirror)}
    assert {f"/{page}" for page in SLOW} <= pages
    assert not kept & pages
    assert (export.digests, export.states) == (undisturbed.digests, undisturbed.states)


def test_a_crawl_that_is_to_outlive_its_terminal_does(undisturbed: Export, tmp_path: Path) -> None:
    args = ("crawl", "harmony", *FAST)
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does, for what is started
    with serving(scale=SCALE) as mirror, Started(*args, mirror=mirror, exports=tmp_path) as crawling:
        signal.signal(signal.SIGHUP, former)
        wait_for(lambda: len(asked(mirror)) > 20, crawling)
        crawling.send(signal.SIGHUP)
        assert crawling.ended().code == 0
    assert Export(tmp_path).digests == undisturbed.digests


@contextmanager
def cut(line: Proxy) -> Iterator[None]:
    """Refuse all connections to the store."""
    line.cut()
    yield


@contextmanager
def deaf(line: Proxy) -> Iterator[None]:
    """Accept connections, and never answer."""
    line.cut()
    with socket.create_server(("127.0.0.1", int(line.endpoint.rpartition(":")[2]))):
        yield


@pytest.mark.parametrize("away", [cut, deaf])
def test_a_signal_while_the_store_is_away(
    undisturbed: Export,
    seaweed: Bucket,
    tmp_path: Path,
    away: Callable[[Proxy], AbstractContextManager[None]],
) -> None:
    args = ("crawl", "harmony", *FAST, "-a", "run_id=one", "-s", "EXPORT_BATCH_ITEMS=10")
    with (
        serving(scale=SCALE, faults=FAULTS) as mirror,
        proxy(seaweed.server.endpoint) as line,
        Started(*args, mirror=mirror, exports=seaweed.uri, AWS_ENDPOINT_URL_S3=line.endpoint) as crawling,
    ):
        wait_for(lambda: waits_for_slow_pages(mirror) and done(seaweed.store, "one"), crawling)
        with away(line):
            ended = stopped(crawling, signal.SIGINT)
    assert ended.code == (4 if away is cut else 1), ended.log
    assert "to go on with it: -a run_id=one" in ended.error
    kept = done(seaweed.store, "one")
    with serving(scale=SCALE) as mirror:
        ended = scrapy(*args, mirror=mirror, exports=seaweed.uri)
        assert ended.code == 0, ended.log
        assert not kept & {url.removesuffix(".txt") for url in asked(mirror)}
    export = seaweed.fetched(tmp_path)
    assert (export.digests, export.states) == (undisturbed.digests, undisturbed.states)


@pytest.mark.parametrize("mended", [True, False])
def test_a_signal_while_a_run_is_published(
    undisturbed: Export, seaweed: Bucket, tmp_path: Path, *, mended: bool
) -> None:
    """It stays unpublished, whether the store comes back in time or not."""
    args = ("crawl", "harmony", *FAST, "-a", "run_id=one")
    with (
        closing(Treacherous(seaweed.server.endpoint, "records/jsonl")) as line,
        serving(scale=SCALE) as mirror,
        Started(*args, mirror=mirror, exports=seaweed.uri, AWS_ENDPOINT_URL_S3=line.endpoint) as crawling,
    ):
        line.mend()
        wait_for(lambda: line.was_cut, crawling)
        if mended:
            threading.Timer(1, line.mend).start()
        ended = stopped(crawling, signal.SIGTERM)
        assert ended.code == (1 if mended else 4), ended.log
        assert not seaweed.store.exists(layout.CURRENT)
        ended = scrapy(*args, mirror=mirror, exports=seaweed.uri)
        assert ended.code == 0, ended.log
    assert seaweed.fetched(tmp_path).digests == undisturbed.digests
