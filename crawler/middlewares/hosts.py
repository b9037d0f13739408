"""Which hosts a crawl contacts: those that its spider names, where they are public."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AF_INET, AF_INET6, SOCK_STREAM, inet_aton, inet_ntop, inet_pton
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import CannotResolveHostError, NotConfigured
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import HostRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


class AllowedHostsMiddleware:
    """Refuses every request to a host that the spider's `allowed_hosts` does not name, with HostRefused.

    A host is named with its port, unless that is the scheme's own. Requests that come of redirects are requests like
    any other here. Scrapy's OffsiteMiddleware has no say in a crawl of targets: it lets `dont_filter` through, and what
    it drops no errback hears of. A request that was redirected also gets the slot of its new host: Scrapy leaves it in
    that of the old one, whose rate is another.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        url = urlparse_cached(request)
        host = url.netloc.lower().removesuffix(_DEFAULT_PORTS.get(url.scheme, ""))
        allowed: frozenset[str] = getattr(self._crawler.spider, "allowed_hosts", frozenset())
        if url.scheme not in _DEFAULT_PORTS or host not in allowed:
            raise HostRefused(host or url.scheme, "no host of this crawl")
        request.meta["download_slot"] = url.hostname


async def look_up(host: str) -> list[str]:
    """Return the addresses of a host, as the system resolves it; raises OSError where it has none.

    What is an address in any notation, of which IPv4 has many, is not looked up.
    """
    for family in (AF_INET6, AF_INET):
        with suppress(OSError):
            return [inet_ntop(family, inet_pton(family, host) if family is AF_INET6 else inet_aton(host))]
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class AddressMiddleware:
    """Refuses hosts that have an address which is not public, with HostRefused: a name may lead into a private network.

    Every host is looked up once, before its first request, and all of its addresses have to be public. The connection
    looks the name up for itself, so one that changes its address in between (DNS rebinding) can draw requests without
    credentials to a private address; an answer that comes from there is thrown away unread. What a proxy connects to,
    and what a page does in a browser, is not seen here. With `MIRROR` set only the mirror is contacted.
    """

    def __init__(self, resolve: Callable[[str], Awaitable[list[str]]] = look_up) -> None:
        self._resolve = resolve
        self._checks: dict[str, asyncio.Future[str | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if crawler.settings.get("MIRROR"):
            raise NotConfigured
        return cls()

    async def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        if request.meta.get("proxy"):
            return
        if host not in self._checks:
            self._checks[host] = asyncio.ensure_future(self._private_address(host))
        try:
            private = await self._checks[host]
        except (OSError, UnicodeError) as error:
            self._checks.pop(host, None)  # a retry looks it up again
            raise CannotResolveHostError(f"{host}: {error}") from error
        if private is not None:
            raise HostRefused(host, f"{private} is no public address")

    def process_response(self, request: Request, response: Response) -> Response:
        address = response.ip_address
        if address is not None and not request.meta.get("proxy") and not is_public(str(address)):
            raise HostRefused(urlparse_cached(request).hostname or "", f"{address} is no public address")
        return response

    async def _private_address(self, host: str) -> str | None:
        return next((address for address in await self._resolve(host) if not is_public(address)), None)


def is_public(text: str) -> bool:
    """Tell whether an address is one of the public internet, by the registries of IANA that `ipaddress` knows.

    >>> [is_public(text) for text in ("93.184.215.14", "10.1.2.3", "::ffff:127.0.0.1", "fe80::1%eth0", "224.0.0.1")]
    [True, False, False, False, False]
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        address = _embedded(address) or address
    reserved = address.is_reserved or (isinstance(address, IPv6Address) and address.is_site_local)
    return address.is_global and not address.is_multicast and not reserved


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to: mapped, by 6to4, by Teredo or by NAT64."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
