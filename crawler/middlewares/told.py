"""Requests that have become needless while they waited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, cast

from crawler.errors import AlreadyTold

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class TellsWhatIsTold(Protocol):
    """A spider that knows which items it was told in full."""

    def is_told(self, request: Request) -> bool: ...


class AlreadyToldMiddleware:
    """Raises AlreadyTold for a request whose item another page has told in full since it was made."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if cast("TellsWhatIsTold", self._crawler.spider).is_told(request):
            raise AlreadyTold(request.url)
