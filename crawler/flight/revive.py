"""Reviving: from raw rows to values. Every raw array and object is revived at most once, into one list or dict.

So what was one object on the server is one object again, a cycle is a cycle, and a graph in which everything is shared
takes no more room than its rows. Containers wait on a work list, never on the call stack: each is there as soon as
somebody points to it, as a copy of the raw one, and what it holds is revived in its turn. One that holds nothing to be
revived, as most do, is its own value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .paths import Paths
from .scan import note
from .values import ELEMENT, MISSING, UNDEFINED, RemoteError, ServerFunction, plain, reference, scalar

if TYPE_CHECKING:
    from .raw import Json, Raw

# Kinds whose value is made of the row they name: Map, Set, FormData, iterator, Blob, server function (old and new).
_OUTLINED = frozenset("QWKiBFh")
_CONTAINERS = frozenset("QWKi")
_UNHASHABLE: Final = object()
_HASHABLE_BITS: Final = 64


class Reviver:
    """Turns raw values of one stream into values; a reference to nothing is undefined, and a problem."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self.paths = Paths(raw)
        self._made: dict[int, Json] = {}  # by id of the raw container, which `raw` keeps alive
        self._maps: dict[int, Json] = {}  # likewise
        self._read: dict[str, object] = {}
        self._work: list[tuple[Json, Json, int]] = []
        self._noted: set[tuple[int, str]] = set()
        self._blob_bytes = len(raw.body)

    def value(self, raw: Json, row: int) -> object:
        """Return the value of a raw value that stands in that row; `UNDEFINED` for undefined, at this level only."""
        value = self._string(raw, row) if type(raw) is str else self._item(raw, row)
        work = self._work
        while work:
            source, target, row = work.pop()
            if type(target) is list:
                self._fill_list(target, row)
            elif type(source) is dict:
                self._fill_object(source, target, row)
            else:
                self._fill_map(source, target, row)
        return value

    def _fill_object(self, source: dict[str, Json], target: dict[str, Json], row: int) -> None:
        for key, value in source.items():
            kind = type(value)
            if kind is str:
                if value[:1] == "$":
                    revived = UNDEFINED if value == "$undefined" else self._string(value, row)
                    if revived is UNDEFINED:
                        del target[key]
                    else:
                        target[key] = revived
            elif (kind is dict or kind is list) and value and not _is_plain(value):
                target[key] = self._copy(value, row)
        target.pop("__proto__", None)

    def _fill_list(self, target: list[Json], row: int) -> None:
        start = 0
        if target[0] == "$":
            target[0] = ELEMENT
            target[1:2] = [self._type(value, row) for value in target[1:2]]
            del target[4:]  # development adds owner, stack and more
            start = 2
        for index, value in enumerate(target[start:], start):
            kind = type(value)
            if kind is dict or kind is list:
                if not _is_plain(value):
                    target[index] = self._copy(value, row)
            elif kind is str and value[:1] == "$":
                target[index] = self._item(value, row)

    def _fill_map(self, source: list[tuple[Json, Json]], target: dict[Json, Json], row: int) -> None:
        for key, value in source:
            target[self._key(key, row)] = self._item(value, row)

    def _item(self, raw: Json, row: int) -> object:
        """Return the value of one raw value, whose contents may still be waiting; None for undefined."""
        kind = type(raw)
        if kind is dict or kind is list:
            return self._container(raw, row)
        if kind is not str or raw[:1] != "$":
            return raw
        value = self._string(raw, row)
        return None if value is UNDEFINED else value

    def _type(self, raw: Json, row: int) -> object:
        """Return an element's type; None, and no problem, for a component that the page did not bring along."""
        known = type(raw) is not str or raw[:1] != "$" or self._special(raw) is not MISSING
        return self._item(raw, row) if known else None

    def _container(self, raw: Json, row: int) -> Json:
        return raw if _is_plain(raw) else self._copy(raw, row)

    def _copy(self, raw: Json, row: int) -> Json:
        made = self._made.get(id(raw))
        if made is None:
            made = self._made[id(raw)] = raw.copy()
            self._work.append((raw, made, row))
        return made

    def _string(self, text: str, row: int) -> object:
        """Return what a string stands for; `UNDEFINED`, and a problem, where that is nothing."""
        value = self._read.get(text, MISSING)
        if value is MISSING:
            value = self._special(text) if text[:1] == "$" else text
        if value is not MISSING:
            return value
        if (row, text) not in self._noted:
            self._noted.add((row, text))
            note(self._raw.scan.problems, row, self._raw.start(row), f"{text[:40]} stands for nothing")
        return UNDEFINED

    def _special(self, text: str) -> object:
        """Return what a `$` string stands for, the same object for the same string."""
        if text in self._read:
            return self._read[text]
        link = reference(text)
        node, row = self.paths.follow(link) if link else (text, 0)
        if type(node) is dict or type(node) is list:
            value: object = self._container(node, row)
        elif type(node) is not str or node[:1] != "$":
            value = node
        elif link:
            value = self._special(node)  # once at most: a followed reference ends at something else
        elif text[1:2] in _OUTLINED:
            value = self._outlined(text)
        else:
            value = scalar(text)
        self._read[text] = value
        return value

    def _outlined(self, text: str) -> object:
        node, row = self.paths.follow(text[2:])
        match text[1], node:
            case _, RemoteError():
                return node
            case "Q", list():
                return self._map(node, row)
            case "B", list():
                return self._blob(node)
            case "F" | "h", {"id": str(name)}:
                return ServerFunction(plain(name))
            case "W" | "K" | "i", list():
                return self._container(node, row)
        return MISSING

    def _map(self, entries: list[Json], row: int) -> object:
        """Return a Map as a dict, or as a list of pairs where a dict would not take a key or would lose one.

        JavaScript takes an array for a key, and keeps `1`, `1n` and `true` apart.
        """
        made = self._maps.get(id(entries))
        if made is None:
            pairs = [self._pair(entry) for entry in entries]
            keys = [self._key(pair[0], row) for pair in pairs if pair]
            if len(keys) < len(entries):
                made = MISSING
            elif _UNHASHABLE in keys or len(set(keys)) < len(keys):
                made = self._container(entries, row)
            else:
                made = dict.fromkeys(keys)
                self._work.append((pairs, made, row))
            self._maps[id(entries)] = made
        return made

    def _pair(self, entry: Json) -> tuple[Json, Json] | None:
        if type(entry) is str:
            entry = self.paths.follow(reference(entry))[0]
        if type(entry) is not list:
            return None
        return entry[0] if entry else "$u", entry[1] if len(entry) > 1 else "$u"

    def _key(self, raw: Json, row: int) -> object:
        """Return the value of a Map's key; `_UNHASHABLE` for what will be a list or a dict, which is not made here.

        An integer beyond 64 bits is not taken either: such keys can be chosen to collide.
        """
        node = raw
        if type(raw) is str and raw[:1] == "$":
            link = reference(raw)
            node = self.paths.follow(link)[0] if link else raw
            if type(node) is str and node[:1] == "$" and node[1:2] in _CONTAINERS:
                return _UNHASHABLE
        if type(node) is dict or type(node) is list:
            return _UNHASHABLE
        key = self._item(raw, row)
        return _UNHASHABLE if isinstance(key, int) and key.bit_length() > _HASHABLE_BITS else key

    def _blob(self, parts: list[Json]) -> object:
        """Return the bytes of a Blob; `MISSING` once all Blobs together are longer than the stream can make them."""
        chunks = []
        for part in parts[1:]:
            chunk = self.paths.follow(reference(part))[0] if type(part) is str else MISSING
            if type(chunk) is not bytes or len(chunk) > self._blob_bytes:
                return MISSING
            self._blob_bytes -= len(chunk)
            chunks.append(chunk)
        return b"".join(chunks)


def _is_plain(raw: Json) -> bool:
    """Say whether a raw container is its own value: it holds no other one, and no string that may stand for something.

    >>> [_is_plain(raw) for raw in ({"a": 1}, ["b", None], [], {"a": "$1"}, {"a": {}}, {"__proto__": 1})]
    [True, True, True, False, False, False]
    """
    for value in raw.values() if type(raw) is dict else raw:
        kind = type(value)
        if kind is str:
            if value[:1] == "$":
                return False
        elif kind is dict or kind is list:
            return False
    return type(raw) is list or "__proto__" not in raw
