"""The crawl of a catalogue's graph: every URL becomes a target, and every target ends in one state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider, IgnoreRequest

from crawler import stats
from crawler.errors import AlreadyTold
from crawler.export.ledger import targets_in_state
from crawler.export.store import open_store
from crawler.items import State, Target
from crawler.loaders import Loads
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
_GONE = {404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_UNKNOWN_KEYS = 50


class Site(Protocol):
    """What a module of `crawler.sites` knows of its site; see `crawler.sites.harmony` for each."""

    @property
    def ROBOTS(self) -> str: ...  # noqa: N802 - a constant of the module
    @property
    def SITEMAPS(self) -> tuple[str, ...]: ...  # noqa: N802 - likewise

    def canonical(self, url: str) -> str | None: ...
    def routes(self, url: str) -> list[str]: ...
    def name_of(self, url: str) -> str: ...
    def pages_of(self, name: str) -> list[str]: ...
    def tells_others(self, url: str) -> bool: ...
    def read(self, url: str, body: bytes) -> Page: ...


class CatalogueSpider(Spider, ABC):
    """Yields one `Target` for each URL that it discovers, once that URL's state is known.

    A target that ends before it was asked for (behind a limit, or because another page told its item) yields none: the
    links and the told URLs of the others say so.
    """

    site: ClassVar[Site]

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.arguments = Arguments.parse(given)
        self.discovery = Discovery(self.site.name_of)
        self._loads = Loads()
        self._started = 0
        self._unknown_keys: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request | Target]:
        seeds = self._seeds()
        for found in self.seeds() if seeds is None else self.discover(self.site.ROBOTS, seeds, "a partial run"):
            yield found

    @abstractmethod
    def seeds(self) -> Iterable[Request | Target]:
        """Yield the first requests of a run that the arguments do not restrict to some targets."""

    def discover(self, source: str, urls: Iterable[str], reason: str = "") -> Iterator[Request | Target]:
        """Yield what comes of the URLs that a sitemap, or the arguments, list."""
        links = [self.site.canonical(url) or url for url in urls]
        yield Target(url=source, state=None, reason=reason, links=links)
        yield from self._follow(links)

    def parse_page(self, response: Response, visit: Visit) -> Iterator[Request | Target]:
        """Take in the answer of one route to a target."""
        visit.note(_request(response), response)
        status = f"HTTP {response.status}"
        location = response.headers.get("Location") if response.status in _REDIRECTS else None
        if location is not None:
            url = response.urljoin(location.decode("latin-1"))
            url = self.site.canonical(url) or url
            if url == visit.target.url:
                visit.become(State.FETCH_FAILED, f"{status} to itself")
            else:
                visit.redirect(url, status)
        elif response.status in _GONE:
            visit.become(State.NOT_FOUND, status)
        elif response.status != OK:
            visit.become(State.FETCH_FAILED, status)
        else:
            visit.read(self.site.read(visit.target.url, response.body), response)
        yield from self._go_on(visit)

    def page_failed(self, failure: Failure) -> Iterator[Request | Target]:
        """Take in that one route to a target gave no answer."""
        if isinstance(failure.value, AlreadyTold):
            return
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        visit: Visit = request.cb_kwargs["visit"]
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

    def is_told(self, request: Request) -> bool:
        """Tell whether a request is the first for a target whose item another page has told in full."""
        visit: Visit | None = request.cb_kwargs.get("visit")
        return visit is not None and not visit.target.attempts and self.discovery.is_told(visit.target.url)

    def _seeds(self) -> list[str] | None:
        """The targets that the arguments name, or None where they name none."""
        if self.arguments.redrive:
            store = open_store(self.settings["EXPORT_URI"])
            return targets_in_state(store, *self.arguments.redrive)
        if self.arguments.items:
            return [self.site.pages_of(name)[0] for name in self.arguments.items]
        return None

    def _follow(self, links: list[str]) -> Iterator[Request | Target]:
        for url in self.discovery.discover(links):
            if self.site.canonical(url) is None:
                yield Target(url=url, state=State.OUT_OF_SCOPE, reason="no page of a study or dataset")
            else:
                yield from self._ask(url)

    def _ask(self, url: str) -> Iterator[Request]:
        if self.arguments.limit is None or self._started < self.arguments.limit:
            self._started += 1
            yield self._attempt(Visit(target=Target(url=url, state=None), routes=self.site.routes(url)))

    def _attempt(self, visit: Visit) -> Request:
        return Request(
            visit.routes.pop(0),
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"visit": visit},
            meta={"handle_httpstatus_all": True, "dont_redirect": True},
            priority=int(self.site.tells_others(visit.target.url)),
            dont_filter=True,  # a target is discovered once, and its routes are asked for in turn
        )

    def _go_on(self, visit: Visit) -> Iterator[Request | Target]:
        if not visit.finished:
            yield self._attempt(visit)
            return
        if visit.page is not None:
            self._take(visit.target, visit.page)
        yield visit.target
        if self.arguments.items or self.arguments.redrive:
            return  # a run restricted to some targets follows none of their links
        yield from self._follow(visit.target.links)

    def _take(self, target: Target, page: Page) -> None:
        """Put what a page tells into its target."""
        for found in page.found:
            target.sightings.append(self._loads.load(found, page=target.url, fetched_at=target.fetched_at))
        names = [*page.told, *filter(None, [page.found[0].uuid, page.found[0].slug])]
        target.told = [url for name in names for url in self.site.pages_of(name) if url != target.url]
        target.links = page.links
        self.discovery.tell([*target.told, target.url])
        for key, number in page.unknown_keys.items():
            if key not in self._unknown_keys and len(self._unknown_keys) >= _MOST_UNKNOWN_KEYS:
                key = "other"  # noqa: PLW2901 - what the limit leaves over is counted together
            self._unknown_keys.add(key)
            self._count(stats.UNKNOWN_KEY.format(site=self.name, key=key), number)
        if page.problems:
            self._count(stats.FLIGHT_PROBLEMS, len(page.problems))

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
