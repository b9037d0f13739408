from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator

from crawler.export import schema
from crawler.items import Description, Record
from crawler.records.canonical import plain
from tests.export.sample import full_record

if TYPE_CHECKING:
    from collections.abc import Iterator

VALIDATOR = Draft202012Validator(schema.json_schema())


def test_the_schema_is_one_and_takes_a_full_and_an_empty_record() -> None:
    Draft202012Validator.check_schema(schema.json_schema())
    VALIDATOR.validate(plain(full_record()))
    VALIDATOR.validate(plain(Record(key="ukda:12", digest="b" * 64)))
    VALIDATOR.validate({"key": "ukda:12"})


def test_the_full_record_of_these_tests_has_every_field_but_the_parts_own() -> None:
    assert [name for name, value in plain(full_record()).items() if value in (None, [], {})] == ["part_of"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "red"}, ""),
        ({"key": "10.1234/meals"}, "key"),
        ({"key": None}, "key"),
        ({"type": "collection"}, "type"),
        ({"title": ""}, "title"),
        ({"title": ["a"]}, "title"),
        ({"keywords": None}, "keywords"),
        ({"keywords": ["a", None]}, "keywords"),
        ({"doi": "10.1234/MEALS"}, "doi"),
        ({"dois": ["https://doi.org/10.1234/meals"]}, "dois"),
        ({"country_codes": ["gb"]}, "country_codes"),
        ({"age_min": "18"}, "age_min"),
        ({"date_published": "March 2021"}, "date_published"),
        ({"creators": [{"type": "organisation"}]}, "creators"),
        ({"creators": [{"name": "Depositor A", "phone": "1"}]}, "creators"),
        ({"variables": [{"name": ""}]}, "variables"),
        ({"provenance": {"title": 1}}, "provenance"),
        ({"conflicts": {"title": "a"}}, "conflicts"),
        ({"digest": "b"}, "digest"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_the_schema_refuses(change: dict[str, Any], where: str) -> None:
    errors = list(VALIDATOR.iter_errors(plain(full_record()) | change))
    assert ["".join(map(str, error.absolute_path))[: len(where)] for error in errors] == [where]


def test_the_schema_wants_the_key() -> None:
    row = plain(full_record())
    del row["key"]
    assert [error.message for error in VALIDATOR.iter_errors(row)] == ["'key' is a required property"]


def paths(part: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, inner in part.get("properties", {}).items():
        yield path + name
        yield from paths(inner.get("items", inner), f"{path}{name}.")


def test_every_constraint_names_a_field() -> None:
    assert set(schema.CONSTRAINTS) <= set(paths(schema.json_schema()))


def test_every_field_is_described_in_every_form() -> None:
    names = {field.name for field in fields(Record)}
    properties = schema.json_schema()["properties"]
    assert set(properties) == set(schema.RECORDS.names) == names
    assert all(inner["description"] for inner in properties.values())
    assert {line.split("`")[1] for line in schema.field_table().splitlines()[2:]} == names


def test_the_table_says_types_in_words() -> None:
    table = schema.field_table()
    assert "\n| `age_min` | integer | Youngest age covered, in years. |\n" in table
    assert "\n| `creators` | list of {name, type, orcid} | " in table
    assert "\n| `conflicts` | map of text to map of text to text | " in table
    assert {line.count(" | ") for line in table.splitlines()} <= {2, 0}


def test_arrow_says_what_can_be_null() -> None:
    text, words = pa.string(), pa.list_(pa.field("element", pa.string(), nullable=False))
    assert schema.RECORDS.field("key") == pa.field("key", text, nullable=False)
    assert schema.RECORDS.field("title") == pa.field("title", text)
    assert schema.RECORDS.field("keywords") == pa.field("keywords", words, nullable=False)
    assert schema.RECORDS.field("study_number").type == pa.int64()
    assert schema.RECORDS.field("provenance").type == pa.map_(text, pa.field("value", text, nullable=False))
    assert pa.types.is_map(schema.RECORDS.field("conflicts").type.item_type)
    assert schema.RECORDS.field("creators").type.value_type.names == ["name", "type", "orcid"]


def test_the_ledger_has_the_targets_row_and_the_sightings_all_of_it() -> None:
    assert schema.LEDGER.names == ["url", "state", "reason", "status", "attempts", "fetched_at"]
    more = ["sightings", "links", "told", "route", "etag", "last_modified", "extractor_version", "base"]
    assert schema.SIGHTINGS.names == schema.LEDGER.names + more
    told = schema.SIGHTINGS.field("sightings").type.value_type
    assert {field.name for field in fields(Description)} | {"uuid", "ancestors", "embedded"} <= set(told.names)
    assert told.field("embedded").type == pa.bool_()


def test_a_type_without_a_form_is_refused() -> None:
    @dataclass
    class Strange:
        weight: float

    with pytest.raises(TypeError, match="weight: <class 'float'> has no place"):
        schema.arrow_schema(Strange)
