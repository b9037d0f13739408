"""Manners that a site asks for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

_log = logging.getLogger(__name__)


class CrawlDelayMiddleware:
    """Slows the crawl of a host down to the `Crawl-delay` of its robots.txt, which Scrapy reads but does not apply."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.robots_parsed, signals.robots_parsed)
        return middleware

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Raise the delay of the host's slot, where its robots.txt asks for a longer one than the settings have."""
        delay = robotparser.crawl_delay(self._crawler.settings["USER_AGENT"])
        engine = self._crawler.engine
        if delay is None or engine is None:
            return
        host = urlparse_cached(request).hostname or ""
        slot = engine.downloader.slots.get(host)
        if slot is not None and delay > slot.delay:
            _log.info("robots.txt of %s asks for %g s between requests", host, delay)
            slot.delay, slot.jitter = delay, 0.0
            # a slot that was idle for a minute is made anew, from these
            engine.downloader.per_slot_settings[host] = {"delay": delay, "jitter": 0.0, "concurrency": slot.concurrency}
