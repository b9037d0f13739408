"""Sightings that may not reach a record are dropped, and counted by the reason."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from crawler import stats
from crawler.errors import InvalidSighting, UnidentifiedRecord
from crawler.items import State, Target
from crawler.records.validate import validate

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_log = logging.getLogger(__name__)


class ValidatePipeline:
    """Returns each target with its valid sightings; one that loses all of them is `invalid`."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, target: Target) -> Target:
        valid, errors = [], []
        for sighting in target.sightings:
            try:
                validate(sighting)
                valid.append(sighting)
            except (InvalidSighting, UnidentifiedRecord) as error:
                errors.append(str(error))
                self._stats.inc_value(stats.INVALID.format(reason=type(error).__name__))
                _log.warning("Dropped a sighting on %s: %s", target.url, error)
        if errors and not valid:
            target.state, target.reason = State.INVALID, errors[0]
        target.sightings = valid
        return target
