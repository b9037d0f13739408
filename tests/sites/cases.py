"""A directory per case: the URL of a target, the bytes of an answer, and what is read from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.sites.page import Page

HERE = Path(__file__).parent


def cases(site: str) -> list[Path]:
    """Return the directories of a site's cases."""
    return sorted((HERE / site).iterdir())


def asked(case: Path) -> tuple[str, bytes]:
    """Return a case's URL and answer."""
    (body,) = (page.read_bytes() for page in case.glob("page.*"))
    return (case / "url").read_text().strip(), body


def told(page: Page) -> dict[str, Any]:
    """Return a page as JSON has it, without what is empty."""
    value: dict[str, Any] = orjson.loads(orjson.dumps(page, default=list))
    value["found"] = [{key: item for key, item in each.items() if item} for each in value["found"]]
    return {key: item for key, item in value.items() if item}


def check(case: Path, read: Callable[[str, bytes], Page]) -> None:
    """Compare what is read with what is expected; where nothing is, write it and ask for a review."""
    page = told(read(*asked(case)))
    expected = case / "expected.json"
    if not expected.exists():
        expected.write_bytes(orjson.dumps(page, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        pytest.fail(f"{expected} was missing and has been written: review it")
    assert page == orjson.loads(expected.read_bytes())
