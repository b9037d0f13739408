"""robots.txt, where Scrapy takes it for permission that there is none to be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import RequestAbandoned, RequestRefused, RobotsUnreachable

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

_LONGEST = 512 * 1024
"""How many bytes of a robots.txt are read; RFC 9309 (2.5) asks for 500 KiB at least."""
_SUCCESS, _REDIRECTION, _CLIENT_ERROR, _SERVER_ERROR = 200, 300, 400, 500
_TOO_MANY = 429


class RobotsMiddleware(RobotsTxtMiddleware):
    """Obeys robots.txt as RFC 9309 has it (2.3.1): none (4xx) allows everything, one that is unreachable nothing.

    Unreachable is an answer of 5xx, one of 429, which says nothing about what is there, a redirect that leads to no
    robots.txt, and no answer; Scrapy parses the body of any answer, and allows everything where there is none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Scrapy's signature
        super().__init__(*args, **kwargs)
        self._unreachable: dict[str, Exception] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return what a host's robots.txt says to all that wait for it: Scrapy's tells the first of them alone."""
        await super().robot_parser(request)
        return cast("RobotParser | None", self._parsers[urlparse_cached(request).netloc])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise IgnoreRequest where a request is denied, and the project's own errors as they are."""
        error = self._unreachable.get(urlparse_cached(request).netloc)
        if error is not None:
            raise error.with_traceback(None)  # one is raised for many requests
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        found = _SUCCESS <= response.status < _REDIRECTION
        missing = _CLIENT_ERROR <= response.status < _SERVER_ERROR and response.status != _TOO_MANY
        if not found and not missing:
            self._unreachable[netloc] = RobotsUnreachable(netloc, f"HTTP {response.status}")
        body = response.body if found else b""
        if len(body) > _LONGEST:
            body = body[: _LONGEST + 1].rpartition(b"\n")[0]  # half a rule is another one
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        refused = isinstance(exc, RequestRefused) and getattr(exc, "host", "") == urlsplit(f"//{netloc}").hostname
        if refused or isinstance(exc, RequestAbandoned):  # as the host's pages would be, which is no word of the host's
            self._unreachable[netloc] = exc
        else:
            self._unreachable[netloc] = RobotsUnreachable(netloc, f"{type(exc).__name__}: {exc}")
        super()._robots_error(exc, netloc)
