"""Field tables of search results and detail props: what the catalogue's own habits mean."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import Any

import pytest

from crawler.items import Description
from crawler.sites.harmony.fields import DETAIL_PROPS, SEARCH_RESULT, read_detail_props, read_search_result
from crawler.sites.schema_org import DATASET


def result(schema: dict[str, Any] | None = None, **extra: Any) -> dict[str, Any]:  # noqa: ANN401 - decoded JSON
    return read_search_result({"dataset_schema": schema or {}, "extra_data": extra}, Counter())


def props(**values: object) -> dict[str, Any]:
    return read_detail_props(values, Counter())


@pytest.mark.parametrize("table", [SEARCH_RESULT, DETAIL_PROPS, DATASET])
def test_a_table_tells_fields_of_the_record(table: Any) -> None:  # noqa: ANN401 - three tables of one type
    assert table.rows.keys() <= {field.name for field in fields(Description)}


def test_every_field_but_one_is_told_by_some_table() -> None:
    told = SEARCH_RESULT.rows.keys() | DETAIL_PROPS.rows.keys() | DATASET.rows.keys()
    assert {field.name for field in fields(Description)} - told == {"data_kinds"}


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (0, 999, {}),
        (0, 0, {}),
        (16, 999, {"age_min": 16}),
        (16, 0, {"age_min": 16}),
        (0, 16, {"age_min": 0, "age_max": 16}),
        (None, 16, {"age_max": 16}),
        (7, None, {"age_min": 7}),
        ("0", "999", {}),
    ],
)
def test_ages_without_an_end(lower: object, upper: object, expected: dict[str, Any]) -> None:
    assert result(age_lower=lower, age_upper=upper) == expected


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        ("11 - 16 years", {"age_min": "11", "age_max": "16"}),
        ("0 - 16 years", {"age_min": "0", "age_max": "16"}),
        ("0 - 999 years", {}),
        ("16+ years", {"age_min": "16"}),
        ("null - 16 years", {"age_max": "16"}),
        ("16 - null years", {"age_min": "16"}),
        ("null+ years", {}),
        ("adults", {}),
    ],
)
def test_ages_in_words(coverage: str, expected: dict[str, Any]) -> None:
    assert props(ageCoverage=coverage) == expected


def test_zero_is_no_year_and_no_count() -> None:
    assert (
        result({"size": "0", "number_of_variables": 0}, start_year=0, end_year=0, sample_size=0, num_variables=0) == {}
    )


def test_years_stand_in_for_a_missing_coverage_only() -> None:
    whole = result({"temporalCoverage": "2009-06-29T00:00:00Z/2010-05-16T00:00:00Z"}, start_year=2009, end_year=2011)
    assert (whole["temporal_start"], whole["temporal_end"]) == ("2009-06-29T00:00:00Z", "2010-05-16T00:00:00Z")
    assert result({"temporalCoverage": "2009.."}, end_year=2011) == {"temporal_start": "2009", "temporal_end": 2011}
    assert result(start_year=2009, end_year=2011) == {"temporal_start": 2009, "temporal_end": 2011}


def test_the_catalogues_counts_go_before_those_of_what_is_listed() -> None:
    assert result({"number_of_variables": 2}, num_variables=43) == {"variable_count": 43}
    assert result({"number_of_variables": 2}, num_variables=None) == {"variable_count": 2}
    assert result({"size": "11314"}, sample_size=None) == {"sample_size": "11314"}


def test_identifiers_are_dois_pages_or_nothing() -> None:
    schema = {
        "url": ["", "https://reshare.ukdataservice.ac.uk/850565", "http://dx.doi.org/10.5255/UKDA-SN-850565"],
        "identifier": ["10.5255/UKDA-SN-850565", "https://www.example.org/studies/9", "SN 850565"],
    }
    assert result(schema, dois=["10.5255/UKDA-SN-850565", "https://doi.org/10.5255/UKDA-SN-850565"]) == {
        "urls": [
            "https://reshare.ukdataservice.ac.uk/850565",
            "http://dx.doi.org/10.5255/UKDA-SN-850565",
            "https://www.example.org/studies/9",
        ],
        "dois": [
            "10.5255/UKDA-SN-850565",
            "https://doi.org/10.5255/UKDA-SN-850565",
            "http://dx.doi.org/10.5255/UKDA-SN-850565",
        ],
    }


@pytest.mark.parametrize(
    ("access", "urls"),
    [
        ("https://a.example/ https://b.example/", ["https://a.example/", "https://b.example/"]),
        ("https://a.example/", ["https://a.example/"]),
        ("Ask the archive.\nSee https://a.example/", []),
    ],
)
def test_access_is_kept_as_it_is_and_its_urls_are_pages_elsewhere(access: str, urls: list[str]) -> None:
    values = result(data_access=access)
    assert values["access"] == access
    assert values.get("urls", []) == urls


def test_a_second_name_is_an_alternate_title() -> None:
    assert result({"name": "Roads, 2010"}, name="Roads") == {"title": "Roads, 2010", "alternate_titles": ["Roads"]}
    assert result({"name": "Roads"}, name="Roads") == result(name="Roads") == {"title": "Roads"}


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        ("GB", {"country_codes": ["GB"]}),
        ("GB, IE", {"country_codes": ["GB", "IE"]}),
        ("Ethiopia, India, Peru, Vietnam", {"spatial_coverage": "Ethiopia, India, Peru, Vietnam"}),
        ("UK and Ireland", {"spatial_coverage": "UK and Ireland"}),
        (None, {}),
    ],
)
def test_places_are_told_from_country_codes(coverage: object, expected: dict[str, Any]) -> None:
    assert props(geographicCoverage=coverage) == expected


def test_the_type_is_never_that_of_schema_org() -> None:
    assert result({"@type": "Dataset"}) == props(resourceType="Dataset") == {}
    assert result({"@type": "Dataset"}, resource_type="study") == props(resourceType="study") == {"type": "study"}


def test_what_stands_in_for_a_missing_name_is_no_name() -> None:
    nameless = {"title": "Untitled Study", "publisher": {"name": "Unknown Publisher"}}
    assert props(**nameless, funders=[{"name": "Funding Organization"}], dataCatalogs=[{"name": "Data Catalog"}]) == {}


@pytest.mark.parametrize("value", ["", " ", [" "], [], {}, None, [""], [None], [[]], [{}], True])
def test_what_is_empty_is_absent(value: object) -> None:
    schema = dict.fromkeys((key.removeprefix("dataset_schema.") for key in _keys("dataset_schema.")), value)
    extra = dict.fromkeys((key.removeprefix("extra_data.") for key in _keys("extra_data.")), value)
    assert result(schema, **extra) == {}


def _keys(prefix: str) -> list[str]:
    steps = [key if isinstance(key, str) else key[0] for keys in SEARCH_RESULT.rows.values() for key in keys]
    return [key for key in steps if key.startswith(prefix)]
