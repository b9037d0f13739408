"""The crawl of a catalogue's graph: every URL becomes a target, and every target ends in one state."""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.utils.misc import load_object

from crawler.errors import CrawlerError, RequestAbandoned
from crawler.export.memory import Memory
from crawler.export.options import store_of
from crawler.export.redrive import targets_in_state
from crawler.items import SNAPSHOT, Begin, State, Target
from crawler.sites import EXTRACTOR_VERSION, SITES, datacite, locate
from crawler.spiders.answers import OK, location_of, reason, request_of, state_of
from crawler.spiders.arguments import Arguments
from crawler.spiders.asking import Asking
from crawler.spiders.telling import Telling
from crawler.spiders.visit import Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from contextlib import AbstractAsyncContextManager

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.items import Lead
    from crawler.sites.page import Route
    from crawler.sites.site import Site
    from crawler.spiders.discovery import Discovery

_READ = {OK, 204}
_NOT_MODIFIED = 304
_GONE = {404, 410}


class CatalogueSpider(Spider, ABC):
    """Yields one `Target` for each URL that it discovers, once that URL's state is known: an `export.memory.Crawl`.

    A target that ends before it was asked for (behind a limit, or because another page told its item) yields none: the
    links and the told URLs of the others say so. A run that is resumed goes on from its log, whose targets are done.
    """

    site: ClassVar[Site]
    """The source that it crawls; it follows links to others."""
    names: ClassVar[str]
    """The argument that names some of its targets."""
    holds_known: ClassVar[bool] = False
    """True where what the previous snapshot rests on is asked for at once only where it is of rank 0."""

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.arguments = Arguments.parse(given, self.names)
        self.sites = [self.site, *(site for site in SITES if site.NAME in self.arguments.follow)]
        self.allowed_hosts = frozenset(host for site in self.sites for host in site.HOSTS)
        self.robots = f"https://{self.site.HOSTS[0]}/robots.txt"
        self.limit = self.arguments.limit
        self.asked_for = " ".join([self.name, *sorted(f"{key}={given[key]}" for key in given if key != "run_id")])
        self.run_id = self.arguments.run_id
        self.process = secrets.token_hex(8)
        self.memory = Memory()
        self.failure: CrawlerError | None = None
        self.telling = Telling()
        self._asking = Asking(
            page=self.parse_page,
            page_failed=self.page_failed,
            batch=self.parse_batch,
            batch_failed=self.batch_failed,
        )
        self._settled: set[str] = set()
        self._deepest = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._deepest = crawler.settings.getint("DEPTH_LIMIT")  # noqa: SLF001 - its own
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    @cached_property
    def discovery(self) -> Discovery:
        """What becomes of the URLs that it comes upon; the settings say of which class."""
        kind: type[Discovery] = load_object(self.settings["DISCOVERY"])
        return kind.from_crawler(self.crawler, self)

    async def start(self) -> AsyncIterator[Request | Target]:
        self.logger.info("This is run %s", self.run_id)
        await self._remember()
        async for event in self.discovery.events():
            if isinstance(event, Target):
                yield event
                continue
            if event is Begin.ANEW:
                await self._remember()
            for found in () if event is Begin.NOT else self._beginning():
                yield found
            self.memory.done.clear()

    @abstractmethod
    def seeds(self) -> Iterable[Request | Target]:
        """Yield the first requests of a run that the arguments do not restrict to some targets."""

    def discover(self, source: str, urls: Iterable[str], reason: str = "") -> Iterator[Request | Target]:
        """Yield what comes of the URLs that a sitemap, or the arguments, list."""
        links = [located[1] if (located := locate(url)) else url for url in urls]
        yield from self._follow(links)
        yield Target(url=source, state=None, reason=reason, links=links)

    def parse_page(self, response: Response, visit: Visit, route: Route) -> Iterator[Request | Target]:
        """Take in the answer of one route to a target."""
        visit.note(request_of(response), response)
        status = f"HTTP {response.status}"
        location = location_of(response)
        if location is not None:
            visit.move(route, location, status)
        elif response.status in _GONE:
            visit.become(State.NOT_FOUND, status)
        elif response.status == _NOT_MODIFIED and visit.known is not None:
            visit.keep(self.memory.base)
        elif response.status not in _READ:
            visit.become(State.FETCH_FAILED, status)
        else:
            page = visit.site.read(visit.target.url, response.body)
            visit.read(page, response, route)
        yield from self.go_on(visit)

    def page_failed(self, failure: Failure) -> Iterator[Request | Target]:
        """Take in that one route to a target gave no answer."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        visit: Visit = request.cb_kwargs["visit"]
        if isinstance(failure.value, RequestAbandoned):
            return  # the target is as good as never asked for
        unasked = state_of(failure)
        visit.note(request, asked=unasked is None)
        if unasked is None or not request.cb_kwargs["route"].absence:
            visit.become(unasked or State.FETCH_FAILED, reason(failure))
        yield from self.go_on(visit)

    def parse_batch(self, response: Response, visits: list[Visit]) -> Iterator[Request | Target]:
        """Take in the answer for many targets; one that it leaves out is asked for alone."""
        pages = datacite.read_batch(response.body) if response.status == OK else {}
        while visits:  # one stays in the request's list until it is done with
            visit = visits[0]
            visit.note(request_of(response), response)
            if (page := pages.get(visit.target.url)) is not None:
                visit.read(page)
            yield from self.go_on(visit)
            del visits[0]

    def batch_failed(self, failure: Failure) -> Iterator[Request]:
        """Ask for each target alone, where there was no answer for all of them."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        if not isinstance(failure.value, RequestAbandoned):
            for visit in request.cb_kwargs["visits"]:
                visit.note(request, asked=state_of(failure) is None)
                yield from self._asking.go_on(visit)

    def idle(self) -> None:
        """Ask for what was held back and is not told yet, before the crawl ends."""
        requests = [request for lead in self.discovery.release() for request in self.ask(lead)]
        requests += self.rest()
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    async def _remember(self) -> None:
        try:
            self.memory = await asyncio.to_thread(Memory.load, store_of(self.settings), self.run_id)
        except CrawlerError as error:
            self.failure = error
            raise CloseSpider("memory_failed") from error

    def _beginning(self) -> Iterator[Request | Target]:
        """Return what the run begins with, or goes on with."""
        try:
            named = self._named()
        except CrawlerError as error:
            self.failure = error
            raise CloseSpider("memory_failed") from error
        begins = self._begin() if named is None else self.discover(self.robots, named, "a partial run")
        return chain(self._resume(self.memory.done), begins)

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
        settled = {target.url for target in done if target.state and self._unasked(target.url, target.depth)}
        self._settled |= settled
        asked = {target.url for target in done if target.attempts}
        self.discovery.done([target.url for target in done if target.state and target.url not in settled], asked)
        for target in done:
            yield from self._lead_on(target)
        done.clear()

    def _begin(self) -> Iterator[Request | Target]:
        """Ask again for what the previous snapshot rests on, and for what the site lists now."""
        urls = [url for url in self.memory.known if self._site(url)]  # of a source not followed, what was read is kept
        if self.memory.base:
            yield from self._follow(urls, hold=self.holds_known)
            yield Target(url=f"{SNAPSHOT}{self.memory.base}", state=None, links=urls)
        yield from self.seeds()

    def _site(self, url: str) -> Site | None:
        """The site of a target, if it is one that this crawl follows."""
        located = locate(url)
        return located[0] if located and located[0] in self.sites else None

    def rank(self, url: str) -> int:
        """Return how good a URL is to ask for its item by: 0 is best."""
        site = self._site(url)
        return site.rank(url) if site else 0

    def ask(self, lead: Lead) -> Iterator[Request]:
        """Yield the first requests for a target: none yet for one that is asked for together with others."""
        site = self._site(lead.url)
        if site is None:
            raise ValueError(f"{lead.url} is of no site that this crawl follows")
        yield from self._asking.begin(self.visit(site, lead))

    def rest(self) -> Iterator[Request]:
        """Yield the requests for targets that wait for others, to be asked for together."""
        return self._asking.rest()

    def publishing(self) -> AbstractAsyncContextManager[None]:
        """Return what is held while the run is published: by one process at a time."""
        return self.discovery.publishing()

    def visit(self, site: Site, lead: Lead) -> Visit:
        """Return a visit to a target of a site, which nothing has been asked for yet."""
        target = Target(url=lead.url, state=None, depth=lead.depth, extractor_version=EXTRACTOR_VERSION)
        known = None if self.arguments.full else self.memory.known.get(lead.url)
        return Visit(target=target, site=site, routes=site.routes(lead.url), known=known)

    def _follow(self, urls: Iterable[str], depth: int = 0, *, hold: bool = True) -> Iterator[Request | Target]:
        """Ask for URLs that lie so many links from where the run began, and settle what is never asked for."""
        asked = []
        for url in urls:
            unasked = self._unasked(url, depth)
            if unasked is None:
                asked.append(url)
            elif url not in self._settled:  # one that lies too deep may be come upon less deep yet
                self._settled.add(url)
                yield Target(url=url, state=unasked[0], depth=depth, reason=unasked[1])
        for lead in self.discovery.discover(asked, depth, hold=hold):
            yield from self.ask(lead)

    def _unasked(self, url: str, depth: int) -> tuple[State, str] | None:
        """Return what a URL comes to that is not asked for, and why; None for one that is."""
        if self._site(url) is None:
            known = "of a source that is not followed" if locate(url) else "no page of a study or dataset"
            return State.OUT_OF_SCOPE, known
        if 0 < self._deepest < depth:
            why = f"links from where the run began: {depth}, at most {self._deepest} (DEPTH_LIMIT)"
            return State.NOT_ATTEMPTED, why
        return None

    def go_on(self, visit: Visit) -> Iterator[Request | Target]:
        """Yield the request for the next route to a target, or the target with all that came of it."""
        if request := next(self._asking.go_on(visit), None):
            yield request
            return
        if visit.page is not None:
            self.telling.take(visit.site, visit.target, visit.page, self.crawler.stats)
        yield from self._lead_on(visit.target)  # first: a target is done once it is in the store
        yield visit.target

    def _lead_on(self, target: Target) -> Iterator[Request | Target]:
        """Follow a target's links; a run of some targets only to other sources, and to where they have moved to."""
        self.discovery.tell(target)
        told = set(target.told)
        links = [link for link in target.links if link not in told]
        if target.state not in {State.REDIRECTED, None}:
            if self.arguments.redrive:
                return
            if self.arguments.named:
                links = [link for link in links if self._site(link) not in {self.site, None}]
        depth = 0 if target.state is None else target.depth + 1
        yield from self._follow(links, depth, hold=self.holds_known or not target.url.startswith(SNAPSHOT))
