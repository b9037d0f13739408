"""The least that Scrapy can do: fetch the listed URLs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import Request, Spider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class BareSpider(Spider):
    """Fetches what the file `urls` lists, one URL a line."""

    name = "bare"

    def __init__(self, urls: str) -> None:
        super().__init__()
        self._urls = Path(urls).read_text().split()

    async def start(self) -> AsyncIterator[Request]:
        for url in self._urls:
            yield Request(url, dont_filter=True, meta={"handle_httpstatus_all": True})

    def parse(self, response: Response) -> None:
        """Do nothing with the page."""
