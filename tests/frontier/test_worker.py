"""A worker by itself: what it takes on, and when it asks what is next."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from scrapy import signals
from scrapy.utils.test import get_crawler

from crawler import settings
from crawler.frontier import worker as module
from crawler.frontier.outbox import Outbox
from crawler.frontier.worker import Worker
from crawler.items import Target
from crawler.signals import batch_stored, worker_idle

if TYPE_CHECKING:
    import pytest
    from scrapy.crawler import Crawler

    from crawler.frontier.frontier import Frontier, Message

_RED_AFTER_SECONDS = 20
SITEMAP = "https://example.org/sitemap.xml"


class Empty:
    """A frontier with nothing in it, beside which something happens while it is asked."""

    worker: Worker
    reads = 0
    advanced = 0

    async def begin(self, arguments: str) -> tuple[str, bool]:
        return arguments, False

    async def read(self, *_: object) -> list[Message]:
        self.reads += 1
        self.worker.room.set()
        if self.reads > 1 and self.worker.busy:
            self.worker.end()
        return []

    async def advance(self) -> int:
        self.advanced += 1
        return -1


def crawler_with(*active: str) -> Any:  # noqa: ANN401 - an engine that is none
    told: dict[str, Any] = {name: value for name, value in vars(settings).items() if name.isupper()}
    crawler: Any = get_crawler(settings_dict=told)
    crawler.engine = SimpleNamespace(scraper=SimpleNamespace(slot=None), downloader=SimpleNamespace(active=set(active)))
    return crawler


def work(crawler: Crawler, frontier: Empty, *, busy: bool) -> None:
    """Let a worker work until it ends."""
    spider: Any = SimpleNamespace(run_id="run", asked_for="harmony", rest=list)

    async def worked() -> None:
        frontier.worker = Worker(crawler, spider, cast("Frontier", frontier), Outbox())
        frontier.worker.busy = busy
        working = asyncio.ensure_future(frontier.worker.work())
        if not busy:
            await frontier.worker.next_event()
            frontier.worker.busy = False
        async with asyncio.timeout(_RED_AFTER_SECONDS):
            await working

    asyncio.run(worked())


def test_room_that_comes_up_while_redis_is_asked_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT_MS", 1000 * 24 * 3600)
    frontier = Empty()
    work(crawler_with("a request"), frontier, busy=True)
    assert frontier.reads > 1


def test_what_is_next_is_asked_once_all_rows_are_in_the_store() -> None:
    """Those of a sitemap as well, which no message is for: with them goes what the run can say of itself."""
    crawler, frontier = crawler_with(), Empty()
    idle: list[int] = []

    def scrape() -> None:
        crawler.signals.send_catch_log(signals.item_scraped, item=Target(url=SITEMAP, state=None))

    def store() -> None:
        idle.append(frontier.advanced)
        crawler.signals.send_catch_log(batch_stored, urls=[SITEMAP])

    crawler.signals.connect(store, worker_idle)

    class Scraping(Empty):
        async def begin(self, arguments: str) -> tuple[str, bool]:
            scrape()
            return await super().begin(arguments)

    frontier = Scraping()
    work(crawler, frontier, busy=False)
    assert (idle, frontier.advanced) == ([0], 1)
