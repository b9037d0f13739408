"""The end of a run that several workers share: one of them publishes it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from crawler.frontier.keys import Keys
from crawler.frontier.link import Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_WAIT_SECONDS = 0.5
_PATIENCE_SECONDS = 10.0
"""How long a command waits for Redis that has done its work without it."""


@asynccontextmanager
async def one_at_a_time(link: Link, keys: Keys, worker: str, claim_seconds: float) -> AsyncIterator[None]:
    """Hold the right to publish a run during the block; where the block ends well, the frontier is removed.

    Who holds it waits for the other workers to have left: what they have to say stands in the store then. One that has
    gone silent is not waited for. Raises FrontierUnavailable.
    """
    lock, workers = keys("publishing"), keys("workers")
    lead_ms = int(claim_seconds * 1000)
    redis = link.redis
    await link.ask(lambda: redis.zrem(workers, worker))
    while not await link.ask(lambda: redis.set(lock, worker, nx=True, px=lead_ms)):  # noqa: ASYNC110 - another process
        await asyncio.sleep(_WAIT_SECONDS)
    renewing = asyncio.ensure_future(_renew(link, lock, lead_ms))
    try:
        while await _others(link, workers, lead_ms):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(_WAIT_SECONDS)
        yield
    except BaseException:
        await link.ask(lambda: redis.delete(lock))
        raise
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
    await remove(link, keys)


async def forget(url: str, run_id: str) -> None:
    """Remove all that there is of a run in the Redis at an address; raises UsageError and FrontierUnavailable."""
    link = Link(url, _PATIENCE_SECONDS)
    try:
        await remove(link, Keys(run_id, ()))
    finally:
        await link.close()


async def remove(link: Link, keys: Keys) -> None:
    """Remove all that there is of a run in Redis, at once: no worker sees a part of it."""
    redis = link.redis

    async def all_of_them() -> None:
        if found := [key async for key in redis.scan_iter(keys.pattern, count=1000)]:
            await redis.unlink(*found)

    await link.ask(all_of_them)


async def _others(link: Link, workers: str, lead_ms: int) -> int:
    """Return how many other workers have said that they live within the claim time."""
    seconds, microseconds = await link.ask(link.redis.time)
    since = seconds * 1000 + microseconds // 1000 - lead_ms
    return await link.ask(lambda: link.redis.zcount(workers, since, "+inf"))


async def _renew(link: Link, lock: str, lead_ms: int) -> None:
    while True:
        await asyncio.sleep(lead_ms / 3000)
        await link.ask(lambda: link.redis.pexpire(lock, lead_ms))
