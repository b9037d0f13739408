"""The values that Flight has and JSON lacks, and the strings beginning with `$` that stand for them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeGuard, final

if TYPE_CHECKING:
    from collections.abc import Callable


@final
class Sigil(str):
    """The `$` at the head of an element: equal to the text `$`, but not the same, for data may hold that too."""

    __slots__ = ()


ELEMENT: Final = Sigil("$")


def is_element(value: object) -> TypeGuard[list[object]]:
    """Say whether a decoded value is a React element: the list `[ELEMENT, type, key, props]`.

    >>> is_element([ELEMENT, "p", None, {}]), is_element(["$", "US", None, {}])
    (True, False)
    """
    return type(value) is list and len(value) > 0 and value[0] is ELEMENT


@dataclass(frozen=True, slots=True)
class Symbol:
    """A JavaScript `Symbol.for(name)`, such as `react.fragment`."""

    name: str


@dataclass(frozen=True, slots=True)
class Module:
    """A component that the browser would load: the id of its module, and the name that it is exported by."""

    id: str | int
    name: str


@dataclass(frozen=True, slots=True)
class ServerFunction:
    """A function on the server that the page may call by this id; never called here."""

    id: str


@dataclass(frozen=True, slots=True)
class RemoteError:
    """An error on the server, in place of the value it should have made; production sends the digest alone."""

    digest: str = ""
    message: str = ""


class Absent(Enum):
    """No value: `undefined`, which is sound, or missing, which is a problem."""

    UNDEFINED = "undefined"
    MISSING = "missing"


UNDEFINED: Final = Absent.UNDEFINED
MISSING: Final = Absent.MISSING

_INTEGER = re.compile(r"-?[0-9]+")
_HEX_DIGITS = frozenset("0123456789abcdef")
_WRAPPERS = frozenset("L@")


def reference(text: object) -> str:
    """Return where a raw value points to, as `row:name:name…`, or "" if it does not stand for something elsewhere.

    Lazy values and promises are the value that they lead to.

    >>> [reference(text) for text in ("$1f", "$0:f:0", "$L1f", "$@1f", "$$1f", "$Q1f", "1f")]
    ['1f', '0:f:0', '1f', '1f', '', '', '']
    """
    if type(text) is not str or text[:1] != "$":
        return ""
    kind = text[1:2]
    if kind in _HEX_DIGITS:
        return text[1:]
    return text[2:] if kind in _WRAPPERS else ""


def plain(text: str) -> str:
    """Return the text that a string of a model row is, which has a `$` in front of its own.

    >>> plain("$$15"), plain("15")
    ('$15', '15')
    """
    return text[1:] if text[:2] == "$$" else text


def scalar(text: str) -> object:
    """Return what a `$` string stands for on its own; `MISSING` for one that means nothing to any release of React.

    >>> scalar("$$15"), scalar("$n-12"), scalar("$undefined"), scalar("$x1")
    ('$15', -12, <Absent.UNDEFINED: 'undefined'>, <Absent.MISSING: 'missing'>)
    """
    read = _SCALARS.get(text[1:2])
    return MISSING if read is None else read(text)


def _date(text: str) -> object:
    """Return a date as an aware datetime, or as its text where Python has no such year: 0, -1, 275760.

    >>> _date("$D2021-03-04T05:06:07.089Z"), _date("$D+275760-09-13T00:00:00.000Z")
    (datetime.datetime(2021, 3, 4, 5, 6, 7, 89000, tzinfo=datetime.timezone.utc), '+275760-09-13T00:00:00.000Z')
    """
    try:
        moment = datetime.fromisoformat(text[2:])
    except ValueError:
        return text[2:]
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _big_integer(text: str) -> object:
    """Return a BigInt; `MISSING` for one that is none, or longer than Python converts in linear time.

    >>> _big_integer("$n18446744073709551616"), _big_integer("$n1_0")
    (18446744073709551616, <Absent.MISSING: 'missing'>)
    """
    if not _INTEGER.fullmatch(text, 2):
        return MISSING
    try:
        return int(text[2:])
    except ValueError:
        return MISSING


# The clients look at the second character alone: `$I…` is Infinity. Undefined are also what only the browser could know
# (`$T`), what is no data (`$H`, `$w`, a promise without a row `$@`), and what development servers want evaluated
# (`$E`, `$P`, `$Y`), which nothing here ever is.
_SCALARS: Final[dict[str, Callable[[str], object]]] = {
    "": lambda text: text,
    "$": plain,
    "D": _date,
    "n": _big_integer,
    "S": lambda text: Symbol(text[2:]),
    "Z": lambda _: RemoteError(),
    "I": lambda _: math.inf,
    "-": lambda text: -0.0 if text == "$-0" else -math.inf,
    "N": lambda _: math.nan,
    **dict.fromkeys("uTHw@EPY", lambda _: UNDEFINED),
}
