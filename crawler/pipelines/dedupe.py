"""The same content of one item from one source counts once, at whatever URL it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from crawler import stats
from crawler.items import State, Target

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class DedupePipeline:
    """Returns each target without the sightings that an earlier one had; one that loses all is a `duplicate`."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._seen: set[bytes] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, target: Target) -> Target:
        kept = []
        for sighting in target.sightings:
            digest = bytes.fromhex(sighting.digest)
            if digest not in self._seen:
                self._seen.add(digest)
                kept.append(sighting)
        dropped = len(target.sightings) - len(kept)
        if dropped:
            self._stats.inc_value(stats.DEDUPE_SAME_CONTENT, dropped)
            if not kept:
                target.state, target.reason = State.DUPLICATE, "the same content at another URL"
        target.sightings = kept
        return target
