"""Targets that a source tells many of in one answer: DOIs, which DataCite describes by the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.sites import datacite

if TYPE_CHECKING:
    from crawler.spiders.visit import Visit


class Batches:
    """Holds visits to DOIs back until there are enough of them for one request, or nothing else is left to ask for."""

    def __init__(self) -> None:
        self._waiting: list[Visit] = []

    def takes(self, visit: Visit) -> bool:
        """Hold a visit back if its target can be asked for with others; tell whether it was."""
        takes = visit.site.NAME == datacite.NAME
        if takes:
            self._waiting.append(visit)
        return takes

    def full(self) -> list[list[Visit]]:
        """Return the visits of a batch, in a list, once there are enough for one."""
        return self.rest() if len(self._waiting) >= datacite.BATCH else []

    def rest(self) -> list[list[Visit]]:
        """Return all visits that wait, by the request that asks for them."""
        waiting = {visit.target.url: visit for visit in self._waiting}
        self._waiting = []
        return [[waiting[url] for url in urls] for urls in datacite.batches(waiting)]
