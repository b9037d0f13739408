"""The arguments of a spider (`-a NAME=VALUE`), checked before the crawl starts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from crawler.errors import UsageError
from crawler.export import layout
from crawler.items import State

if TYPE_CHECKING:
    from collections.abc import Callable

FOLLOWED: tuple[str, ...] = ()
"""Sources that `follow` accepts: those whose links this version follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a crawl was asked for; every argument has the text that the command line gave it."""

    limit: int | None = None
    items: tuple[str, ...] = ()
    follow: tuple[str, ...] = FOLLOWED
    run_id: str = field(default_factory=lambda: layout.new_run_id(datetime.now(UTC)))
    redrive: tuple[State, str | None] | None = None
    full: bool = False

    @classmethod
    def parse(cls, given: dict[str, str]) -> Self:
        """Return the arguments that the command line gave; raises UsageError naming the accepted ones.

        >>> Arguments.parse({"limit": "5", "items": "a, b"}).items
        ('a', 'b')
        >>> Arguments.parse({"limti": "5"})
        Traceback (most recent call last):
        crawler.errors.UsageError: unknown argument 'limti'; accepted are limit, items, follow, run_id, redrive, full
        """
        names = [each.name for each in fields(cls)]
        for name in given:
            if name not in names:
                raise UsageError(f"unknown argument {name!r}; accepted are {', '.join(names)}")
        return cls(**{name: _PARSERS[name](value) for name, value in given.items()})


def _limit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise UsageError(f"limit={value!r} is no number of targets; give a whole number above 0")
    return int(value)


def _items(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if not names:
        raise UsageError("items= names no item; give slugs or uuids of the catalogue with commas between them")
    return names


def _follow(value: str) -> tuple[str, ...]:
    sources = tuple(name.strip() for name in value.split(",") if name.strip() != "none")
    for source in sources:
        if source not in FOLLOWED:
            raise UsageError(f"follow={source!r} is no source that this version follows; accepted is none")
    return sources


def _redrive(value: str) -> tuple[State, str | None]:
    state, _, run_id = value.partition(":")
    if state not in set(State):
        raise UsageError(f"redrive={state!r} is no state of the ledger; accepted are {', '.join(State)}")
    return State(state), layout.valid_run_id(run_id) if run_id else None


def _full(value: str) -> bool:
    if value not in {"0", "1"}:
        raise UsageError(f"full={value!r} is neither 0 nor 1")
    return value == "1"


_PARSERS: dict[str, Callable[[str], Any]] = {
    "limit": _limit,
    "items": _items,
    "follow": _follow,
    "run_id": layout.valid_run_id,
    "redrive": _redrive,
    "full": _full,
}
