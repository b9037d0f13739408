"""What became of one record from one snapshot to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crawler.records.merge import UNDIGESTED

Row = dict[str, Any]
"""A record as decoded JSON."""


class Kind(StrEnum):
    """How a record changed."""

    ADDED = "added"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the changes."""

    key: str
    change: Kind
    fields: list[str] = field(default_factory=list)
    """Names of the fields that an update changed."""
    replaced_by: str | None = None
    """Key of the record that stands in the place of a withdrawn one."""


def compare(before: Row | None, after: Row | None) -> Change | None:
    """Take the rows of one key in two snapshots, None where there is none, and return the change, None for no change.

    Only content counts: a record that was merely seen again, or elsewhere, has not changed. A field that an older
    version of the schema lacks counts as empty, so a new column changes nothing until it has a value, whatever it does
    to the digests.

    >>> compare({"key": "doi:10.1/a", "digest": "1", "sex": "all"}, {"key": "doi:10.1/a", "digest": "2", "sex": None})
    Change(key='doi:10.1/a', change=<Kind.UPDATED: 'updated'>, fields=['sex'], replaced_by=None)
    """
    if before is None:
        return Change(key=after["key"], change=Kind.ADDED) if after else None
    if after is None:
        return Change(key=before["key"], change=Kind.WITHDRAWN)
    if before["digest"] == after["digest"]:
        return None
    names = (before.keys() | after.keys()) - UNDIGESTED
    changed = sorted(name for name in names if _content(before.get(name)) != _content(after.get(name)))
    return Change(key=after["key"], change=Kind.UPDATED, fields=changed) if changed else None


def _content(value: Any) -> Any:  # noqa: ANN401 - the value of any field
    """Return a value without what is empty in it, so that an absent field, None and [] are equal, nested ones too."""
    if isinstance(value, dict):
        return {name: held for name, inner in value.items() if (held := _content(inner)) is not None} or None
    if isinstance(value, list):
        return [_content(inner) for inner in value] or None
    return value
