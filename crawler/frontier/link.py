"""The connection to Redis: scripts by name, and patience with a server that is away."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import closing
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from redis import Redis as BlockingRedis
from redis import exceptions
from redis.asyncio import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from crawler.errors import FrontierLost, FrontierUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from redis.commands.core import AsyncScript

_log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).with_name("lua")
_TURNED_AWAY = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError)
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,  # it was the first of several, and another one is now
    exceptions.MasterDownError,
    exceptions.OutOfMemoryError,
    OSError,
)
_BUSY = ("BUSY", "MISCONF", "NOREPLICAS")
_LOST = ("LOST", "NOGROUP", "UNBLOCKED")
_OLDEST = (6, 2)
"""The version of Redis that has all commands which are used: XPENDING with IDLE is the last of them."""
OUTAGE_SECONDS = 600.0
"""How long a worker waits for Redis."""
_LONGEST_PAUSE = 2.0
_T = TypeVar("_T")


def probe(url: str) -> None:
    """Find out whether FRONTIER_URL leads to a Redis that workers can share.

    Raises UsageError where it does not, and FrontierUnavailable where no Redis is there within seconds.
    """
    shown = shown_of(valid_url(url))
    try:
        with closing(BlockingRedis.from_url(url, retry=Retry(ExponentialBackoff(cap=1, base=0.1), 10))) as redis:
            told = redis.info()
    except _TURNED_AWAY as error:
        raise UsageError(f"FRONTIER_URL: Redis at {shown} turns us away ({error}); mend user and password") from error
    except _AWAY as error:
        raise FrontierUnavailable(shown, str(error)) from error
    except (exceptions.RedisError, TypeError) as error:  # another server's answer, a parameter that nobody knows
        raise UsageError(f"FRONTIER_URL: Redis at {shown} cannot be used ({error})") from error
    if told.get("role") not in {None, "master"}:
        raise UsageError(f"FRONTIER_URL: Redis at {shown} is a replica; name the one that it follows")
    if told.get("redis_mode") == "cluster":
        raise UsageError(f"FRONTIER_URL: Redis at {shown} is a cluster; name one that is not")
    if tuple(map(int, str(told["redis_version"]).split(".")[:2])) < _OLDEST:
        raise UsageError(f"FRONTIER_URL: Redis at {shown} is of version {told['redis_version']}; 6.2 is the oldest")


def valid_url(url: str) -> str:
    """Return a setting of FRONTIER_URL that Redis can be found by; raises UsageError on any other.

    >>> valid_url("localhost:6379")
    Traceback (most recent call last):
    crawler.errors.UsageError: FRONTIER_URL is no address of Redis; give one such as redis://host:6379/0
    """
    try:
        BlockingRedis.from_url(url).close()
        shown_of(url)
    except ValueError:  # whose message may show a password
        raise UsageError("FRONTIER_URL is no address of Redis; give one such as redis://host:6379/0") from None
    return url


def shown_of(url: str) -> str:
    """Return what may be shown of an address: no user and no password.

    >>> shown_of("redis://:a-secret@cache.example:6380/0?password=another")
    'cache.example:6380'
    """
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path


class Link:
    """Asks Redis, and asks again while it is away.

    Raises FrontierLost where what a worker knows of is not there any more, FrontierUnavailable once Redis was away for
    `patience` seconds, UsageError where it turns us away.
    """

    def __init__(self, url: str, patience: float = OUTAGE_SECONDS) -> None:
        self._url = valid_url(url)
        self.patience = patience
        self._scripts: dict[str, AsyncScript] = {}
        self._told_away = False

    async def run(self, script: str, keys: Sequence[str], *arguments: str | float) -> Any:  # noqa: ANN401 - Redis's
        """Return the answer of the script of a name, the file of that name in `lua/`."""
        if script not in self._scripts:
            source = [(_SCRIPTS / f"{name}.lua").read_text() for name in ("prelude", script)]
            self._scripts[script] = self.redis.register_script("".join(source))
        return await self.ask(lambda: self._scripts[script](keys=keys, args=arguments))

    async def ask(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Return the answer to what `work` asks, which is asked again where there was none."""
        pause, since = 0.05, None  # others may be answered all the while, as readers are where memory has run out
        while True:
            try:
                answer = await work()
            except _TURNED_AWAY as error:
                raise UsageError(f"FRONTIER_URL: Redis at {shown_of(self._url)} turns us away ({error})") from error
            except (*_AWAY, exceptions.RedisError) as error:
                if str(error).startswith(_LOST):
                    self._note_return(since)
                    raise FrontierLost from error
                if not isinstance(error, _AWAY) and not str(error).startswith(_BUSY):
                    raise FrontierUnavailable(shown_of(self._url), str(error)) from error
                since = since or monotonic()
                self._note_absence(error, since)
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - spreads load, keeps no secret
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._note_return(since)
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

    def _note_absence(self, error: Exception, since: float) -> None:
        if not self._told_away:
            self._told_away = True
            _log.warning("Redis is away, and is waited for up to %g s: %s", self.patience, error)
        if monotonic() - since > self.patience:
            raise FrontierUnavailable(shown_of(self._url), str(error)) from error

    def _note_return(self, since: float | None) -> None:
        if since is not None and self._told_away:
            self._told_away = False
            _log.info("Redis is there again after %.1f s", monotonic() - since)
