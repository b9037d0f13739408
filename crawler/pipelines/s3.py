"""Finished targets leave the process in durable batches: a target is done when its batch is in the store."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self, cast

from crawler import stats
from crawler.errors import CrawlFailed, StoreError
from crawler.export.log import BatchLog
from crawler.export.options import store_of
from crawler.signals import batch_stored, requests_abandoned, worker_idle

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.export.memory import Crawl
    from crawler.items import Target

_log = logging.getLogger(__name__)
_NAMED = 10


class BatchPipeline:
    """Appends targets to the run's log: `EXPORT_BATCH_ITEMS` at a time, none later than after `EXPORT_BATCH_SECONDS`.

    While a batch is on its way the next one fills; when that is full too, its targets wait here, and with them the
    downloads: a slow store costs time, not memory. A batch that the store does not take stops the crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._most = crawler.settings.getint("EXPORT_BATCH_ITEMS")
        self._longest = crawler.settings.getfloat("EXPORT_BATCH_SECONDS")
        self._batch: list[Target] = []
        self._lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._failed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.flush_now, requests_abandoned)
        crawler.signals.connect(pipeline.flush_idle, worker_idle)
        return pipeline

    def open_spider(self) -> None:
        self._crawl = cast("Crawl", self._crawler.spider)
        self._log = BatchLog(store_of(self._crawler.settings), self._crawl.run_id, self._crawl.process)

    async def process_item(self, target: Target) -> Target:
        self._batch.append(target)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._longest, self._due)
        if len(self._batch) >= self._most:
            await self._flush()
        return target

    async def close_spider(self) -> None:
        try:
            await self._flush()
        finally:  # whatever kept the batch here, the crawl has not stored all that it found
            if self._batch:
                self._report()

    def _report(self) -> None:
        number = len(self._batch)
        self._crawler.stats.set_value(stats.STORE_UNACKNOWLEDGED, number)
        named = ", ".join(target.url for target in self._batch[:_NAMED])
        _log.error(
            "Not acknowledged by the store: %s%s", named, f" and {number - _NAMED} more" if number > _NAMED else ""
        )
        if self._crawl.failure is None:
            self._crawl.failure = CrawlFailed(f"{number} targets could not be stored; the log says why")

    def flush_now(self) -> None:
        """Write what is there: the process is made to end."""
        self._due()

    def flush_idle(self) -> None:
        """Write what is there, unless that is under way: others wait for it, and say so again."""
        if not self._lock.locked():
            self._due()

    def _due(self) -> None:
        self._timer = None
        self._flushing = asyncio.ensure_future(self._flush())

    async def _flush(self) -> None:
        """Write the batch off the event loop, where encoding and a slow store would hold up every download."""
        async with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            batch, self._batch = self._batch, []
            if self._failed or not batch:
                self._batch = batch
                return
            try:
                await asyncio.to_thread(self._log.append, batch)
                self._crawler.signals.send_catch_log(batch_stored, urls=[target.url for target in batch])
                batch = []
            except StoreError as error:
                self._fail(error)
            finally:  # whatever happened, nothing is lost from sight; others may have come meanwhile
                self._batch = batch + self._batch

    def _fail(self, error: StoreError) -> None:
        """Stop the crawl: the same run_id fetches again what was not acknowledged."""
        self._failed = True
        self._crawl.failure = error
        self._flushing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="store_failed"))
