"""Following references: from `row:name:name…` to the place in a raw row where the value stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from .scan import NO_ROW, row_number
from .values import MISSING, reference

if TYPE_CHECKING:
    from .raw import Json, Raw

Place: TypeAlias = "tuple[Json, int]"
"""A raw value and the number of the row that it stands in."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_ELEMENT_NAMES: Final = {"type": 1, "key": 2, "props": 3, "_owner": 4}


@dataclass(slots=True)
class _Walk:
    """A reference on its way: the names that are left, the next one last, and where it has come to."""

    link: str
    names: list[str]
    node: Json
    row: int


class Paths:
    """Follows references, each distinct one once.

    A reference may lead to another, and a name on its path may too: the walk waits on a list while that one is
    followed, not on the call stack, so that chains of any length end. One that comes back to itself leads nowhere.
    Every name of every distinct reference is looked up once: the bytes that spell the references bound the work.
    """

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._known: dict[str, Place] = {}

    def follow(self, link: str) -> Place:
        """Return the place a reference leads to: `MISSING` if to none, never another reference."""
        known = self._known
        place = known.get(link)
        if place is not None:
            return place
        row = row_number(link)
        if row != NO_ROW and not reference(node := self._raw.row(row)):
            known[link] = place = node, row
            return place
        walks = [self._start(link)]
        while walks:
            walk = walks[-1]
            onward = reference(walk.node)
            if onward:
                place = known.get(onward)
                if place is None:
                    walks.append(self._start(onward))
                else:
                    walk.node, walk.row = place
            elif walk.names:
                walk.node = _step(walk.node, walk.names.pop())
            else:
                known[walk.link] = walk.node, walk.row
                walks.pop()
        return known[link]

    def _start(self, link: str) -> _Walk:
        self._known[link] = MISSING, 0  # what it is worth to whoever needs it in order to find it: nothing
        head, *names = link.split(":")
        row = row_number(head)
        return _Walk(link, names[::-1], self._raw.row(row), row)


def _step(node: Json, name: str) -> Json:
    """Return the raw value of that name: an index of an array, a key of an object, a word for a part of an element.

    >>> [_step(["$", "p", None, {}], "props"), _step(["a"], "0"), _step({"k": 1}, "k"), _step({"k": 1}, "0")]
    [{}, 'a', 1, <Absent.MISSING: 'missing'>]
    """
    if type(node) is dict:
        return node.get(name, MISSING) if name != "__proto__" else MISSING
    if type(node) is not list:
        return MISSING
    if node and node[0] == "$":
        index = _ELEMENT_NAMES.get(name, len(node))
    else:
        index = int(name) if _INDEX.fullmatch(name) else len(node)
    return node[index] if index < len(node) else MISSING
