"""Manners that a site asks for."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import RequestAbandoned
from crawler.middlewares.slots import end_waiting, is_failure, no_answer, pause
from crawler.signals import requests_abandoned

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

_log = logging.getLogger(__name__)
LONGEST_SECONDS = 300.0
"""The longest wait for a host, whatever it asks for."""


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
        if slot is not None and delay > slot.delay * (1 - slot.jitter):
            self.slow_down(host, slot, min(delay, LONGEST_SECONDS))
            _log.info("robots.txt of %s asks for %g s between requests: it gets %g", host, delay, slot.delay)

    def slow_down(self, host: str, slot: Slot, delay: float) -> None:
        """Let requests to a host start no closer together than that (seconds)."""
        slot.delay, slot.jitter = max(slot.delay, delay), 0.0
        # a slot that was idle for a minute is made anew, from these
        own = {"delay": slot.delay, "jitter": 0.0, "concurrency": slot.concurrency}
        self._crawler.engine.downloader.per_slot_settings[host] = own


class RetryAfterMiddleware:
    """Leaves a host that fails alone for as long as its `Retry-After` asks, up to LONGEST_SECONDS.

    One that names no time is left alone for its delay, doubled with each attempt at the same request; Scrapy asks
    again, up to `RETRY_TIMES`. A slot goes on to its next request as soon as an answer is in, before any middleware
    sees that: so this listens for answers, as AutoThrottle does. It keeps AutoThrottle from going below the delay that
    the settings or robots.txt have for the host.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._no_answer = no_answer(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        crawler.signals.connect(middleware.abandon, requests_abandoned)
        return middleware

    def response_downloaded(self, response: Response, request: Request) -> None:
        downloader = self._crawler.engine.downloader
        host = downloader.get_slot_key(request)
        slot = downloader.slots[host]
        slot.delay = max(slot.delay, downloader.per_slot_settings.get(host, {}).get("delay", 0.0))
        if is_failure(response):
            named = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            self._pause(request, f"HTTP {response.status}", named)

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, self._no_answer):
            self._pause(request, type(exception).__name__)

    def _pause(self, request: Request, why: str, named: float | None = None) -> None:
        downloader = self._crawler.engine.downloader
        host = downloader.get_slot_key(request)
        slot = downloader.slots.get(host)
        if slot is not None:
            doubled = slot.delay * 2 ** (1 + int(request.meta.get("retry_times", 0)))
            seconds = min(named or doubled, LONGEST_SECONDS)
            _log.log(logging.INFO if named else logging.DEBUG, "%s: %s is left alone for %g s", why, host, seconds)
            self.pause(host, slot, seconds)

    def pause(self, host: str, slot: Slot, seconds: float) -> None:  # noqa: ARG002 - for others that know it by that
        """Let no request to a host start for some seconds."""
        pause(slot, seconds)

    def abandon(self) -> None:
        """End the requests that wait for their turn: the crawl ends, and waits for them no longer."""
        for slot in self._crawler.engine.downloader.slots.values():
            end_waiting(slot, lambda request: RequestAbandoned(request.url))


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` (RFC 9110, 10.2.3) asks for; None where it is past, or says nothing.

    >>> now = datetime(2026, 1, 2, 15, 41, 8, tzinfo=UTC)
    >>> retry_after(b"120", now), retry_after(b"Fri, 02 Jan 2026 15:42:08 GMT", now), retry_after(b"soon", now)
    (120.0, 60.0, None)
    """
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text) or None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    seconds = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
    return seconds if seconds > 0 else None
