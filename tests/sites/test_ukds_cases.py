"""What the answers of the UK Data Service among the cases have to show besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.loaders import load
from crawler.records.validate import validate
from crawler.sites import ukds
from tests.sites.cases import asked, cases

if TYPE_CHECKING:
    from pathlib import Path

CASES = cases("ukds")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_found_is_of_the_target_and_can_be_stored(case: Path) -> None:
    url, body = asked(case)
    for found in ukds.read(url, body).found:
        assert (found.url, found.values["urls"][0]) == (url, url)
        sighting = load(found, page=url, fetched_at="")
        assert sighting.title
        if "/series/" not in url:  # no series has a study number, and this one has no DOI
            validate(sighting)


def test_no_contact_reaches_a_value() -> None:
    url, body = asked(next(case for case in CASES if case.name == "oai-2015"))
    assert b"01234 567890" in body
    assert b"someone@" in body
    values = repr(ukds.read(url, body))
    assert "567890" not in values
    assert "someone" not in values
    assert "Ask us" not in values
