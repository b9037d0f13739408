"""The crawl of a catalogue's graph: every URL becomes a target, and every target ends in one state."""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider

from crawler import stats
from crawler.errors import CrawlerError, RequestAbandoned
from crawler.export.memory import Memory
from crawler.export.options import store_of
from crawler.export.redrive import targets_in_state
from crawler.items import SNAPSHOT, State, Target
from crawler.loaders import Loads
from crawler.sites import EXTRACTOR_VERSION, SITES, datacite, locate
from crawler.spiders.answers import OK, location_of, reason, request_of, state_of
from crawler.spiders.arguments import Arguments
from crawler.spiders.batches import Batches
from crawler.spiders.discovery import Discovery
from crawler.spiders.links import elsewhere, file_pages
from crawler.spiders.unknown import UnknownKeys
from crawler.spiders.visit import Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.page import Page, Route
    from crawler.sites.site import Site

_READ = {OK, 204}
_NOT_MODIFIED = 304
_GONE = {404, 410}
_META = {"handle_httpstatus_all": True, "dont_redirect": True}
_RENDERED = 'script[type="application/ld+json"]'
"""What a page holds once its script has drawn it."""


class CatalogueSpider(Spider, ABC):
    """Yields one `Target` for each URL that it discovers, once that URL's state is known: an `export.memory.Crawl`.

    A target that ends before it was asked for (behind a limit, or because another page told its item) yields none: the
    links and the told URLs of the others say so. A run that is resumed goes on from its log, whose targets are done.
    """

    site: ClassVar[Site]
    """The source that it crawls; it follows links to others."""
    names: ClassVar[str]
    """The argument that names some of its targets."""

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.arguments = Arguments.parse(given, self.names)
        self.sites = [self.site, *(site for site in SITES if site.NAME in self.arguments.follow)]
        self.allowed_hosts = frozenset(host for site in self.sites for host in site.HOSTS)
        self.robots = f"https://{self.site.HOSTS[0]}/robots.txt"
        self.discovery = Discovery(self._rank)
        self.run_id = self.arguments.run_id
        self.process = secrets.token_hex(8)
        self.memory = Memory()
        self.failure: CrawlerError | None = None
        self._loads = Loads()
        self._batches = Batches()
        self._started = 0
        self._unknown = UnknownKeys()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request | Target]:
        self.logger.info("This is run %s", self.run_id)
        try:
            self.memory = await asyncio.to_thread(Memory.load, store_of(self.settings), self.run_id)
            named = self._named()
        except CrawlerError as error:
            self.failure = error
            raise CloseSpider("memory_failed") from error
        for found in self._resume(self.memory.done):
            yield found
        self.memory.done.clear()
        for found in self._begin() if named is None else self.discover(self.robots, named, "a partial run"):
            yield found

    @abstractmethod
    def seeds(self) -> Iterable[Request | Target]:
        """Yield the first requests of a run that the arguments do not restrict to some targets."""

    def discover(self, source: str, urls: Iterable[str], reason: str = "") -> Iterator[Request | Target]:
        """Yield what comes of the URLs that a sitemap, or the arguments, list."""
        links = [located[1] if (located := locate(url)) else url for url in urls]
        yield Target(url=source, state=None, reason=reason, links=links)
        yield from self._follow(self.discovery.discover(links))

    def parse_page(self, response: Response, visit: Visit, route: Route) -> Iterator[Request | Target]:
        """Take in the answer of one route to a target."""
        visit.note(request_of(response), response)
        status = f"HTTP {response.status}"
        location = location_of(response)
        if location is not None:
            self._moved(visit, route, location, status)
        elif response.status in _GONE:
            visit.miss(route, status)
        elif response.status == _NOT_MODIFIED and visit.known is not None:
            visit.keep(self.memory.base)
        elif response.status not in _READ:
            visit.become(State.FETCH_FAILED, status)
        else:
            page = visit.site.read(visit.target.url, response.body)
            visit.read(page, response, drawn=route.browser)
        yield from self._go_on(visit)

    def page_failed(self, failure: Failure) -> Iterator[Request | Target]:
        """Take in that one route to a target gave no answer."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        visit: Visit = request.cb_kwargs["visit"]
        if isinstance(failure.value, RequestAbandoned):
            return  # the target is as good as never asked for
        unasked = state_of(failure)
        visit.note(request, asked=unasked is None)
        visit.become(unasked or State.FETCH_FAILED, reason(failure))
        yield from self._go_on(visit)

    def parse_batch(self, response: Response, visits: list[Visit]) -> Iterator[Request | Target]:
        """Take in the answer for many targets; one that it leaves out is asked for alone."""
        pages = datacite.read_batch(response.body) if response.status == OK else {}
        while visits:  # one stays in the request's list until it is done with
            visit = visits[0]
            visit.note(request_of(response), response)
            if (page := pages.get(visit.target.url)) is not None:
                visit.read(page)
            yield from self._go_on(visit)
            del visits[0]

    def batch_failed(self, failure: Failure) -> Iterator[Request]:
        """Ask for each target alone, where there was no answer for all of them."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        if not isinstance(failure.value, RequestAbandoned):
            for visit in request.cb_kwargs["visits"]:
                visit.note(request, asked=state_of(failure) is None)
                yield from self._ask_alone(visit)

    def idle(self) -> None:
        """Ask for what was held back and is not told yet, before the crawl ends."""
        requests = [each for each in self._follow(self.discovery.release()) if isinstance(each, Request)]
        requests += self._ask_together(self._batches.rest())
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _named(self) -> list[str] | None:
        """The targets that the arguments name, or None where they name none; what the run's log has goes without."""
        if self.arguments.redrive:
            if any(target.url == self.robots for target in self.memory.done):
                return []  # the latest run, which it looks into, may be this one by now
            return targets_in_state(store_of(self.settings), *self.arguments.redrive)
        if self.arguments.named:
            return [url for name in self.arguments.named for url in self.site.pages_of(name)]
        return None

    def _resume(self, done: list[Target]) -> Iterator[Request | Target]:
        """Go on where the log of the run ends: what its targets led to is discovered, and they are not asked again."""
        self.discovery.discover([target.url for target in done if target.state], hold=False)
        self._started += sum(1 for target in done if target.attempts)
        for target in done:
            yield from self._lead_on(target)

    def _begin(self) -> Iterator[Request | Target]:
        """Ask again for what the previous snapshot rests on, and for what the site lists now."""
        urls = [url for url in self.memory.known if self._site(url)]  # of a source not followed, what was read is kept
        if self.memory.base:
            yield Target(url=f"{SNAPSHOT}{self.memory.base}", state=None, links=urls)
            yield from self._follow(self.discovery.discover(urls, hold=False))
        yield from self.seeds()

    def _site(self, url: str) -> Site | None:
        """The site of a target, if it is one that this crawl follows."""
        located = locate(url)
        return located[0] if located and located[0] in self.sites else None

    def _rank(self, url: str) -> int:
        site = self._site(url)
        return site.rank(url) if site else 0  # what is out of scope is settled at once

    def _follow(self, urls: list[str]) -> Iterator[Request | Target]:
        for url in urls:
            site = self._site(url)
            if site is None:
                yield Target(url=url, state=State.OUT_OF_SCOPE, reason=_out_of_scope(url))
            else:
                yield from self._ask(site, url)

    def _ask(self, site: Site, url: str) -> Iterator[Request]:
        if self.arguments.limit is None or self._started < self.arguments.limit:
            self._started += 1
            target = Target(url=url, state=None, extractor_version=EXTRACTOR_VERSION)
            known = None if self.arguments.full else self.memory.known.get(url)
            visit = Visit(target=target, site=site, routes=site.routes(url), known=known)
            if self._batches.takes(visit):
                yield from self._ask_together(self._batches.full())
            else:
                yield from self._ask_alone(visit)

    def _ask_alone(self, visit: Visit) -> Iterator[Request]:
        route = visit.next_route()
        if route is not None:
            yield self._attempt(visit, route)

    def _ask_together(self, batches: list[list[Visit]]) -> Iterator[Request]:
        for visits in batches:
            if len(visits) == 1:
                yield from self._ask_alone(visits[0])
                continue
            url = datacite.batch_url([visit.target.url for visit in visits])
            given = {"visits": visits}
            yield Request(
                url, self.parse_batch, errback=self.batch_failed, cb_kwargs=given, meta=_META, dont_filter=True
            )

    def _attempt(self, visit: Visit, route: Route) -> Request:
        meta: dict[str, Any] = dict(_META)
        if route.browser:
            meta |= {"browser": True, "browser_hosts": visit.site.BROWSER_HOSTS, "browser_wait": _RENDERED}
        return Request(
            route.url,
            headers=visit.headers(route),
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"visit": visit, "route": route},
            meta=meta,
            dont_filter=True,  # a target is discovered once, and its routes are asked for in turn
        )

    def _moved(self, visit: Visit, route: Route, location: str, status: str) -> None:
        """Take in where an answer leads: to another form of the target, away from its other routes, or elsewhere."""
        if visit.negotiates(route, location):
            return
        located = locate(location)
        url = located[1] if located else location
        away = located[0] is not visit.site if located else visit.routes
        if url == visit.target.url or away:
            visit.become(State.NOT_FOUND, f"{status} to {url}")
        else:
            visit.redirect(url, status)

    def _go_on(self, visit: Visit) -> Iterator[Request | Target]:
        route = visit.next_route()
        if route is not None:
            yield self._attempt(visit, route)
            return
        if visit.page is not None:
            self._take(visit.site, visit.target, visit.page)
        yield visit.target
        yield from self._lead_on(visit.target)

    def _lead_on(self, target: Target) -> Iterator[Request | Target]:
        """Follow a target's links; a run of some targets only to other sources, and to where they have moved to."""
        self.discovery.tell(target.told)
        told = set(target.told)
        links = [link for link in target.links if link not in told]
        if target.state not in {State.REDIRECTED, None}:
            if self.arguments.redrive:
                return
            if self.arguments.named:
                links = [link for link in links if self._site(link) not in {self.site, None}]
        if links:
            yield from self._follow(self.discovery.discover(links, hold=not target.url.startswith(SNAPSHOT)))

    def _take(self, site: Site, target: Target, page: Page) -> None:
        """Put what a page tells into its target."""
        for found in page.found:
            target.sightings.append(self._loads.load(found, page=target.url, fetched_at=target.fetched_at))
        links = dict.fromkeys([*page.links, *elsewhere(target.sightings)])
        target.links = [url for url in links if url != target.url]
        if page.problems:  # what is damaged tells nothing in full, and has to be read again
            target.etag = target.last_modified = None
            self._count(stats.PAGE_PROBLEMS, len(page.problems))
        else:
            names = [*page.told, *filter(None, [page.found[0].uuid, page.found[0].slug])]
            told = [url for name in names for url in site.pages_of(name)] + file_pages(target.sightings)
            target.told = [url for url in told if url != target.url]
        self._unknown.count(self.crawler.stats, site.NAME, page.unknown_keys)

    def _count(self, key: str, number: int = 1) -> None:
        self.crawler.stats.inc_value(key, number)


def _out_of_scope(url: str) -> str:
    return "of a source that is not followed" if locate(url) else "no page of a study or dataset"
