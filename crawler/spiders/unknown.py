"""Keys of the sources that no rule knows: the first sign that a site was redeployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import stats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.statscollectors import StatsCollector

_MOST = 50
_LONGEST = 100


class UnknownKeys:
    """Counts them by site in the stats: the first 50 of each, the rest under `other`."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}

    def count(self, collector: StatsCollector, site: str, keys: Mapping[str, int]) -> None:
        known = self._known.setdefault(site, set())
        for name, number in keys.items():
            key = name[:_LONGEST].encode("utf-8", "replace").decode()
            if key not in known and len(known) >= _MOST:
                key = "other"
            known.add(key)
            collector.inc_value(stats.UNKNOWN_KEY.format(site=site, key=key), number)
