"""The sandbox's encoder: what it writes, the project's decoder reads."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from crawler import flight
from sandbox.flight_stream import LONG_TEXT, UNDEFINED, Element, Ref, Stream, Value, escaped, is_long, pushes

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["$", "$$", "$5", "$L5", "$undefined", "\u2028</script>", "\n1f:T10,"]),
    st.builds(
        lambda text, times: text * times, st.sampled_from(["x", "é", "\U0001d45d", "$ "]), st.integers(500, 1100)
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=12,
)


def written(value: Value) -> bytes:
    stream = Stream()
    stream.model({"value": value}, stream.reserve())
    return stream.body()


@given(VALUES)
def test_what_is_written_is_read(value: Value) -> None:
    payload = flight.decode(written(Element("p", {"value": value})))
    assert list(payload.find_prop("value")) == [value]
    assert payload.problems == []


@given(VALUES)
def test_the_pushes_hold_the_stream(value: Value) -> None:
    body = written(value)
    assert flight.decode(pushes(body * 3).encode()).rows[0] == flight.decode(body * 3).rows[0]


def test_pushes_cut_anywhere_even_inside_a_character() -> None:
    body = written("é’𝑝" * 4000)
    kinds = re.findall(r"push\(\[(\d)", pushes(body))
    assert set(kinds) == {"0", "1", "3"}
    assert flight.decode(pushes(body).encode()).rows[0] == {"value": "é’𝑝" * 4000}


def test_undefined_is_left_out_and_a_reference_is_followed() -> None:
    stream = Stream(next_row=1)
    row = stream.model({"a": 1})
    stream.model({"gone": UNDEFINED, "same": Ref(f"${row:x}")}, row=0)
    assert flight.decode(stream.body()).rows[0] == {"same": {"a": 1}}


def test_a_text_gets_its_own_row_by_utf_16_units() -> None:
    for text in ("x" * LONG_TEXT, "\U0001d45d" * (LONG_TEXT // 2)):
        assert is_long(text)
        assert b"1:T%x," % len(text.encode()) in written(text)
        assert not is_long(text[:-1])
        assert b":T" not in written(text[:-1])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_ends_no_script(text: str) -> None:
    assert json.loads(escaped(text)) == text
    assert not set(escaped(text)) & set("<>&\u2028\u2029")
