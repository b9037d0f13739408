"""What an answer to a request, or that there was none, says of its target."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.utils.python import to_unicode
from w3lib.url import safe_url_string

from crawler.errors import BrowserUnavailable, CircuitOpen, CrawlerError, RequestRefused, RobotsUnreachable
from crawler.items import State
from crawler.records.normalise.values import urls

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

OK = 200
_REDIRECTS = {301, 302, 303, 307, 308}
_MOVES, _MOST_MOVES = "moves", 5
_KEPT = ("handle_httpstatus_all", "dont_obey_robotstxt")
_UNASKED = {
    BrowserUnavailable: State.NOT_ATTEMPTED,
    CircuitOpen: State.NOT_ATTEMPTED,
    RobotsUnreachable: State.DENIED_BY_ROBOTS,
    RequestRefused: State.OUT_OF_SCOPE,
    IgnoreRequest: State.DENIED_BY_ROBOTS,
}


def state_of(failure: Failure) -> State | None:
    """Return what a target comes to whose request was not made, if no other route does better; None if it was made."""
    return next((state for kind, state in _UNASKED.items() if isinstance(failure.value, kind)), None)


def location_of(response: Response) -> str | None:
    """Where a response redirects to; of what is no URL to keep, for an address of e-mail in it, the site alone."""
    location = response.headers.get("Location") if response.status in _REDIRECTS else None
    if location is None:
        return None
    try:
        url = response.urljoin(to_unicode(location, errors="replace"))
        parts = urlsplit(url)
    except ValueError:  # an IPv6 literal that is none
        return None
    return safe_url_string(url) if urls(url) else f"{parts.scheme}://{parts.hostname or ''}"


def moved(response: Response) -> Request | None:
    """Return the request for where a list is now that a response sends to; None for any other, or one in circles.

    Scrapy's own middleware drops a redirect to what was asked for before, and nobody hears of it.
    """
    location, asked = location_of(response), request_of(response)
    moves = asked.meta.get(_MOVES, 0)
    if location is None or moves == _MOST_MOVES:
        return None
    kept = {name: asked.meta[name] for name in _KEPT if name in asked.meta}
    return asked.replace(url=location, dont_filter=True, meta=kept | {_MOVES: moves + 1})


def reason(failure: Failure) -> str:
    """Return in a few words why a request failed, or was not made."""
    error = failure.value
    if isinstance(error, CrawlerError):
        return str(error)
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200].removesuffix(": ")


def request_of(response: Response) -> Request:
    """Return the request that a response answers; raises ValueError where it answers none."""
    if response.request is None:
        raise ValueError(f"{response.url} answers no request")  # the engine sets it on every response
    return response.request
