"""The end of a run that several workers share: one of them publishes it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from crawler.errors import CrawlerError, GateRefused
from crawler.frontier.keys import Keys
from crawler.frontier.link import Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_WAIT_SECONDS = 0.5
_PATIENCE_SECONDS = 10.0
"""How long Redis is waited for where the work is done without it."""
_log = logging.getLogger(__name__)


@asynccontextmanager
async def one_at_a_time(link: Link, keys: Keys, worker: str, claim_seconds: float) -> AsyncIterator[None]:
    """Hold the right to publish a run during the block; where the block ends well, the frontier is removed.

    Who holds it waits for the other workers to have left: what they have to say stands in the store then. One that has
    gone silent is not waited for. What the gate has refused in the hands of one is refused to the others, who would
    merge it again for that. Raises FrontierUnavailable before the block, and GateRefused.
    """
    lock, workers, refused = map(keys, ("publishing", "workers", "refused"))
    lead_ms = int(claim_seconds * 1000)
    redis = link.redis
    await link.ask(lambda: redis.zrem(workers, worker))
    while not await link.ask(lambda: redis.set(lock, worker, nx=True, px=lead_ms)):  # noqa: ASYNC110 - another process
        await asyncio.sleep(_WAIT_SECONDS)
    renewing = asyncio.ensure_future(_renew(link, lock, lead_ms))
    published = False
    try:
        while await _others(link, workers, lead_ms):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(_WAIT_SECONDS)
        await _not_refused(link, refused)
        yield
        published = True
    except GateRefused as error:
        why = str(error)
        await _if_there(link, lambda: link.run("refuse", [refused], why))
        raise
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)  # the commit has the last word, whoever else publishes
        await _if_there(link, lambda: remove(link, keys) if published else redis.delete(lock))


async def forget(url: str, run_id: str) -> None:
    """Remove all that there is of a run in the Redis at an address, if that is there."""
    link = Link(url)
    try:
        await _if_there(link, lambda: remove(link, Keys(run_id, ())))
    finally:
        await link.close()


async def remove(link: Link, keys: Keys) -> None:
    """Remove all that there is of a run in Redis, at once: no worker sees a part of it."""
    redis = link.redis

    async def all_of_them() -> None:
        if found := [key async for key in redis.scan_iter(keys.pattern, count=1000)]:
            await redis.unlink(*found)

    await link.ask(all_of_them)


async def _if_there(link: Link, work: Callable[[], Awaitable[object]]) -> None:
    """Ask Redis for something that what came of the run does not hang on: its keys go by themselves in time."""
    link.patience = _PATIENCE_SECONDS
    try:
        await link.ask(work)
    except CrawlerError as error:
        _log.warning("Redis keeps what it has of the run for a week: %s", error.line)


async def _not_refused(link: Link, refused: str) -> None:
    """Raise GateRefused where another worker has left word of it."""
    if (why := await link.ask(lambda: link.redis.get(refused))) is not None:
        raise GateRefused(str(why), {}, None)


async def _others(link: Link, workers: str, lead_ms: int) -> int:
    """Return how many other workers have said that they live within the claim time."""
    seconds, microseconds = await link.ask(link.redis.time)
    since = seconds * 1000 + microseconds // 1000 - lead_ms
    return await link.ask(lambda: link.redis.zcount(workers, since, "+inf"))


async def _renew(link: Link, lock: str, lead_ms: int) -> None:
    while True:
        await asyncio.sleep(lead_ms / 3000)
        await link.ask(lambda: link.redis.pexpire(lock, lead_ms))
