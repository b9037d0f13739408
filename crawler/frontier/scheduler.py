"""Scrapy's scheduler for several workers: what this one has taken waits here, the rest in Redis."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self, cast

from scrapy.core.scheduler import BaseScheduler, Scheduler
from scrapy.utils.defer import deferred_from_coro

from crawler.errors import CrawlerError, CrawlFailed

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

    from crawler.frontier.discovery import SharedDiscovery

_log = logging.getLogger(__name__)
_LAST_SECONDS = 3
"""How long a worker that ends before the run does waits for Redis."""


class SharedScheduler(BaseScheduler):
    """Hands out requests for targets that are this worker's, from Scrapy's own scheduler in memory.

    It has none of more targets than the worker may owe (FRONTIER_MAX_PENDING), nor of one that another worker has taken
    over, and none at all until a worker that was away knows which these are.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._local = Scheduler.from_crawler(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> Deferred[None] | None:
        self._discovery = cast("SharedDiscovery", spider.discovery)  # type: ignore[attr-defined] # of this project's spiders
        self._worker = self._discovery.worker
        self._working = asyncio.ensure_future(self._work(spider))
        return self._local.open(spider)

    def close(self, reason: str) -> Deferred[None] | None:
        return deferred_from_coro(self._close(reason))

    def has_pending_requests(self) -> bool:
        """Tell whether anything is left to ask for, by any worker."""
        return not self._worker.ended.is_set() or self._local.has_pending_requests()

    def enqueue_request(self, request: Request) -> bool:
        taken = self._local.enqueue_request(request)
        if taken:
            self._worker.waiting[_site(request)] += 1
        return taken

    def next_request(self) -> Request | None:
        if self._worker.is_overdue:
            return None
        while (request := self._local.next_request()) is not None:
            self._worker.waiting[_site(request)] -= 1
            self._worker.room.set()
            if self._worker.owns(request):
                return request
        return None

    async def _work(self, spider: Spider) -> None:
        try:
            await self._worker.work()
        except Exception as error:  # noqa: BLE001 - whatever it is, a worker that has ended must not wait for ever
            if not isinstance(error, CrawlerError):
                _log.exception("The worker failed")
                error = CrawlFailed(f"the worker failed: {type(error).__name__}: {error}")
            spider.failure = error  # type: ignore[attr-defined] # of this project's spiders
            self._worker.end()
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="frontier_failed"))

    async def _close(self, reason: str) -> None:
        ended = self._worker.ended.is_set()
        self._worker.end()
        self._working.cancel()
        await asyncio.gather(self._working, return_exceptions=True)
        if not ended:
            try:
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._discovery.leave()
            except (TimeoutError, CrawlerError):
                pass  # they take it over all the same, once it has been silent for the claim time
        self._local.close(reason)


def _site(request: Request) -> str:
    """Return the site whose target a request is for; none for what only leads to targets."""
    visits = request.cb_kwargs.get("visits")
    visit = visits[0] if visits else request.cb_kwargs.get("visit")
    return visit.site.NAME if visit is not None else ""
