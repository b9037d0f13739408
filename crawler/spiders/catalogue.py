"""The crawl of a catalogue's graph: every URL becomes a target, and every target ends in one state."""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest

from crawler import stats
from crawler.errors import CrawlerError, RequestAbandoned
from crawler.export.memory import Memory
from crawler.export.options import store_of
from crawler.export.redrive import targets_in_state
from crawler.items import SNAPSHOT, State, Target
from crawler.loaders import Loads
from crawler.sites import EXTRACTOR_VERSION
from crawler.spiders.arguments import Arguments
from crawler.spiders.discovery import Discovery
from crawler.spiders.visit import Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.page import Page

OK = 200
_NOT_MODIFIED = 304
_GONE = {404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_UNKNOWN_KEYS = 50
_LONGEST_KEY = 100


class Site(Protocol):
    """What a module of `crawler.sites` knows of its site; see `crawler.sites.harmony` for each."""

    @property
    def ROBOTS(self) -> str: ...  # noqa: N802 - a constant of the module
    @property
    def SITEMAPS(self) -> tuple[str, ...]: ...  # noqa: N802 - likewise

    def canonical(self, url: str) -> str | None: ...
    def routes(self, url: str) -> list[str]: ...
    def pages_of(self, name: str) -> list[str]: ...
    def rank(self, url: str) -> int: ...
    def read(self, url: str, body: bytes) -> Page: ...


class CatalogueSpider(Spider, ABC):
    """Yields one `Target` for each URL that it discovers, once that URL's state is known: an `export.memory.Crawl`.

    A target that ends before it was asked for (behind a limit, or because another page told its item) yields none: the
    links and the told URLs of the others say so. A run that is resumed goes on from its log, whose targets are done.
    """

    site: ClassVar[Site]

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.arguments = Arguments.parse(given)
        self.discovery = Discovery(self._rank)
        self.run_id = self.arguments.run_id
        self.process = secrets.token_hex(8)
        self.memory = Memory()
        self.failure: CrawlerError | None = None
        self._loads = Loads()
        self._started = 0
        self._unknown_keys: set[str] = set()

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
        for found in self._begin() if named is None else self.discover(self.site.ROBOTS, named, "a partial run"):
            yield found

    @abstractmethod
    def seeds(self) -> Iterable[Request | Target]:
        """Yield the first requests of a run that the arguments do not restrict to some targets."""

    def discover(self, source: str, urls: Iterable[str], reason: str = "") -> Iterator[Request | Target]:
        """Yield what comes of the URLs that a sitemap, or the arguments, list."""
        links = [self.site.canonical(url) or url for url in urls]
        yield Target(url=source, state=None, reason=reason, links=links)
        yield from self._follow(self.discovery.discover(links))

    def parse_page(self, response: Response, visit: Visit) -> Iterator[Request | Target]:
        """Take in the answer of one route to a target."""
        visit.note(_request(response), response)
        status = f"HTTP {response.status}"
        location = self._location(response)
        if location == visit.target.url or (location and visit.routes and not self.site.canonical(location)):
            visit.become(State.NOT_FOUND, f"{status} to {location}")  # to itself, or away from what has another route
        elif location:
            visit.redirect(location, status)
        elif response.status in _GONE:
            visit.become(State.NOT_FOUND, status)
        elif response.status == _NOT_MODIFIED and visit.known is not None:
            visit.keep(self.memory.base)
        elif response.status != OK:
            visit.become(State.FETCH_FAILED, status)
        else:
            visit.read(self.site.read(visit.target.url, response.body), response)
        yield from self._go_on(visit)

    def page_failed(self, failure: Failure) -> Iterator[Request | Target]:
        """Take in that one route to a target gave no answer."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        visit: Visit = request.cb_kwargs["visit"]
        if isinstance(failure.value, RequestAbandoned):
            return  # the target is as good as never asked for
        denied = isinstance(failure.value, IgnoreRequest)
        if not denied:
            visit.note(request)
        visit.become(State.DENIED_BY_ROBOTS if denied else State.FETCH_FAILED, reason(failure))
        yield from self._go_on(visit)

    def idle(self) -> None:
        """Ask for what was held back and is not told yet, before the crawl ends."""
        requests = [request for url in self.discovery.release() for request in self._ask(url)]
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _named(self) -> list[str] | None:
        """The targets that the arguments name, or None where they name none; what the run's log has goes without."""
        if self.arguments.redrive:
            if any(target.url == self.site.ROBOTS for target in self.memory.done):
                return []  # the latest run, which it looks into, may be this one by now
            return targets_in_state(store_of(self.settings), *self.arguments.redrive)
        if self.arguments.items:
            return [url for name in self.arguments.items for url in self.site.pages_of(name)]
        return None

    def _resume(self, done: list[Target]) -> Iterator[Request | Target]:
        """Go on where the log of the run ends: what its targets led to is discovered, and they are not asked again."""
        self.discovery.discover([target.url for target in done if target.state], hold=False)
        self._started += sum(1 for target in done if target.attempts)
        for target in done:
            yield from self._lead_on(target)

    def _begin(self) -> Iterator[Request | Target]:
        """Ask again for what the previous snapshot rests on, and for what the site lists now."""
        if self.memory.known:
            urls = list(self.memory.known)
            yield Target(url=f"{SNAPSHOT}{self.memory.base}", state=None, links=urls)
            yield from self._follow(self.discovery.discover(urls, hold=False))
        yield from self.seeds()

    def _rank(self, url: str) -> int:
        return self.site.rank(url) if self.site.canonical(url) else 0  # what is out of scope is settled at once

    def _follow(self, urls: list[str]) -> Iterator[Request | Target]:
        for url in urls:
            if self.site.canonical(url) is None:
                yield Target(url=url, state=State.OUT_OF_SCOPE, reason="no page of a study or dataset")
            else:
                yield from self._ask(url)

    def _ask(self, url: str) -> Iterator[Request]:
        if self.arguments.limit is None or self._started < self.arguments.limit:
            self._started += 1
            known = self.memory.known.get(url)
            target = Target(url=url, state=None, extractor_version=EXTRACTOR_VERSION)
            yield self._attempt(Visit(target=target, routes=self.site.routes(url), known=known))

    def _attempt(self, visit: Visit) -> Request:
        url = visit.routes.pop(0)
        return Request(
            url,
            headers={} if self.arguments.full else visit.validators(url),
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"visit": visit},
            meta={"handle_httpstatus_all": True, "dont_redirect": True},
            dont_filter=True,  # a target is discovered once, and its routes are asked for in turn
        )

    def _go_on(self, visit: Visit) -> Iterator[Request | Target]:
        if not visit.finished:
            yield self._attempt(visit)
            return
        if visit.page is not None:
            self._take(visit.target, visit.page)
        yield visit.target
        yield from self._lead_on(visit.target)

    def _lead_on(self, target: Target) -> Iterator[Request | Target]:
        """Follow a target's links; a run of some targets ends there, but for where they have moved to."""
        self.discovery.tell(target.told)
        restricted = self.arguments.items or self.arguments.redrive
        if target.state in {State.REDIRECTED, None} or not restricted:
            told = set(target.told)
            links = [link for link in target.links if link not in told]
            yield from self._follow(self.discovery.discover(links, hold=not target.url.startswith(SNAPSHOT)))

    def _take(self, target: Target, page: Page) -> None:
        """Put what a page tells into its target."""
        for found in page.found:
            target.sightings.append(self._loads.load(found, page=target.url, fetched_at=target.fetched_at))
        if not page.problems:  # what is damaged tells nothing in full
            names = [*page.told, *filter(None, [page.found[0].uuid, page.found[0].slug])]
            target.told = [url for name in names for url in self.site.pages_of(name) if url != target.url]
        else:
            target.etag = target.last_modified = None  # it has to be read again
        target.links = page.links
        for name, number in page.unknown_keys.items():
            key = name[:_LONGEST_KEY].encode("utf-8", "replace").decode()
            if key not in self._unknown_keys and len(self._unknown_keys) >= _MOST_UNKNOWN_KEYS:
                key = "other"
            self._unknown_keys.add(key)
            self._count(stats.UNKNOWN_KEY.format(site=self.name, key=key), number)
        if page.problems:
            self._count(stats.FLIGHT_PROBLEMS, len(page.problems))

    def _location(self, response: Response) -> str | None:
        """Where a response redirects to, canonical if it is in the catalogue."""
        location = response.headers.get("Location") if response.status in _REDIRECTS else None
        if location is None:
            return None
        try:
            url = response.urljoin(location.decode("latin-1"))
        except ValueError:  # an IPv6 literal that is none
            return None
        return self.site.canonical(url) or url

    def _count(self, key: str, number: int = 1) -> None:
        self.crawler.stats.inc_value(key, number)


def reason(failure: Failure) -> str:
    """Return in a few words why a request failed."""
    error = failure.value
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200].removesuffix(": ")


def _request(response: Response) -> Request:
    if response.request is None:
        raise ValueError(f"{response.url} answers no request")  # the engine sets it on every response
    return response.request
