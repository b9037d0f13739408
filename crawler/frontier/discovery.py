"""`spiders.discovery.Discovery` for several workers: what one of them comes upon, any of them asks for."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, Self

from scrapy import signals

from crawler.export.options import store_of
from crawler.frontier.frontier import Discovered, Frontier
from crawler.frontier.keys import Keys
from crawler.frontier.link import Link
from crawler.frontier.manners import Hosts
from crawler.frontier.outbox import Outbox
from crawler.frontier.publishing import one_at_a_time
from crawler.frontier.worker import END, Asker, Worker
from crawler.items import Begin, Lead
from crawler.sites import SITES, name_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Container, Iterable

    from scrapy.crawler import Crawler

    from crawler.items import Target


class Spider(Asker, Protocol):
    """What it needs of its spider."""

    process: str
    """Names this worker."""
    asked_for: str
    """The spider and its arguments, in words."""

    @property
    def limit(self) -> int | None:
        """The most targets that the run may ask for."""

    def rank(self, url: str) -> int:
        """Return how good a URL is to ask for its item by: 0 is best."""


class SharedDiscovery:
    """Has the methods of `Discovery`, and returns nothing to be asked for: that comes from the frontier."""

    def __init__(self, crawler: Crawler, spider: Spider) -> None:
        settings = crawler.settings
        self.keys = Keys(spider.run_id, tuple(site.NAME for site in SITES))
        self.link = Link(settings["FRONTIER_URL"])
        self.hosts = Hosts(self.link, self.keys)
        claim_seconds = settings.getfloat("FRONTIER_CLAIM_SECONDS")
        self._frontier = Frontier(self.link, self.keys, spider.process, spider.limit, claim_seconds)
        self._outbox = Outbox()
        purpose = f"{spider.asked_for} -s EXPORT_URI={store_of(settings).uri('')}"
        self.worker = Worker(crawler, spider, self._frontier, self._outbox, purpose)
        self._spider = spider
        self._claim_seconds = claim_seconds
        self._taken: set[str] = set()
        crawler.signals.connect(self.link.close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler, spider: Spider) -> Self:
        return cls(crawler, spider)

    def done(self, urls: Iterable[str], asked: Container[str]) -> None:
        """Note targets that are done, and which of them the run has asked for."""
        for url in urls:
            self._taken.add(url)
            self._note(Discovered(url=url, asked=url in asked))

    def discover(self, urls: Iterable[str], depth: int = 0, *, hold: bool = True) -> list[Lead]:
        """Note URLs."""
        for url in urls:
            if url not in self._outbox.noted:
                rank = self._spider.rank(url) if hold else 0
                self._note(Discovered(url=url, depth=depth, site=name_of(url), rank=rank))
        return []

    def tell(self, target: Target) -> None:
        """Note a target that is on its way to the store, and the URLs of the items that it tells in full."""
        self._outbox.told += target.told
        self.worker.tell(target.url)

    def take(self, url: str) -> list[Lead]:
        """Return a target that is told without having been asked for, unless it was told before or the limit is met."""
        limit = self._spider.limit
        if url in self._taken or (limit is not None and len(self._taken) >= limit):
            return []
        self._taken.add(url)
        self._note(Discovered(url=url, asked=True))
        return [Lead(url)]

    def release(self) -> list[Lead]:
        """Return nothing: what is held back is released when all workers have nothing left."""
        return []

    async def events(self) -> AsyncIterator[Target | Begin]:
        """Yield whether the spider has to begin, and targets that it has to yield as they are; end with the run."""
        while (event := await self.worker.next_event()) is not END:
            if isinstance(event, Begin):
                self._taken.clear()
            yield event
            self.worker.busy = False

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        """Let one worker after the other publish the run, the first one when all others are there; then clean up."""
        async with one_at_a_time(self.link, self.keys, self._spider.process, self._claim_seconds):
            yield

    async def leave(self) -> None:
        """Leave a run that is not at its end, and its targets to the others."""
        await self._outbox.send(self._frontier)
        await self._frontier.give_back([each.message.id for each in self.worker.held.values()])

    def _note(self, discovered: Discovered) -> None:
        self._outbox.note(discovered)
        self.worker.due.set()
