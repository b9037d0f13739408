"""A page that breaks the code that reads it costs that page, and is told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from crawler import stats
from crawler.items import State, Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

_log = logging.getLogger(__name__)


class BrokenPageMiddleware:
    """Ends the targets of a page in `parse_failed` when the spider raises on it; the log has the traceback."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_spider_exception(self, response: Response, exception: Exception) -> Iterable[Target] | None:
        told = response.cb_kwargs if response.request else {}
        visits = [told["visit"]] if "visit" in told else told.get("visits", [])  # of a batch, those that are left
        if not visits:
            return None  # no target's page: Scrapy logs and counts it
        _log.error("Cannot read %s", response.url, exc_info=exception)
        self._crawler.stats.inc_value(stats.PAGES_BROKEN)
        targets: list[Target] = [visit.target for visit in visits]
        for target in targets:
            target.sightings, target.links, target.told = [], [], []
            target.state, target.reason = State.PARSE_FAILED, f"{type(exception).__name__}: {exception}"[:200]
        return targets
