"""A target on its way: which routes to it were tried, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.export.manifest import now
from crawler.items import State, Target
from crawler.sites import EXTRACTOR_VERSION
from crawler.sites.page import Outcome

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.export.memory import Known
    from crawler.sites.page import Page

_STATES = {
    Outcome.RECORD: (State.STORED, ""),
    Outcome.REDIRECT: (State.REDIRECTED, "by its script"),
    Outcome.ABSENT: (State.NOT_FOUND, "the page says so"),
    Outcome.CLIENT_RENDERED: (State.NOT_ATTEMPTED, "needs a browser"),
    Outcome.UNREADABLE: (State.PARSE_FAILED, "no record on the page"),
}
# Of what the routes came to, the one that tells most is the target's state: a twin that is not there says least.
_TELLING = [
    State.STORED,
    State.UNCHANGED,
    State.REDIRECTED,
    State.FETCH_FAILED,
    State.PARSE_FAILED,
    State.NOT_ATTEMPTED,
    State.DENIED_BY_ROBOTS,
    State.NOT_FOUND,
]


@dataclass(slots=True, kw_only=True)
class Visit:
    """A target, the routes to it that are left, and the soundest page with a record that one of them led to."""

    target: Target
    routes: list[str]
    page: Page | None = None
    known: Known | None = None
    """What the previous snapshot has of the target."""

    @property
    def finished(self) -> bool:
        """True when no further route can add to what is known."""
        sound = self.page is not None and not self.page.problems
        return not self.routes or sound or self.target.state in {State.REDIRECTED, State.UNCHANGED}

    def validators(self, route: str) -> dict[str, str]:
        """Return the headers by which a route can say that it is as it was, if what it said then can be kept."""
        known = self.known
        if not (known and known.sound and known.route == route and known.extractor_version == EXTRACTOR_VERSION):
            return {}
        said = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in said.items() if value}

    def note(self, request: Request, response: Response | None = None) -> None:
        """Count the attempts that a request took, its retries among them."""
        self.target.attempts += 1 + int(request.meta.get("retry_times", 0))
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

    def read(self, page: Page, response: Response) -> None:
        """Take in a page; where two routes lead to a record, the sounder page counts, of equals the first."""
        if page.outcome is Outcome.REDIRECT and page.redirect:
            self.redirect(page.redirect, _STATES[page.outcome][1])
            return
        if page.outcome is Outcome.RECORD:
            if self.page is not None and len(page.problems) >= len(self.page.problems):
                return
            self.page = page
            self.target.route = response.url
            self.target.etag = _header(response, "ETag")
            self.target.last_modified = _header(response, "Last-Modified")
        else:
            self.target.links = page.links  # it may lead to others all the same
        self.become(*_STATES[page.outcome])


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
