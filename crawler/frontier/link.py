"""The connection to Redis: scripts by name, and patience with a server that is away."""

from __future__ import annotations

import asyncio
import logging
import random
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from redis import exceptions
from redis.asyncio import Redis

from crawler.errors import FrontierLost, FrontierUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from redis.commands.core import AsyncScript

_log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).with_name("lua")
_SCHEMES = {"redis", "rediss", "unix"}
_AWAY = (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.BusyLoadingError, OSError)
_LOST = ("LOST", "NOGROUP", "UNBLOCKED")
OUTAGE_SECONDS = 600.0
"""How long a worker waits for Redis."""
_LONGEST_PAUSE = 2.0
_T = TypeVar("_T")


def valid_url(url: str) -> str:
    """Return a setting of FRONTIER_URL that Redis can be found by; raises UsageError on any other.

    >>> valid_url("localhost:6379")
    Traceback (most recent call last):
    crawler.errors.UsageError: FRONTIER_URL='localhost:6379' is no address of Redis; give redis://host:port/0
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
        shown = url.rpartition("@")[2]  # what stands before it may be a password
        raise UsageError(f"FRONTIER_URL={shown!r} is no address of Redis; give redis://host:port/0")
    return url


class Link:
    """Asks Redis, and asks again while it is away.

    Raises FrontierLost where what a worker knows of is not there any more, FrontierUnavailable once Redis was away for
    `outage` seconds.
    """

    def __init__(self, url: str, outage: float = OUTAGE_SECONDS) -> None:
        self._url = valid_url(url)
        self._outage = outage
        self._scripts: dict[str, AsyncScript] = {}
        self._away_since: float | None = None

    async def run(self, script: str, keys: Sequence[str], *arguments: str | float) -> Any:  # noqa: ANN401 - Redis's
        """Return the answer of the script of a name, the file of that name in `lua/`."""
        if script not in self._scripts:
            source = [(_SCRIPTS / f"{name}.lua").read_text() for name in ("lost", script)]
            self._scripts[script] = self.redis.register_script("".join(source))
        return await self.ask(lambda: self._scripts[script](keys=keys, args=arguments))

    async def ask(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Return the answer to what `work` asks, which is asked again where there was none."""
        pause = 0.05
        while True:
            try:
                answer = await work()
            except exceptions.ResponseError as error:
                if str(error).startswith(_LOST):
                    raise FrontierLost from error
                raise FrontierUnavailable(self._shown, str(error)) from error
            except _AWAY as error:
                self._note_absence(error)
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - spreads load, keeps no secret
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                if self._away_since is not None:
                    _log.info("Redis is there again after %.1f s", monotonic() - self._away_since)
                    self._away_since = None
                return answer

    async def close(self) -> None:
        """Close the connection, if there was one."""
        if "redis" in self.__dict__:
            await self.redis.aclose()

    @cached_property
    def redis(self) -> Redis:
        """Redis itself; what it raises is for `ask` to take in."""
        redis: Redis = Redis.from_url(self._url, decode_responses=True)
        return redis

    @property
    def _shown(self) -> str:
        return self._url.rpartition("@")[2]

    def _note_absence(self, error: Exception) -> None:
        if self._away_since is None:
            self._away_since = monotonic()
            _log.warning("Redis is away, and is waited for up to %g s: %s", self._outage, error)
        if monotonic() - self._away_since > self._outage:
            raise FrontierUnavailable(self._shown, str(error)) from error
