"""Workers of one run, each with a real Redis as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crawler import sites
from crawler.frontier.frontier import Discovered, Frontier, Message
from crawler.frontier.keys import Keys
from crawler.frontier.link import Link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.servers.redis import RedisServer

SITES = tuple(site.NAME for site in sites.SITES)
KEYS = Keys("run", SITES)
CLAIM_SECONDS = 0.8
AS = "harmony follow=none"


class Workers:
    """Workers of one run, by name; `limit` holds for all of them."""

    def __init__(self, url: str, limit: int | None = None) -> None:
        self.link = Link(url)
        self._limit = limit

    def __call__(self, name: str) -> Frontier:
        return Frontier(self.link, KEYS, name, self._limit, CLAIM_SECONDS)

    async def begun(self, name: str = "a") -> Frontier:
        """Return a worker that has begun the run, and has found all that it begins with."""
        worker = self(name)
        assert await worker.begin(AS) == (AS, True)
        return worker


def play(redis: RedisServer, scene: Callable[[Workers], Awaitable[None]], limit: int | None = None) -> None:
    """Let workers do something, each with Redis as it is."""

    async def played() -> None:
        workers = Workers(redis.url, limit)
        try:
            await scene(workers)
        finally:
            await workers.link.close()

    asyncio.run(played())


def of(*urls: str, rank: int = 0, depth: int = 0, site: str = "harmony") -> list[Discovered]:
    return [Discovered(url=url, depth=depth, site=site, rank=rank) for url in urls]


async def read(worker: Frontier, *sites: str, most: int = 100) -> list[Message]:
    return await worker.read(sites or SITES, most, None)


def urls(messages: Sequence[Message]) -> list[str]:
    return [message.url for message in messages]


def ids(messages: Sequence[Message]) -> list[tuple[int, str]]:
    return [message.id for message in messages]
