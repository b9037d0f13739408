"""`scrapy crawl ukds`: the studies of the UK Data Service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from scrapy import Request

from crawler import stats
from crawler.items import Target
from crawler.sites import ukds
from crawler.spiders.answers import OK, moved, reason, request_of
from crawler.spiders.catalogue import CatalogueSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.site import Site
    from crawler.sites.ukds import ListPage

_BEFORE_ALL_TARGETS = 10
_PARTIAL = "a run of the UK Data Service alone"


@dataclass(slots=True)
class Walk:
    """How far a list was read."""

    studies: set[int] = field(default_factory=set)
    """Those that its pages have named so far."""
    pages: set[str] = field(default_factory=set)
    """The URLs of its pages that were asked for."""


class UkdsSpider(CatalogueSpider):
    """Crawls what the UK Data Service lists over OAI-PMH: since the last published run, if that read all that it lists.

    A page of the list is a `Target` without a state: what it lists. The list tells most studies in full, so that their
    own records are asked for only if it did not. A study that the list says was deleted is not asked for. Where the
    list of records breaks, that of identifiers is read instead.
    """

    name = ukds.NAME
    site: ClassVar[Site] = ukds
    names = "studies"
    holds_known = True

    def seeds(self) -> Iterator[Request]:
        yield self._page(self._first(ukds.RECORDS), Walk())

    def rank(self, url: str) -> int:
        """Return how good a URL is to ask for its item by: that of a study waits for the list."""
        return max(super().rank(url), int(ukds.canonical(url) is not None))

    def parse_list(self, response: Response, walk: Walk) -> Iterator[Request | Target]:
        """Take in what a page of the list tells, discover what else it names, and go on to the next."""
        if (now := moved(response)) is not None:
            yield now
            return
        page = ukds.read_page(response.body)
        why = f"HTTP {response.status}" if response.status != OK else page.error
        if page.next_url and (page.next_url in walk.pages or walk.studies.issuperset(page.studies)):
            why = "the list goes on with what it had"
        walk.studies.update(page.studies)
        if page.unread:
            self.logger.warning("%s: %d identifiers in it are no study number", response.url, page.unread)
            self.crawler.stats.inc_value(stats.PAGE_PROBLEMS, page.unread)
        if why and (instead := self._instead(response.url)):
            self.logger.warning("%s: %s; the list of identifiers is read instead", response.url, why)
            yield Target(url=response.url, state=None, reason=_PARTIAL)
            yield instead
            return
        studies = [url for number in page.studies for url in ukds.pages_of(str(number))]
        yield from self.discover(response.url, studies, why or _PARTIAL)  # no word of the other sources' targets
        yield from self._told(page, response)
        if page.next_url and not why:
            yield self._page(page.next_url, walk)

    def list_failed(self, failure: Failure) -> Iterator[Request | Target]:
        """Go on without the rest of the list."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        instead = self._instead(request.url)
        yield Target(url=request.url, state=None, reason=_PARTIAL if instead else reason(failure))
        if instead:
            yield instead

    def _told(self, page: ListPage, response: Response) -> Iterator[Request | Target]:
        """Yield the targets that a page of the list tells, which may list one twice."""
        for number, told in page.told.items():
            for lead in self.discovery.take(ukds.pages_of(str(number))[0]):
                visit = self.visit(self.site, lead)
                visit.note(request_of(response), response)
                visit.read(told)
                yield from self.go_on(visit)

    def _first(self, verb: str) -> str:
        whole = {*self.memory.incomplete} == {_PARTIAL} and not self.arguments.full
        return ukds.first_page(self.memory.since if whole else None, verb)

    def _instead(self, url: str) -> Request | None:
        """Return the request for the list of identifiers, where a list of records could not be read."""
        return self._page(self._first(ukds.IDENTIFIERS), Walk()) if f"verb={ukds.RECORDS}" in url else None

    def _page(self, url: str, walk: Walk) -> Request:
        walk.pages.add(url)
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"walk": walk},
            meta={"handle_httpstatus_all": True},
            priority=_BEFORE_ALL_TARGETS,
            dont_filter=True,  # Scrapy's own filter does not know that a run begins anew
        )
