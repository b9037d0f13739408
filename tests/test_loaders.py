"""What a page says, as its source writes it, becomes a sighting."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from crawler.items import Catalogue, Creator, Source, Variable
from crawler.loaders import Loads, load
from crawler.sites.page import Found

UUID = "a" * 32
FIELDS: list[tuple[str, Any, Any]] = [
    # field, as the source has it, as the sighting has it
    ("title", " Roads  and\naccidents ", "Roads and accidents"),
    ("title", ["Roads", "Streets"], "Roads"),
    ("title", None, None),
    ("title", "", None),
    ("title", 1984, None),
    ("type", "Dataset", "dataset"),
    ("description", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
    ("keywords", ["AGE", "age", "<a title=", "Eating, in adults"], ["AGE", "Eating, in adults"]),
    (
        "creators",
        [{"@type": "Organization", "name": "An archive", "email": "x@example.org"}],
        [Creator(name="An archive", type="Organization")],
    ),
    (
        "creators",
        ["Depositor A", {"@type": "Person", "name": "Depositor B", "@id": "https://orcid.org/0000-0002-1825-0097"}],
        [Creator(name="Depositor A"), Creator(name="Depositor B", type="Person", orcid="0000-0002-1825-0097")],
    ),
    (
        "creators",
        [{"@type": "Person", "name": "x@example.org"}, {"name": ""}, {}],
        [],
    ),
    ("publisher", {"name": "UK Data Service"}, "UK Data Service"),
    ("publisher", "UK Data Service", "UK Data Service"),
    ("funders", [{"name": "A council"}, "A council", "B"], ["A council", "B"]),
    ("temporal_start", "2010", "2010-01-01"),
    ("temporal_end", "2010", "2010-12-31"),
    ("temporal_end", "soon", None),
    ("date_published", 2011, "2011"),
    ("country_codes", ["GB", "UK", "Peru"], ["GB"]),
    ("languages", ["EN", "en", "English"], ["en"]),
    ("sample_size", "11,314", 11314),
    ("sample_size", ["", "7"], 7),
    ("sample_size", True, None),
    ("age_min", 0, 0),
    (
        "variables",
        [{"name": "pidp", "description": ""}, "sex", {"description": "no name"}],
        [Variable(name="pidp"), Variable(name="sex")],
    ),
    (
        "catalogues",
        [{"name": "UK Data Service", "url": "HTTPS://Example.org"}, "text"],
        [Catalogue(name="UK Data Service", url="https://example.org/")],
    ),
    (
        "urls",
        ["", 7, "https://a.example/ https://b.example/", "https://a.example/)"],
        ["https://a.example/", "https://b.example/"],
    ),
    ("dois", ["http://dx.doi.org/10.5255/UKDA-SN-7-1", "10.5255/ukda-sn-7-1", "none"], ["10.5255/ukda-sn-7-1"]),
]


def found(**values: Any) -> Found:  # noqa: ANN401 - a table of fields
    return Found(source=Source.HARMONY_FLIGHT, values=values, url="https://example.org/x", uuid=UUID, slug="x")


@pytest.mark.parametrize(("field", "raw", "value"), FIELDS)
def test_fields(field: str, raw: object, value: object) -> None:
    loaded = getattr(load(found(**{field: raw}), page="p", fetched_at="t"), field)
    assert loaded == (value if value is not None or not isinstance(loaded, list) else [])


def test_study_numbers_come_from_urls_and_catalogues() -> None:
    sighting = load(
        found(
            urls=["https://reshare.ukdataservice.ac.uk/856334", "https://example.org/"],
            catalogues=[{"name": "UKDS", "url": "https://beta.ukdataservice.ac.uk/datacatalogue/studies/study?id=7"}],
        ),
        page="p",
        fetched_at="t",
    )
    assert sighting.study_numbers == [7, 856334]


def test_the_digest_is_of_what_is_said_not_of_where_and_when() -> None:
    first = load(found(title="Roads"), page="p", fetched_at="t")
    assert load(found(title=" Roads"), page="q", fetched_at="u").digest == first.digest
    assert load(found(title="Streets"), page="p", fetched_at="t").digest != first.digest


def test_a_mention_that_pages_repeat_is_the_same_sighting_at_another_place() -> None:
    loads = Loads(most=1)
    mention, other = found(title="Roads"), found(title="Streets \ud83d")
    mention.embedded = other.embedded = True
    for page in ("p", "q", "r"):
        for each in (mention, other):
            expected = load(each, page=page, fetched_at=page)
            assert asdict(loads.load(each, page=page, fetched_at=page)) == asdict(expected)
