from __future__ import annotations

import gzip
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import orjson
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from crawler.errors import StoreError
from crawler.export import layout, snapshot
from crawler.export.manifest import Manifest
from crawler.export.rows import from_row
from crawler.export.snapshot import summed, write_snapshot
from crawler.export.store import FolderStore
from crawler.items import Record, Target
from crawler.records.canonical import plain
from tests.export.sample import RUN, records, targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATS: dict[str, dict[str, object]] = {"p": {"start_time": datetime(2026, 11, 22, tzinfo=UTC), "pages": 3}}
KEYS = [
    "v1/runs/run-1/records/parquet/part-00000.parquet",
    "v1/runs/run-1/records/jsonl/part-00000.jsonl.gz",
    "v1/runs/run-1/sightings/part-00000.parquet",
    "v1/runs/run-1/ledger.parquet",
    "v1/runs/run-1/schema.json",
    "v1/runs/run-1/stats.json",
]


class Watched(FolderStore):
    """A folder that notes the order in which objects are put."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.order: list[str] = []

    def put(self, key: str, data: bytes) -> None:
        super().put(key, data)
        self.order.append(key)


@pytest.fixture
def store(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def rows(store: FolderStore, key: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pq.read_table(BytesIO(store.get(key))).to_pylist(maps_as_pydicts="strict")
    return found


def test_the_manifest_is_written_last_and_names_every_object_as_it_is(store: Watched) -> None:
    manifest = write_snapshot(store, RUN, records(), targets(), lambda _: STATS)
    assert store.order == [info.key for info in manifest.objects] + [layout.manifest("run-1")]
    assert sorted(KEYS) == sorted(info.key for info in manifest.objects)
    assert [info.rows for info in manifest.objects] == [2, 2, 3, 2, None, None]
    for info in manifest.objects:
        body = store.get(info.key)
        assert (info.bytes, info.sha256) == (len(body), sha256(body).hexdigest())
    assert from_row(Manifest, orjson.loads(store.get(layout.manifest("run-1")))) == manifest


def test_the_objects_hold_what_went_in(store: Watched) -> None:
    manifest = write_snapshot(store, RUN, records(), targets(), lambda _: STATS)
    parquet, jsonl, sightings, ledger, schema, stats = [info.key for info in manifest.objects]
    assert rows(store, parquet) == [plain(record) for record in records()]
    lines = [orjson.loads(line) for line in gzip.decompress(store.get(jsonl)).splitlines()]
    assert lines == rows(store, parquet)
    assert [from_row(Target, row) for row in rows(store, sightings)] == targets()
    assert [(row["url"], row["state"], row["status"]) for row in rows(store, ledger)] == [
        (target.url, target.state, target.status) for target in targets()[:2]
    ]
    for line in lines:
        Draft202012Validator(orjson.loads(store.get(schema))).validate(line)
    pages = {"pages": 3}
    told = {"start_time": "2026-11-22T00:00:00+00:00", **pages}
    assert orjson.loads(store.get(stats)) == {"processes": {"p": told}, "sum": pages}


def test_counts_are_by_type_state_and_source(store: Watched) -> None:
    untyped = Record(key="ukda:1")
    counts = write_snapshot(store, RUN, [*records(), untyped], targets(), lambda _: {}).counts
    assert counts.records == {"dataset": 1, "study": 1, "unknown": 1}
    assert counts.ledger == {"not_found": 1, "stored": 1}
    assert counts.sightings == {"harmony_flight": 1}
    assert counts.carried == 0


def test_the_same_run_is_the_same_bytes(tmp_path: Path) -> None:
    first, second = FolderStore(tmp_path / "1"), FolderStore(tmp_path / "2")
    for store in (first, second):
        write_snapshot(store, RUN, records(), targets(), lambda _: STATS)
    assert len(first.list("")) == len(KEYS) + 1
    assert {key: first.get(key) for key in first.list("")} == {key: second.get(key) for key in second.list("")}


def test_an_empty_run_has_every_object_too(store: Watched) -> None:
    manifest = write_snapshot(store, RUN, [], [], lambda _: {})
    assert [info.key for info in manifest.objects] == KEYS
    assert rows(store, KEYS[0]) == rows(store, KEYS[2]) == rows(store, KEYS[3]) == []


def test_a_part_leaves_before_the_next_is_read(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "GROUP_ROWS", 3)
    monkeypatch.setattr(snapshot, "PART_ROWS", 6)
    already_put: list[int] = []

    def many() -> Iterator[Record]:
        for number in range(100, 120):
            already_put.append(len(store.order))
            yield Record(key=f"ukda:{number}")

    manifest = write_snapshot(store, RUN, many(), [], lambda _: {})
    assert already_put == [0] * 6 + [2] * 6 + [4] * 6 + [6] * 2
    assert [info.rows for info in manifest.objects[:8]] == [6, 6, 6, 2] * 2


@pytest.mark.parametrize("numbers", [[2, 1], [1, 1], [1, 2, 3, 3], [1, 2, 3, 4, 2]])
def test_records_out_of_order_or_told_twice_are_refused(
    store: Watched, monkeypatch: pytest.MonkeyPatch, numbers: list[int]
) -> None:
    monkeypatch.setattr(snapshot, "GROUP_ROWS", 3)
    wrong = (Record(key=f"ukda:{number}") for number in numbers)
    with pytest.raises(ValueError, match=r"key 'ukda:.' comes after 'ukda:.': out of order, or told twice"):
        write_snapshot(store, RUN, wrong, [], lambda _: {})
    with pytest.raises(ValueError, match=r"url .* comes after"):
        write_snapshot(store, RUN, [], targets()[::-1], lambda _: {})
    assert not store.exists(layout.manifest("run-1"))


@pytest.mark.parametrize("dies_at", range(len(KEYS)))
def test_a_store_that_dies_leaves_no_manifest(store: Watched, dies_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    put = store.put

    def dying(key: str, data: bytes) -> None:
        if len(store.order) == dies_at:
            raise StoreError(key, "went away")
        put(key, data)

    with monkeypatch.context() as patch:
        patch.setattr(store, "put", dying)
        with pytest.raises(StoreError, match="went away"):
            write_snapshot(store, RUN, records(), targets(), lambda _: STATS)
    assert store.list("") == sorted(KEYS[:dies_at])
    manifest = write_snapshot(store, RUN, records(), targets(), lambda _: STATS)
    assert len(store.list("")) == len(manifest.objects) + 1


def test_a_generator_that_fails_fails_the_snapshot(store: Watched) -> None:
    def failing() -> Iterator[Record]:
        yield records()[0]
        raise StoreError("v1/log/run-1/p-000000.jsonl.gz", "is damaged")

    with pytest.raises(StoreError, match="is damaged"):
        write_snapshot(store, RUN, failing(), targets(), lambda _: STATS)
    assert store.list("") == []


def test_stats_are_summed_over_the_processes() -> None:
    stats: dict[str, dict[str, object]] = {
        "a": {"n": 1, "seconds": 0.5, "reason": "finished"},
        "b": {"n": 2, "seconds": 1.0, "only": 1},
    }
    assert summed(stats) == {"n": 3, "seconds": 1.5, "only": 1}
