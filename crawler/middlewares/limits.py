"""Limits that Scrapy has, and ends requests at without a word, or with one that says something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest

from crawler.errors import BodyTooLarge, UrlTooLong

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class UrlLengthMiddleware:
    """Refuses requests with a URL beyond `URLLENGTH_LIMIT` with UrlTooLong.

    Scrapy's own drops them before they are requests, so that a target or a sitemap is never heard of again.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("URLLENGTH_LIMIT"))

    def process_request(self, request: Request) -> None:
        if 0 < self._limit < len(request.url):
            raise UrlTooLong(len(request.url), self._limit)


class BodySizeMiddleware(HttpCompressionMiddleware):
    """Decompresses answers, and ends those beyond `DOWNLOAD_MAXSIZE`, compressed or not, with BodyTooLarge.

    Scrapy cancels a download that grows too large without a reason, and takes what is too large only once it is
    decompressed for a request to be ignored.
    """

    def process_response(  # type: ignore[override] # without the argument that is deprecated
        self, request: Request, response: Response
    ) -> Request | Response:
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise BodyTooLarge(self._limit(request)) from error

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, DownloadCancelledError):
            raise BodyTooLarge(self._limit(request)) from exception

    def _limit(self, request: Request) -> int:
        return int(request.meta.get("download_maxsize", self._max_size))
