"""The pipeline that writes the log: when a batch leaves, how much is held, and what a store that fails does to it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from scrapy.utils.test import get_crawler

from crawler import stats
from crawler.errors import CrawlerError, StoreError
from crawler.export import log
from crawler.items import State, Target
from crawler.pipelines import s3
from crawler.pipelines.s3 import BatchPipeline
from crawler.signals import requests_abandoned, worker_idle

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.core.engine import ExecutionEngine
    from scrapy.crawler import Crawler

ITEMS = 3
LONG = 60.0


@dataclass
class Slow:
    """A store that takes an object when it is let, and none from the time on that it fails."""

    let: threading.Event = field(default_factory=threading.Event)
    fails: bool = False
    batches: list[list[str]] = field(default_factory=list)
    tried: int = 0
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def create(self, key: str, data: bytes) -> None:
        self.tried += 1
        assert self.let.wait(10)
        if self.fails:
            raise StoreError(key, "no room")
        self.batches.append([target.url for target in log.decode(data)])
        self.arrived.release()


@dataclass
class Crawl:
    """A spider and an engine, as far as the pipeline knows them."""

    run_id: str = "one"
    process: str = "0f3c"
    failure: CrawlerError | None = None
    closed: list[str] = field(default_factory=list)

    async def close_spider_async(self, *, reason: str) -> None:
        self.closed.append(reason)


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture
def crawl() -> Crawl:
    return Crawl()


def opened_crawler(crawl: Crawl, seconds: float = LONG) -> Crawler:
    """Return a crawler whose spider and engine `crawl` is."""
    crawler = get_crawler(settings_dict={"EXPORT_BATCH_ITEMS": ITEMS, "EXPORT_BATCH_SECONDS": seconds})
    crawler._apply_settings()  # noqa: SLF001 - what a crawl does first; stats are made there
    crawler.spider = cast("Spider", crawl)
    crawler.engine = cast("ExecutionEngine", crawl)
    return crawler


def opened(monkeypatch: pytest.MonkeyPatch, store: Slow, crawler: Crawler) -> BatchPipeline:
    """Return an open pipeline that writes to `store`."""
    monkeypatch.setattr(s3, "store_of", lambda _: store)
    pipeline = BatchPipeline.from_crawler(crawler)
    pipeline.open_spider()
    return pipeline


def target(number: int) -> Target:
    return Target(url=f"https://example.org/{number}", state=State.STORED)


def urls(*numbers: int) -> list[str]:
    return [target(number).url for number in numbers]


async def come(pipeline: BatchPipeline, *numbers: int) -> list[asyncio.Task[Target]]:
    """Let targets come in, each as Scrapy has it: a task of its own; return those that the pipeline holds up."""
    tasks = [asyncio.ensure_future(pipeline.process_item(target(number))) for number in numbers]
    await asyncio.sleep(0.05)
    return [task for task in tasks if not task.done()]


def test_a_batch_leaves_when_it_is_full(monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl) -> None:
    async def run() -> None:
        pipeline = opened(monkeypatch, store, opened_crawler(crawl))
        store.let.set()
        await asyncio.gather(*await come(pipeline, 0, 1, 2, 3))
        assert store.batches == [urls(0, 1, 2)]
        await pipeline.close_spider()

    asyncio.run(run())
    assert store.batches == [urls(0, 1, 2), urls(3)]


def test_a_batch_leaves_after_a_time_though_nothing_more_comes(
    monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl
) -> None:
    async def run() -> None:
        pipeline = opened(monkeypatch, store, opened_crawler(crawl, seconds=0.1))
        store.let.set()
        for number in (0, 1):  # the next batch has a time of its own
            await come(pipeline, number)
            assert await asyncio.to_thread(store.arrived.acquire, timeout=10)
        await pipeline.close_spider()

    asyncio.run(run())
    assert store.batches == [urls(0), urls(1)]


def test_a_slow_store_holds_up_the_crawl(monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl) -> None:
    """One batch is on its way and one is full: whoever fills it, and all who come then, wait."""

    async def run() -> None:
        pipeline = opened(monkeypatch, store, opened_crawler(crawl))
        assert len(await come(pipeline, 0, 1, 2)) == 1  # it carries the batch to the store
        assert await come(pipeline, 3, 4) == []
        waiting = await come(pipeline, *range(5, 20))
        assert len(waiting) == 15
        store.let.set()
        await asyncio.gather(*waiting)
        await pipeline.close_spider()

    asyncio.run(run())
    assert store.batches[0] == urls(0, 1, 2)
    assert [url for batch in store.batches for url in batch] == urls(*range(20))


def test_after_a_failure_nothing_more_is_written(
    monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        store.let.set()
        await asyncio.gather(*await come(pipeline, 0, 1, 2))
        store.fails = True
        await asyncio.gather(*await come(pipeline, *range(3, 9)))
        store.fails = False  # it is well again, but the crawl has been told to stop
        await asyncio.gather(*await come(pipeline, *range(9, 16)))
        await pipeline.close_spider()

    crawler = opened_crawler(crawl)
    pipeline = opened(monkeypatch, store, crawler)
    asyncio.run(run())
    assert (store.batches, store.tried) == ([urls(0, 1, 2)], 2)
    assert crawl.closed == ["store_failed"]
    assert str(crawl.failure) == "v1/log/one/0f3c-000001.jsonl.gz: no room"
    assert crawler.stats.get_value(stats.STORE_UNACKNOWLEDGED) == 13
    [said] = [record.message for record in caplog.records if "Not acknowledged" in record.message]
    assert said == f"Not acknowledged by the store: {', '.join(urls(*range(3, 13)))} and 3 more"


def test_what_nobody_foresaw_keeps_the_crawl_from_being_published(
    monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl
) -> None:
    """Scrapy logs what a pipeline raises at its closing, and goes on."""

    async def run() -> None:
        await come(pipeline, 0, 1)
        with pytest.raises(MemoryError):
            await pipeline.close_spider()

    def fail(_key: str, _data: bytes) -> None:
        raise MemoryError

    crawler = opened_crawler(crawl)
    pipeline = opened(monkeypatch, store, crawler)
    monkeypatch.setattr(store, "create", fail)
    asyncio.run(run())
    assert str(crawl.failure) == "2 targets could not be stored; the log says why"
    assert crawler.stats.get_value(stats.STORE_UNACKNOWLEDGED) == 2


def test_a_crawl_that_is_stopped_writes_what_it_has(monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl) -> None:
    async def run() -> None:
        store.let.set()
        await come(pipeline, 0)
        crawler.signals.send_catch_log(requests_abandoned)
        assert await asyncio.to_thread(store.arrived.acquire, timeout=10)
        await pipeline.close_spider()

    crawler = opened_crawler(crawl)
    pipeline = opened(monkeypatch, store, crawler)
    asyncio.run(run())
    assert store.batches == [urls(0)]


def test_a_worker_that_waits_for_a_slow_store_says_so_again_and_again_for_nothing(
    monkeypatch: pytest.MonkeyPatch, store: Slow, crawl: Crawl
) -> None:
    async def run() -> None:
        crawler = opened_crawler(crawl)
        pipeline = opened(monkeypatch, store, crawler)
        await come(pipeline, 0)
        before = len(asyncio.all_tasks())
        for _ in range(50):
            crawler.signals.send_catch_log(worker_idle)
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == before + 1
        store.let.set()
        await pipeline.close_spider()
        assert store.batches == [urls(0)]

    asyncio.run(run())
