"""The recorded OAI-PMH answers of three generations, where they lie beside the checkout."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from crawler.items import Source
from crawler.loaders import load
from crawler.sites import ukds
from crawler.sites.page import Outcome
from crawler.sites.ukds.urls import study_url
from tests.conftest import ROOT

REAL = ROOT.parent / "shared/fixtures/oai"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the recorded answers are not beside the checkout")


@pytest.mark.parametrize(
    ("name", "number", "values"),
    [
        (
            "ddi-2000",
            2000,
            {
                "temporal_start": "1870-01-01",
                "temporal_end": "1973-12-31",
                "date_published": "1984",
                "date_modified": "2009-05-12",
            },
        ),
        (
            "getrecord-6684",
            6684,
            {
                "temporal_start": "2009-01-01",
                "temporal_end": "2009-12-31",
                "sample_size": 6708,
                "spatial_coverage": "England",
            },
        ),
        (
            "ddi-7481",
            7481,
            {
                "temporal_start": "1851-01-01",
                "temporal_end": "1911-12-31",
                "date_published": "2014-04-04",
                "date_modified": "2019-07-24",
            },
        ),
    ],
)
def test_the_real_records_leave_nothing_unknown(name: str, number: int, values: dict[str, Any]) -> None:
    page = ukds.read(study_url(number), (REAL / f"{name}.xml").read_bytes())
    assert (page.outcome, page.problems, page.unknown_keys, page.links) == (Outcome.RECORD, [], Counter(), [])
    (found,) = page.found
    assert found.source is Source.UKDS
    sighting = load(found, page=found.url, fetched_at="")
    assert {field: getattr(sighting, field) for field in values} == values
    assert (sighting.study_numbers, sighting.dois) == ([number], [f"10.5255/ukda-sn-{number}-1"])
    assert sighting.title
    assert "RECORD FOR STUDY" not in sighting.title
    assert sighting.publisher == "UK Data Service"
    assert not any(keyword.isdigit() for keyword in sighting.keywords)
    assert "<" not in (sighting.description or "<")
    assert "touch" not in repr(found.values)  # the text of every contact is "Get in touch"


def test_the_real_record_that_is_not_well_formed_tells_what_its_sound_twin_tells() -> None:
    damaged = ukds.read(study_url(7481), (REAL / "ddi-7481-not-wellformed.xml").read_bytes())
    whole = ukds.read(study_url(7481), (REAL / "ddi-7481.xml").read_bytes())
    assert damaged.found == whole.found
    assert [problem.what for problem in damaged.problems] == ["XML is not well-formed: ERR_TAG_NAME_MISMATCH"]


def test_the_real_deleted_record_is_gone() -> None:
    body = (REAL / "getrecord-1031-deleted.xml").read_bytes()
    assert ukds.read(study_url(1031), body).outcome is Outcome.GONE
    assert ukds.read(study_url(1032), body).outcome is Outcome.UNREADABLE
