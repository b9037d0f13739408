"""Publishing a crawl when it closes."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler import report
from crawler.errors import CrawlerError, CrawlFailed, GateRefused, StoreError
from crawler.export import manifest
from crawler.export.log import leave
from crawler.export.options import store_of
from crawler.export.publish import publish
from crawler.records.gate import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

    from crawler.export.memory import Crawl
    from crawler.export.publish import Published

_log = logging.getLogger(__name__)


class Publish:
    """Publishes a finished crawl; `failure` says why one was not published, for the command's exit code."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.failure: CrawlerError | None = CrawlFailed("the crawl ended before it could be published")
        self.published: Published | None = None
        self.report: str | None = None
        self._closed = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.engine_stopped, signals.engine_stopped)
        return extension

    async def spider_closed(self, spider: Crawl, reason: str) -> None:
        run_id, store = spider.run_id, store_of(self._crawler.settings)
        try:
            if isinstance(spider.failure, StoreError):
                raise spider.failure
            collected = self._crawler.stats.get_stats() | {"finish_reason": reason}
            await asyncio.to_thread(leave, store, run_id, spider.process, collected)
            if spider.failure is not None:
                raise spider.failure
            if reason != "finished":
                raise CrawlFailed(f"the crawl did not finish ({reason}); nothing was published")
            limits = Limits.parse(self._crawler.settings)
            async with spider.publishing():
                self.published = await asyncio.to_thread(publish, store, run_id, limits, halted=lambda: spider.failure)
            self.failure = None
            if self.published.anew:
                self._note(self.published.stats)
            _log.info("Published run %s: %s", run_id, self.published.commit.counts.records)
            self.report = await asyncio.to_thread(report.write_published, store, run_id, anew=self.published.anew)
        except CrawlerError as error:
            self.failure = error
            if isinstance(error, GateRefused):
                self._note(error.stats)
                if error.manifest is None:  # another worker was told so, and has left it there
                    with suppress(StoreError):
                        error.manifest = await asyncio.to_thread(manifest.read, store, run_id)
            self.report = await asyncio.to_thread(report.write_failed, store, run_id, error)
            _log.error("Run %s came to no good end. To go on with it: -a run_id=%s", run_id, run_id)
        finally:
            self._closed.set()

    async def engine_stopped(self) -> None:
        """Hold the process while the crawl is being closed: a signal that comes then stops the engine all the same."""
        if self._crawler.engine.spider is not None:
            await self._closed.wait()

    def _note(self, found: Mapping[str, int]) -> None:
        for key, value in found.items():
            self._crawler.stats.set_value(key, value)
