"""Framing: where each row of a Flight stream begins and ends. Nothing is decoded here.

    stream = *row
    row    = id ":" ( tag hexlength "," <that many bytes> / [tag] <bytes up to a line feed> LF )

A row with a length has no line feed after it, and its bytes may look like rows; a line row cannot hold a line feed,
because JSON escapes it. So a stream is split by these two rules alone, over bytes: a length counts bytes, and text may
hold U+2028 and other separators that `splitlines` would cut at.

After a malformed head the next row is looked for behind the next line feed. A row that passes the end of the stream is
left out, even if what is there of it reads well: React does not deliver it either. Hints have no number, and are no
row 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

MODEL: Final = b""
TEXT: Final = b"T"
MODULE: Final = b"I"
ERROR: Final = b"E"
POSTPONED: Final = b"P"
NO_ROW: Final = -1
MAX_PROBLEMS: Final = 1000

_FRAMED = frozenset(b"A G L M O S T U V b g l m o s".split())
_STREAMS = frozenset(b"R r X x".split())
_CLOSE = b"C"
_VALUES = _FRAMED | {MODEL, MODULE, ERROR, POSTPONED}
# Hints to the browser, and what only development servers send: debug info, console output, clocks, input and output.
_IGNORED = frozenset(b"H D W N J".split())
# A body without a tag is JSON: what starts neither with a tag nor like JSON is no row (`1:yes`), nor is a length tag
# without a length (`1:T-5,`), which as a number would lead backwards.
_HEAD = re.compile(
    rb"""([0-9a-f]{0,8}):(?:([AGLMOSTUVbglmos])([0-9a-f]{1,8}),|([BCDEFHIJKNPQRWXYZrx])|#?(?=[\[{"0-9tfn-]))"""
)
# The numbers of most rows: to look one up takes half the time of reading it.
_SMALL = {b"%x" % number: number for number in range(256)}
_NUMBER = re.compile(r"[0-9a-f]{1,8}")

Segment: TypeAlias = tuple[int, bytes, int, int]
"""A row's number, its tag, and where its body starts and ends: a bare tuple, for a page has thousands."""


class Problem(NamedTuple):
    """What is wrong: in which row (None where there is none), near which byte of the stream, in a few words."""

    row: int | None
    offset: int
    what: str


def note(problems: list[Problem], row: int | None, offset: int, what: str) -> None:
    """Append a problem, up to `MAX_PROBLEMS`: a broken stream has a problem every few bytes."""
    if len(problems) < MAX_PROBLEMS:
        problems.append(Problem(row, offset, what))
    elif len(problems) == MAX_PROBLEMS:
        problems.append(Problem(None, offset, "more problems than are listed"))


@dataclass(slots=True)
class Scan:
    """The segments of a stream in its order, which of them begins each row, and the items of each streamed row."""

    problems: list[Problem]
    segments: list[Segment] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)
    items: dict[int, list[int]] = field(default_factory=dict)
    _running: dict[int, list[int]] = field(default_factory=dict)

    def add(self, segment: Segment) -> None:
        """Take what is not simply the first row of its number: a stream, its items and its end, and what is wrong."""
        row, tag, start, _ = segment
        if row == NO_ROW:
            note(self.problems, None, start, "a row without a number")
        elif tag == _CLOSE and row in self._running:
            del self._running[row]
        elif row in self._running and tag in _VALUES:
            self._running[row].append(len(self.segments))
            self.segments.append(segment)
            if tag == ERROR:
                del self._running[row]
        elif tag in _STREAMS and row not in self.first:
            self.first[row] = len(self.segments)
            self.segments.append(segment)
            self._running[row] = self.items[row] = []
        elif tag in _VALUES or tag in _STREAMS:
            note(self.problems, row, start, "a second row of this number")
        else:
            note(self.problems, row, start, f"nothing known as {tag.decode()} here")


def scan(body: bytes, problems: list[Problem]) -> Scan:
    r"""Split a stream into its rows; of two with one number the first counts, unless that one opened a stream.

    >>> found = scan(b'1:T3,a\nb2:X\n2:"item"\n2:C\n0:{"a":"$1"}\n3:Tff,half a te', [])
    >>> found.segments
    [(1, b'T', 5, 8), (2, b'X', 11, 11), (2, b'', 14, 20), (0, b'', 27, 37)]
    >>> found.first, found.items, found.problems
    ({1: 0, 2: 1, 0: 3}, {2: [2]}, [Problem(row=3, offset=38, what='cut off')])
    """
    found = Scan(problems)
    segments, first = found.segments, found.first
    at, size, head, find, small = 0, len(body), _HEAD.match, body.find, _SMALL
    while at < size:
        match = head(body, at)
        if match is None:
            note(problems, None, at, "not a row")
            at = find(b"\n", at) + 1 or size
            continue
        number, tag, length, line_tag = match.groups()
        row = small.get(number, NO_ROW)
        if row == NO_ROW and number:
            row = int(number, 16)
        start = match.end()
        if tag:
            end = after = start + int(length, 16)
        else:
            tag = line_tag or MODEL
            end = find(b"\n", start)
            after = end + 1 or size + 1
        if after > size:
            note(problems, row if number else None, at, "cut off")
            break
        if row not in first and tag in _VALUES and number:
            first[row] = len(segments)
            segments.append((row, tag, start, end))
        elif tag not in _IGNORED:
            found.add((row, tag, start, end))
        at = after
    return found


def row_number(text: str) -> int:
    """Return the number of the row that a reference names, `NO_ROW` if that is no number.

    >>> row_number("1f"), row_number("1_f"), row_number("")
    (31, -1, -1)
    """
    return int(text, 16) if _NUMBER.fullmatch(text) else NO_ROW
