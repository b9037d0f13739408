"""A run's sightings and targets as a whole."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from crawler.items import Sighting, State, Target
from crawler.records.merge import digest
from crawler.records.snapshot import Snapshot, settle

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
    records = {record.key: record for record in Snapshot(STUDY).records()}
    assert list(records) == [f"doi:{DOI}", f"harmony:{B}", f"harmony:{C}"]
    assert records[f"doi:{DOI}"].parts == [f"harmony:{B}", f"harmony:{C}"]
    assert {record.part_of for record in records.values()} == {None, f"doi:{DOI}"}
    assert {record.doi for record in records.values()} == {DOI}


def test_the_order_of_a_crawl_never_reaches_the_records() -> None:
    expected = list(Snapshot(STUDY).records())
    for order in permutations(STUDY):
        assert list(Snapshot(order).records()) == expected


def test_sightings_that_came_through_a_doi_are_counted() -> None:
    snapshot = Snapshot([flight(A, dois=[DOI]), flight(A, dois=[DOI], embedded=True), flight(B, dois=[DOI])])
    assert len(list(snapshot.records())) == 1
    assert snapshot.joined_by_doi == 1


def test_what_nothing_identifies_is_counted_and_left_out() -> None:
    snapshot = Snapshot([flight(None), flight(A)])
    assert [record.key for record in snapshot.records()] == [f"harmony:{A}"]
    assert snapshot.unidentified == 1


def test_every_url_is_settled_in_one_state() -> None:
    page = Target(url="https://x/a", state=State.STORED, links=["https://x/b", "https://x/c", "https://x/d"])
    page.told = ["https://x/c", "https://x/e"]
    sitemap = Target(url="https://x/sitemap.xml", state=None, links=["https://x/a", "https://x/f"])
    failed = Target(url="https://x/d", state=State.FETCH_FAILED)
    again = Target(url="https://x/d", state=State.STORED)
    for order in permutations([page, sitemap, failed, again]):
        settled = settle(order)
        assert [(target.url[10:], target.state) for target in settled] == [
            ("a", State.STORED),
            ("b", State.NOT_ATTEMPTED),
            ("c", State.DUPLICATE),
            ("d", State.STORED),
            ("f", State.NOT_ATTEMPTED),
            ("sitemap.xml", None),
        ]
