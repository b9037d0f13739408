"""The rows of a stream as JSON, each parsed when it is first asked for and never changed afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeAlias

import orjson

from .scan import ERROR, MODEL, MODULE, POSTPONED, TEXT, note, row_number
from .values import MISSING, Module, RemoteError, plain, reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scan import Scan, Segment

Json: TypeAlias = Any

_JSON_TAGS = (MODEL, MODULE, ERROR)


class Raw:
    """The segments of a scanned stream in the grammar of a model row: JSON in which some strings begin with `$`.

    Text that begins with `$` has another one in front, as JSON would have it; binary rows are bytes; a module and an
    error are what they stand for.
    """

    def __init__(self, body: bytes, found: Scan) -> None:
        self.body = body
        self.scan = found
        self._segments: dict[int, Json] = {}
        self._streams: dict[int, list[Json]] = {}

    def row(self, row: int) -> Json:
        """Return a row's raw value, a list for a stream; `MISSING` where there is no sound row of this number."""
        numbers = self.scan.items.get(row)
        if numbers is None:
            number = self.scan.first.get(row)
            return MISSING if number is None else self.segment(number)
        if row not in self._streams:
            items = map(self.segment, numbers)
            self._streams[row] = ["$undefined" if item is MISSING else item for item in items]
        return self._streams[row]

    def segment(self, number: int) -> Json:
        """Return a segment's raw value; `MISSING`, with a problem, if it is malformed."""
        if number not in self._segments:
            segment = self.scan.segments[number]
            self._segments[number] = self._READERS.get(segment[1], Raw._bytes)(self, segment)
        return self._segments[number]

    def start(self, row: int) -> int:
        """Return where in the stream the body of a row starts."""
        return self.scan.segments[self.scan.first[row]][2]

    def parse(self) -> None:
        """Parse what is JSON and was not asked for yet, so that every malformed row is known."""
        for number, (_, tag, _, _) in enumerate(self.scan.segments):
            if tag in _JSON_TAGS:
                self.segment(number)

    def _bytes(self, segment: Segment) -> bytes:
        return self.body[segment[2] : segment[3]]

    def _text(self, segment: Segment) -> str:
        text = str(self.body[segment[2] : segment[3]], "utf-8", "replace")
        return "$" + text if text[:1] == "$" else text

    def _json(self, segment: Segment) -> Json:
        row, _, start, end = segment
        try:
            return parse(self.body[start:end])
        except (ValueError, RecursionError) as error:
            note(self.scan.problems, row, start, f"not JSON: {error}")
            return MISSING

    def _error(self, segment: Segment) -> Json:
        match self._json(segment):
            case {**error}:
                return RemoteError(_word(error.get("digest")), _word(error.get("message")))
            case value:
                return self._malformed(segment, value)

    def _module(self, segment: Segment) -> Json:
        match self._json(segment):
            case [str() | int() as key, [*_], str() as name, *_]:
                pass
            case {"id": str() | int() as key, "name": str() as name}:
                pass
            case value:
                return self._malformed(segment, value)
        return Module(self._import(key) if isinstance(key, str) else key, self._import(name))

    def _import(self, word: str) -> str:
        """Return a word of a module row; a longer one may stand in a row of its own, which is text and nothing else."""
        number = self.scan.first.get(row_number(reference(word)))
        if number is not None and self.scan.segments[number][1] == MODEL:
            value = self.segment(number)
            word = value if isinstance(value, str) else word
        return plain(word)

    def _malformed(self, segment: Segment, value: Json) -> Json:
        if value is not MISSING:
            note(self.scan.problems, segment[0], segment[2], f"not the JSON of a row {segment[1].decode()}")
        return MISSING

    _READERS: ClassVar[dict[bytes, Callable[[Raw, Segment], Json]]] = {
        MODEL: _json,
        TEXT: _text,
        MODULE: _module,
        ERROR: _error,
        POSTPONED: lambda *_: RemoteError(message="postponed"),
    }


def parse(text: bytes) -> Json:
    r"""Return what JSON says, as JavaScript would read it; raise ValueError or RecursionError if it cannot be read.

    orjson refuses what JavaScript writes and the standard library takes: half of a surrogate pair.

    >>> parse(b'["half a \\ud83d", 123456789012345680000]')
    ['half a \ud83d', 1.2345678901234568e+20]
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text.decode("utf-8", "replace"), parse_int=_integer, parse_constant=_constant)


def _integer(digits: str) -> int | float:
    """Return a whole number like orjson does: one of more than 64 bits is a float, as all numbers are to JavaScript."""
    value = float(digits)
    return int(digits) if -(2.0**63) <= value < 2.0**64 else value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
