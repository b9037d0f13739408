"""The least that Scrapy can do: ask for the listed URLs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import Request, Spider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class BareSpider(Spider):
    """Asks for what the file `requests` lists: JSON, pairs of a URL and the headers of the request for it."""

    name = "bare"

    def __init__(self, requests: str) -> None:
        super().__init__()
        self._requests = json.loads(Path(requests).read_text())

    async def start(self) -> AsyncIterator[Request]:
        for url, headers in self._requests:
            yield Request(url, headers=headers, dont_filter=True, meta={"handle_httpstatus_all": True})

    def parse(self, response: Response) -> None:
        """Do nothing with the page."""
