"""What the pages of Harmony among the cases have to show together."""

from __future__ import annotations

import orjson
import pytest

from tests.sites.cases import cases

CASES = cases("harmony")


@pytest.mark.parametrize(("text", "html"), [("e1-item", "e1-item-html"), ("e2-study", "e2-study-html")])
def test_the_html_tells_what_its_twin_tells(text: str, html: str) -> None:
    stream, document = (orjson.loads((CASES[0].parent / name / "expected.json").read_bytes()) for name in (text, html))
    assert stream == document


def test_every_outcome_has_a_case() -> None:
    outcomes = {orjson.loads((case / "expected.json").read_bytes())["outcome"] for case in CASES}
    assert outcomes == {"record", "redirect", "absent", "client_rendered", "unreadable"}
