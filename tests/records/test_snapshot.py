"""The sightings of some items as a whole."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from crawler.items import Sighting
from crawler.records.merge import digest
from crawler.records.snapshot import records

A, B, C = ("a" * 32, "b" * 32, "c" * 32)
DOI = "10.5255/ukda-sn-7-2"


def flight(uuid: str | None, **values: object) -> Sighting:
    sighting = Sighting(source="harmony_flight", uuid=uuid, title="Roads", **values)  # type: ignore[arg-type] # fields
    return replace(sighting, digest=digest(sighting))


STUDY = [
    flight(A, dois=[DOI], children=[B, C], type="study"),
    flight(B, dois=[DOI], ancestors=[A], type="dataset"),
    flight(C, type="dataset"),
    flight(A, dois=[DOI], embedded=True, type="study"),
]


def test_a_study_and_its_parts_name_each_other() -> None:
    found = {record.key: record for record in records(STUDY)}
    assert list(found) == [f"doi:{DOI}", f"harmony:{B}", f"harmony:{C}"]
    assert found[f"doi:{DOI}"].parts == [f"harmony:{B}", f"harmony:{C}"]
    assert {record.part_of for record in found.values()} == {None, f"doi:{DOI}"}
    assert {record.doi for record in found.values()} == {DOI}


def test_the_order_of_a_crawl_never_reaches_the_records() -> None:
    expected = list(records(STUDY))
    for order in permutations(STUDY):
        assert list(records(order)) == expected


def test_what_nothing_identifies_is_left_out() -> None:
    assert [record.key for record in records([flight(None), flight(A)])] == [f"harmony:{A}"]
