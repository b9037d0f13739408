"""A page of HTML holds the same payload as the stream that its scripts push."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import flight

ROOT = Path(__file__).parent.parent.parent
STREAMS = sorted((ROOT / "tests" / "truth" / "streams").glob("*/*.txt"))
PAGES = sorted(page for page in (ROOT / "sandbox" / "pages").rglob("*.html") if page.with_suffix(".txt").exists())
START = "<script>(self.__next_f=self.__next_f||[]).push([0]);self.__next_f.push([2,null])</script>"


def script(pushed: object, target: str = "self.__next_f", attributes: str = "") -> str:
    """A script as Next.js writes it: JSON in which what HTML would take for markup is escaped."""
    text = json.dumps(pushed, ensure_ascii=False, separators=(",", ":"))
    for sign in "&><\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"<script{attributes}>{target}.push({text})</script>"


def page(*pieces: bytes, attributes: str = "") -> bytes:
    """A page that pushes these pieces of a stream, as text or, where one is cut inside a character, in base64."""
    scripts = []
    for piece in pieces:
        try:
            pushed: object = [1, piece.decode()]
        except UnicodeDecodeError:
            pushed = [3, base64.b64encode(piece).decode()]
        scripts.append(script(pushed, attributes=attributes))
    shown = "<p>self.__next_f.push([1,&quot;0:1&quot;])</p>"
    last = "<script>if(self.__next_f)console.log(1)</script>"
    return f"<!DOCTYPE html><html><body>{shown}{START}<b>{'</b><b>'.join(scripts)}</b>{last}</body></html>".encode()


def seen(body: bytes) -> tuple[str, list[flight.Problem]]:
    payload = flight.decode(body)
    return repr(dict(payload.rows)), payload.problems


@given(st.sampled_from(STREAMS), st.data())
def test_a_stream_may_be_cut_anywhere(path: Path, data: st.DataObject) -> None:
    stream = path.read_bytes()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    attributes = data.draw(st.sampled_from(["", ' nonce="abc"', ' id="_R_" async=""']))
    assert seen(page(*pieces, attributes=attributes)) == seen(stream)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "sandbox" / "pages")))
def test_a_built_page_holds_its_text_twin(path: Path) -> None:
    assert seen(path.read_bytes()) == seen(path.with_suffix(".txt").read_bytes())


def test_scripts_joined_by_a_minifier_are_read() -> None:
    body = b"""<script async>self.__next_f=1</script><script>
      (self.__next_f = self.__next_f || []).push([0]) ; self.__next_f.push([1,"0:[1,"]);self.__next_f.push([1,"2]\\n"]);
    </script >"""
    assert flight.decode(body).rows == {0: [1, 2]}


def test_half_of_a_surrogate_pair_in_a_push_stays() -> None:
    assert flight.decode(b'<script>self.__next_f.push([1,"0:[\\"\\\\ud83d\\"]\\n"])</script>').rows[0] == ["\ud83d"]
    assert flight.decode(b'<script>self.__next_f.push([1,"0:[\\"\\ud83d\\"]\\n"])</script>').rows[0] == ["\ufffd" * 3]


def test_added_scripts_are_kept_as_they_are() -> None:
    linked = {"@type": "Dataset", "name": "A $1 </script> study"}
    added = script(
        [0, {"type": "application/ld+json", "children": json.dumps(linked)}], "(self.__next_s=self.__next_s||[])"
    )
    loaded = script(["/a.js", {"id": "a", "nested": {"__html": "$1 of Dataset"}}], "(self.__next_s=self.__next_s||[])")
    payload = flight.decode(f"<p>{added}{loaded}</p>".encode() + page(b'0:{"kept":1}\n'))
    assert [json.loads(text) for text in payload.texts('"Dataset"')] == [linked]
    assert list(payload.texts("of Dataset")) == ["$1 of Dataset"]
    assert payload.scripts[1] == {"src": "/a.js", "id": "a", "nested": {"__html": "$1 of Dataset"}}
    assert payload.rows == {0: {"kept": 1}}
    assert payload.problems == []


@pytest.mark.parametrize(
    "broken",
    [
        "<script>self.__next_f.push([1,'single'])</script>",
        '<script>self.__next_f.push([3,"a"])</script>',
        '<script>self.__next_f.push([1,"a"',
        f"<script>self.__next_f.push([1,{'[' * 5000})</script>",
    ],
)
def test_the_stream_ends_where_a_push_cannot_be_read(broken: str) -> None:
    body = b"<html>" + script([1, '1:"whole"\n2:T10,half']).encode() + broken.encode() + page(b" a text and more")
    payload = flight.decode(body)
    assert payload.rows == {1: "whole"}
    push, row = payload.problems
    assert push.what.startswith("a push that cannot be read: ")
    assert body[push.offset :].startswith(b"self.__next_f.push(")
    assert row.row == 2


def test_a_page_may_be_cut_off() -> None:
    payload = flight.decode(page(b'1:"whole"\n', b'0:["$1"]\n').partition(b"$1")[0])
    assert payload.rows == {1: "whole"}
    assert [problem.what for problem in payload.problems] == ["a script that is cut off"]


def test_a_push_of_an_unknown_kind_costs_itself() -> None:
    payload = flight.decode(
        f"{script([4, 'new'])}{script({'a': 1})}{script([0], '(self.__next_s=self.__next_s||[])')}".encode()
        + page(b"0:1\n")
    )
    assert payload.rows == {0: 1}
    assert len(payload.problems) == 3


def test_a_page_without_a_payload_is_empty_and_sound() -> None:
    for body in (b"", b"<html><p>Not found</p></html>", b"\xef\xbb\xbf <!DOCTYPE html>"):
        payload = flight.decode(body)
        assert payload.rows == {}
        assert payload.problems == []


def test_a_stream_that_talks_about_pushes_is_a_stream() -> None:
    text = '<script>self.__next_f.push([1,"0:1"])</script>'
    assert flight.decode(b"0:%b\n" % json.dumps(text).encode()).rows == {0: text}
    assert flight.decode(b"0:T%x,%b" % (len(text), text.encode())).rows == {0: text}
