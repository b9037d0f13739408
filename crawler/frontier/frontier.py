"""The targets that the workers of a run share: one stream for each site, with a consumer group that delivers them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.frontier.keys import Keys
    from crawler.frontier.link import Link

GROUP = "workers"
_FIELD = "target"
TRUSTED = 2
"""How many workers a message may have been given to before it is a suspect of having ended them."""
_LOOKED_AT = 10_000
Id: TypeAlias = tuple[int, str]
"""A message: its stream, from 1, and its number in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A target that a worker has come upon."""

    url: str
    depth: int = 0
    site: str = ""
    """Whose stream it belongs to; none for a target that is done."""
    rank: int = 0
    """Above 0 for one that is held back until nothing of a lower rank is left."""
    asked: bool = False
    """True for one that is done, was held back at most, and counts against the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A target that is this worker's to ask for."""

    id: Id
    url: str
    depth: int
    deliveries: int = 1
    """How many workers it was given to, this one included."""

    @property
    def is_suspect(self) -> bool:
        """True where it may be what has ended its workers."""
        return self.deliveries > TRUSTED + 1


class Frontier:
    """What a worker asks of Redis. Every method raises FrontierLost and FrontierUnavailable.

    A message stays with its worker until the target's row is in the store; then it is taken out. So the streams hold
    every target that was discovered and is not done, and with empty streams nobody is at work.
    """

    def __init__(self, link: Link, keys: Keys, worker: str, limit: int | None, claim_seconds: float) -> None:
        self._link = link
        self._keys = keys
        self._worker = worker
        self._limit = -1 if limit is None else limit
        self._claim_ms = int(claim_seconds * 1000)
        self._epoch = ""
        self._begun = ""
        """The epoch that this worker was last told to begin."""

    async def begin(self, arguments: str) -> tuple[str, bool]:
        """Join the frontier, or make it; return the arguments of the worker that made it.

        And whether it is for this worker to put there what the run begins with: it is for the first one, and for
        another where that one is gone before it was done.
        """
        names = ("seeding", "arguments", "seeded", "workers", "refused", "seen", "told", "held", "asked")
        given = (secrets.token_hex(8), self._worker, arguments, self._claim_ms)
        self._epoch, known, begins = await self._link.run("begin", self._named(names), *given)
        return known, self._is_to_begin(begins)

    async def note(self, told: Sequence[str], discovered: Iterable[Discovered]) -> None:
        """Note URLs whose items are told in full, and targets: each new one goes where it belongs."""
        entries = _flat(map(self._entry, discovered))
        await self._run("note", ("seen", "told", "held", "asked"), self._limit, len(told), *told, *entries)

    async def read(self, sites: Sequence[str], most: int, wait_ms: int | None) -> list[Message]:
        """Return new messages of some sites, at most so many of each; wait for the first one so long, if at all."""
        streams = {self._keys.stream(site): ">" for site in sites}
        redis: Any = self._link.redis
        found = await self._link.ask(lambda: redis.xreadgroup(GROUP, self._worker, streams, count=most, block=wait_ms))
        return [self._message(stream, *told) for stream, batch in found or () for told in batch]

    async def done(self, ids: Iterable[Id]) -> None:
        """Take messages out whose targets are in the store."""
        await self._run("done", (), *_flat(ids))

    async def renew(self, ids: Iterable[Id]) -> tuple[bool, list[Id]]:
        """Say that this worker lives and has these messages; return those that it has no longer.

        And before them, whether it is for this worker to begin the run by now.
        """
        names = ("seeding", "arguments", "seeded", "workers", "seen", "told", "held", "asked")
        begins, *lost = await self._run("renew", names, self._worker, self._claim_ms, *_flat(ids))
        return self._is_to_begin(begins), list(zip(map(int, lost[::2]), lost[1::2], strict=True))

    async def claim(self, most: int, *, one_suspect: bool) -> list[Message]:
        """Take over messages of workers that have said nothing for the claim time, at most so many.

        One that has ended several workers, or was in their hands with one that has, is a suspect: of these no more than
        one is taken, if `one_suspect`, so that the next one ends nobody but the guilty.
        """
        taken: list[Message] = []
        for stream in self._keys.streams:
            if most > len(taken):
                found = await self._claim(stream, most - len(taken), one_suspect=one_suspect)
                one_suspect = one_suspect and not any(each.is_suspect for each in found)
                taken += found
        return taken

    async def give_back(self, ids: Iterable[Id]) -> None:
        """Leave the frontier, and these messages to the others."""
        await self._run("give_back", ("workers", "seeding"), self._worker, *_flat(ids))

    async def advance(self) -> int:
        """Ask what is next, for a worker with nothing left: above 0, read again; 0: wait for others; -1: the end."""
        names = ("seeding", "seeded", "told", "held", "asked")
        return int(await self._run("advance", names, self._worker, self._limit))

    async def _claim(self, stream: str, most: int, *, one_suspect: bool) -> list[Message]:
        redis: Any = self._link.redis
        silent = await self._link.ask(
            lambda: redis.xpending_range(stream, GROUP, "-", "+", _LOOKED_AT, idle=self._claim_ms)
        )
        deliveries: dict[str, int] = {}
        for each in silent:
            suspect = each["times_delivered"] > TRUSTED
            if len(deliveries) < most and (one_suspect or not suspect):
                deliveries[each["message_id"]] = each["times_delivered"]
                one_suspect = one_suspect and not suspect
        if not deliveries:
            return []
        taken = await self._link.ask(lambda: redis.xclaim(stream, GROUP, self._worker, self._claim_ms, [*deliveries]))
        return [self._message(stream, number, fields, deliveries[number] + 1) for number, fields in taken]

    def _is_to_begin(self, begins: int) -> bool:
        """Tell whether a worker is told to begin that was not before: Redis says so as long as it is at that."""
        if not begins or self._begun == self._epoch:
            return False
        self._begun = self._epoch
        return True

    async def _run(self, script: str, names: Sequence[str], *given: str | float) -> Any:  # noqa: ANN401 - Redis's
        """Run a script: its first key is the epoch, its last ones are the streams, and it first gets the epoch."""
        return await self._link.run(script, self._named(names), self._epoch, *given)

    def _named(self, names: Sequence[str]) -> list[str]:
        return [self._keys("epoch"), *map(self._keys, names), *self._keys.streams]

    def _entry(self, each: Discovered) -> tuple[str, str, int, int]:
        stream = self._keys.sites.index(each.site) + 1 if each.site else -each.asked
        message = orjson.dumps({"url": each.url, "depth": each.depth, "stream": stream}).decode()
        return each.url, message, stream, each.rank

    def _message(self, stream: str, number: str, fields: dict[str, str], deliveries: int = 1) -> Message:
        target = orjson.loads(fields[_FIELD])
        index = self._keys.streams.index(stream) + 1
        return Message(id=(index, number), url=target["url"], depth=target["depth"], deliveries=deliveries)


def _flat(rows: Iterable[tuple[int | str, ...]]) -> list[int | str]:
    return [*chain.from_iterable(rows)]
