"""Publishing a crawl when it closes."""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler import __version__, stats
from crawler.errors import CrawlerError, CrawlFailed
from crawler.export.manifest import Run
from crawler.export.publish import publish
from crawler.export.store import open_store
from crawler.sites import EXTRACTOR_VERSION

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from crawler.export.publish import Published

_log = logging.getLogger(__name__)


class Publish:
    """Publishes a finished crawl; `failure` says why one was not published, for the command's exit code."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.failure: CrawlerError | None = CrawlFailed("the crawl ended before it could be published")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        run_id: str = spider.arguments.run_id  # type: ignore[attr-defined] # every spider here has arguments
        try:
            if reason != "finished":
                raise CrawlFailed(f"run {run_id} did not finish ({reason}); nothing was published")
            if left := self._crawler.stats.get_value(stats.STORE_UNACKNOWLEDGED):
                raise CrawlFailed(f"run {run_id}: {left} targets are not stored; nothing was published")
            published = await asyncio.to_thread(self._publish, run_id)
            for key, value in published.stats.items():
                self._crawler.stats.set_value(key, value)
            _log.info("Published run %s: %s", run_id, published.commit.counts.records)
            self.failure = None
        except CrawlerError as error:
            self.failure = error

    def _publish(self, run_id: str) -> Published:
        store = open_store(self._crawler.settings["EXPORT_URI"])
        collected = dict(self._crawler.stats.get_stats())
        run = Run(
            run_id=run_id,
            started=collected["start_time"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            finished=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            code_version=__version__,
            extractor_version=EXTRACTOR_VERSION,
        )
        return publish(store, run, secrets.token_hex(8), collected)
