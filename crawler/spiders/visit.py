"""A target on its way: which routes to it were tried, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.items import State, Target
from crawler.sites.page import Outcome

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

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
    State.REDIRECTED,
    State.FETCH_FAILED,
    State.PARSE_FAILED,
    State.NOT_ATTEMPTED,
    State.NOT_FOUND,
    State.DENIED_BY_ROBOTS,
]


@dataclass(slots=True, kw_only=True)
class Visit:
    """A target, the routes to it that are left, and the soundest page with a record that one of them led to."""

    target: Target
    routes: list[str]
    page: Page | None = field(default=None)

    @property
    def finished(self) -> bool:
        """True when no further route can add to what is known."""
        sound = self.page is not None and not self.page.problems
        return not self.routes or sound or self.target.state is State.REDIRECTED

    def note(self, request: Request, response: Response | None = None) -> None:
        """Count the attempts that a request took, its retries among them."""
        self.target.attempts += 1 + int(request.meta.get("retry_times", 0))
        self.target.fetched_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if response is not None:
            self.target.status = response.status

    def become(self, state: State, reason: str) -> None:
        """Give the target a state, unless an earlier route gave it one that tells more."""
        known = self.target.state
        if known is None or _TELLING.index(state) <= _TELLING.index(known):
            self.target.state, self.target.reason = state, reason

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
            self.target.etag = _header(response, "ETag")
            self.target.last_modified = _header(response, "Last-Modified")
        else:
            self.target.links = page.links  # it may lead to others all the same
        self.become(*_STATES[page.outcome])


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
