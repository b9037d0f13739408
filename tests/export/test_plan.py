"""What the publishers of one run agree on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from threading import Barrier
from typing import TYPE_CHECKING

import orjson
import pytest

from crawler.errors import AlreadyExists, StoreError, UsageError
from crawler.export import layout
from crawler.export.manifest import Counts, Manifest, to_json
from crawler.export.plan import Fenced, Plan, agree
from crawler.records.gate import Verdict
from tests.export.crawled import FIRST, SECOND, Kept, crawl, stored
from tests.export.sample import RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = Verdict(name="shrink", passed=False, value=0.4, limit=0.1, setting="GATE_MAX_SHRINK")


@pytest.fixture
def store() -> Kept:
    made = Kept()
    crawl(made, "r", [stored("a")])
    return made


def agreed(store: Kept, previous: int = 0, accepted: Sequence[str] = (), now: str = FIRST) -> Plan:
    return agree(store, "r", previous=previous, accepted=accepted, now=now)


def judged(store: Kept, plan: Plan, *verdicts: Verdict) -> None:
    """Write the manifest that a plan led to."""
    run = replace(RUN, run_id="r", finished=plan.finished)
    made = Manifest(**asdict(run), counts=Counts(), objects=[], gate=list(verdicts))
    store.put(layout.manifest("r"), to_json(made))


def test_the_first_plan_holds_what_is_there(store: Kept) -> None:
    made = agreed(store)
    batches = [layout.log("r", "0a", 0)]
    stats = [layout.process_stats("r", "0a")]
    assert made == Plan(
        number=1, batches=batches, processes=stats, previous=0, accepted=[], finished=FIRST, complete=True
    )
    assert orjson.loads(store.get(layout.plan("r", 1))) == asdict(made)


def test_whoever_comes_later_goes_by_it_though_the_log_has_grown(store: Kept) -> None:
    made = agreed(store)
    crawl(store, "r", [stored("b")], process="0b")
    assert agreed(store, now=SECOND) == made


def test_what_was_planned_by_hand_before_the_end_gives_way_to_the_whole_crawl() -> None:
    store = Kept()
    crawl(store, "r", [stored("a")], reason="shutdown")
    by_hand = agreed(store)
    assert not by_hand.complete
    assert agreed(store, now=SECOND) == by_hand
    crawl(store, "r", [stored("b")], process="0b")
    whole = agreed(store, now=SECOND)
    assert whole.complete
    assert len(whole.batches) == 2
    assert agreed(store) == whole


def test_of_many_at_once_one_makes_the_plan(store: Kept) -> None:
    gate = Barrier(8)

    def come(number: int) -> Plan:
        gate.wait(timeout=60)
        crawl(store, "r", [stored("b")], process=f"{number:02d}")
        return agreed(store, now=f"2031-05-06T10:00:{number:02d}Z")

    with ThreadPoolExecutor(8) as pool:
        plans = list(pool.map(come, range(8)))
    assert all(plan == plans[0] for plan in plans)
    assert [key for key in store.objects if layout.is_plan(key)] == [layout.plan("r", 1)]


def test_another_previous_commit_makes_another_plan(store: Kept) -> None:
    made = agreed(store)
    crawl(store, "r", [stored("b")], process="0b")
    newer = agreed(store, previous=1, now=SECOND)
    assert (newer.number, newer.previous, newer.finished, len(newer.batches)) == (2, 1, SECOND, 2)
    assert agreed(store, previous=1) == newer != made


def test_an_acceptance_makes_another_plan_which_others_go_by(store: Kept) -> None:
    agreed(store)
    accepted = agreed(store, accepted=["shrink", "fill"], now=SECOND)
    assert (accepted.number, accepted.accepted) == (2, ["fill", "shrink"])
    assert agreed(store) == agreed(store, accepted=["shrink"]) == accepted
    assert agreed(store, accepted=["failed"]).number == 3


def test_a_plan_that_was_refused_is_spent(store: Kept) -> None:
    made = agreed(store)
    judged(store, made, replace(REFUSED, passed=True), replace(REFUSED, enforced=False))
    assert agreed(store, now=SECOND) == made
    judged(store, made, REFUSED)
    assert agreed(store, now=SECOND).number == 2


def test_the_manifest_of_an_earlier_plan_does_not_spend_the_newer_one(store: Kept) -> None:
    judged(store, agreed(store), REFUSED)
    newer = agreed(store, now=SECOND)
    assert [agreed(store, now=SECOND).number for _ in range(3)] == [newer.number] * 3
    accepting = agreed(store, accepted=["shrink"], now=FIRST)  # within one second of the plan that was refused
    assert [agreed(store, accepted=["shrink"]) for _ in range(3)] == [accepting] * 3


@pytest.mark.parametrize("gone", [layout.log("r", "0a", 0), layout.process_stats("r", "0a")])
def test_a_plan_of_something_that_was_removed_is_spent(store: Kept, gone: str) -> None:
    made = agreed(store)
    crawl(store, "r", [stored("a")], process="0b")
    del store.objects[gone]
    newer = agreed(store, now=SECOND)
    assert newer.number == made.number + 1
    assert gone not in {*newer.batches, *newer.processes}


@pytest.mark.parametrize("leftovers", [[], [layout.process_stats("r", "0a")]])
def test_a_run_without_a_log_leaves_no_plan_behind(leftovers: list[str]) -> None:
    store = Kept(dict.fromkeys(leftovers, b"{}"))
    with pytest.raises(UsageError, match="run 'r' has no log on the store: there is nothing to publish"):
        agreed(store)
    assert list(store.objects) == leftovers
    crawl(store, "r", [stored("a")])
    assert agreed(store).batches == [layout.log("r", "0a", 0)]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"batches": []}'])
def test_a_damaged_plan_is_named_and_can_be_removed(store: Kept, body: bytes) -> None:
    agreed(store)
    newest = agreed(store, previous=1)
    key = layout.plan("r", newest.number)
    store.objects[key] = body
    with pytest.raises(StoreError, match="remove it and publish the run again") as damaged:
        agreed(store, previous=1)
    assert damaged.value.key == key
    assert "\n" not in str(damaged.value)
    del store.objects[key]
    assert agreed(store, previous=1) == newest


def test_a_plan_removed_before_others_is_no_obstacle(store: Kept) -> None:
    agreed(store)
    agreed(store, previous=1)
    del store.objects[layout.plan("r", 1)]
    attempts = iter(range(3))

    def before(call: str, _key: str) -> None:
        assert call != "create" or next(attempts, None) is not None, "it never ends"

    store.before = before
    assert agreed(store, previous=2).number == 3


def test_what_is_written_for_a_plan_is_written_until_it_is_overtaken(store: Kept) -> None:
    made = agreed(store, previous=4)
    fenced = Fenced(store, "r", made)
    store.create(layout.commit(4), b"the one before")
    fenced.put("k", b"1")
    for later in (layout.plan("r", 2), layout.commit(5)):
        store.create(later, b"")
        with pytest.raises(AlreadyExists) as overtaken:
            fenced.put("k", b"2")
        assert overtaken.value.key == later
        del store.objects[later]
    assert store.get("k") == b"1"
    fenced.put("k", b"3")
    fenced.create("new", b"4")
    assert (fenced.get("k"), fenced.exists("new"), fenced.list("n"), fenced.uri("k")) == (b"3", True, ["new"], "k")
