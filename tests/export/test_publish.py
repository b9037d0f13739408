"""From a run's log to the current snapshot: what is published, what is refused, what is said of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import orjson
import pytest

from crawler.errors import CrawlFailed, GateRefused, UsageError
from crawler.export import layout, manifest
from crawler.export.manifest import commits, read
from crawler.export.publish import publish
from crawler.export.staging import Staging, scratch
from crawler.items import State, Target
from crawler.records.gate import Limits
from tests.export.crawled import (
    FIRST,
    LIMITS,
    SECOND,
    A,
    B,
    Kept,
    changes,
    crawl,
    ended,
    ledger,
    listed,
    page,
    records,
    rests_on,
    run,
    seeded,
    sighting,
    stored,
    unchanged,
    whole,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

FIRST_RUN = [
    listed("a", "b", "copy", "gone"),
    stored("a", sighting("a", uuid=A, dois=["10.1594/x.1"]), links=[page("left"), page("told")], told=[page("told")]),
    stored("b", sighting("b", uuid=B, dois=["10.1594/x.1"]), sighting("part", on="b", ancestors=[A], type="dataset")),
    stored("copy", sighting("a", uuid=A, dois=["10.1594/x.1"], on="copy")),
    ended("gone", State.NOT_FOUND),
]


@pytest.fixture
def store() -> Kept:
    return Kept()


def numbers(store: Kept) -> list[tuple[int, str]]:
    return [(commit.number, commit.run_id) for commit in commits(store)]


def test_a_first_run_is_published_whole(store: Kept) -> None:
    published = run(store, "run-1", FIRST_RUN)
    made = whole(store)
    assert numbers(store) == [(1, "run-1")]
    assert store.objects[layout.CURRENT] == store.objects[layout.commit(1)]
    assert (made.run_id, made.previous_run, made.started) == ("run-1", None, "2031-05-06T09:00:00Z")
    assert (made.incomplete, made.carried) == (["1 targets in not_attempted"], {})
    assert {slug: row["state"] for slug, row in ledger(store, "run-1").items()} == {
        "a": "stored",
        "b": "stored",
        "copy": "duplicate",
        "gone": "not_found",
        "left": "not_attempted",
        "told": "duplicate",
    }
    assert list(records(store, "run-1")) == ["doi:10.1594/x.1", "harmony:part"]
    assert made.counts == published.commit.counts
    assert published.stats == published.stats | {
        "ledger/discovered": 6,
        "ledger/stored": 2,
        "ledger/duplicate": 2,
        "records/study": 1,
        "records/dataset": 1,
        "records/added": 2,
        "records/carried": 0,
        "sightings/harmony_flight": 4,
        "dedupe/by_doi": 1,
        "dedupe/same_content": 1,
        "gate/ledger": 0,
    }


def test_what_the_stats_object_sums_up_is_what_the_processes_said_and_publishing_found(store: Kept) -> None:
    crawl(store, "run-1", FIRST_RUN[:2])
    crawl(store, "run-1", FIRST_RUN[2:], process="0b")
    published = publish(store, "run-1", LIMITS)
    stats = orjson.loads(store.objects[layout.stats("run-1")])
    assert list(stats["processes"]) == ["0a", "0b"]
    assert stats["sum"] == published.stats


def test_a_run_that_finds_nothing_new_is_one_more_commit_without_changes(store: Kept) -> None:
    run(store, "run-1", [listed("a", "b"), stored("a"), stored("b")])
    leaders = [listed("a", "b"), seeded("run-1", "a", "b")]
    run(store, "run-2", [*leaders, unchanged("a", "run-1"), stored("b", at=SECOND)])
    made = whole(store)
    assert numbers(store) == [(2, "run-2"), (1, "run-1")]
    assert (made.incomplete, made.carried, made.previous_run) == ([], {}, "run-1")
    assert made.counts.changes == {"added": 0, "updated": 0, "withdrawn": 0}
    digests = [{key: row["digest"] for key, row in records(store, run_id).items()} for run_id in ("run-1", "run-2")]
    assert digests[0] == digests[1]


def test_a_run_that_was_published_stays_as_it_is(store: Kept) -> None:
    first = run(store, "run-1", [listed("a"), stored("a")])
    before = dict(store.objects)
    crawl(store, "run-1", [stored("b")], process="0b")
    again = publish(store, "run-1", LIMITS, ["shrink"])
    assert (again.commit, again.manifest, again.anew) == (first.commit, first.manifest, False)
    assert again.stats == first.stats
    assert {key: store.objects[key] for key in before} == before


def test_a_run_without_a_log_is_wrong_use_and_can_still_be_crawled(store: Kept) -> None:
    with pytest.raises(UsageError, match="run 'run-1' has no log"):
        publish(store, "run-1", LIMITS)
    assert store.objects == {}
    run(store, "run-1", [listed("a"), stored("a")])
    assert list(records(store, "run-1")) == ["harmony:a"]


def test_a_target_that_is_unchanged_since_an_older_run_keeps_what_that_held(store: Kept) -> None:
    run(store, "run-1", [listed("a"), stored("a")])
    crawl(store, "slow", [listed("a"), seeded("run-1", "a"), unchanged("a", "run-1")])
    run(store, "quick", [listed("a", "b"), seeded("run-1", "a"), ended("a", State.NOT_FOUND), stored("b", at=SECOND)])
    publish(store, "slow", LIMITS)
    assert {slug: len(row["sightings"]) for slug, row in rests_on(store, "slow").items() if "." not in slug} == {
        "a": 1,
        "b": 1,
        "snapshot:run-1": 0,
    }
    assert whole(store).incomplete == ["the targets of run quick were not among the seeds"]
    assert [(line["key"], line["change"]) for line in changes(store, "slow")] == [("harmony:a", "added")]


# what a run may have missed


@pytest.mark.parametrize(
    ("targets", "processes", "why"),
    [
        ([listed("a"), stored("a")], ["finished"], []),
        ([listed("a"), stored("a")], ["", "finished"], []),
        ([listed("a"), stored("a")], ["shutdown"], ["the crawl did not finish"]),
        ([listed("a"), stored("a")], ["", "closespider_timeout"], ["the crawl did not finish"]),
        ([listed("a"), stored("a")], [""], ["the crawl did not finish"]),
        ([listed("a", reason="a partial run"), stored("a")], ["finished"], ["a partial run"]),
        ([listed(reason="HTTP 503, and no sitemap"), stored("a")], ["finished"], ["HTTP 503, and no sitemap"]),
        ([stored("a")], ["finished"], ["no sitemap was read"]),
        ([listed("a", "c"), stored("a")], ["finished"], ["1 targets in not_attempted"]),
        ([listed("a"), ended("a", State.FETCH_FAILED)], ["finished"], ["1 targets in fetch_failed"]),
        ([listed("a"), ended("a", State.PARSE_FAILED)], ["finished"], ["1 targets in parse_failed"]),
        ([listed("a"), ended("a", State.DENIED_BY_ROBOTS)], ["finished"], ["1 targets in denied_by_robots"]),
    ],
)
def test_what_a_run_may_have_missed_is_in_the_manifest_and_carried(
    store: Kept, targets: list[Target], processes: list[str], why: list[str]
) -> None:
    run(store, "run-1", [listed("a", "b"), stored("a"), stored("b")])
    for number, reason in enumerate(processes):
        crawl(store, "run-2", [*targets, seeded("run-1", "a")], process=f"0{number}", reason=reason)
    publish(store, "run-2", LIMITS)
    assert whole(store).incomplete == why
    assert ("harmony:b" in records(store, "run-2")) == bool(why)


def test_a_run_that_read_nothing_keeps_what_there_was_and_is_no_first_run(store: Kept) -> None:
    nothing = [listed(reason="HTTP 503, and no sitemap")]
    crawl(store, "run-0", nothing)
    with pytest.raises(GateRefused, match="min_records: 0 records"):
        publish(store, "run-0", LIMITS)
    run(store, "run-1", [listed("a"), stored("a")])
    run(store, "run-2", [*nothing, seeded("run-1", "a")])
    made = whole(store)
    assert (made.counts.carried, made.carried, made.counts.ledger) == (1, {"run-1": 1}, {"not_attempted": 1})
    assert made.incomplete == ["HTTP 503, and no sitemap", "1 targets in not_attempted"]
    assert changes(store, "run-2") == []


# the gate

STRICT = Limits(min_records=2, max_shrink=1, min_fill={}, max_failed=1)


def test_a_run_that_the_gate_refuses_is_kept_and_the_current_one_stays(store: Kept) -> None:
    run(store, "run-1", [listed("a", "b"), stored("a"), stored("b")])
    current = store.objects[layout.CURRENT]
    crawl(store, "run-2", [listed("a"), seeded("run-1", "a"), stored("a")])
    with pytest.raises(GateRefused) as refused:
        publish(store, "run-2", STRICT)
    assert str(refused.value) == (
        "run run-2 is not published: min_records: 1 records, at least 2 must be there (GATE_MIN_RECORDS). If that is "
        "right: scrapy publish run-2 --accept min_records"
    )
    kept = read(store, "run-2")
    assert all(info.key in store.objects for info in kept.objects)
    assert [(verdict.name, verdict.accepted) for verdict in kept.gate if not verdict.passed] == [("min_records", False)]
    assert numbers(store) == [(1, "run-1")]
    assert store.objects[layout.CURRENT] == current


def test_what_a_person_accepts_is_published_and_recorded(store: Kept) -> None:
    crawl(store, "run-1", [listed("a"), stored("a")])
    for accepted in ([], ["shrink"]):
        with pytest.raises(GateRefused, match="min_records"):
            publish(store, "run-1", STRICT, accepted)
    published = publish(store, "run-1", STRICT, ["min_records"])
    assert numbers(store) == [(1, "run-1")]
    assert [verdict.name for verdict in whole(store).gate if verdict.accepted] == ["min_records"]
    assert published.stats["gate/min_records"] == 0


def test_a_refused_run_that_goes_on_is_judged_again_with_what_came(store: Kept) -> None:
    crawl(store, "run-1", [listed("a", "b"), stored("a")])
    with pytest.raises(GateRefused):
        publish(store, "run-1", STRICT)
    crawl(store, "run-1", [stored("b")], process="0b")
    publish(store, "run-1", STRICT)
    assert len(records(store, "run-1")) == 2


def test_an_unclosed_ledger_is_refused_and_cannot_be_accepted(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Staging.settle
    crawl(store, "run-1", [listed("a"), stored("a")])
    with monkeypatch.context() as patch:
        patch.setattr(Staging, "settle", lambda staging: settle(staging) + 1)
        with pytest.raises(GateRefused, match="ledger: 1 targets ended in a state, 2 were discovered"):
            publish(store, "run-1", LIMITS)
        objects = dict(store.objects)
        with pytest.raises(UsageError, match="ledger cannot be accepted"):
            publish(store, "run-1", LIMITS, ["ledger"])
        assert store.objects == objects
    assert numbers(store) == []
    publish(store, "run-1", LIMITS)
    assert numbers(store) == [(1, "run-1")]


# room


def test_no_room_for_the_temporary_database_fails_in_one_line(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def cramped() -> Iterator[sqlite3.Connection]:
        with scratch() as database:
            database.execute("PRAGMA max_page_count = 30")
            yield database

    crawl(store, "run-1", [listed("a"), *(stored(f"item-{number}") for number in range(200))])
    with monkeypatch.context() as patch:
        patch.setattr("crawler.export.publish.scratch", cramped)
        with pytest.raises(CrawlFailed, match="free some space in the folder that TMPDIR names") as full:
            publish(store, "run-1", LIMITS)
    assert "\n" not in str(full.value)
    assert manifest.current(store) is None
    publish(store, "run-1", LIMITS)
    assert whole(store).counts.records == {"study": 200}


def test_the_start_of_a_run_whose_processes_were_all_killed_is_its_first_fetch(store: Kept) -> None:
    run(store, "run-1", [listed("a"), stored("a", at=SECOND), stored("b", at=FIRST)], reason="")
    assert whole(store).started == FIRST
