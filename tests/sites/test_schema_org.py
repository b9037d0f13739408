"""schema.org values: what of them tells a field."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from crawler.sites.schema_org import DATASET, end, pages_only, positive, start, urls_only
from crawler.sites.table import Table, label


@pytest.mark.parametrize(
    ("coverage", "first", "last"),
    [
        ("2010-01-01/2010-12-31", "2010-01-01", "2010-12-31"),
        ("2009-06-29T00:00:00Z/2024-05-16T00:00:00Z", "2009-06-29T00:00:00Z", "2024-05-16T00:00:00Z"),
        ("2009..2012", "2009", "2012"),
        ("2009..", "2009", None),
        ("../2012", None, "2012"),
        ("2009/..", "2009", None),
        ("2009/", "2009", None),
        ("2009 - 2012", "2009", "2012"),
        ("2009\u20132012", "2009", "2012"),
        ("2009 to 2012", "2009", "2012"),
        ("2009-2012", "2009", "2012"),
        ("2009-12", "2009-12", "2009-12"),
        ("2009-12-31", "2009-12-31", "2009-12-31"),
        ("2011", "2011", "2011"),
        (2011, 2011, 2011),
    ],
)
def test_both_ends_of_a_coverage(coverage: object, first: object, last: object) -> None:
    assert (start(coverage), end(coverage)) == (first, last)


def test_zero_stands_for_not_known() -> None:
    when = datetime(2011, 1, 1, tzinfo=UTC)
    assert [positive(each) for each in (0, 0.0, "0", -1, "", 7, "11,314", when)] == [
        *[None] * 5,
        7,
        "11,314",
        when,
    ]


def test_a_period_of_several_parts_goes_from_the_first_day_to_the_last() -> None:
    source = {"temporalCoverage": ["2005/2007", "2001-05-01/2003"]}
    assert DATASET.read(source, Counter()) == {"temporal_start": "2001-05-01", "temporal_end": "2007"}


def test_the_value_of_a_property_counts_and_not_its_name() -> None:
    source = {"identifier": [{"@type": "PropertyValue", "name": "DOI", "value": "10.5255/UKDA-SN-1"}]}
    assert DATASET.read(source, Counter()) == {"dois": ["10.5255/UKDA-SN-1"]}


def test_urls_are_told_from_prose() -> None:
    assert urls_only("https://a.example\nHTTP://b.example/x) ") == ["https://a.example", "HTTP://b.example/x)"]
    assert urls_only("http://a" * 1000 + " and more") == []  # which holds many a URL in many a way
    assert urls_only("Apply at https://a.example") == urls_only("") == urls_only(None) == urls_only(7) == []
    assert pages_only("http://dx.doi.org/10.5255/UKDA-SN-1") == pages_only("SN 1") == []


def test_a_table_unites_texts_and_takes_the_first_of_anything_else() -> None:
    table = Table({"title": ("a", "b"), "keywords": ("a", "b"), "creators": ("c", "d")}, frozenset())
    source = {"a": ["x", 7, " "], "b": ["y", "x"], "c": [{}, "e", {"name": "f"}], "d": ["g"]}
    assert table.read(source, Counter()) == {
        "title": "x",
        "keywords": ["x", "7", "y"],
        "creators": ["e", {"name": "f"}],
    }


def test_places_are_one_text() -> None:
    node = {"spatialCoverage": [{"@type": "Place", "name": "England"}, "Wales"]}
    assert DATASET.read(node, Counter()) == {"spatial_coverage": "England, Wales"}


def test_keys_that_no_rule_knows_are_counted_by_their_dotted_names() -> None:
    unknown: Counter[str] = Counter()
    people = [{"name": "Depositor A", "shoeSize": 1}, {"name": "Depositor B", "shoeSize": 2}]
    node = {"@type": "Dataset", "creator": people, "license": {"name": "CC BY", "jurisdiction": "x"}, "weather": None}
    assert DATASET.read(node, unknown, "jsonld.")["license"] == "CC BY"
    assert unknown == {"jsonld.creator.shoeSize": 2, "jsonld.license.jurisdiction": 1, "jsonld.weather": 1}


@pytest.mark.parametrize("value", [None, "", " ", [], {}, {"name": ""}, True, False, b"x", ["a"]])
def test_what_has_no_label_has_none(value: object) -> None:
    assert not label(value)


def test_no_type_is_taken_from_schema_org() -> None:
    assert "type" not in DATASET.rows
