"""Finished targets leave the process in durable batches: a target is done when its batch is in the store."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Self

from crawler import stats
from crawler.errors import StoreError
from crawler.export.log import BatchLog
from crawler.export.store import open_store

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.items import Target

_log = logging.getLogger(__name__)


class BatchPipeline:
    """Appends targets to the run's log, `EXPORT_BATCH_ITEMS` at a time or as old as `EXPORT_BATCH_SECONDS`.

    A batch that the store does not take stays here, and the crawl stops: what is not acknowledged is not published.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._most = crawler.settings.getint("EXPORT_BATCH_ITEMS")
        self._longest = crawler.settings.getfloat("EXPORT_BATCH_SECONDS")
        self._batch: list[Target] = []
        self._since = time.monotonic()
        self._lock = asyncio.Lock()
        self._stopping: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        run_id = self._crawler.spider.arguments.run_id  # type: ignore[union-attr] # there is a spider, with arguments
        self._log = BatchLog(open_store(self._crawler.settings["EXPORT_URI"]), run_id)

    async def process_item(self, target: Target) -> Target:
        self._batch.append(target)
        due = len(self._batch) >= self._most or time.monotonic() - self._since >= self._longest
        if due and not await self._flush() and self._stopping is None:
            engine = self._crawler.engine
            self._stopping = asyncio.ensure_future(engine.close_spider_async(reason="store_failed"))
        return target

    async def close_spider(self) -> None:
        await self._flush()

    async def _flush(self) -> bool:
        """Write the batch off the event loop, where encoding and a slow store would hold up every download."""
        async with self._lock:
            batch, self._batch = self._batch, []
            self._since = time.monotonic()
            if not batch:
                return True
            left = batch
            try:
                await asyncio.to_thread(self._log.append, batch)
                left = []
            except StoreError as error:
                _log.error("%s; the crawl stops, %d targets are not stored", error, len(batch))
            finally:  # whatever happened, nothing is lost from sight; others may have come meanwhile
                self._batch = left + self._batch
                self._crawler.stats.set_value(stats.STORE_UNACKNOWLEDGED, len(left))
            return not left
