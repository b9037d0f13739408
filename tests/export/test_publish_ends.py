"""How publishing ends when something comes between: another end of the crawl, a larger attempt, a late retry."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.errors import AlreadyExists, CrawlFailed, GateRefused, StoreError, StoreUnavailable
from crawler.export import layout, snapshot
from crawler.export.manifest import current, heal_current
from crawler.export.patience import Patient
from crawler.export.plan import agree, fenced
from crawler.export.publish import publish
from crawler.records.gate import Limits
from tests.export.crawled import FIRST, LIMITS, Kept, crawl, listed, run, stored, whole

NAMES = ["a", "b", "c", "d", "e"]


@pytest.fixture
def store() -> Kept:
    return Kept()


def test_what_stops_the_crawl_before_the_commit_stops_the_commit(store: Kept) -> None:
    crawl(store, "run-1", [listed("a"), stored("a")])
    with pytest.raises(CrawlFailed, match="stopped"):
        publish(store, "run-1", LIMITS, halted=lambda: CrawlFailed("stopped"))
    assert current(store) is None
    publish(store, "run-1", LIMITS)
    whole(store)


def test_a_run_published_by_hand_before_its_end_says_so_when_it_ends(store: Kept) -> None:
    crawl(store, "run-1", [listed("a", "b"), stored("a")], reason="")
    commit = publish(store, "run-1", LIMITS).commit
    assert publish(store, "run-1", LIMITS).commit == commit
    crawl(store, "run-1", [stored("b")], process="0b")
    with pytest.raises(CrawlFailed, match=r"^run run-1 was published before its crawl ended: start another run_id$"):
        publish(store, "run-1", LIMITS)
    assert current(store) == commit


def test_a_refusal_carries_the_stats_of_what_was_found(store: Kept) -> None:
    crawl(store, "run-1", [listed("a"), stored("a")])
    with pytest.raises(GateRefused) as refused:
        publish(store, "run-1", Limits(min_records=9))
    assert refused.value.stats["gate/min_records"] == 1
    assert refused.value.stats["ledger/stored"] == 1


def test_parts_of_a_larger_attempt_are_emptied(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "PART_ROWS", 2)
    crawl(store, "run-1", [listed(*NAMES), *map(stored, NAMES)])
    with pytest.raises(GateRefused):
        publish(store, "run-1", Limits(min_records=9))
    monkeypatch.setattr(snapshot, "PART_ROWS", 100)
    publish(store, "run-1", LIMITS)
    parts = store.list(layout.records_parquet("run-1", 0).rpartition("/")[0])
    rows = [row for key in parts for row in pq.read_table(pa.BufferReader(store.get(key))).to_pylist()]
    assert (len(parts), len(rows)) == (3, 5)
    assert set(parts) <= {info.key for info in whole(store).objects}


def test_a_damaged_commit_does_not_take_the_place_of_a_good_copy(store: Kept) -> None:
    run(store, "run-1", [listed("a"), stored("a")])
    good = store.get(layout.CURRENT)
    store.put(layout.commit(2), b"{}")
    with pytest.raises(StoreError, match="is no commit"):
        heal_current(store)
    assert store.get(layout.CURRENT) == good


def test_a_write_that_waited_out_an_outage_looks_at_the_fence_again(store: Kept) -> None:
    crawl(store, "run-1", [stored("a")])
    plan = agree(store, "run-1", previous=0, accepted=[], now=FIRST)
    tried: list[str] = []

    def away_once(call: str, key: str) -> None:
        if call == "put" and key == "named":
            tried.append(key)
            if len(tried) == 1:
                store.objects[layout.commit(1)] = b"another run"
                raise StoreUnavailable(key, "away")

    store.before = away_once
    with pytest.raises(AlreadyExists):
        fenced(Patient(store, 30), "run-1", plan).put("named", b"old bytes")
    assert tried == ["named"]
    assert "named" not in store.objects
