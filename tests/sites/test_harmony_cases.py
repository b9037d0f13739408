"""Every directory of tests/sites/harmony is one page: its URL, its bytes, and what is read from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler.sites import harmony

CASES = sorted(Path(__file__).with_name("harmony").iterdir())


def told(page: object) -> dict[str, Any]:
    """Return a page as JSON has it, without what is empty."""
    value: dict[str, Any] = orjson.loads(orjson.dumps(page, default=list))  # a problem is a named tuple
    value["found"] = [{key: item for key, item in each.items() if item} for each in value["found"]]
    return {key: item for key, item in value.items() if item}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_read_from_a_page(case: Path) -> None:
    (body,) = (page.read_bytes() for page in case.glob("page.*"))
    page = told(harmony.read((case / "url").read_text().strip(), body))
    expected = case / "expected.json"
    if not expected.exists():
        expected.write_bytes(orjson.dumps(page, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        pytest.fail(f"{expected} was missing and has been written: review it")
    assert page == orjson.loads(expected.read_bytes())


@pytest.mark.parametrize(("text", "html"), [("e1-item", "e1-item-html"), ("e2-study", "e2-study-html")])
def test_the_html_tells_what_its_twin_tells(text: str, html: str) -> None:
    stream, document = (orjson.loads((CASES[0].parent / name / "expected.json").read_bytes()) for name in (text, html))
    assert stream == document


def test_every_outcome_has_a_case() -> None:
    outcomes = {orjson.loads((case / "expected.json").read_bytes())["outcome"] for case in CASES}
    assert outcomes == {"record", "redirect", "absent", "client_rendered", "unreadable"}
