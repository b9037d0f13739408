"""Reading a snapshot back, whole or not at all."""

from __future__ import annotations

import gzip
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING

import orjson
import pyarrow.parquet as pq
import pytest

from crawler.errors import CrawlerError, StoreError, StoreUnavailable, UsageError
from crawler.export import layout, manifest, snapshot
from crawler.export.manifest import to_json
from crawler.export.memory import Memory
from crawler.export.publish import publish
from crawler.export.reader import SnapshotReader
from crawler.export.redrive import targets_in_state
from crawler.items import State, Target
from crawler.records.canonical import plain
from crawler.records.gate import Limits
from tests.export.crawled import (
    SECOND,
    SITEMAP,
    Kept,
    changes,
    crawl,
    ended,
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
    from collections.abc import Callable

    from crawler.export.rows import Row

FIRST_RUN = [listed("a", "b", "gone"), stored("a"), stored("b"), ended("gone", State.NOT_FOUND)]


@pytest.fixture
def store() -> Kept:
    made = Kept()
    run(made, "run-1", FIRST_RUN)
    return made


def rewritten(store: Kept, key: str, data: bytes) -> None:
    """Put another object in the place of one, and have the manifest of run-1 say so."""
    store.objects[key] = data
    found = manifest.read(store, "run-1")
    objects = [
        replace(info, bytes=len(data), sha256=sha256(data).hexdigest()) if info.key == key else info
        for info in found.objects
    ]
    store.objects[layout.manifest("run-1")] = to_json(replace(found, objects=objects))


def test_a_snapshot_comes_back_as_it_went(store: Kept) -> None:
    reader = SnapshotReader(store, "run-1")
    assert {row["key"]: row for row in reader.records()} == records(store, "run-1")
    assert [row["url"] for row in reader.targets()] == [page("a"), page("b"), page("gone"), SITEMAP]
    assert next(reader.targets()) | {"depth": 0} == plain(stored("a"))
    assert [row["state"] for row in reader.ledger(["state"])] == ["stored", "stored", "not_found"]


def test_parts_are_read_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "GROUP_ROWS", 2)
    monkeypatch.setattr(snapshot, "PART_ROWS", 2)
    slugs = [f"item-{number}" for number in range(7)]
    store = Kept()
    run(store, "run-1", [listed(*slugs), *map(stored, slugs)])
    reader = SnapshotReader(store, "run-1")
    assert layout.sightings("run-1", 3) in store.objects
    assert [row["key"] for row in reader.records()] == [f"harmony:{slug}" for slug in slugs]
    assert [row["url"] for row in reader.targets()] == [*map(page, slugs), SITEMAP]


def all_of(reader: SnapshotReader) -> None:
    for rows in (reader.records(), reader.targets(), reader.ledger()):
        list(rows)


READ = [layout.records_jsonl("run-1", 0), layout.sightings("run-1", 0), layout.ledger("run-1")]
DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "cut": lambda body: body[:-2],
    "a bit": lambda body: body[:50] + bytes([body[50] ^ 1]) + body[51:],
}


def damage(store: Kept, key: str, how: str) -> None:
    body = DAMAGE[how](store.objects.pop(key))
    if body is not None:
        store.objects[key] = body


MANIFEST = layout.manifest("run-1")


@pytest.mark.parametrize(
    ("key", "how"), [*product(READ, DAMAGE), (MANIFEST, "missing"), (MANIFEST, "empty"), (MANIFEST, "cut")]
)
def test_what_is_damaged_is_named_with_what_to_do(store: Kept, key: str, how: str) -> None:
    damage(store, key, how)
    with pytest.raises(StoreError, match=r"; or make another run current: scrapy rollback RUN_ID$") as damaged:
        all_of(SnapshotReader(store, "run-1"))
    assert damaged.value.key == key
    assert "\n" not in str(damaged.value)
    with pytest.raises(StoreError, match=r"; or do this$"):
        all_of(SnapshotReader(store, "run-1", "do this"))


def test_a_store_that_is_away_is_not_said_to_hold_something_damaged(store: Kept) -> None:
    def away(_call: str, key: str) -> None:
        raise StoreUnavailable(key, "gives no answer")

    store.before = away
    with pytest.raises(StoreUnavailable, match=r"gives no answer$"):
        SnapshotReader(store, "run-1")


