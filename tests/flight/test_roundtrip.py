"""What a small encoder of our own writes, in every way the format allows, reads back as what it was."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler import flight


class Map(dict[Any, Any]):
    """A dict to be sent as a Map."""


class Element(list[Any]):
    """What a decoded element equals."""

    def __init__(self, key: object, props: dict[str, object]) -> None:
        super().__init__(["$", "p", key, props])


OUTLINED = 0.25
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["$", "$$", "$1", "$undefined", "$L1", "\n1:T5,x", "a:b", "\u2028", "\ud83d", "1f:", "</script>"]
)
KEYS = WORDS.filter(lambda word: word != "__proto__")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | WORDS
    | st.binary(max_size=12)
    | st.timedeltas().map(lambda delta: EPOCH + timedelta(milliseconds=delta // timedelta(milliseconds=1) // 10_000))
)
MAP_KEYS = st.text(max_size=5) | st.just(EPOCH) | st.integers(2, 2**60) | st.binary(max_size=3)
RANDOM = st.integers(0, 2**32).map(Random)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.dictionaries(MAP_KEYS, inner, max_size=4).map(Map)
        | st.lists(inner, min_size=2, max_size=2).map(lambda pair: Element(pair[0], {"prop": pair[1]}))
    ),
    max_leaves=25,
)
NUMBERS = st.sampled_from(
    ["", "0", "1", "2", "3", "4", "5", "0:0", "1:a", "2:1:props", "3:type", "4:0:1", "a", "x", "5:__proto__"]
)
STRINGS = st.builds("${}{}".format, st.sampled_from([*"QWKiBhFZSDnTwHuINEPYL@x$-", "", "", "", "L"]), NUMBERS)
MODELS = st.recursive(
    STRINGS | st.sampled_from(["$", "a", "id", 1, 1.5, None, True]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "id", "prop", "__proto__"]), inner, max_size=3)
        | st.lists(st.lists(inner, max_size=3), max_size=3)
        | st.lists(inner, max_size=4).map(lambda rest: ["$", *rest])
    ),
    max_leaves=12,
)
HEADS = [*[b""] * 8, *b"X x R r C E I P # H D".split()]
MUTATIONS = [b"$", b":", b"\n", b'"', b"[", b"{", b"T", b"0", b"f,", b"$1", b"$Q", b"X", b"C", b"\xff", b"\\ud800"]
PIECES = [
    *(b'0 1 2 3 1f : , \n [ ] { } null "a" "prop" "$1" "$Q2" "$W3" "$B1" "$h2" "$i1" "$K2"'.split(b" ")),
    *(b'0:[ 1:T3,abc 2:A1, 3:X 3:C 1:I[ 2:E{ :HL "$","p",null, "$0:a:0" "$1:props:prop" "$n1" "$D0" 1:P'.split(b" ")),
    b"<script>self.__next_f.push([1,",
    b"])</script>",
    b"<script>(self.__next_s=self.__next_s||[]).push([0,",
    b'2:[["a",1],["$1",{"a":"$2"}]]\n',
    b'0:{"a":["$","p","$3",{"prop":"$Q2"}]}\n',
]


class Encoder:
    """Writes a value as rows, now and then in a row of its own, in any order."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rows: list[bytes] = []
        self.numbers = iter(random.sample(range(1, 5000), 300))

    def stream(self, value: object) -> bytes:
        self.rows.append(b"0:%b\n" % dumps(self.model(value)))
        self.random.shuffle(self.rows)
        return b":HL[1]\n" + b"".join(self.rows)

    def row(self, head: bytes, body: bytes, tail: bytes = b"") -> str:
        number = f"{next(self.numbers):x}"
        self.rows.append(number.encode() + head + body + tail)
        return number

    def model(self, value: object) -> object:
        node = self.node(value)
        if self.random.random() < OUTLINED:
            return self.random.choice(["$", "$L", "$@"]) + self.row(b":", dumps(node), b"\n")
        return node

    def node(self, value: object) -> object:
        match value:
            case Element():
                return ["$", "p", self.model(value[2]), {name: self.model(prop) for name, prop in value[3].items()}]
            case Map():
                pairs = [[self.model(key), self.model(item)] for key, item in value.items()]
                return "$Q" + self.row(b":", dumps(pairs), b"\n")
            case dict():
                return {"absent": "$undefined"} | {name: self.model(item) for name, item in value.items()}
            case list():
                return [self.model(item) for item in value]
            case str() | bytes():
                return self.text(value)
        return scalar(value)

    def text(self, text: str | bytes) -> str:
        if isinstance(text, bytes):
            return "$" + self.row(b":%b%x," % (self.random.choice([b"A", b"o", b"V"]), len(text)), text)
        if self.random.random() < OUTLINED and text.isprintable():
            return "$" + self.row(b":T%x," % len(text.encode()), text.encode())
        return f"${text}" if text.startswith("$") else text


def scalar(value: object) -> object:
    if isinstance(value, datetime):
        return "$D" + value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float) and (math.isinf(value) or str(value) == "-0.0"):
        return {math.inf: "$Infinity", -math.inf: "$-Infinity"}.get(value, "$-0")
    if type(value) is int and abs(value) > 2**53:
        return f"$n{value}"
    return value


def dumps(node: object) -> bytes:
    """JSON as JavaScript writes it: as it is, but half of a surrogate pair escaped."""
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


@given(VALUES, RANDOM)
def test_what_is_written_is_read(value: object, random: Random) -> None:
    payload = flight.decode(Encoder(random).stream(value))
    assert payload.rows[0] == value
    assert len(payload.rows) == len(list(payload.rows.items()))
    assert payload.problems == []


@given(VALUES, RANDOM, st.data())
def test_a_cut_stream_has_whole_texts_only(value: object, random: Random, data: st.DataObject) -> None:
    body = Encoder(random).stream([value, "a text\n1:T3,with a row in it" * 50])
    whole = flight.decode(body)
    cut = flight.decode(body[: data.draw(st.integers(0, len(body) - 1))])
    rows = dict(cut.rows)
    assert set(rows) <= set(whole.rows)
    assert set(cut.texts("")) <= set(whole.texts(""))
    for row, text in rows.items():
        if isinstance(text, str | bytes):
            assert text == whole.rows[row]


@given(VALUES, RANDOM, st.data())
def test_no_bytes_make_it_raise(value: object, random: Random, data: st.DataObject) -> None:
    body = bytearray(Encoder(random).stream(value))
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=8)):
        body[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.binary(max_size=2) | st.sampled_from(MUTATIONS)
        )
    read_everything(bytes(body))


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=30).map(b"".join))
def test_no_soup_makes_it_raise(body: bytes) -> None:
    read_everything(body)
    read_everything(b"<html>" + body)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(HEADS), MODELS), max_size=8))
def test_no_rows_make_it_raise(rows: list[tuple[int, bytes, object]]) -> None:
    read_everything(b"".join(b"%x:%b%b\n" % (row, head, dumps(model)) for row, head, model in rows))


def read_everything(body: bytes) -> None:
    payload = flight.decode(body)
    assert len(dict(payload.rows)) == len(payload.rows)
    list(payload.find_prop("prop"))
    list(payload.find_objects("a"))
    list(payload.find_objects())
    list(payload.texts("a"))
    assert all(isinstance(problem, flight.Problem) for problem in payload.problems)
