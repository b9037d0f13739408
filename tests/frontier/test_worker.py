"""A worker by itself: what it takes on, and when it asks what is next."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.utils.test import get_crawler

from crawler import settings
from crawler.errors import RequestAbandoned
from crawler.frontier import worker as module
from crawler.frontier.manners import Hosts, SharedTurns
from crawler.frontier.outbox import Outbox
from crawler.frontier.worker import Worker
from crawler.items import Target
from crawler.signals import batch_stored, worker_idle
from tests.frontier.scenes import CLAIM_SECONDS, KEYS, of, play, urls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler

    from crawler.frontier.frontier import Frontier, Id, Message
    from crawler.items import Lead
    from tests.frontier.scenes import Workers
    from tests.servers.redis import RedisServer

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


def crawler_with(*active: str, **more: object) -> Any:  # noqa: ANN401 - an engine that is none
    told: dict[str, Any] = {name: value for name, value in vars(settings).items() if name.isupper()} | more
    crawler: Any = get_crawler(settings_dict=told)
    crawler.engine = SimpleNamespace(scraper=SimpleNamespace(slot=None), downloader=SimpleNamespace(active=set(active)))
    return crawler


def spider() -> Any:  # noqa: ANN401 - one that is none, and has nothing to ask for
    return SimpleNamespace(run_id="run", rest=list, ask=lambda _: [])


def work(crawler: Crawler, frontier: Empty, *, busy: bool) -> None:
    """Let a worker work until it ends."""

    async def worked() -> None:
        frontier.worker = Worker(crawler, spider(), cast("Frontier", frontier), Outbox(), "harmony")
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


@pytest.mark.parametrize("taken_over", [True, False])
def test_a_request_in_its_turn_waits_until_a_worker_that_was_away_knows_whose_it_is(
    redis: RedisServer, taken_over: bool
) -> None:
    crawler = crawler_with("another request", FRONTIER_CLAIM_SECONDS=CLAIM_SECONDS)
    crawler.engine.downloader._get_slot = lambda _: ("", Slot(1, 0))  # noqa: SLF001 - Scrapy has no other name for it
    url = "https://a.example/page"
    request = Request(url, cb_kwargs={"visit": SimpleNamespace(target=SimpleNamespace(url=url))})
    back = asyncio.Event()

    async def scene(workers: Workers) -> None:
        frontier, other = workers("a"), workers("b")
        renew = frontier.renew

        async def renew_once_back(ids: Sequence[Id]) -> tuple[bool, list[Id]]:
            await back.wait()
            return await renew(ids)

        vars(frontier)["renew"] = renew_once_back
        worker = Worker(crawler, spider(), frontier, Outbox(), "harmony")
        crawler.spider = SimpleNamespace(discovery=SimpleNamespace(worker=worker, hosts=Hosts(workers.link, KEYS)))
        working = asyncio.ensure_future(worker.work())
        await worker.next_event()
        await frontier.note([], of(url))
        async with asyncio.timeout(_RED_AFTER_SECONDS):
            while not (worker.held and worker.is_overdue):  # noqa: ASYNC110 - it becomes so by the time that passes
                await asyncio.sleep(0.02)
        asked = asyncio.ensure_future(SharedTurns(crawler).of_slot(request))
        if taken_over:
            await other.begin("harmony")
            assert urls(await other.claim(9, one_suspect=True)) == [url]
        await asyncio.wait([asked], timeout=0.2)
        assert not asked.done()
        back.set()
        await asyncio.wait([asked], timeout=_RED_AFTER_SECONDS)
        assert isinstance(asked.exception(), RequestAbandoned) is taken_over
        worker.end()
        await working

    play(redis, scene)


def test_what_only_a_lost_frontier_has_heard_of_is_asked_for_again(redis: RedisServer) -> None:
    """A row that reaches the store after that says nothing to the new one of what its page led to."""
    crawler = crawler_with("another request", FRONTIER_CLAIM_SECONDS=CLAIM_SECONDS)
    page = "https://a.example/page"
    asked: asyncio.Queue[str] = asyncio.Queue()

    def ask(lead: Lead) -> list[Request]:
        asked.put_nowait(lead.url)
        return []

    async def scene(workers: Workers) -> None:
        frontier = workers("a")
        worker = Worker(crawler, SimpleNamespace(run_id="run", rest=list, ask=ask), frontier, Outbox(), "harmony")

        async def begun_and_asked() -> str:
            await worker.next_event()
            await frontier.note([], of(page))
            return await asked.get()

        working = asyncio.ensure_future(worker.work())
        async with asyncio.timeout(_RED_AFTER_SECONDS):
            assert await begun_and_asked() == page
            worker.tell(page)
            with redis.client() as client:
                client.flushall()
            assert await begun_and_asked() == page
        crawler.signals.send_catch_log(batch_stored, urls=[page])
        assert [*worker.held] == [page]
        worker.tell(page)
        crawler.signals.send_catch_log(batch_stored, urls=[page])
        assert not worker.held
        worker.end()
        await working

    play(redis, scene)
