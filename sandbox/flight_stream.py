"""Writes values as a React Flight stream, as far as the pages of a catalogue need it, and embeds a stream in HTML.

The grammar is that of React's server: a row is `id:payload` and a newline, a text of 1,024 UTF-16 units or more is a
row of its own with its length in bytes and no newline, and a string that starts with `$` is a reference.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

LONG_TEXT: Final = 1024
"""UTF-16 units from which a text gets a row of its own."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A string with a meaning in the grammar, such as `$L5` or `$undefined`; it stands in a row as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Element:
    """A React element: `type` is the name of a tag or a reference to a component."""

    type: str | Ref
    props: Mapping[str, Value]
    key: str | None = None


Value: TypeAlias = bool | int | float | str | Ref | Element | Sequence["Value"] | Mapping[str, "Value"] | None
"""What a model row can hold."""

UNDEFINED: Final = Ref("$undefined")
FRAGMENT: Final = "$Sreact.fragment"
SUSPENSE: Final = "$Sreact.suspense"


def is_long(text: str) -> bool:
    """True if React's server gives `text` a row of its own: it counts UTF-16 units, not characters.

    >>> is_long("x" * 1023), is_long("x" * 1024), is_long("\N{GRINNING FACE}" * 512)
    (False, True, True)
    """
    at_most = 2 * len(text)
    return at_most >= LONG_TEXT and len(text.encode("utf-16-le")) >= 2 * LONG_TEXT


class Stream:
    r"""A stream under construction: every method that writes a row returns its number.

    >>> stream = Stream()
    >>> stream.model({"price": "$5", "child": Element("p", {"title": UNDEFINED})})
    0
    >>> stream.body()
    b'0:{"price":"$$5","child":["$","p",null,{"title":"$undefined"}]}\n'
    """

    def __init__(self, start: bytes = b"", next_row: int = 0) -> None:
        """`start` holds rows that are written already, `next_row` is the first number that they leave free."""
        self._rows = [start]
        self._next = next_row

    def reserve(self) -> int:
        """Take the next row number, for a row that is referred to before it is written."""
        self._next += 1
        return self._next - 1

    def model(self, value: Value, row: int | None = None) -> int:
        """Write `value`; its long texts go before it, in rows of their own."""
        row = self.reserve() if row is None else row
        self._line(f"{row:x}:", self._plain(value))
        return row

    def text(self, text: str) -> int:
        """Write `text` verbatim, whatever it holds."""
        row = self.reserve()
        body = text.encode()
        self._rows.append(b"%x:T%x,%b" % (row, len(body), body))
        return row

    def symbol(self, name: str) -> int:
        """Write one of React's own symbols, such as `FRAGMENT`."""
        row = self.reserve()
        self._line(f"{row:x}:", name)
        return row

    def module(self, number: int, chunks: Sequence[str], name: str) -> int:
        """Write the import of a client component."""
        row = self.reserve()
        self._line(f"{row:x}:I", [number, chunks, name])
        return row

    def hint(self, code: str, value: Sequence[str]) -> None:
        """Write a hint, which has no number."""
        self._line(f":H{code}", value)

    def body(self) -> bytes:
        """The stream as far as it is written."""
        return b"".join(self._rows)

    @property
    def next_row(self) -> int:
        """The first number that no row has."""
        return self._next

    def _line(self, head: str, plain: object) -> None:
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        self._rows.append(f"{head}{text}\n".encode())

    def _plain(self, value: Value) -> object:
        if isinstance(value, str):
            if is_long(value):
                return f"${self.text(value):x}"
            return "$" + value if value.startswith("$") else value
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(item) for item in value]
        if isinstance(value, Element):
            kind = value.type.text if isinstance(value.type, Ref) else value.type
            return ["$", kind, value.key, self._plain(value.props)]
        return value.text if isinstance(value, Ref) else value


def escaped(value: object) -> str:
    r"""`value` as JSON that may stand inside a script tag.

    >>> escaped("</script> & more")
    '"\\u003c/script\\u003e \\u0026 more"'
    """
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "&<>\u2028\u2029":
        plain = plain.replace(char, f"\\u{ord(char):04x}")
    return plain


def pushes(stream: bytes) -> str:
    r"""The scripts that hand `stream` to the client in pieces, cut anywhere; equal streams are cut alike.

    A piece that a cut leaves without whole characters goes as base64, as Next.js sends it.

    >>> pushes(b"0:1\n")
    '<script>(self.__next_f=self.__next_f||[]).push([0])</script><script>self.__next_f.push([1,"0:1\\n"])</script>'
    """
    scripts = ["<script>(self.__next_f=self.__next_f||[]).push([0])</script>"]
    sizes = hashlib.shake_128(stream).digest(64)
    start = turn = 0
    while start < len(stream):
        piece = stream[start : start + 150 + 29 * sizes[turn % len(sizes)]]
        scripts.append(f"<script>self.__next_f.push({_pushed(piece)})</script>")
        start += len(piece)
        turn += 1
    return "".join(scripts)


def _pushed(piece: bytes) -> str:
    try:
        return f"[1,{escaped(piece.decode())}]"
    except UnicodeDecodeError:
        return f'[3,"{base64.b64encode(piece).decode()}"]'
