"""Every directory of tests/sites/ukds is one answer: the URL of its target, its bytes, and what is read from it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from crawler.loaders import load
from crawler.records.validate import validate
from crawler.sites import ukds
from tests.sites.test_harmony_cases import told

CASES = sorted(Path(__file__).with_name("ukds").iterdir())


def answer(case: Path) -> tuple[str, bytes]:
    (body,) = (page.read_bytes() for page in case.glob("page.*"))
    return (case / "url").read_text().strip(), body


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_read_from_an_answer(case: Path) -> None:
    page = told(ukds.read(*answer(case)))
    expected = case / "expected.json"
    if not expected.exists():
        expected.write_bytes(orjson.dumps(page, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        pytest.fail(f"{expected} was missing and has been written: review it")
    assert page == orjson.loads(expected.read_bytes())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_found_is_of_the_target_and_can_be_stored(case: Path) -> None:
    url, body = answer(case)
    for found in ukds.read(url, body).found:
        assert (found.url, found.values["urls"][0]) == (url, url)
        sighting = load(found, page=url, fetched_at="")
        assert sighting.title
        if "/series/" not in url:  # no series has a study number, and this one has no DOI
            validate(sighting)


def test_no_contact_reaches_a_value() -> None:
    url, body = answer(next(case for case in CASES if case.name == "oai-2015"))
    assert b"01234 567890" in body
    assert b"someone@" in body
    values = repr(ukds.read(url, body))
    assert "567890" not in values
    assert "someone" not in values
    assert "Ask us" not in values
