"""`MIRROR`: fetch from a mirror of the web what everything else in the crawler knows by its own URL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.utils.misc import load_object

from crawler.errors import RequestAbandoned, UsageError
from crawler.signals import requests_abandoned

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.middlewares.turns import Turns


def mirrored(url: str, mirror: str) -> str:
    """Return where a mirror has a URL: its host is the first part of the path there, whatever its scheme.

    >>> mirrored("https://example.org/a?b=1", "http://127.0.0.1:8765/")
    'http://127.0.0.1:8765/example.org/a?b=1'
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path or '/'}{query}"


def valid_mirror(mirror: str) -> str:
    """Return a setting of `MIRROR` that is empty or an http(s) URL; raises UsageError on any other.

    >>> valid_mirror("localhost:8765")
    Traceback (most recent call last):
    crawler.errors.UsageError: MIRROR='localhost:8765' is no URL; give one such as http://127.0.0.1:8765/
    """
    if mirror and not is_web_address(mirror):
        raise UsageError(f"MIRROR={mirror!r} is no URL; give one such as http://127.0.0.1:8765/")
    return mirror


def is_web_address(url: str) -> bool:
    """Tell whether a setting is an http(s) URL that a server can be asked by.

    >>> is_web_address("https://example.org/hook"), is_web_address("http://[::1/"), is_web_address("example.org")
    (True, False, False)
    """
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port, or an IPv6 literal, that is none
        return False


class MirrorDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler for HTTP/1.1, below every middleware: they all see the URL that was asked for.

    Once a crawl that is being stopped has waited long enough, it ends every request with RequestAbandoned.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False  # Twisted asks again at once, and nobody counts it: Scrapy's retries do
        self._mirror = valid_mirror(crawler.settings.get("MIRROR"))
        turns: type[Turns] = load_object(crawler.settings["HOST_TURNS"])
        self._turns = turns.from_crawler(crawler)
        self._downloads: set[asyncio.Future[Response]] = set()
        self._abandoned = False
        crawler.signals.connect(self._abandon, requests_abandoned)

    async def download_request(self, request: Request) -> Response:
        return await self._until_abandoned(request, self._fetch(request))

    async def _fetch(self, request: Request) -> Response:
        await self._turns.of_slot(request)
        return await self._send(request)

    async def _send(self, request: Request) -> Response:
        if not self._mirror:
            return await super().download_request(request)
        asked = request.replace(url=mirrored(request.url, self._mirror))
        response = await super().download_request(asked)
        request.meta["download_latency"] = asked.meta["download_latency"]  # AutoThrottle goes by it
        return response.replace(url=request.url)

    async def _until_abandoned(self, request: Request, answer: Coroutine[None, None, Response]) -> Response:
        """Wait for the answer to a request; raises RequestAbandoned where a crawl that is being stopped does not."""
        if self._abandoned:
            answer.close()
            raise RequestAbandoned(request.url)
        download = asyncio.ensure_future(answer)
        self._downloads.add(download)
        try:
            return await download
        except asyncio.CancelledError:
            raise RequestAbandoned(request.url) from None
        finally:
            self._downloads.discard(download)

    def _abandon(self) -> None:
        self._abandoned = True
        for download in self._downloads:
            download.cancel()
