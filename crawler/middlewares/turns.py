"""When a request to a host may start."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.politeness import RetryAfterMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class Turns:
    """Keeps the requests to a host apart by its delay: all that one process makes."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def of_slot(self, request: Request) -> None:
        """Wait until a request may start whose turn it is in its host's slot: Scrapy has waited for that alone."""

    async def beside_slot(self, request: Request) -> None:
        """Wait until a request may start that does not go through the slot: one of a page that is open in a browser.

        It takes turns with those that wait there. How many of them there are at a time is the page's doing: the request
        for its document is still in the slot, where there may be no place for another.
        """
        slot = self._slot(request)
        while (left := slot.lastseen + slot.download_delay() - monotonic()) > 0:  # noqa: ASYNC110 - others take turns too
            await asyncio.sleep(left)
        slot.lastseen = monotonic()

    def note(self, request: Request, response: Response) -> None:
        """Leave a host alone that answers that it cannot answer now, as it asks to be."""
        politeness = self._crawler.get_downloader_middleware(RetryAfterMiddleware)
        if politeness is not None:
            politeness.response_downloaded(response, request)

    def _slot(self, request: Request) -> Slot:
        request.meta["download_slot"] = urlparse_cached(request).hostname or ""
        slot: Slot = self._crawler.engine.downloader._get_slot(request)[1]  # noqa: SLF001 - nothing else makes one
        return slot
