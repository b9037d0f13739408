from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from threading import Barrier
from typing import TYPE_CHECKING

import orjson
import pytest

from crawler.errors import AlreadyExists, StoreError
from crawler.export import layout
from crawler.export.folder import FolderStore
from crawler.export.manifest import (
    Commit,
    Counts,
    Manifest,
    ObjectInfo,
    commit,
    commits,
    committed,
    current,
    heal_current,
    to_json,
)
from crawler.export.rows import from_row
from crawler.records.gate import Verdict
from tests.export.sample import RUN

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-22T15:32:00Z"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def manifest(run_id: str) -> Manifest:
    return Manifest(**asdict(replace(RUN, run_id=run_id)), counts=Counts(records={"study": 2}), objects=[])


def published(store: FolderStore, run_id: str) -> Commit:
    """Write a run's manifest and commit it."""
    store.put(layout.manifest(run_id), to_json(manifest(run_id)))
    return commit(store, manifest(run_id), after=current(store), now=NOW)


def test_nothing_is_current_before_the_first_commit(store: FolderStore) -> None:
    heal_current(store)
    assert current(store) is None
    assert store.list("") == []


def test_commits_are_numbered_and_the_highest_is_current(store: FolderStore) -> None:
    made = [published(store, f"run-{number}") for number in range(1, 12)]
    assert [commit.number for commit in made] == list(range(1, 12))
    assert list(commits(store)) == made[::-1]
    assert current(store) == made[-1]
    assert store.get(layout.CURRENT) == store.get("v1/commits/0000000011.json")
    assert orjson.loads(store.get(layout.CURRENT)) == {
        "number": 11,
        "run_id": "run-11",
        "manifest": "v1/runs/run-11/manifest.json",
        "committed_at": NOW,
        "counts": {"records": {"study": 2}, "ledger": {}, "sightings": {}, "carried": 0, "changes": {}},
    }


def test_a_publisher_that_was_overtaken_is_told_and_changes_nothing(store: FolderStore) -> None:
    base = published(store, "run-1")
    other = published(store, "run-2")
    with pytest.raises(AlreadyExists) as lost:
        commit(store, manifest("run-3"), after=base, now=NOW)
    assert lost.value.key == layout.commit(2)
    assert list(commits(store)) == [other, base]
    assert commit(store, manifest("run-3"), after=current(store), now=NOW).number == 3


def test_the_same_run_published_twice_at_once_is_one_commit(store: FolderStore) -> None:
    first = commit(store, manifest("run-1"), after=None, now=NOW)
    second = commit(store, manifest("run-1"), after=None, now="2026-11-22T16:00:00Z")
    assert second == first
    assert list(commits(store)) == [first]


def test_of_many_publishers_one_wins_each_number(store: FolderStore) -> None:
    gate = Barrier(6)

    def publish(number: int) -> int:
        gate.wait(timeout=60)
        for lost in range(6):
            try:
                commit(store, manifest(f"run-{number}"), after=current(store), now=NOW)
            except AlreadyExists:
                continue
            return lost
        raise AssertionError("it lost more often than there are others")

    with ThreadPoolExecutor(6) as pool:
        lost = list(pool.map(publish, range(6)))
    assert {commit.run_id for commit in commits(store)} == {f"run-{number}" for number in range(6)}
    assert [commit.number for commit in commits(store)] == [6, 5, 4, 3, 2, 1]
    assert store.get(layout.CURRENT) == store.get(layout.commit(6)), lost


def test_a_run_is_committed_once_a_commit_names_it(store: FolderStore) -> None:
    store.put(layout.manifest("run-2"), to_json(manifest("run-2")))
    assert committed(store, "run-1") is None
    first = published(store, "run-1")
    again = [published(store, "run-3"), published(store, "run-1")][1]
    assert committed(store, "run-1") == again
    assert again.number == first.number + 2
    assert committed(store, "run-2") is None


def test_a_run_without_a_manifest_costs_no_reading_of_commits(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(store, "run-1")
    monkeypatch.delattr(FolderStore, "get")
    assert committed(store, "run-2") is None


@pytest.mark.parametrize("stale", [b"", b"{}", None])
def test_current_is_healed(store: FolderStore, stale: bytes | None) -> None:
    published(store, "run-1")
    old = store.get(layout.CURRENT)
    published(store, "run-2")
    store.put(layout.CURRENT, old if stale is None else stale)
    heal_current(store)
    assert store.get(layout.CURRENT) == store.get(layout.commit(2))


def test_a_slow_healer_does_not_leave_an_older_commit_current(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(store, "run-1")
    put, fresh = store.put, [True]

    def put_late(key: str, data: bytes) -> None:
        if fresh.pop() if fresh else False:
            published(store, "run-2")
        put(key, data)

    store.put(layout.CURRENT, b"stale")
    monkeypatch.setattr(store, "put", put_late)
    heal_current(store)
    assert store.get(layout.CURRENT) == store.get(layout.commit(2))


def test_current_that_is_right_is_not_written_again(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    published(store, "run-1")
    monkeypatch.delattr(FolderStore, "put")
    heal_current(store)


def test_a_foreign_file_among_the_commits_is_no_commit(store: FolderStore) -> None:
    made = published(store, "run-1")
    for name in ("readme.txt", "9999999999.json.bak", "12.json"):
        store.put(layout.COMMITS + name, b"notes")
    assert list(commits(store)) == [made]
    assert published(store, "run-2").number == 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"{}", b'{"number": 2}'])
def test_a_damaged_commit_is_named_with_what_to_do(store: FolderStore, body: bytes) -> None:
    published(store, "run-1")
    store.put(layout.commit(2), body)
    with pytest.raises(StoreError, match="put back a copy of it") as damaged:
        current(store)
    assert damaged.value.key == layout.commit(2)
    assert "\n" not in str(damaged.value)


def test_a_manifest_comes_back_as_it_went() -> None:
    made = replace(
        manifest("run-1"),
        objects=[ObjectInfo(key="k", bytes=1, rows=None, sha256="a" * 64)],
        gate=[Verdict(name="shrink", passed=False, value=0.4, limit=0.1, setting="GATE_MAX_SHRINK")],
    )
    assert from_row(Manifest, orjson.loads(to_json(made))) == made
