"""Looking at runs, and going back to one."""

from __future__ import annotations

from dataclasses import asdict, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson
import pytest

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable, UsageError
from crawler.export import layout
from crawler.export.folder import FolderStore
from crawler.export.manifest import Commit, Counts, Manifest, ObjectInfo, commit, commits, current, to_json
from crawler.export.runs import manifests, rollback
from tests.export.sample import RUN

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-22T15:32:00Z"
LATER = "2026-11-23T08:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def written(store: FolderStore, run_id: str, finished: str = RUN.finished) -> Manifest:
    """Write a run of two objects and its manifest."""
    objects = []
    for key in (layout.records_jsonl(run_id, 0), layout.schema(run_id)):
        data = f"{key} of {run_id}".encode()
        store.put(key, data)
        objects.append(ObjectInfo(key=key, bytes=len(data), rows=None, sha256=sha256(data).hexdigest()))
    run = replace(RUN, run_id=run_id, finished=finished)
    made = Manifest(**asdict(run), counts=Counts(records={"study": 2}), objects=objects)
    store.put(layout.manifest(run_id), to_json(made))
    return made


def published(store: FolderStore, *run_ids: str) -> list[Commit]:
    return [commit(store, written(store, run_id), after=current(store), now=NOW) for run_id in run_ids]


def test_runs_come_newest_first_whether_they_were_published_or_not(store: FolderStore) -> None:
    assert manifests(store) == ([], [])
    middle = written(store, "b", "2026-11-22T10:00:00Z")
    oldest = written(store, "z", "2026-11-21T10:00:00Z")
    newest = [written(store, run_id, "2026-11-23T10:00:00Z") for run_id in ("run-2", "run-1", "run-10")]
    assert manifests(store) == ([newest[0], newest[2], newest[1], middle, oldest], [])


def test_what_is_no_run_is_not_looked_at(store: FolderStore) -> None:
    for key in ("stopped/ledger.parquet", "manifest.json", "old runs/manifest.json", "a/records/manifest.json", "b/c"):
        store.put(layout.RUNS + key, b"{")
    assert manifests(store) == ([], [])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"run_id": "run-1"}', b'{"gate": [{}]}'])
def test_a_damaged_manifest_is_named_beside_the_others(store: FolderStore, body: bytes) -> None:
    sound = written(store, "run-2")
    store.put(layout.manifest("run-1"), body)
    found, damaged = manifests(store)
    assert found == [sound]
    assert [error.key for error in damaged] == [layout.manifest("run-1")]


