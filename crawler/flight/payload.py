"""The face of the decoder: what a page holds, decoded as far as it is asked for."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from . import html
from .raw import Raw
from .revive import Reviver
from .scan import ERROR, MODEL, TEXT, scan
from .values import MISSING, UNDEFINED, RemoteError, plain, reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from .raw import Json
    from .scan import Problem

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_PROPS: Final = 3
_TEXT_TAGS: Final = (MODEL, TEXT, ERROR)


class Rows(Mapping[int, object]):
    """The values of the sound rows of a stream by row number, in the stream's order, each decoded when it is read."""

    def __init__(self, raw: Raw, reviver: Reviver) -> None:
        self._raw = raw
        self._reviver = reviver
        self._values: dict[int, object] = {}

    def __getitem__(self, row: int) -> object:
        if row not in self._values:
            raw = self._raw.row(row)
            if raw is MISSING:
                raise KeyError(row)
            value = self._reviver.value(raw, row)
            self._values[row] = None if value is UNDEFINED else value
        return self._values[row]

    def __iter__(self) -> Iterator[int]:
        return (row for row in self._raw.scan.first if self._raw.row(row) is not MISSING)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Payload:
    """A decoded page: its rows, and ways to find something without knowing in which row it is.

    Whoever searches parses only rows whose bytes can hold what is searched for. Values are shared, between rows as they
    were on the server and between calls, so they are not to be changed.
    """

    def __init__(self, page: html.Page) -> None:
        self.scripts = page.scripts
        """Props of the scripts that a page adds with `__next_s`; what is to run early has its text in `children`."""
        self._raw = Raw(page.stream, scan(page.stream, page.problems))
        self._reviver = Reviver(self._raw)
        self.rows = Rows(self._raw, self._reviver)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong: rows that are cut off or malformed, and references to nothing in what was decoded so far.

        Asking parses the rows that were not asked for, which is quick, but follows no references. Offsets are those of
        the stream: on a page of HTML, of what its scripts push, joined.
        """
        self._raw.parse()
        return self.problems_met

    @property
    def problems_met(self) -> list[Problem]:
        """What was found to be wrong so far: in the framing, and in what was asked for. Asking costs nothing."""
        return self._raw.scan.problems

    def find_prop(self, name: str) -> Iterator[object]:
        r"""Yield the value of that prop of every element that has it: row by row, outer elements first.

        Elements whose props stand elsewhere come last.

        >>> payload = decode(b'1:["$","p",null,{"id":"$n7"}]\n0:[["$","b",null,{"id":"$2"}],"$1"]\n2:"two"\n')
        >>> list(payload.find_prop("id"))
        [7, 'two']
        """
        owners = elements = 0
        for row, raw, most in self._models(_key(name)):
            left = most
            for node in _containers(raw):
                if type(node) is dict:
                    left -= name in node
                elif _has_props(node, dict) and name in node[_PROPS]:
                    elements += 1
                    value = self._reviver.value(node[_PROPS][name], row)
                    if value is not UNDEFINED:
                        yield value
                if not left:
                    break
            owners += most - left
        if owners > elements:
            yield from self._find_distant_prop(name)

    def _find_distant_prop(self, name: str) -> Iterator[object]:
        for _, raw, _ in self._models(b'["$",'):
            for node in _containers(raw):
                if type(node) is list and _has_props(node, str):
                    props, row = self._reviver.paths.follow(reference(node[_PROPS]))
                    if type(props) is dict and name in props:
                        value = self._reviver.value(props[name], row)
                        if value is not UNDEFINED:
                            yield value

    def find_objects(self, *keys: str) -> Iterator[dict[str, object]]:
        r"""Yield every object, once and wherever it sits, that has all these keys: row by row, outer ones first.

        >>> list(decode(b'0:["$Q1"]\n1:[["k",{"a":1,"b":{"a":"$undefined","b":2}}]]\n').find_objects("a", "b"))
        [{'a': 1, 'b': {'b': 2}}]
        """
        wanted = frozenset(keys)
        for row, raw, most in self._models(*map(_key, keys)):
            left = most
            for node in _containers(raw):
                if type(node) is dict and wanted <= node.keys():
                    value = self._reviver.value(node, row)
                    if isinstance(value, dict) and wanted <= value.keys():
                        yield value
                    left -= 1
                    if not left:
                        break

    def texts(self, marker: str) -> Iterator[str]:
        r"""Yield every text that contains the marker: text rows, strings inside other rows, strings of added scripts.

        >>> list(decode(b'0:["a \\\"b\\\" c",{"k":"$1"}]\n1:T6,{"b":1}').texts('"b"'))
        ['a "b" c', '{"b":1']
        """
        verbatim = marker.encode("utf-8", "surrogatepass")
        escaped = _key(marker)[1:-2]
        for number, (_, tag, start, end) in enumerate(self._raw.scan.segments):
            needle = verbatim if tag == TEXT else escaped
            if tag in _TEXT_TAGS and self._raw.body.find(needle, start, end) >= 0:
                yield from (text for text in _strings(self._raw.segment(number), plain) if marker in text)
        for props in self.scripts:
            yield from (text for text in _strings(props, str) if marker in text)

    def _models(self, *needles: bytes) -> Iterator[tuple[int, Json, int]]:
        """Yield the number and raw value of every model row, or item of a stream, whose bytes contain all needles.

        With them, how often the rarest needle occurs: so many of its objects at most have all of these keys, because
        `JSON.stringify` writes a key in one way only.
        """
        find, count = self._raw.body.find, self._raw.body.count
        for number, (row, tag, start, end) in enumerate(self._raw.scan.segments):
            if tag == MODEL:
                for needle in needles:
                    if find(needle, start, end) < 0:
                        break
                else:
                    most = min([count(needle, start, end) for needle in needles], default=end - start)
                    yield row, self._raw.segment(number), most


def decode(body: bytes) -> Payload:
    r"""Return the payload of a raw stream, or of HTML that embeds one; never raises, whatever the bytes are.

    >>> decode(b'0:{"when":"$D2021-03-04T05:06:07.000Z","text":"$1"}\n1:T3,abc').rows[0]
    {'when': datetime.datetime(2021, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc), 'text': 'abc'}
    """
    return Payload(html.read(body) if html.is_html(body) else html.Page(body.removeprefix(codecs.BOM_UTF8)))


def _has_props(node: list[Json], kind: type) -> bool:
    """Say whether a raw array is an element, and its props are of that type: an object, or a string that names one."""
    return len(node) > _PROPS and node[0] == "$" and type(node[_PROPS]) is kind


def _key(name: str) -> bytes:
    """Return a key of an object as JSON.stringify writes it, and its colon."""
    return _ENCODER.encode(name).encode("utf-8", "surrogatepass") + b":"


def _containers(raw: Json) -> Iterator[Json]:
    """Yield every array and object of a raw row, level by level: what is searched for stands above the long lists.

    >>> list(_containers([{"a": [1]}, [2]]))
    [[{'a': [1]}, [2]], {'a': [1]}, [2], [1]]
    """
    level = [raw] if type(raw) is dict or type(raw) is list else []
    while level:
        yield from level
        level = [
            each
            for node in level
            for each in (node.values() if type(node) is dict else node)
            if type(each) is dict or type(each) is list
        ]


def _strings(raw: Json, read: Callable[[str], str]) -> Iterator[str]:
    """Yield the texts among the values of a raw row, not those that stand for something else."""
    waiting = [raw]
    while waiting:
        node = waiting.pop()
        if type(node) is str:
            if read is str or node[:1] != "$" or node[:2] == "$$":
                yield read(node)
        elif type(node) is dict:
            waiting.extend(reversed(node.values()))
        elif type(node) is list:
            waiting.extend(reversed(node))
        elif type(node) is RemoteError:
            yield node.digest
            yield node.message
