"""The arguments of a spider (`-a NAME=VALUE`), checked before the crawl starts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from crawler.errors import UsageError
from crawler.export import layout
from crawler.items import State
from crawler.sites import datacite, reshare, ukds

if TYPE_CHECKING:
    from collections.abc import Callable

FOLLOWED = {"ukds": ukds.NAME, "reshare": reshare.NAME, "doi": datacite.NAME}
"""What `follow` accepts, and the site that each means."""
_NAMES = {"items": "slugs or uuids of the catalogue", "studies": "study numbers of the UK Data Service"}
"""Arguments that name targets, each of one spider."""
_MOST_DIGITS = 18
_LEAST_NO_STUDY = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a crawl was asked for; every argument has the text that the command line gave it."""

    limit: int | None = None
    items: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    follow: tuple[str, ...] = tuple(FOLLOWED.values())
    """Names of the sites whose links are followed."""
    run_id: str = field(default_factory=lambda: layout.new_run_id(datetime.now(UTC)))
    redrive: tuple[State, str | None] | None = None
    full: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the targets that a run is restricted to, if it is."""
        return self.items or self.studies

    @classmethod
    def parse(cls, given: dict[str, str], naming: str = "items") -> Self:
        """Return the arguments that the command line gave to a spider whose targets `naming` names.

        Raises UsageError naming the accepted ones.

        >>> Arguments.parse({"limit": "5", "items": "a, b"}).items
        ('a', 'b')
        >>> Arguments.parse({"limti": "5"})
        Traceback (most recent call last):
        crawler.errors.UsageError: unknown argument 'limti'; accepted are limit, items, follow, run_id, redrive, full
        """
        names = [each.name for each in fields(cls) if each.name == naming or each.name not in _NAMES]
        for name in given:
            if name not in names:
                raise UsageError(f"unknown argument {name!r}; accepted are {', '.join(names)}")
        if naming in given and "redrive" in given:
            raise UsageError(f"redrive and {naming} both name what is asked for; give one of them")
        return cls(**{name: _PARSERS[name](value) for name, value in given.items()})


def _is_number(text: str) -> bool:
    """Tell whether a text is a whole number of a length that Python reads at once."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _limit(value: str) -> int:
    if not (_is_number(value) and int(value) > 0):
        raise UsageError(f"limit={value!r} is no number of targets; give a whole number above 0")
    return int(value)


def _items(value: str) -> tuple[str, ...]:
    names = _listed(value)
    if not names:
        raise UsageError(f"items= names no item; give {_NAMES['items']} with commas between them")
    return names


def _studies(value: str) -> tuple[str, ...]:
    names = _listed(value)
    for name in names or [value]:
        if not (_is_number(name) and 0 < int(name) < _LEAST_NO_STUDY):
            raise UsageError(f"studies={name!r} is no study number; give {_NAMES['studies']} with commas between them")
    return names


def _follow(value: str) -> tuple[str, ...]:
    sources = _listed(value)
    for source in sources if sources != ("none",) else ():
        if source not in FOLLOWED:
            raise UsageError(
                f"follow={source!r} is no source to follow; accepted are {', '.join(FOLLOWED)}, or none alone"
            )
    return tuple(FOLLOWED[source] for source in sources if source != "none")


def _listed(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


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
    "studies": _studies,
    "follow": _follow,
    "run_id": layout.valid_run_id,
    "redrive": _redrive,
    "full": _full,
}
