"""Plain text: the source's words, and nothing but them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.normalise import text as cleaning
from crawler.records.normalise.text import EMAIL_REMOVED, PHONE_REMOVED, keyword, line, plain_text

TEXTS = {
    "plain": "plain",
    "  two  spaces\tand a tab ": "two spaces and a tab",
    "a\r\nb": "a\nb",
    "a\n\n\n\nb": "a\n\nb",
    "a \nb": "a\nb",
    "a\n b": "a\nb",
    " \n \n": None,
    "": None,
    "&nbsp;": None,
    "<p></p>": None,
    "<p>One.</p><p>Two.</p>": "One.\n\nTwo.",
    "<p>One.</p>\n<p>Two.</p>": "One.\n\nTwo.",
    "One.<br>Two.<br/>Three.<BR />Four.": "One.\nTwo.\nThree.\nFour.",
    "One.<br>\nTwo.": "One.\nTwo.",
    "A <b>bold</b> <i class='x'>word</i>": "A bold word",
    'in the <a href="https://example.org/a?b=1&amp;c">world</a>.Since 1970': "in the world.Since 1970",
    "<ul><li>one</li><li>two</li></ul>": "one\n\ntwo",
    "parents of children (<16 years), using a mix of methods to gain (>3)": (
        "parents of children (<16 years), using a mix of methods to gain (>3)"
    ),
    "p <0.05 and n> 30": "p <0.05 and n> 30",
    "a<b and b>a": "a<b and b>a",
    "<unknown>kept</unknown>": "<unknown>kept</unknown>",
    "x &lt;b&gt; y &amp;amp; z": "x <b> y &amp; z",
    "caf&eacute; &#x27;quoted&#x27; &#8211;": "café 'quoted' –",
    "before<!-- a comment <b> -->after": "beforeafter",
    "before<script>alert(1)</script>after<style>p{}</style>": "beforeafter",
    "zero\u200bwidth \ufeffmark so\u00adft": "zerowidth mark soft",
    "bell\x07 and null\x00": "bell and null",
    "lone \ud83d surrogate": "lone \ufffd surrogate",
    "whole \U0001f600 pair": "whole \U0001f600 pair",
    "“quotes” – and … non-ASCII": "“quotes” – and … non-ASCII",
    "line\u2028separator": "line\nseparator",
    "write to data.team+x@example.ac.uk, please": f"write to {EMAIL_REMOVED}, please",
    "mailto:someone@example.org": EMAIL_REMOVED,
    "someone [at] example.org": EMAIL_REMOVED,
    "someone(at)example.org": EMAIL_REMOVED,
    "someone{AT}example.org": EMAIL_REMOVED,
    "ask someone @ example.org": f"ask {EMAIL_REMOVED}",
    "someone\uff20example.org": EMAIL_REMOVED,
    "someone@\nexample.org or any  @  example.org": f"{EMAIL_REMOVED} or {EMAIL_REMOVED}",
    "someone (at) example (dot) ac [dot] uk": EMAIL_REMOVED,
    "someone&amp;#64;example.org": EMAIL_REMOVED,
    "someone<o:p></o:p>@example.org": EMAIL_REMOVED,
    "Tel: +44 (0)1206 000000, fax 01206 000-000.": f"{PHONE_REMOVED}, {PHONE_REMOVED}.",
    "ring +441206000000 or telephone number 01206 000000": f"ring {PHONE_REMOVED} or {PHONE_REMOVED}",
    "asked by telephone 1998-2005, mobile 2010; ages 16+ 1991-2009": (
        "asked by telephone 1998-2005, mobile 2010; ages 16+ 1991-2009"
    ),
    "<center>A</center><strike>b</strike><wbr><td nowrap>c": "A\n\nb\n\nc",
    "someone@ex\u00e4mple.\u0440\u0444": EMAIL_REMOVED,
    "the team at example.org": "the team at example.org",
    "<a href='mailto:x@example.org'>x@example.org</a>": EMAIL_REMOVED,
    "at 5 @ 3 o'clock, @handle": "at 5 @ 3 o'clock, @handle",
    "$18": "$18",
}


@given(st.text("ab  \n\n\t\xa0\u2028<&;@\uff20(at)[].", max_size=12))
def test_what_is_plain_already_is_what_cleaning_makes_of_it(source: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        quick = plain_text(source)
        patch.setattr(cleaning, "_is_plain", lambda _: False)
        assert plain_text(source) == quick


@pytest.mark.parametrize(("source", "text"), TEXTS.items())
def test_plain_text(source: str, text: str | None) -> None:
    assert plain_text(source) == text


def test_a_line_has_no_breaks() -> None:
    assert line("Roads,<br>2010\n\n revised") == "Roads, 2010 revised"
    assert line(" \n") is None


def test_markup_that_takes_a_keywords_place_is_dropped() -> None:
    assert keyword("<a title=") is None
    assert keyword(' <a name="AGE">AGE</a>') is None
    assert keyword('AGE <a title="x"') is None
    assert keyword("Eating  disorders, in adults") == "Eating disorders, in adults"


@given(st.text(st.characters(), max_size=80))
def test_any_text_comes_out_storable(source: str) -> None:
    text = plain_text(source)
    if text is not None:
        text.encode()
        assert text == text.strip()
        assert "\n\n\n" not in text


@given(st.text(alphabet="ab <>/p&;\n", max_size=60))
def test_cleaning_twice_is_cleaning_once_where_no_markup_is_left(source: str) -> None:
    once = plain_text(source)
    if once is not None and "<" not in once and "&" not in once:
        assert plain_text(once) == once
