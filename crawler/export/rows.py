"""Decoded JSON back to dataclass items, for whatever the export wrote itself."""

from __future__ import annotations

from dataclasses import is_dataclass
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

    Convert = Callable[[Any], Any]

Item = TypeVar("Item")
Row = dict[str, Any]
"""One item as decoded JSON."""


def from_row(cls: type[Item], row: Row) -> Item:
    """Return the dataclass item of a row, nested items and enums included; the row's own values are replaced by them.

    Raises TypeError on a field that the class lacks or that the row lacks, ValueError on an unknown enum value: what
    was written by another version is refused rather than half understood.

    >>> from crawler.items import State, Target
    >>> from_row(Target, {"url": "https://example.org/", "state": "stored"}).state is State.STORED
    True
    """
    kind: type = cls
    for name, convert in _conversions(kind).items():
        if name in row:
            row[name] = convert(row[name])
    return cls(**row)


@cache
def _conversions(cls: type) -> dict[str, Convert]:
    """Return what to do with the fields of a class that plain JSON does not already hold as they are."""
    found = {name: _conversion(hint) for name, hint in get_type_hints(cls).items()}
    return {name: convert for name, convert in found.items() if convert}


def _conversion(hint: Any) -> Convert | None:  # noqa: ANN401 - a type hint has no narrower type
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if is_dataclass(hint) and isinstance(hint, type):
        return partial(from_row, hint) if _conversions(hint) else lambda row: hint(**row)
    inner = [convert for part in get_args(hint) if (convert := _conversion(part))]
    if not inner:
        return None
    return partial(_each if get_origin(hint) is list else _present, inner[0])


def _each(convert: Convert, values: list[Any]) -> list[Any]:
    return [convert(value) for value in values]


def _present(convert: Convert, value: object) -> object:
    return None if value is None else convert(value)
