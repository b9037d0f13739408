"""What counts as a change of a record."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Creator, Record, SourceRef
from crawler.records.canonical import plain
from crawler.records.diff import Change, Kind, compare
from crawler.records.merge import UNDIGESTED, record_digest

BEFORE = Record(
    key="doi:10.1234/roads",
    type="study",
    title="Roads, 2010",
    keywords=["roads"],
    creators=[Creator(name="Depositor A")],
    sample_size=10,
)


def row(record: Record, **values: object) -> dict[str, Any]:
    """Return the row of a record with its digest."""
    changed = replace(record, **values)  # type: ignore[arg-type] # fields
    return plain(replace(changed, digest=record_digest(changed)))


def test_a_record_that_is_new_gone_or_the_same() -> None:
    assert compare(None, row(BEFORE)) == Change(key=BEFORE.key, change=Kind.ADDED)
    assert compare(row(BEFORE), None) == Change(key=BEFORE.key, change=Kind.WITHDRAWN)
    assert compare(row(BEFORE), row(BEFORE)) is None
    assert compare(None, None) is None


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"title": "Roads"}, ["title"]),
        ({"title": None, "sample_size": 0}, ["sample_size", "title"]),
        ({"keywords": []}, ["keywords"]),
        ({"keywords": ["roads", "rails"], "creators": []}, ["creators", "keywords"]),
        ({"creators": [Creator(name="Depositor A", type="organisation")]}, ["creators"]),
        ({"parts": ["harmony:1"], "superseded_by": "doi:10.1234/roads.2"}, ["parts", "superseded_by"]),
    ],
)
def test_an_update_names_the_fields_that_differ(values: dict[str, object], names: list[str]) -> None:
    assert compare(row(BEFORE), row(BEFORE, **values)) == Change(key=BEFORE.key, change=Kind.UPDATED, fields=names)


def test_rows_of_one_digest_are_the_same_whatever_form_they_were_read_from() -> None:
    assert compare(row(BEFORE), {**row(BEFORE), "creators": [("name", "Depositor A")]}) is None


def test_where_and_when_it_was_seen_is_no_change() -> None:
    source = SourceRef(source="ukds", url="https://x/", fetched_at="2031-01-01T00:00:00Z", digest="0" * 64)
    seen: dict[str, object] = {
        "sources": [source],
        "provenance": {"title": "ukds"},
        "conflicts": {"title": {"ukds": "Roads"}},
        "first_seen": "2030-01-01T00:00:00Z",
        "last_seen": "2031-01-01T00:00:00Z",
        "schema_version": 2,
    }
    assert seen.keys() | {"digest"} == UNDIGESTED
    assert compare(row(BEFORE), row(BEFORE, **seen)) is None
    change = compare(row(BEFORE), row(BEFORE, **seen, title="Roads"))
    assert change == Change(key=BEFORE.key, change=Kind.UPDATED, fields=["title"])


@pytest.mark.parametrize("empty", [None, []])
def test_a_column_that_an_older_schema_lacks_changes_nothing_until_it_has_a_value(empty: object) -> None:
    old, new = row(BEFORE), {**row(BEFORE), "digest": "another", "licence_note": empty}
    assert compare(old, new) is None
    assert compare(new, old) is None
    change = compare(old, {**new, "licence_note": 0})
    assert change == Change(key=BEFORE.key, change=Kind.UPDATED, fields=["licence_note"])


def test_a_column_inside_a_list_that_an_older_schema_lacks_changes_nothing_either() -> None:
    old, new = row(BEFORE), {**row(BEFORE), "digest": "another"}
    for creator in old["creators"]:
        del creator["orcid"]
    assert compare(old, new) is None
    for value in ("0000-0000-0000-0000", 0):
        new["creators"][0]["orcid"] = value
        assert compare(old, new) == Change(key=BEFORE.key, change=Kind.UPDATED, fields=["creators"])


@given(st.sets(st.sampled_from([field.name for field in fields(Record) if field.name not in UNDIGESTED])))
def test_any_digested_field_shows(names: set[str]) -> None:
    after = row(BEFORE) | {name: ["other"] for name in names} | {"key": BEFORE.key, "digest": "another"}
    change = compare(row(BEFORE), after)
    assert (change.fields if change else []) == sorted(names - {"key"})


def test_a_change_is_one_line_of_json() -> None:
    change = replace(Change(key="doi:10.1/a-1", change=Kind.WITHDRAWN), replaced_by="doi:10.1/a-2")
    assert orjson.loads(orjson.dumps(change)) == {
        "key": "doi:10.1/a-1",
        "change": "withdrawn",
        "fields": [],
        "replaced_by": "doi:10.1/a-2",
    }
