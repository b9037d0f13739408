"""What an answer to a request, or that there was none, says of its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from crawler.errors import BrowserUnavailable, CircuitOpen, CrawlerError, RequestRefused, RobotsUnreachable
from crawler.items import State

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

OK = 200
_REDIRECTS = {301, 302, 303, 307, 308}
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
    """Where a response redirects to."""
    location = response.headers.get("Location") if response.status in _REDIRECTS else None
    if location is None:
        return None
    try:
        return response.urljoin(location.decode("latin-1"))
    except ValueError:  # an IPv6 literal that is none
        return None


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
