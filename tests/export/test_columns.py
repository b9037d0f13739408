"""What the columns of a run say is what its rows say, however many there are and whatever is in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import StoreError
from crawler.export import layout, reader, schema
from crawler.export.columns import ledger_rows, survey
from crawler.export.manifest import Counts, Manifest, to_json
from crawler.export.reader import SnapshotReader
from crawler.export.snapshot import Tally, write_ledger, write_records
from crawler.items import Record, State, Target
from crawler.records.canonical import plain
from tests.export import sample
from tests.export.crawled import Kept
from tests.export.strategies import built

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.export.rows import Row

ANY_RECORDS = st.lists(built(Record), max_size=6, unique_by=lambda record: record.key)


def written(records: Iterable[Record] = (), targets: Iterable[Target] = ()) -> SnapshotReader:
    """Return the reader of a run that holds these."""
    store, tally = Kept(), Tally()
    rows = sorted(map(plain, records), key=lambda row: row["key"])
    write_records(store, "run-1", rows, [], tally)
    for _ in write_ledger(store, "run-1", map(plain, sorted(targets, key=lambda target: target.url)), tally):
        pass
    run = Manifest(**plain(sample.RUN), counts=Counts(), objects=tally.objects)
    store.put(layout.manifest("run-1"), to_json(run))
    return SnapshotReader(store, "run-1")


def filled(row: Row, name: str) -> bool:
    return row[name] not in (None, [], {})


@given(ANY_RECORDS)
@settings(max_examples=50)  # each writes and reads Parquet
def test_the_survey_counts_what_the_rows_have(records: list[Record]) -> None:
    of_rows = written(records)
    rows = list(of_rows.records())
    found = survey(of_rows, examples=2)
    wholes = [row for row in rows if row["part_of"] is None]
    parts = [row for row in rows if row["part_of"] is not None]
    assert (found.wholes, found.parts) == (len(wholes), len(parts))
    expected = {
        name: (sum(filled(row, name) for row in wholes), sum(filled(row, name) for row in parts))
        for name in schema.RECORDS.names
    }
    assert found.filled == (expected if rows else {})
    named = Counter(name for row in rows for name in row["conflicts"])
    assert {name: len(held) for name, held in found.conflicts.items() if held} == {
        name: min(number, 2) for name, number in named.items()
    }


@pytest.mark.parametrize("rows", [2, 2_000])
def test_examples_of_a_conflict_are_the_first_records_in_whatever_group_of_rows(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_ROWS", rows)
    conflict = {"sex": {"ukds": "all", "reshare": "women"}}
    records = [replace(sample.full_record(f"doi:10.1234/{number}"), conflicts={}) for number in range(9)]
    for number in (4, 6, 8):
        records[number].conflicts = dict(conflict)
    found = survey(written(records), examples=2)
    assert {name: [row["key"] for row in held] for name, held in found.conflicts.items()} == {
        "sex": ["doi:10.1234/4", "doi:10.1234/6"]
    }
    (first, _) = found.conflicts["sex"]
    assert first["conflicts"] == conflict
    assert first["provenance"] == sample.FULL.provenance
    assert survey(written(records)).conflicts == {}


def target(number: int, state: State) -> Target:
    return Target(url=f"https://example.org/{number:03d}", state=state, reason=f"reason {number}", status=200)


def test_some_states_of_the_ledger_come_whole_and_of_the_others_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_ROWS", 3)
    states = [State.STORED, State.FETCH_FAILED, State.UNCHANGED, State.STORED] * 5
    of_run = written(targets=[target(number, state) for number, state in enumerate(states)])
    rows: list[dict[str, Any]] = list(ledger_rows(of_run, {State.FETCH_FAILED}, 2))
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row["state"], []).append(int(row["url"][-3:]))
    assert numbers == {"stored": [0, 3], "fetch_failed": [1, 5, 9, 13, 17], "unchanged": [2, 6]}
    assert rows[0].keys() == {"url", "state", "reason", "status"}


def test_a_damaged_part_is_named() -> None:
    of_run = written([sample.full_record()])
    store: Any = of_run._store  # noqa: SLF001 - to damage what it reads
    key = layout.records_parquet("run-1", 0)
    store.objects[key] = store.objects[key][:-1]
    with pytest.raises(StoreError, match="is not what its manifest says"):
        survey(of_run)
