"""What the previous snapshot holds already is not stored again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

from crawler.items import State, Target

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.export.memory import Crawl


class DedupePipeline:
    """Returns a target that says what it said in the previous snapshot as `unchanged`, without its sightings."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, target: Target) -> Target:
        memory = cast("Crawl", self._crawler.spider).memory
        if target.state is State.STORED and memory.recognises(target):
            target.state, target.sightings, target.base = State.UNCHANGED, [], memory.base
        return target
