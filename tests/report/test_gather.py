"""The facts of a run are what is stored of it, however it ended, and whatever is missing of the runs before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.errors import StoreError, StoreUnavailable
from crawler.export import layout
from crawler.export.log import leave
from crawler.export.manifest import current
from crawler.export.publish import publish
from crawler.items import State
from crawler.report.facts import Changed, Conflict, Disagreement, Example, Fill, Outcome, Process, Snapshot, Trouble
from crawler.report.gather import gather
from tests.export.crawled import LIMITS, Kept, ended, page, stored
from tests.report import runs

if TYPE_CHECKING:
    from crawler.report.facts import Facts

C_FAILED = Trouble(state="fetch_failed", reason="HTTP 503", number=1, urls=[page("c")])


def snapshot_of(facts: Facts) -> Snapshot:
    assert facts.snapshot is not None
    return facts.snapshot


def fill_of(facts: Facts, name: str) -> Fill:
    (found,) = (fill for fill in snapshot_of(facts).filled.fields if fill.field == name)
    return found


def test_a_published_run() -> None:
    store = runs.published()
    facts = gather(store, "run-2")
    assert facts.outcome is Outcome.PUBLISHED
    assert (facts.commit, facts.current) == (current(store), "run-2")
    assert [(run.run_id, run.outcome) for run in facts.past] == [("run-2", "published"), ("run-1", "published")]
    assert facts.uri == "v1/runs/run-2/"
    assert facts.unread == []


def test_what_changed() -> None:
    snapshot = snapshot_of(gather(runs.published(), "run-2"))
    assert snapshot.changed == {
        "added": [Changed(key="harmony:d", fields=[], replaced_by=None)],
        "updated": [Changed(key="doi:10.1234/a", fields=["title"], replaced_by=None)],
        "withdrawn": [Changed(key="harmony:b", fields=[], replaced_by=None)],
    }
    assert snapshot.updated == {"title": 1}
    assert snapshot.records == 3
    assert snapshot.before is not None
    assert snapshot.before.records == {"study": 3}


def test_how_full_the_fields_are_beside_the_previous_run() -> None:
    facts = gather(runs.published(), "run-2")
    assert fill_of(facts, "doi") == Fill(field="doi", wholes=1, parts=0, wholes_before=1, parts_before=0)
    assert fill_of(facts, "sex") == Fill(field="sex", wholes=0, parts=0, wholes_before=1, parts_before=0)
    filled = snapshot_of(facts).filled
    assert (filled.wholes, filled.parts, filled.wholes_before, filled.parts_before) == (3, 0, 3, 0)
    assert not {"key", "digest", "provenance", "sources"} & {fill.field for fill in filled.fields}


def test_who_says_what() -> None:
    said = {"datacite": "Told anew", "harmony_flight": "Study a"}
    example = Disagreement(key="doi:10.1234/a", title="Told anew", chosen="datacite", said=said)
    assert snapshot_of(gather(runs.published(), "run-2")).conflicts == [
        Conflict(field="title", number=1, before=1, examples=[example])
    ]


def test_what_became_of_the_targets() -> None:
    ledger = gather(runs.published(), "run-2").ledger
    assert ledger.states == {"stored": 2, "not_found": 1, "fetch_failed": 1}
    assert ledger.before == {"stored": 3}
    assert ledger.examples["not_found"] == [Example(url=page("b"), reason="HTTP 404")]
    assert (ledger.troubles, ledger.untold) == ([C_FAILED], 0)


def test_a_first_run_has_nothing_before_it() -> None:
    store = runs.published()
    facts = gather(store, "run-1")
    snapshot = snapshot_of(facts)
    assert (snapshot.before, facts.ledger.before) == (None, {})
    assert (snapshot.filled.wholes_before, fill_of(facts, "doi").wholes_before) == (None, None)
    assert [conflict.before for conflict in snapshot.conflicts] == [None]
    assert snapshot.changed.keys() == {"added"}
    assert facts.unread == []


def test_a_refused_run() -> None:
    facts = gather(runs.refused(), "run-2")
    assert (facts.outcome, facts.commit, facts.current) == (Outcome.REFUSED, None, "run-1")
    assert [(run.run_id, run.refused) for run in facts.past] == [("run-2", ["shrink"]), ("run-1", [])]
    assert snapshot_of(facts).records == 1


def test_an_empty_snapshot() -> None:
    store = Kept()
    runs.left(store, "run-1", [ended("a", State.NOT_FOUND)])
    with pytest.raises(Exception, match="min_records"):
        publish(store, "run-1", LIMITS)
    facts = gather(store, "run-1")
    assert (facts.outcome, facts.current, snapshot_of(facts).records) == (Outcome.REFUSED, None, 0)
    assert fill_of(facts, "title") == Fill(field="title", wholes=0, parts=0)


@pytest.mark.parametrize(("reason", "process"), [("shutdown", "shutdown"), ("", "")])
def test_a_run_that_was_stopped_or_killed_is_told_from_its_log(reason: str, process: str) -> None:
    facts = gather(runs.failed(reason), "run-2")
    assert (facts.outcome, facts.commit, facts.current, facts.snapshot) == (Outcome.FAILED, None, "run-1", None)
    assert facts.ledger.states == {"stored": 1, "not_found": 1, "fetch_failed": 1}
    assert facts.ledger.troubles == [C_FAILED]
    assert [each.finish_reason for each in facts.processes] == [process]
    assert (facts.timeline is not None) == bool(reason)
    assert (facts.batches, facts.read) == (1, 1)
    assert (facts.started, facts.finished) == (
        "2031-05-07T10:00:00Z",
        "2031-05-31T13:30:00Z" if reason else "2031-05-07T10:00:00Z",
    )


def test_a_log_that_is_too_long_is_read_from_its_end() -> None:
    store = runs.failed()
    runs.left(store, "run-2", [stored("z")], "shutdown", process="0b")
    facts = gather(store, "run-2", seconds=0)
    assert (facts.batches, facts.read, facts.ledger.states) == (2, 0, {})


def test_a_run_that_nothing_is_known_of() -> None:
    facts = gather(Kept(), "run-1")
    assert (facts.outcome, facts.processes, facts.past, facts.started) == (Outcome.FAILED, [], [], "")


def test_a_run_that_was_written_but_not_committed() -> None:
    store = runs.published()
    del store.objects[layout.commit(2)]
    facts = gather(store, "run-2")
    assert (facts.outcome, facts.current, snapshot_of(facts).records) == (Outcome.FAILED, "run-1", 3)
    assert facts.past[0].outcome is Outcome.FAILED


def test_several_processes_stand_on_one_axis_of_time() -> None:
    store = Kept()
    runs.left(store, "run-1", runs.FIRST_RUN[:2], "shutdown", process="0a")
    runs.left(store, "run-1", runs.FIRST_RUN[2:3], "", process="0b")
    runs.left(store, "run-1", runs.FIRST_RUN[3:], "finished", process="0c")
    later = runs.word("finished", start="2031-06-01T13:20:00+00:00") | {"log_count/ERROR": 2}
    leave(store, "run-1", "0c", later | {"traffic/by_host": runs.traffic("doi.org", at=runs.STARTED + 86_400)})
    publish(store, "run-1", LIMITS)
    facts = gather(store, "run-1")
    assert [(each.name, each.finish_reason, each.errors) for each in facts.processes] == [
        ("0b", "", 0),
        ("0a", "shutdown", 0),
        ("0c", "finished", 2),
    ]
    assert facts.processes[1] == Process(
        name="0a", started="2031-05-31T13:20:00Z", ended="2031-05-31T13:30:00Z", finish_reason="shutdown"
    )
    assert facts.timeline is not None
    assert facts.timeline.hosts.keys() == {"harmonydata.ac.uk", "doi.org"}
    row = facts.timeline.row("doi.org", "requests")
    assert (row[0], row[-1], len(row)) == (0, 3, len(facts.timeline.row("harmonydata.ac.uk", "bytes")))


def test_what_is_damaged_or_gone_of_other_runs_is_noted() -> None:
    store = runs.published()
    del store.objects[layout.records_parquet("run-1", 0)]
    store.objects[layout.manifest("torn")] = b"{"
    facts = gather(store, "run-2")
    assert fill_of(facts, "doi").wholes_before is None
    assert [note.partition(":")[0] for note in facts.unread] == [
        layout.manifest("torn"),
        layout.records_parquet("run-1", 0),
    ]
    del store.objects[layout.manifest("run-1")]
    facts = gather(store, "run-2")
    assert (snapshot_of(facts).before, facts.ledger.before) == (None, {})
    assert layout.manifest("run-1") in facts.unread[-1]


@pytest.mark.parametrize("part", [layout.records_parquet, layout.manifest])
def test_a_store_that_is_away_is_no_gap_in_a_report(part: object) -> None:
    store = runs.published()
    key = layout.manifest("run-1") if part is layout.manifest else layout.records_parquet("run-1", 0)

    def away(call: str, asked: str) -> None:
        if (call, asked) == ("get", key):
            raise StoreUnavailable(key, "is away")

    store.before = away
    with pytest.raises(StoreUnavailable):
        gather(store, "run-2")


def test_what_is_damaged_of_the_run_itself_ends_the_report() -> None:
    store = runs.published()
    del store.objects[layout.ledger("run-2")]
    with pytest.raises(StoreError, match=r"ledger\.parquet"):
        gather(store, "run-2")
