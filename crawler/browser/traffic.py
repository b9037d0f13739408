"""What pages ask for while they are open: the crawler downloads it for them, from the hosts that they may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware

from crawler import stats
from crawler.errors import HostRefused
from crawler.middlewares.hosts import is_public, look_up

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.middlewares.turns import Turns

_MOST_REFUSED_HOSTS = 20
_MOST_SCRIPTS = 50
_LARGEST_SCRIPT = 4 * 1024 * 1024


def allowed(host: str, hosts: frozenset[str]) -> bool:
    """Tell whether a host is one of some; one of them that begins with a dot is every host below it.

    >>> hosts = frozenset({"example.org", ".example.net"})
    >>> [allowed(host, hosts) for host in ("example.org", "a.b.example.net", "example.net", "www.example.org")]
    [True, True, False, False]
    """
    return host in hosts or any(name.startswith(".") and host.endswith(name) for name in hosts)


class Traffic:
    """The network of the pages that are open. `fetch` downloads one request, and follows no redirect."""

    def __init__(self, crawler: Crawler, fetch: Callable[[Request], Awaitable[Response]], turns: Turns) -> None:
        self._fetch = fetch
        self._turns = turns
        self._stats = crawler.stats
        self._mirror = bool(crawler.settings.get("MIRROR"))
        self._proxy = crawler.get_downloader_middleware(HttpProxyMiddleware)
        self._compression = crawler.get_downloader_middleware(HttpCompressionMiddleware)
        self._redirect = crawler.get_downloader_middleware(RedirectMiddleware)
        self._refused: set[str] = set()
        self._scripts: dict[str, Response] = {}

    @staticmethod
    def hosts(request: Request) -> frozenset[str]:
        """Return the hosts that the page of a request may ask: its own, and those that its meta names."""
        return frozenset({urlsplit(request.url).hostname or "", *request.meta.get("browser_hosts", ())})

    async def check(self, url: str, hosts: frozenset[str]) -> None:
        """Raise HostRefused, and count it, for a URL on a host that a page may not ask."""
        host = urlsplit(url).hostname or ""
        if allowed(host, hosts) and (self._mirror or not await _in_private_network(host)):
            return
        key = host if host in self._refused or len(self._refused) < _MOST_REFUSED_HOSTS else "other"
        self._refused.add(key)
        self._stats.inc_value(stats.BROWSER_REFUSED.format(host=key))
        raise HostRefused(host, "neither the page's own, nor named by its site, or not public")

    async def script(
        self, request: Request, hosts: frozenset[str], waiting: Callable[[], AbstractContextManager[None]]
    ) -> Response:
        """Return a script; one that came before is not asked for again, as no browser does within a visit to a site."""
        known = self._scripts.get(request.url)
        if known is not None:
            await self.check(request.url, hosts)
            return known
        script = await self.answer(request, hosts, waiting)
        keep = b"no-store" not in (script.headers.get("Cache-Control") or b"")
        if script.status == 200 and keep and len(script.body) <= _LARGEST_SCRIPT:  # noqa: PLR2004 - OK
            while len(self._scripts) >= _MOST_SCRIPTS:
                del self._scripts[next(iter(self._scripts))]
            self._scripts[request.url] = script
        return script

    async def answer(
        self, request: Request, hosts: frozenset[str], waiting: Callable[[], AbstractContextManager[None]]
    ) -> Response:
        """Return the decoded answer to what a page asks for, at the end of its redirects.

        Each request waits for its turn at its host, within a block of `waiting`.
        """
        while True:
            await self.check(request.url, hosts)
            with waiting():
                await self._turns.beside_slot(request)
            if self._proxy is not None:
                self._proxy.process_request(request)
            if self._compression is not None:
                self._compression.process_request(request)
            answer = await self._fetch(request)
            self._turns.note(request, answer)
            response = self.decoded(request, answer)
            went = self._redirect.process_response(request, response) if self._redirect else response
            if not isinstance(went, Request):
                return response
            request = went

    def decoded(self, request: Request, response: Response) -> Response:
        """Return a response without the compression that it was sent with."""
        if self._compression is None:
            return response
        decoded = self._compression.process_response(request, response)
        if isinstance(decoded, Request):
            raise TypeError(f"{request.url}: decompression answers with no response")
        return decoded


async def _in_private_network(host: str) -> bool:
    """Tell whether a host has an address that is not public; a name that does not resolve has none."""
    try:
        return not all(map(is_public, await look_up(host)))
    except (OSError, UnicodeError):
        return False
