"""A target on its way: which routes to it were tried, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.export.manifest import now
from crawler.items import State, Target
from crawler.sites import EXTRACTOR_VERSION, locate
from crawler.sites.page import Outcome

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.export.memory import Known
    from crawler.sites.page import Page, Route
    from crawler.sites.site import Site

_STATES = {
    Outcome.RECORD: (State.STORED, ""),
    Outcome.REDIRECT: (State.REDIRECTED, "by its script"),
    Outcome.ABSENT: (State.NOT_FOUND, "the page says so"),
    Outcome.GONE: (State.NOT_FOUND, "its source says that it was deleted"),
    Outcome.ELSEWHERE: (State.OUT_OF_SCOPE, ""),
    Outcome.CLIENT_RENDERED: (State.NOT_ATTEMPTED, "needs a browser"),
    Outcome.UNREADABLE: (State.PARSE_FAILED, "no record on the page"),
}
_SETTLED = {Outcome.GONE, Outcome.ELSEWHERE}
_MOVED_ON = {State.REDIRECTED, State.UNCHANGED}
_MOST_HOPS = 5
# Of what the routes came to, the one that tells most is the target's state: a twin that is not there says least.
_TELLING = [
    State.STORED,
    State.UNCHANGED,
    State.REDIRECTED,
    State.FETCH_FAILED,
    State.PARSE_FAILED,
    State.NOT_ATTEMPTED,
    State.DENIED_BY_ROBOTS,
    State.OUT_OF_SCOPE,
    State.NOT_FOUND,
]


@dataclass(slots=True, kw_only=True)
class Visit:
    """A target, the routes to it that are left, and the soundest page with a record that one of them led to."""

    target: Target
    site: Site
    routes: list[Route]
    known: Known | None = None
    """What the previous snapshot has of the target."""
    page: Page | None = None
    _outcomes: set[Outcome] = field(default_factory=set)
    _hops: int = 0

    def next_route(self) -> Route | None:
        """Return the next way to ask for the target, None when none can add to what is known.

        A browser is for what a plain answer has shown to be drawn by a script.
        """
        sound = self.page is not None and not self.page.problems
        if sound or self.target.state in _MOVED_ON or self._outcomes & _SETTLED:
            return None
        while self.routes:
            route = self.routes.pop(0)
            wanted = not route.browser or Outcome.CLIENT_RENDERED in self._outcomes
            if wanted and (not route.absence or self.target.state is State.NOT_FOUND):
                return route
        return None

    def headers(self, route: Route) -> dict[str, str]:
        """Return what a request by a route says besides: what it wants, and what is known of the answer.

        The latter only where what the answer told can be kept: the route can then say that it is as it was.
        """
        said = {"Accept": route.accept}
        known = self.known
        if known and known.sound and known.route == route.url and known.extractor_version == EXTRACTOR_VERSION:
            said |= {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in said.items() if value}

    def move(self, asked: Route, location: str, status: str) -> None:
        """Take in where an answer leads: to another target, another form of this one, or away from its other routes.

        Who is sent to where it was, or round in circles, has no answer: what was known of the target is kept.
        """
        site, url = locate(location) or (None, location)
        another = url != self.target.url
        if another and site is self.site:
            self.redirect(url, status)
        elif urlsplit(location).netloc in self.site.HOSTS and not (another and asked.accept is None):
            self._ask_there(asked, location, status)
        elif another and (site or not all(route.browser or route.absence for route in self.routes)):
            self.become(State.NOT_FOUND, f"{status} to {url}")
        elif another:
            self.redirect(url, status)
        else:
            self.become(State.FETCH_FAILED, f"{status} to {location}")

    def _ask_there(self, asked: Route, url: str, status: str) -> None:
        """Ask for another form of the target next, unless one of its other routes is that one."""
        if any(route.url == url for route in self.routes):
            self.become(State.NOT_FOUND, f"{status} to {url}")
        elif url == asked.url or self._hops == _MOST_HOPS:
            self.become(State.FETCH_FAILED, f"{status} to {url}, in circles")
        else:
            self._hops += 1
            self.routes.insert(0, replace(asked, url=url))

    def note(self, request: Request, response: Response | None = None, *, asked: bool = True) -> None:
        """Count the attempts that a request took, its retries among them; not `asked` if it was not made in the end."""
        self.target.attempts += asked + int(request.meta.get("retry_times", 0))
        if asked:
            self.target.fetched_at = now()
        if response is not None:
            self.target.status = response.status

    def become(self, state: State, reason: str) -> None:
        """Give the target a state, unless an earlier route gave it one that tells more."""
        known = self.target.state
        if known is None or _TELLING.index(state) <= _TELLING.index(known):
            self.target.state, self.target.reason = state, reason

    def keep(self, base: str | None) -> None:
        """Take over what the previous snapshot, the one of the run `base`, has of the target."""
        if self.known is None:
            raise ValueError(f"{self.target.url} is not known from before")
        known, target = self.known, self.target
        self.page = None
        target.state, target.reason, target.base = State.UNCHANGED, "", base
        target.links, target.told = known.links, known.told
        target.route, target.etag, target.last_modified = known.route, known.etag, known.last_modified

    def redirect(self, url: str, reason: str) -> None:
        """End at another URL."""
        self.become(State.REDIRECTED, reason)
        self.target.links = [url]

    def read(self, page: Page, response: Response | None = None, route: Route | None = None) -> None:
        """Take in a page, and the response and the route that it can be asked for by again, if it can.

        Where two routes lead to a record, the sounder page counts, of equals the first.
        """
        drawn = route is not None and route.browser
        self._outcomes.add(page.outcome)
        if page.outcome is Outcome.ABSENT and route is not None and route.absence:
            self.routes.clear()
        if page.outcome is Outcome.NOTHING:
            return
        if drawn and self.target.state is State.NOT_ATTEMPTED:
            self.target.state = None  # it was, for want of what the browser shows now
        if page.outcome is Outcome.REDIRECT and page.redirect:
            self.redirect(page.redirect, _STATES[page.outcome][1])
            return
        if page.outcome is Outcome.RECORD:
            if self.page is not None and len(page.problems) >= len(self.page.problems):
                return
            self.page = page
            if response is not None:
                self.target.route = response.url
                self.target.etag = _header(response, "ETag")
                self.target.last_modified = _header(response, "Last-Modified")
        else:
            self.target.links = page.links  # it may lead to others all the same
        if drawn and page.outcome is Outcome.CLIENT_RENDERED:
            self.become(State.PARSE_FAILED, "its script drew no record")
        else:
            state, words = _STATES[page.outcome]
            self.become(state, page.reason or words)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
