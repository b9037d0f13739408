"""What a crawl asked of each host, and when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.utils.httpobj import urlparse_cached

from crawler import stats
from crawler.middlewares.slots import is_failure
from crawler.report.timeline import Timeline
from crawler.signals import requests_abandoned

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class Traffic:
    """Counts requests, failures and bytes by host and time, and leaves them in the stats when the spider closes.

    A request has failed when no answer came, or one that says that the host cannot answer now. A page in a browser that
    came to nothing is not counted, since that may be the browser's doing; nor what a crawl that ends has given up.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._timeline = Timeline()
        self._answered: set[Request] = set()
        self._abandoned = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.response_downloaded, signals.response_downloaded)
        crawler.signals.connect(extension.request_left_downloader, signals.request_left_downloader)
        crawler.signals.connect(extension.abandon, requests_abandoned)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def response_downloaded(self, response: Response, request: Request) -> None:
        self._answered.add(request)
        self._count(request, failures=int(is_failure(response)), bytes=len(response.body))

    def request_left_downloader(self, request: Request) -> None:
        """Count a request that leaves without an answer; the signal comes for every request, after the other one."""
        if request in self._answered:
            self._answered.remove(request)
        elif not self._abandoned and not request.meta.get("browser"):
            self._count(request, failures=1)

    def abandon(self) -> None:
        self._abandoned = True

    def spider_closed(self) -> None:
        if self._timeline.buckets:
            self._stats.set_value(stats.TRAFFIC, _Summarised(self._timeline.as_json()))

    def _count(self, request: Request, **numbers: int) -> None:
        host = urlparse_cached(request).hostname or ""
        self._timeline.add(host, time.time(), requests=1, **numbers)


class _Summarised(dict[str, Any]):
    """A mapping that is one line where Scrapy writes its stats into the log: it has thousands of numbers."""

    def __repr__(self) -> str:
        return f"<{len(self['hosts'])} hosts, in buckets of {self['seconds']} s>"
