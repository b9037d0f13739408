"""Flight in HTML: a page carries its stream in scripts that push pieces of it, cut anywhere.

    <script>(self.__next_f=self.__next_f||[]).push([0])</script>        the start; [2, …] is the state of a form
    <script nonce="…">self.__next_f.push([1,"text"])</script>           a piece of the stream
    <script>self.__next_f.push([3,"base64"])</script>                   a piece that is no UTF-8
    <script>(self.__next_s=self.__next_s||[]).push([0,{"children":"…"}])</script>     a script for the browser to add

What is pushed is JSON in which `<` is escaped, so `</script` ends it, and nothing needs an HTML parser.
"""

from __future__ import annotations

import binascii
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from .scan import Problem, note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .raw import Json

_MENTION = b"self.__next_"
_PUSH = re.compile(
    rb"[\s;]*(?:self\.__next_([fs])|\(self\.__next_([fs])\s*=\s*self\.__next_[fs]\s*\|\|\s*\[\]\))\.push\("
)
_PUSH_TEXT = re.compile(_PUSH.pattern.decode())
_STREAM_STARTS = frozenset(b"0 1 2 3 4 5 6 7 8 9 a b c d e f :".split())
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Page:
    """What the scripts of a page push: the stream, the props of added scripts, and problems with the pushes."""

    stream: bytes = b""
    scripts: list[dict[str, Json]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def is_html(body: bytes) -> bool:
    r"""Say whether a body is a page rather than a stream, which begins with a row's number or a colon.

    >>> is_html(b"\n<!DOCTYPE html>"), is_html(b'0:"<p>self.__next_f.push("\n')
    (True, False)
    """
    return body[:1] not in _STREAM_STARTS and (_MARKUP.match(body) is not None or _MENTION in body)


def read(html: bytes) -> Page:
    r"""Return what the scripts of a page push; problems have their offset in the page.

    The stream ends at the first push that cannot be read: what follows would be taken for the rest of its row.

    >>> read(b'<script>self.__next_f.push([1,"0:\\"a"])</script><script>self.__next_f.push([3,"Igo="])</script>').stream
    b'0:"a"\n'
    """
    page = Page()
    pieces: list[bytes] = []
    for start, end in _scripts(html):
        if end < 0:
            note(page.problems, None, start, "a script that is cut off")
            break
        try:
            for kind, pushed in _pushes(html[start:end]):
                known = _add_script(page, pushed) if kind == "s" else _add_piece(pieces, pushed)
                if not known:
                    note(page.problems, None, start, "a push of an unknown kind")
        except (ValueError, RecursionError) as error:
            note(page.problems, None, start, f"a push that cannot be read: {error}")
            break
    page.stream = b"".join(pieces)
    return page


def _scripts(html: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each script that begins with a push starts and ends, -1 for one without an end."""
    at = 0
    while (mention := html.find(_MENTION, at)) >= 0:
        opening = html.rfind(b"<script", at, mention)
        start = html.find(b">", opening, mention) + 1 if opening >= 0 else 0
        at = mention + len(_MENTION)
        if start and _PUSH.match(html, start):
            end = html.find(b"</script", at)
            yield start, end
            at = end if end >= 0 else len(html)


def _pushes(script: bytes) -> list[tuple[str, Json]]:
    """Return what a script pushes, and whether to `f`, the stream, or to `s`; raise ValueError if it is not JSON.

    One push a script is the rule; the start may have a second one, and a minifier may join them all.
    """
    first = _PUSH.match(script)
    if first and script.endswith(b")"):
        try:
            return [((first[1] or first[2]).decode(), orjson.loads(script[first.end() : -1]))]
        except orjson.JSONDecodeError:
            pass  # several pushes, or half of a surrogate pair
    text = script.decode("utf-8", "replace")
    found = []
    at = 0
    while push := _PUSH_TEXT.match(text, at):
        pushed, at = _DECODER.raw_decode(text, push.end())
        found.append((push[1] or push[2], pushed))
        at = text.find(")", at) + 1 or len(text)
    return found


def _add_piece(pieces: list[bytes], pushed: Json) -> bool:
    match pushed:
        case [1, str(text)]:
            pieces.append(text.encode("utf-8", "surrogatepass"))
        case [3, str(text)]:
            pieces.append(binascii.a2b_base64(text))
        case [0] | [2, _]:
            pass
        case _:
            return False
    return True


def _add_script(page: Page, pushed: Json) -> bool:
    match pushed:
        case [source, dict() as props]:
            page.scripts.append({"src": source, **props} if isinstance(source, str) else props)
        case _:
            return False
    return True
