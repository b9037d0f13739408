"""Which addresses a crawl connects to."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, NotConfigured
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.errors import HostRefused
from crawler.middlewares.hosts import AddressMiddleware, is_public

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address

PAGE = Request("https://a.example/1")
PUBLIC = "93.184.215.14"


PRIVATE = """
127.0.0.1 127.1.2.3 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0.1.2.3 100.64.0.1
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 192.0.0.1
:: ::1 fe80::1 fe80::1%lo fec0::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 100::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::10.0.0.1 2002:7f00:1:: 2001:0:5db8:d70e::80ff:fffe
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07::1", "::ffff:93.184.215.14", "64:ff9b::93.184.215.14"])
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(address)


def requested(middleware: AddressMiddleware, urls: Iterable[str], **meta: str) -> None:
    async def request() -> None:
        await asyncio.gather(*(middleware.process_request(Request(url, meta=meta)) for url in urls))

    asyncio.run(request())


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("inside.example", ["10.0.0.1"]),
        ("both.example", [PUBLIC, "::1"]),
        *((host, None) for host in ("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0")),
    ],
)
def test_a_host_with_a_private_address_is_refused(host: str, addresses: list[str] | None) -> None:
    async def resolve(host: str) -> list[str]:
        return addresses or [socket.inet_ntoa(socket.inet_aton(host))]  # as the system reads numbers

    with pytest.raises(HostRefused, match=r"is no public address"):
        requested(AddressMiddleware(resolve), [f"https://{host}/"])
    requested(AddressMiddleware(resolve), [f"https://{host}/"], proxy="http://proxy:3128")


def test_a_host_is_looked_up_once_and_again_where_that_failed() -> None:
    asked: list[str] = []

    async def resolve(host: str) -> list[str]:
        asked.append(host)
        await asyncio.sleep(0)
        if len(asked) == 1:
            raise OSError("no such host")
        return [PUBLIC]

    middleware = AddressMiddleware(resolve)
    with pytest.raises(CannotResolveHostError, match="no such host"):
        requested(middleware, ["https://a.example/1"])
    requested(middleware, [f"https://a.example/{number}" for number in range(5)])
    assert asked == ["a.example"] * 2


def test_an_answer_from_a_private_address_is_not_taken() -> None:
    middleware = AddressMiddleware()
    answers = [Response(PAGE.url, ip_address=cast("IPv4Address", address)) for address in (None, PUBLIC, "10.0.0.1")]
    for answer in answers[:2]:
        assert middleware.process_response(PAGE, answer) is answer
    with pytest.raises(HostRefused):
        middleware.process_response(PAGE, answers[2])


def test_addresses_are_looked_at_where_there_is_no_mirror() -> None:
    with pytest.raises(NotConfigured):
        AddressMiddleware.from_crawler(get_crawler(settings_dict={"MIRROR": "http://127.0.0.1:8765/"}))
    assert isinstance(AddressMiddleware.from_crawler(get_crawler()), AddressMiddleware)