# redrive


def test_the_targets_in_a_state_are_found(store: Kept) -> None:
    assert targets_in_state(store, State.STORED) == [page("a"), page("b")]
    assert targets_in_state(store, State.NOT_FOUND, "run-1") == [page("gone")]


def test_the_latest_run_counts_refused_or_not(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.export.publish.now", lambda: "2099-01-01T00:00:00Z")
    crawl(store, "run-0", [listed("c"), ended("c", State.FETCH_FAILED)])
    with pytest.raises(CrawlerError, match="failed: 1 of the targets in scope failed"):
        publish(store, "run-0", Limits(min_fill={}))
    assert targets_in_state(store, State.FETCH_FAILED) == [page("c")]
    del store.objects[layout.ledger("run-0")]
    assert targets_in_state(store, State.NOT_FOUND) == [page("gone")]


@pytest.mark.parametrize(
    ("state", "run_id", "said"),
    [
        (State.INVALID, None, "redrive=invalid: run run-1 has no target in this state"),
        (State.INVALID, "run-1", "redrive=invalid: run run-1 has no target in this state"),
        (
            State.STORED,
            "run-2",
            "redrive=stored: there is no run run-2 with a ledger; scrapy runs lists those there are",
        ),
    ],
)
def test_a_redrive_of_nothing_is_wrong_use(store: Kept, state: State, run_id: str | None, said: str) -> None:
    with pytest.raises(UsageError) as wrong:
        targets_in_state(store, state, run_id)
    assert str(wrong.value) == said
    with pytest.raises(UsageError, match="there is no published run yet"):
        targets_in_state(Kept(), state)


def test_a_damaged_manifest_may_be_that_of_the_latest_run(store: Kept) -> None:
    store.objects[layout.manifest("run-0")] = b"{"
    with pytest.raises(StoreError, match=r"^v1/runs/run-0/manifest\.json: "):
        targets_in_state(store, State.STORED)
    assert targets_in_state(store, State.STORED, "run-1") == [page("a"), page("b")]


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_ledger_is_named(store: Kept, how: str) -> None:
    damage(store, layout.ledger("run-1"), how)
    with pytest.raises(StoreError, match=r"; or name another run: redrive=STATE:RUN_ID$") as damaged:
        targets_in_state(store, State.STORED, "run-1")
    assert damaged.value.key == layout.ledger("run-1")


# a snapshot of an older version


def older(store: Kept) -> None:
    """Take from the snapshot what the version before did not write."""
    key = layout.sightings("run-1", 0)
    table = pq.read_table(BytesIO(store.objects[key]))
    parquet = BytesIO()
    pq.write_table(table.drop_columns(["route", "extractor_version", "base"]), parquet)
    rewritten(store, key, parquet.getvalue())
    rows: list[Row] = list(SnapshotReader(store, "run-1").records())
    for row in rows:
        del row["instruments"]
    key = layout.records_jsonl("run-1", 0)
    rewritten(store, key, gzip.compress(b"\n".join(map(orjson.dumps, rows))))
    found = orjson.loads(store.objects[layout.manifest("run-1")])
    del found["carried"], found["incomplete"]
    store.objects[layout.manifest("run-1")] = to_json(found)


def test_a_snapshot_of_an_older_version_is_read_and_carried(store: Kept) -> None:
    older(store)
    known = Memory.load(store, "run-2").known
    assert [(each.route, each.extractor_version, each.etag) for each in known.values()] == [
        (None, "", '"a"'),
        (None, "", '"b"'),
    ]
    again: list[Target] = [unchanged("a", "run-1"), ended("b", State.FETCH_FAILED)]
    run(store, "run-2", [listed("a", "b"), seeded("run-1", "a", "b"), *again])
    assert changes(store, "run-2") == []
    assert whole(store).carried == {"run-1": 1}
    rows = rests_on(store, "run-2")
    assert rows["a"]["sightings"] == [plain(sighting("a", at=SECOND))]
    assert (rows["b"]["base"], rows["b"]["sightings"]) == ("run-1", [plain(sighting("b"))])
    assert list(records(store, "run-2")) == ["harmony:a", "harmony:b"]
