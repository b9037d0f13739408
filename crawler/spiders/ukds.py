"""`scrapy crawl ukds`: the studies of the UK Data Service."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from scrapy import Request

from crawler.items import State, Target
from crawler.sites import ukds
from crawler.spiders.answers import OK, reason
from crawler.spiders.catalogue import CatalogueSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.site import Site

_BEFORE_ALL_TARGETS = 10
_PARTIAL = "a run of the UK Data Service alone"


class UkdsSpider(CatalogueSpider):
    """Crawls what the UK Data Service lists over OAI-PMH: since the last published run, if that read the list as well.

    A page of the list is a `Target` without a state: what it lists. A study that the list says was deleted is not
    asked for.
    """

    name = ukds.NAME
    site: ClassVar[Site] = ukds
    names = "studies"

    def seeds(self) -> Iterator[Request]:
        lists = ukds.first_page().partition("&")[0]
        read = {reason for url, reason in self.memory.listed.items() if url.startswith(lists)}
        listed = read == {_PARTIAL} and not self.arguments.full
        yield self._page(ukds.first_page(self.memory.since if listed else None))

    def parse_list(self, response: Response) -> Iterator[Request | Target]:
        """Discover what a page of the list names, and go on to the next."""
        page = ukds.read_page(response.body)
        why = f"HTTP {response.status}" if response.status != OK else page.error
        for number in page.deleted:
            for url in self.discovery.discover(ukds.pages_of(str(number)), hold=False):
                yield Target(url=url, state=State.NOT_FOUND, reason="its source says that it was deleted")
        studies = [url for number in page.studies for url in ukds.pages_of(str(number))]
        yield from self.discover(response.url, studies, why or _PARTIAL)  # no word of the other sources' targets
        if page.next_url and not why:
            yield self._page(page.next_url)

    def list_failed(self, failure: Failure) -> Iterator[Target]:
        """Go on without the rest of the list."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        yield Target(url=request.url, state=None, reason=reason(failure))

    def _page(self, url: str) -> Request:
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            meta={"handle_httpstatus_all": True},
            priority=_BEFORE_ALL_TARGETS,
        )