def test_a_store_that_gives_no_answer_is_no_damage(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    written(store, "run-1")

    def away(key: str) -> bytes:
        raise StoreUnavailable(key, "no answer")

    monkeypatch.setattr(store, "get", away)
    with pytest.raises(StoreUnavailable):
        manifests(store)


def test_a_manifest_of_an_older_version_is_read(store: FolderStore) -> None:
    row = orjson.loads(to_json(written(store, "run-1")))
    del row["counts"]["changes"], row["gate"]
    store.put(layout.manifest("run-1"), to_json(row))
    assert [(run.counts.changes, run.gate) for run in manifests(store)[0]] == [({}, [])]


def test_a_rollback_is_one_more_commit_that_names_the_earlier_run(store: FolderStore) -> None:
    first, second = published(store, "run-1", "run-2")
    back = rollback(store, "run-1", LATER)
    assert back == replace(first, number=3, committed_at=LATER)
    assert list(commits(store)) == [back, second, first]
    assert store.get(layout.CURRENT) == store.get(layout.commit(3))
    assert rollback(store, "run-2", LATER) == replace(second, number=4, committed_at=LATER)


def test_a_run_that_is_current_stays_so_and_nothing_is_written(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = published(store, "run-1", "run-2")[1]
    monkeypatch.delattr(FolderStore, "put")
    monkeypatch.delattr(FolderStore, "create")
    assert rollback(store, "run-2", LATER) == made


def test_a_rollback_heals_a_current_that_lags(store: FolderStore) -> None:
    published(store, "run-1")
    stale = store.get(layout.CURRENT)
    published(store, "run-2")
    store.put(layout.CURRENT, stale)
    assert rollback(store, "run-2", LATER).number == 2
    assert store.get(layout.CURRENT) == store.get(layout.commit(2))


def test_a_run_that_was_never_published_is_no_run_to_go_back_to(store: FolderStore) -> None:
    published(store, "run-1")
    written(store, "run-2")
    for run_id, said in [
        ("run-2", "run run-2 was never published, .* use scrapy publish run-2, with --accept"),
        ("run-3", "there is no run run-3 that has a manifest; scrapy runs lists"),
        ("../run-1", "run_id '../run-1' is not accepted"),
    ]:
        with pytest.raises(UsageError, match=said):
            rollback(store, run_id, LATER)
    assert [commit.run_id for commit in commits(store)] == ["run-1"]


def test_a_run_whose_manifest_was_deleted_is_no_run_to_go_back_to(store: FolderStore, tmp_path: Path) -> None:
    published(store, "run-1", "run-2")
    (tmp_path / layout.manifest("run-1")).unlink()
    with pytest.raises(UsageError, match="there is no run run-1"):
        rollback(store, "run-1", LATER)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "is missing; put back a copy of it, or go back to another run"),
        (b"cut", "has 3 bytes, not the "),
        (b"", "has 0 bytes, not the "),
        ("same length", "has another SHA-256 than its manifest says; put back"),
    ],
)
def test_a_run_with_an_object_missing_or_damaged_is_never_made_current(
    store: FolderStore, tmp_path: Path, number: int, data: bytes | str | None, said: str
) -> None:
    published(store, "run-1", "run-2")
    before = store.get(layout.CURRENT)
    info = manifests(store)[0][1].objects[number]
    if data is None:
        (tmp_path / info.key).unlink()
    else:
        store.put(info.key, data if isinstance(data, bytes) else b"x" * info.bytes)
    with pytest.raises(StoreError, match=said) as damaged:
        rollback(store, "run-1", LATER)
    assert damaged.value.key == info.key
    assert len(list(commits(store))) == 2
    assert store.get(layout.CURRENT) == before


def overtaken(store: FolderStore, monkeypatch: pytest.MonkeyPatch, run_ids: list[str]) -> None:
    """Let other publishers win the next commits, one for each run."""
    create = store.create

    def create_late(key: str, data: bytes) -> None:
        if run_ids:
            other = replace(Commit(**orjson.loads(data)), run_id=run_ids.pop(0))
            create(key, to_json(other))
        create(key, data)

    monkeypatch.setattr(store, "create", create_late)


def test_a_rollback_that_is_overtaken_comes_after_the_others(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(store, "run-1", "run-2")
    overtaken(store, monkeypatch, ["run-3", "run-4", "run-5"])
    assert rollback(store, "run-1", LATER).number == 6
    assert [commit.run_id for commit in commits(store)] == ["run-1", "run-5", "run-4", "run-3", "run-2", "run-1"]


def test_two_rollbacks_at_once_are_one_commit(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    published(store, "run-1", "run-2")
    overtaken(store, monkeypatch, ["run-1"])
    assert rollback(store, "run-1", LATER).number == 3
    assert [commit.run_id for commit in commits(store)] == ["run-1", "run-2", "run-1"]


def test_a_rollback_that_is_overtaken_again_and_again_gives_up_and_says_so(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(store, "run-1", "run-2")
    overtaken(store, monkeypatch, ["run-3", "run-4", "run-5", "run-6", "run-7"])
    with pytest.raises(StoreError, match="other runs were published 4 times in a row; roll back again") as lost:
        rollback(store, "run-1", LATER)
    assert not isinstance(lost.value, AlreadyExists)
    newest = current(store)
    assert newest is not None
    assert newest.run_id == "run-6"
