"""What becomes of the sightings of the snapshot before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crawler.export.gathering import Gathering
from crawler.export.staging import Staging, scratch
from crawler.items import State, Target
from crawler.records.canonical import plain
from crawler.sites import ukds
from tests.export.crawled import FIRST, SECOND, THIRD, ended, listed, page, seeded, sighting, stored, unchanged
from tests.export.staged import lines, snapshot, staged

if TYPE_CHECKING:
    from crawler.export.rows import Row

STAY, LEAVE, NEW = "stay", "leave", "new"


def moved(slug: str, to: str) -> Target:
    return ended(slug, State.REDIRECTED, links=[page(to)])


FATES: dict[str, tuple[list[Target], str, str]] = {
    # what the run came upon -> what becomes of the sightings after a complete enumeration, and after another
    "stored with it": ([stored("a", at=SECOND)], NEW, NEW),
    "stored without it": ([stored("a", sighting("b", on="a"), at=SECOND)], NEW, NEW),
    "unchanged": ([unchanged("a", "run-1")], NEW, NEW),
    "not found": ([ended("a", State.NOT_FOUND)], LEAVE, LEAVE),
    "moved to what is told": ([moved("a", "b"), stored("b")], LEAVE, LEAVE),
    "moved twice": ([moved("a", "b"), moved("b", "c"), unchanged("c", "run-1")], LEAVE, LEAVE),
    "moved to what is told elsewhere": ([moved("a", "b"), stored("c", told=[page("b")])], LEAVE, LEAVE),
    "moved to what is gone": ([moved("a", "b"), ended("b", State.NOT_FOUND)], LEAVE, LEAVE),
    "moved, and no answer there": ([moved("a", "b"), listed("a"), ended("b", State.FETCH_FAILED)], STAY, STAY),
    "moved, behind the limit": ([moved("a", "b"), listed("a")], STAY, STAY),
    "moved in a circle": ([moved("a", "b"), moved("b", "a")], STAY, STAY),
    "moved out of the catalogue": ([moved("a", "b"), listed("a"), ended("b", State.OUT_OF_SCOPE)], STAY, STAY),
    "invalid": ([ended("a", State.INVALID)], LEAVE, LEAVE),
    "fetch failed, linked": ([listed("a"), ended("a", State.FETCH_FAILED)], STAY, STAY),
    "parse failed, linked": ([listed("a"), ended("a", State.PARSE_FAILED)], STAY, STAY),
    "denied, linked": ([listed("a"), ended("a", State.DENIED_BY_ROBOTS)], STAY, STAY),
    "out of scope, linked": ([listed("a"), ended("a", State.OUT_OF_SCOPE)], STAY, STAY),
    "out of scope, not linked": ([seeded("run-1", "a"), listed("b"), ended("a", State.OUT_OF_SCOPE)], LEAVE, STAY),
    "a browser is wanted, linked": ([listed("a"), ended("a", State.NOT_ATTEMPTED)], STAY, STAY),
    "linked, not attempted": ([listed("a")], STAY, STAY),
    "linked by a page, not attempted": ([stored("b", links=[page("a")])], STAY, STAY),
    "told elsewhere, linked": ([stored("b", links=[page("a")], told=[page("a")])], STAY, STAY),
    "only seeded": ([seeded("run-1", "a"), listed("b")], LEAVE, STAY),
    "not come upon": ([listed("b")], LEAVE, STAY),
}


def fate(row: Row | None) -> str:
    if row is None or not row["sightings"]:
        return LEAVE
    return STAY if row["base"] else NEW


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("case", FATES)
def test_a_sighting_leaves_only_by_the_rule(case: str, complete: bool) -> None:
    targets, after_all, after_some = FATES[case]
    rows = {row["url"]: row for row in snapshot(targets, ("run-1", [plain(stored("a"))]), complete=complete)}
    row = rows.get(page("a"))
    assert fate(row) == (after_all if complete else after_some)
    if row is not None and row["base"]:
        assert row["base"] == "run-1"
        assert row["sightings"] == [plain(sighting("a"))]


@pytest.mark.parametrize("targets", [[listed("b")], [ended("a", State.FETCH_FAILED)]])
def test_what_another_site_told_does_not_vanish(targets: list[Target]) -> None:
    """A run has seen all there is of the site that it began at: that nothing leads to a DOI says nothing of it."""
    url = "https://doi.org/10.5255/ukda-sn-1-1"
    before = plain(replace(stored("a"), url=url))
    asked = [replace(target, url=url) if target.url == page("a") else target for target in targets]
    rows = {row["url"]: row for row in snapshot(asked, ("run-1", [before]), complete=True)}
    assert fate(rows.get(url)) == STAY


def test_what_the_catalogue_told_does_not_vanish_from_a_complete_run_of_another_site() -> None:
    study, gone = ukds.pages_of("7777"), ukds.pages_of("8888")
    elsewhere = replace(listed(), url="https://datacatalogue.ukdataservice.ac.uk/sitemap.xml", links=study)
    before = [plain(stored("a")), plain(replace(stored("b"), url=gone[0]))]
    rows = {row["url"]: row for row in snapshot([elsewhere], ("run-1", before), complete=True)}
    assert (fate(rows.get(page("a"))), fate(rows.get(gone[0]))) == (STAY, LEAVE)


def test_a_source_that_is_kept_stays_as_it_was() -> None:
    url, new = "https://doi.org/10.5255/ukda-sn-1-1", "https://doi.org/10.5255/ukda-sn-1-2"
    with scratch() as database:
        staging = Staging(database)
        read = [replace(stored("b", at=SECOND), url=each) for each in (url, new)]
        staging.take_log(lines([*read, stored("c", at=SECOND)]))
        staging.keep(["datacite"])
        staging.take_snapshot("run-1", [plain(replace(stored("a"), url=url))], complete=True)
        staging.settle()
        Gathering(database)
        assert {row["url"]: fate(row) for row in staging.snapshot()} == {page("c"): NEW, url: STAY, new: LEAVE}
        assert {row["state"] for row in staging.ledger()} == {"stored"}


def test_a_new_answer_replaces_the_sightings() -> None:
    (row,) = snapshot([stored("a", sighting("b", on="a"), at=SECOND)], ("run-1", [plain(stored("a"))]))
    assert [each["slug"] for each in row["sightings"]] == ["b"]


def test_an_unchanged_target_has_its_sightings_again_as_seen_now() -> None:
    (row,) = snapshot([unchanged("a", "run-1")], ("run-1", [plain(stored("a"))]))
    assert row["sightings"] == [plain(sighting("a", at=SECOND))]
    assert (row["state"], row["base"], row["etag"], row["fetched_at"]) == ("unchanged", None, '"a-again"', SECOND)


GOOD = {"state": "stored", "etag": '"a"', "route": f"{page('a')}.txt", "extractor_version": "1", "fetched_at": FIRST}
BAD = {"etag": None, "route": None, "extractor_version": "2", "fetched_at": SECOND}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([], GOOD),
        ([ended("a", State.NOT_ATTEMPTED)], GOOD),
        ([ended("a", State.FETCH_FAILED)], BAD | {"state": "fetch_failed"}),
        ([ended("a", State.PARSE_FAILED)], BAD | {"state": "parse_failed"}),
        ([ended("a", State.DENIED_BY_ROBOTS)], BAD | {"state": "denied_by_robots"}),
    ],
    ids=["not come to", "not_attempted", "fetch_failed", "parse_failed", "denied_by_robots"],
)
def test_what_is_carried_keeps_its_validators_unless_the_run_got_no_good_answer(
    asked: list[Target], expected: dict[str, Any]
) -> None:
    before = stored("a", links=[page("b")], told=[page("c")])
    first = snapshot([listed("a"), *asked], ("run-1", [plain(before)]))
    second = snapshot([listed("a")], ("run-2", first))
    for rows in (first, second):
        row = next(row for row in rows if row["url"] == page("a"))
        assert {name: row[name] for name in expected} == expected
        assert (row["base"], row["links"], row["told"]) == ("run-1", [page("b")], [page("c")])


def test_what_is_carried_again_keeps_the_run_that_read_it() -> None:
    first = snapshot([listed("a")], ("run-1", [plain(stored("a"))]))
    with staged([listed("a"), ended("a", State.FETCH_FAILED)], ("run-2", first)) as staging:
        assert staging.carried() == {"run-1": 1}
        second = list(staging.snapshot())
    (row,) = snapshot([unchanged("a", "run-3", at=THIRD)], ("run-3", second))
    assert row["sightings"] == [plain(sighting("a", at=THIRD))]
    assert row["base"] is None


def test_a_target_unchanged_since_another_run_has_that_ones_sightings() -> None:
    between = stored("a", sighting("a", title="Another title"), at=SECOND)
    target = unchanged("a", "run-1", at=THIRD)
    (row,) = snapshot([target], ("run-2", [plain(between)]), ("run-1", [plain(stored("a"))]))
    assert row["sightings"] == [plain(sighting("a", at=THIRD))]
    (row,) = snapshot([target], ("run-2", []), ("run-1", [plain(stored("a"))]))
    assert row["sightings"] == [plain(sighting("a", at=THIRD))]


def test_the_runs_that_targets_are_unchanged_since_are_known() -> None:
    with staged(
        [unchanged("a", "run-1"), unchanged("b", "run-2"), stored("c"), ended("d", State.NOT_FOUND)]
    ) as staging:
        assert staging.bases() == {"run-1", "run-2"}


def test_columns_that_an_older_version_did_not_write_are_empty() -> None:
    older = plain(stored("a"))
    for name in ("route", "extractor_version", "base"):
        del older[name]
    for each in older["sightings"]:
        del each["study_numbers"], each["sex"]
    (row,) = [row for row in snapshot([listed("a")], ("run-1", [older])) if row["sightings"]]
    assert (row["route"], row["extractor_version"], row["base"]) == (None, "", "run-1")
    assert row["sightings"] == [plain(sighting("a"))]
    (row,) = snapshot([unchanged("a", "run-1")], ("run-1", [older]))
    assert row["sightings"] == [plain(sighting("a", at=SECOND))]
