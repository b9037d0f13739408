"""What becomes of the targets of a run, and of those of the snapshot before it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from crawler.errors import CrawlFailed
from crawler.export.gathering import Gathering
from crawler.export.staging import Staging, scratch
from crawler.items import State, Target
from crawler.records.canonical import plain
from tests.export.crawled import FIRST, SECOND, SITEMAP, THIRD, ended, listed, page, seeded, sighting, stored
from tests.export.staged import lines, staged

if TYPE_CHECKING:
    from pathlib import Path


DOI = "https://doi.org/10.5255/ukda-sn-1-1"
ELSEWHERE = Target(url="https://doi.org/sitemap.xml", state=None, links=[DOI])


def states(staging: Staging) -> dict[str, str]:
    return {row["url"].rpartition("/")[2]: row["state"] for row in staging.ledger()}


# settling


def test_every_url_is_settled_in_one_state() -> None:
    first = stored("a", links=[page("b"), page("c"), page("d")], told=[page("c"), page("e")])
    leaders = [listed("a", "f"), seeded("run-0", "a", "g")]
    failed, again = ended("d", State.FETCH_FAILED), stored("d")
    for order in permutations([first, *leaders, failed, again]):
        with staged(order) as staging:
            assert states(staging) == {
                "a": "stored",
                "b": "not_attempted",
                "c": "duplicate",
                "d": "stored",
                "f": "not_attempted",
                "g": "not_attempted",
            }
            assert staging.settle() == 6


def test_the_ledger_is_closed_and_the_snapshot_holds_the_leaders_too() -> None:
    with staged([stored("a"), listed("a", "b"), seeded("run-0", "a")]) as staging:
        assert [(row["url"], row["state"]) for row in staging.ledger()] == [
            (page("a"), "stored"),
            (page("b"), "not_attempted"),
        ]
        assert [row["url"] for row in staging.snapshot()] == [page("a"), page("b"), SITEMAP, "snapshot:run-0"]


@pytest.mark.parametrize("state", [state for state in State if state not in {State.STORED, State.UNCHANGED}])
def test_only_a_target_that_told_all_it_holds_tells_for_others(state: State) -> None:
    teller = ended("a", state, links=[page("b")], told=[page("b")])
    with staged([teller]) as staging:
        assert states(staging)["b"] == ("duplicate" if state is State.DUPLICATE else "not_attempted")


def test_the_state_that_tells_most_wins_and_of_equal_ones_the_newer() -> None:
    old, new = stored("a", at=FIRST), stored("a", at=SECOND, reason="again")
    for order in permutations([old, new, ended("a", State.NOT_FOUND, at=THIRD)]):
        with staged(order) as staging:
            assert [row["reason"] for row in staging.ledger()] == ["again"]
            assert [len(row["sightings"]) for row in staging.snapshot()] == [1]


def test_what_leads_to_targets_may_be_linked_to_like_a_target() -> None:
    linked = [
        stored("a", links=[SITEMAP]),
        Target(url=SITEMAP, state=State.OUT_OF_SCOPE),
        listed("a"),
    ]
    for order in permutations(linked):
        with staged(order) as staging:
            assert states(staging) == {"a": "stored", "sitemap.xml": "out_of_scope"}
            assert [row["url"] for row in staging.snapshot()] == [page("a"), SITEMAP]
    carried = plain(replace(stored("a"), url=SITEMAP))
    with staged([listed("b"), stored("b")], ("run-1", [carried]), complete=False) as staging:
        assert [(row["url"], row["base"]) for row in staging.snapshot()] == [(page("b"), None), (SITEMAP, "run-1")]


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_content_told_before_is_a_duplicate_by_the_order_of_urls(arrival: tuple[int, ...]) -> None:
    same = sighting("a")
    targets = [stored("a", same), stored("b", same), stored("c", same, sighting("c"))]
    with scratch() as database:
        staging = Staging(database)
        staging.take_log(lines(targets[place] for place in arrival))
        staging.settle()
        assert Gathering(database).same_content == 2
        assert states(staging) == {"a": "stored", "b": "duplicate", "c": "stored"}
        assert [len(row["sightings"]) for row in staging.snapshot()] == [1, 1, 2]
        assert {row["url"]: row["reason"] for row in staging.ledger()}[page("b")] == "the same content at another URL"


def test_content_that_is_carried_counts_as_told_before() -> None:
    same = sighting("a")
    with scratch() as database:
        staging = Staging(database)
        staging.take_log(lines([stored("b", same), listed("a", "b")]))
        staging.take_snapshot("run-1", [plain(stored("a", same))], complete=False)
        staging.settle()
        Gathering(database)
        assert states(staging) == {"a": "not_attempted", "b": "duplicate"}


def test_what_two_processes_read_of_a_sitemap_counts_together() -> None:
    readings = [listed("a", reason="HTTP 503, and no sitemap"), listed("b"), listed("c", reason="HTTP 500")]
    for order in permutations(readings):
        with staged(order) as staging:
            (leader,) = staging.leaders()
            assert (leader["links"], leader["reason"]) == ([page("a"), page("b"), page("c")], "")


def test_the_first_fetch_of_the_run_is_known() -> None:
    with staged([stored("a", at=SECOND), stored("b", at=FIRST), listed("c")]) as staging:
        assert staging.earliest() == FIRST
    with staged([listed("c")]) as staging:
        assert staging.earliest() is None


# what may be missing


@pytest.mark.parametrize(
    ("targets", "why"),
    [
        ([listed("a"), stored("a")], []),
        ([seeded("run-1", "a"), listed("a"), stored("a"), ended("b", State.NOT_FOUND)], []),
        ([listed("a"), stored("a", links=[page("b")], told=[page("b")])], []),
        ([listed("a", reason="a partial run"), stored("a")], ["a partial run"]),
        ([stored("a")], ["no sitemap was read"]),
        ([seeded("run-1", "a"), stored("a")], ["no sitemap was read"]),
        ([], ["no sitemap was read"]),
        ([listed("a"), ended("a", State.FETCH_FAILED)], ["1 targets in fetch_failed"]),
        ([listed("a"), ended("a", State.PARSE_FAILED)], ["1 targets in parse_failed"]),
        ([listed("a"), ended("a", State.DENIED_BY_ROBOTS)], ["1 targets in denied_by_robots"]),
        ([listed("a", "b"), ended("a", State.NOT_ATTEMPTED)], ["2 targets in not_attempted"]),
        ([listed(reason="HTTP 503"), stored("a", links=[page("b")])], ["HTTP 503", "1 targets in not_attempted"]),
        ([listed("a"), stored("a", links=[DOI]), Target(url=DOI, state=State.FETCH_FAILED)], []),
        ([ELSEWHERE, ended("a", State.FETCH_FAILED)], ["1 targets in not_attempted"]),
    ],
)
def test_it_is_known_why_a_run_may_not_have_come_upon_all_there_is(targets: list[Target], why: list[str]) -> None:
    with scratch() as database:
        staging = Staging(database)
        staging.take_log(lines(targets))
        assert staging.incomplete(None) == why


def test_a_snapshot_that_was_published_meanwhile_was_no_seed() -> None:
    with staged([listed("a"), seeded("run-1", "a"), stored("a")]) as staging:
        assert staging.incomplete("run-1") == []
        assert staging.incomplete("run-2") == ["the targets of run run-2 were not among the seeds"]


# room


def test_a_full_disk_fails_the_crawl_in_one_line() -> None:
    def fill() -> None:
        with scratch() as database:
            database.execute("PRAGMA max_page_count = 40")
            Staging(database).take_log(lines(stored(f"item-{number}") for number in range(1000)))

    with pytest.raises(CrawlFailed, match=r"is full\); free some space in the folder that TMPDIR names") as full:
        fill()
    assert "\n" not in str(full.value)


def test_nothing_is_left_of_the_temporary_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with staged(stored(f"item-{number}") for number in range(100)):
        pass
    assert list(tmp_path.iterdir()) == []
