"""A run's rows as objects: in order, a part at a time, counted as they pass."""

from __future__ import annotations

import gzip
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from crawler.errors import StoreError
from crawler.export import layout, snapshot
from crawler.export.rows import from_row
from crawler.export.schema import json_schema
from crawler.export.snapshot import Tally, summed, write_ledger, write_records, write_targets
from crawler.items import Record, Target
from crawler.records.canonical import plain
from tests.export.crawled import Kept
from tests.export.sample import records, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARQUET, JSONL = layout.records_parquet("r", 0), layout.records_jsonl("r", 0)
SIGHTINGS, LEDGER = layout.sightings("r", 0), layout.ledger("r")


@pytest.fixture
def store() -> Kept:
    return Kept()


def written(store: Kept, made: Iterable[Record], *targets: Target) -> Tally:
    """Write records, and targets of which those with a state are the run's own."""
    tally = Tally()
    write_records(store, "r", map(plain, made), ["title", "keywords", "age_min"], tally)
    list(write_ledger(store, "r", [plain(target) for target in targets if target.state], tally))
    write_targets(store, "r", map(plain, targets), tally)
    return tally


def rows(store: Kept, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(BytesIO(store.get(key))).to_pylist(maps_as_pydicts="strict")
    return found


def test_every_object_is_named_as_it_is(store: Kept) -> None:
    tally = written(store, records(), *targets())
    assert [(info.key, info.rows) for info in tally.objects] == [(PARQUET, 2), (JSONL, 2), (LEDGER, 2), (SIGHTINGS, 3)]
    assert list(store.objects) == [info.key for info in tally.objects]
    for info in tally.objects:
        body = store.get(info.key)
        assert (info.bytes, info.sha256) == (len(body), sha256(body).hexdigest())


def test_the_objects_hold_what_went_in(store: Kept) -> None:
    written(store, records(), *targets())
    assert rows(store, PARQUET) == [plain(record) for record in records()]
    lines = [orjson.loads(line) for line in gzip.decompress(store.get(JSONL)).splitlines()]
    assert lines == rows(store, PARQUET)
    for line in lines:
        Draft202012Validator(json_schema()).validate(line)
    assert [from_row(Target, row) for row in rows(store, SIGHTINGS)] == targets()
    assert [(row["url"], row["state"], row["status"]) for row in rows(store, LEDGER)] == [
        (target.url, target.state, target.status) for target in targets()[:2]
    ]


def test_the_ledger_yields_the_rows_as_they_pass(store: Kept) -> None:
    own = [plain(target) for target in targets()[:2]]
    tally = Tally()
    assert list(write_ledger(store, "r", own, tally)) == own
    assert [info.rows for info in tally.objects] == [2]


def test_rows_are_counted_as_they_pass(store: Kept) -> None:
    study, part = records()
    bare = replace(study, key="ukda:1", title=None, keywords=[], age_min=0, conflicts={})
    other = replace(study, key="ukda:2", conflicts={"title": {"ukds": "Meals"}, "sex": {"ukds": "women"}})
    tally = written(store, [study, part, bare, other], *targets())
    assert tally.by_type == {"study": 3, "dataset": 1}
    assert tally.wholes == 3
    assert tally.filled == {"title": 2, "keywords": 2, "age_min": 3}
    assert tally.conflicts == {"title": 2, "sex": 1}
    assert tally.by_source == {"harmony_flight": 1}


def test_the_same_rows_are_the_same_bytes(store: Kept) -> None:
    other = Kept()
    for each in (store, other):
        written(each, records(), *targets())
    assert store.objects == other.objects


def test_no_rows_have_every_object_too(store: Kept) -> None:
    tally = written(store, [])
    assert [(info.key, info.rows) for info in tally.objects] == [(PARQUET, 0), (JSONL, 0), (LEDGER, 0), (SIGHTINGS, 0)]
    assert rows(store, PARQUET) == rows(store, SIGHTINGS) == rows(store, LEDGER) == []


def test_a_part_leaves_before_the_next_is_read(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "GROUP_ROWS", 3)
    monkeypatch.setattr(snapshot, "PART_ROWS", 6)
    already_put: list[int] = []

    def many() -> Iterator[Record]:
        for number in range(100, 120):
            already_put.append(len(store.objects))
            yield Record(key=f"ukda:{number}", type="study")

    tally = written(store, many())
    assert already_put == [0] * 6 + [2] * 6 + [4] * 6 + [6] * 2
    assert [info.rows for info in tally.objects[:8]] == [6, 6, 6, 2] * 2


@pytest.mark.parametrize("numbers", [[2, 1], [1, 1], [1, 2, 3, 3], [1, 2, 3, 4, 2]])
def test_rows_out_of_order_or_told_twice_are_refused(
    store: Kept, monkeypatch: pytest.MonkeyPatch, numbers: list[int]
) -> None:
    monkeypatch.setattr(snapshot, "GROUP_ROWS", 3)
    with pytest.raises(ValueError, match=r"key 'ukda:.' comes after 'ukda:.': out of order, or told twice"):
        written(store, (Record(key=f"ukda:{number}", type="study") for number in numbers))
    wrong = [Target(url=str(number), state=targets()[0].state) for number in numbers]
    with pytest.raises(ValueError, match=r"url '.' comes after '.'"):
        written(store, [], *wrong)
    with pytest.raises(ValueError, match=r"url '.' comes after '.'"):
        written(store, [], *(replace(target, state=None) for target in wrong))


def test_a_source_that_fails_half_way_leaves_nothing_behind(store: Kept) -> None:
    def failing() -> Iterator[Record]:
        yield records()[0]
        raise StoreError("v1/log/run-1/p-000000.jsonl.gz", "is damaged")

    with pytest.raises(StoreError, match="is damaged"):
        written(store, failing())
    assert store.objects == {}


def test_stats_are_summed_over_the_processes() -> None:
    stats: dict[str, dict[str, object]] = {
        "a": {"n": 1, "seconds": 0.5, "reason": "finished", "done": True},
        "b": {"n": 2, "seconds": 1.0, "only": 1, "done": True},
    }
    assert summed(stats) == {"n": 3, "only": 1}
