from __future__ import annotations

import gzip
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import StoreError
from crawler.export import layout
from crawler.export.folder import FolderStore
from crawler.export.log import BatchLog, batches, decode, encode, read
from crawler.export.rows import from_row
from crawler.items import Creator, Sighting, State, Target
from tests.export.sample import targets
from tests.export.strategies import built

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


@settings(max_examples=40)  # a target has many fields
@given(st.lists(built(Target), max_size=3))
def test_targets_come_back_as_they_went(batch: list[Target]) -> None:
    assert list(decode(encode(batch))) == batch
    assert encode(batch)[3:8] == b"\0\0\0\0\0"  # gzip's header has no name and no time


def test_what_comes_back_is_typed() -> None:
    made = Target(url="u", state=State.STORED, sightings=[Sighting(creators=[Creator(name="Depositor A")])])
    back = next(decode(encode([made])))
    assert back.state is State.STORED
    assert isinstance(back.sightings[0].creators[0], Creator)


def test_two_processes_of_one_run_share_its_log(store: FolderStore) -> None:
    one, other = BatchLog(store, "r", "0a"), BatchLog(store, "r", "0b")
    keys = [one.append(targets()[:1]), other.append(targets()[1:2]), one.append(targets()[2:])]
    BatchLog(store, "another", "0a").append(targets())
    assert sorted(keys) == store.list(layout.logs("r"))
    assert sorted(row["url"] for row in read(store, batches(store, "r"))) == [target.url for target in targets()]
    assert batches(store, "never") == []


def test_threads_may_share_a_log(store: FolderStore) -> None:
    log = BatchLog(store, "r", "0a")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: log.append(targets()), range(40)))
    assert len(keys) == 40


def test_a_failed_batch_is_appended_again_under_another_number(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = BatchLog(store, "r", "0a")

    def create_and_fail(key: str, data: bytes) -> None:
        store.put(key, data)
        raise StoreError(key, "went away")

    with monkeypatch.context() as patch:
        patch.setattr(store, "create", create_and_fail)
        with pytest.raises(StoreError, match="went away"):
            log.append(targets()[:1])
    log.append(targets()[:1])
    assert [from_row(Target, row) for row in read(store, batches(store, "r"))] == targets()[:1] * 2


WHOLE = encode(targets())


def gzipped(*rows: object) -> bytes:
    """What any writer may leave, gzipped without a time: every worker of pytest-xdist collects the same test."""
    return gzip.compress(b"\n".join(map(orjson.dumps, rows)), mtime=0)


@pytest.mark.parametrize(
    "body",
    [
        *(WHOLE[:cut] for cut in (0, 1, 9, 10, len(WHOLE) // 2, len(WHOLE) - 1)),
        WHOLE[:40] + bytes([WHOLE[40] ^ 1]) + WHOLE[41:],
        WHOLE[:10] + b"\xff" + WHOLE[11:],
        WHOLE + b"more",
        b"no gzip at all",
        gzip.compress(b'{"url": "u", "state', mtime=0),
        gzipped({"url": "u", "state": "gone"}),
        gzipped({"url": "u"}),
        gzipped({"url": "u", "state": None, "colour": "red"}),
        gzipped({"url": "u", "state": None, "sightings": None}),
        gzipped({"url": "u", "state": None, "sightings": ["title"]}),
        gzipped(["u"]),
        gzipped(1),
    ],
)
def test_a_damaged_batch_is_named_with_what_to_do(store: FolderStore, body: bytes) -> None:
    BatchLog(store, "r", "0a").append(targets()[:1])
    bad = layout.log("r", "x", 0)
    store.put(bad, body)
    with pytest.raises(StoreError, match=r"is damaged, .*: remove it and start the same run_id again") as damaged:
        list(read(store, batches(store, "r")))
    assert damaged.value.key == bad
    assert "\n" not in str(damaged.value)


def test_any_changed_byte_is_seen_or_harmless() -> None:
    for place in range(len(WHOLE)):
        body = WHOLE[:place] + bytes([WHOLE[place] ^ 0xFF]) + WHOLE[place + 1 :]
        try:
            back = list(decode(body))
        except (EOFError, OSError, zlib.error, ValueError, TypeError):
            continue
        assert back == targets(), place  # the header's time and system stand outside gzip's checksum
