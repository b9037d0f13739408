"""The requests for targets: one route of a target at a time, or many DOIs together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy import Request

from crawler.sites import datacite
from crawler.spiders.batches import Batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.page import Route
    from crawler.spiders.visit import Visit

_META = {"handle_httpstatus_all": True, "dont_redirect": True}
_RENDERED = 'script[type="application/ld+json"]'
"""What a page holds once its script has drawn it."""


@dataclass(slots=True, kw_only=True)
class Asking:
    """Makes the requests of visits; what comes of them is for the callbacks that it was given."""

    page: Callable[..., Any]
    """Gets the response, and `visit` and `route`."""
    page_failed: Callable[[Failure], Any]
    batch: Callable[[Response, list[Visit]], Any]
    """Gets the response, and `visits`."""
    batch_failed: Callable[[Failure], Any]
    _batches: Batches = field(default_factory=Batches)

    def begin(self, visit: Visit) -> Iterator[Request]:
        """Yield the first requests of a visit: none yet for a target that is asked for together with others."""
        if self._batches.takes(visit):
            yield from self._together(self._batches.full())
        else:
            yield from self.go_on(visit)

    def go_on(self, visit: Visit) -> Iterator[Request]:
        """Yield the request for the next route to a target, none where none can add to what is known."""
        route = visit.next_route()
        if route is not None:
            yield self._attempt(visit, route)

    def rest(self) -> Iterator[Request]:
        """Yield the requests for the targets that still wait for others."""
        yield from self._together(self._batches.rest())

    def _together(self, batches: list[list[Visit]]) -> Iterator[Request]:
        for visits in batches:
            if len(visits) == 1:
                yield from self.go_on(visits[0])
                continue
            yield Request(
                datacite.batch_url([visit.target.url for visit in visits]),
                callback=self.batch,
                errback=self.batch_failed,
                cb_kwargs={"visits": visits},
                meta=_META,
                dont_filter=True,
            )

    def _attempt(self, visit: Visit, route: Route) -> Request:
        meta: dict[str, Any] = dict(_META)
        if route.browser:
            meta |= {"browser": True, "browser_hosts": visit.site.BROWSER_HOSTS, "browser_wait": _RENDERED}
        return Request(
            route.url,
            headers=visit.headers(route),
            callback=self.page,
            errback=self.page_failed,
            cb_kwargs={"visit": visit, "route": route},
            meta=meta,
            dont_filter=True,  # a target is discovered once, and its routes are asked for in turn
        )
