"""The last runs at a glance, whatever became of them and whatever they are called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.errors import StoreUnavailable
from crawler.export import layout, manifest
from crawler.export.manifest import Counts, Manifest, to_json
from crawler.records.canonical import plain
from crawler.records.gate import Verdict
from crawler.report.facts import Outcome
from crawler.report.past import history
from tests.export import sample
from tests.export.crawled import Kept

SHRUNK = Verdict(name="shrink", passed=False, value=0.5, limit=0.1, setting="GATE_MAX_SHRINK")


def run(store: Kept, name: str, day: int, *gate: Verdict, published: bool = True) -> None:
    """Write a run's manifest, and commit it where it is published."""
    finished = f"2031-05-{day:02d}T10:00:00Z"
    made = Manifest(**plain(replace(sample.RUN, run_id=name, finished=finished)), counts=Counts(), objects=[])
    store.put(layout.manifest(name), to_json(replace(made, gate=list(gate))))
    if published:
        manifest.commit(store, made, after=manifest.current(store), now=f"2031-05-{day:02d}T10:01:00Z")


def test_the_last_ten_come_by_their_ends_and_not_by_their_names() -> None:
    store = Kept()
    for day in range(1, 13):
        run(store, f"{'zyxwvutsrqpo'[day - 1]}-run", day)
    found = history(store, "2031-05-11T10:00:00Z")
    assert [past.finished[8:10] for past in found.runs] == [f"{day:02d}" for day in range(11, 1, -1)]
    assert {past.outcome for past in found.runs} == {Outcome.PUBLISHED}
    assert found.current == "o-run"
    assert len(history(store).runs) == 10


def test_each_says_what_became_of_it() -> None:
    store = Kept()
    run(store, "good", 1)
    run(store, "shrunk", 2, SHRUNK, published=False)
    run(store, "accepted", 3, replace(SHRUNK, accepted=True))
    run(store, "stopped", 4, published=False)
    found = history(store)
    assert [(past.run_id, past.outcome, past.refused) for past in found.runs] == [
        ("stopped", Outcome.FAILED, []),
        ("accepted", Outcome.PUBLISHED, []),
        ("shrunk", Outcome.REFUSED, ["shrink"]),
        ("good", Outcome.PUBLISHED, []),
    ]


def test_a_rollback_names_what_is_current_and_hides_no_run() -> None:
    store = Kept()
    for day in (1, 2):
        run(store, f"run-{day}", day)
    first = manifest.read(store, "run-1")
    manifest.commit(store, first, after=manifest.current(store), now="2031-05-03T10:00:00Z")
    found = history(store)
    assert (found.current, [past.run_id for past in found.runs]) == ("run-1", ["run-2", "run-1"])
    commit = found.commit_of("run-1")
    assert commit is not None
    assert commit.number == 3


def test_however_many_there_were_a_few_are_read() -> None:
    store = Kept()
    for day in range(1, 60):
        run(store, f"run-{day:02d}", day)
    asked = []
    store.before = lambda call, key: asked.append(key) if call == "get" else None
    assert [past.run_id for past in history(store).runs] == [f"run-{day}" for day in range(59, 49, -1)]
    assert sum(key.startswith(layout.COMMITS) for key in asked) == 10
    assert len(asked) == 10 + 10 + 20


def test_a_manifest_that_cannot_be_read_is_noted() -> None:
    store = Kept()
    run(store, "good", 1)
    store.put(layout.manifest("torn"), b"{")
    found = history(store)
    assert [past.run_id for past in found.runs] == ["good"]
    (note,) = found.unread
    assert note.startswith(layout.manifest("torn"))


def test_a_store_that_is_away_is_not_taken_for_a_damaged_manifest() -> None:
    store = Kept()
    run(store, "good", 1)

    def away(call: str, key: str) -> None:
        if call == "get" and key.startswith(layout.RUNS):
            raise StoreUnavailable(key, "is away")

    store.before = away
    with pytest.raises(StoreUnavailable):
        history(store)


def test_nothing_at_all() -> None:
    found = history(Kept())
    assert (found.runs, found.current, found.commit_of("a"), found.unread) == ([], None, None, [])
