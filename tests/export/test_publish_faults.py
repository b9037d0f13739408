"""Publishing that is cut off or finds something damaged: the current snapshot stays, and the next attempt ends well."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING

import pytest

from crawler.errors import StoreError
from crawler.export import layout
from crawler.export.manifest import commits, current
from crawler.export.publish import publish
from crawler.items import State
from tests.export.crawled import LIMITS, Kept, crawl, ended, listed, records, run, seeded, stored, unchanged, whole

if TYPE_CHECKING:
    from collections.abc import Callable

NEXT = [
    listed("a", "b", "c", "d"),
    seeded("run-1", "a", "b", "d"),
    unchanged("a", "run-1"),
    ended("b", State.NOT_FOUND),
    stored("c"),
    ended("d", State.FETCH_FAILED),
]


def crawled(*, plan: bool = False) -> Kept:
    """Return a store with a published run and the log of another one; `plan`: whose publisher was killed once."""
    return Kept(dict(_crawled(plan=plan)))


@cache
def _crawled(*, plan: bool) -> dict[str, bytes]:
    store = Kept()
    run(store, "run-1", [listed("a", "b", "d"), stored("a"), stored("b"), stored("d")])
    crawl(store, "run-2", NEXT)
    if plan:
        fail_at(store, 0, "put")
        with pytest.raises(StoreError, match="went away"):
            publish(store, "run-2", LIMITS)
        del store.objects[layout.process_stats("run-1", "0a")]  # expired with the rest of its log
        del store.objects[layout.log("run-1", "0a", 0)]
    return store.objects


def fail_at(store: Kept, number: int, *calls: str) -> None:
    """Have the store go away for good at one of the coming calls, of those named or of all."""
    passed = count()

    def before(call: str, key: str) -> None:
        if (not calls or call in calls) and next(passed) >= number:
            raise StoreError(key, "went away")

    store.before = before


def healed(store: Kept) -> Kept:
    store.before = lambda _call, _key: None
    return store


def content(store: Kept) -> dict[str, str]:
    return {info.key: info.sha256 for info in whole(store).objects}


def test_killed_at_any_call_it_is_published_by_the_next_attempt_and_is_the_same() -> None:
    undisturbed = crawled()
    publish(undisturbed, "run-2", LIMITS)
    expected = content(undisturbed)
    before_commit = after_commit = 0
    for number in count():
        store = crawled()
        fail_at(store, number)
        try:
            publish(store, "run-2", LIMITS)
            break
        except StoreError:
            healed(store)
        named = whole(store).run_id
        before_commit, after_commit = before_commit + (named == "run-1"), after_commit + (named == "run-2")
        publish(store, "run-2", LIMITS)
        assert [commit.run_id for commit in commits(store)] == ["run-2", "run-1"]
        assert store.get(layout.CURRENT) == store.get(layout.commit(2))
        assert content(store) == expected
    assert (before_commit > 20, after_commit > 5) == (True, True)


def test_killed_again_and_again_it_gets_there() -> None:
    store = crawled()
    for number in count():
        fail_at(healed(store), number)
        try:
            publish(store, "run-2", LIMITS)
            break
        except StoreError:
            continue
    assert [commit.run_id for commit in commits(healed(store))] == ["run-2", "run-1"]
    assert [key for key in store.list(layout.logs("run-2")) if layout.is_plan(key)] == [layout.plan("run-2", 1)]
    assert list(records(store, "run-2")) == ["harmony:a", "harmony:c", "harmony:d"]
    whole(store)


def cut(body: bytes) -> bytes | None:
    return body[: len(body) // 2]


def flipped(body: bytes) -> bytes | None:
    return body[:20] + bytes([body[20] ^ 0xFF]) + body[21:]


def empty(_body: bytes) -> bytes | None:
    return b""


def missing(_body: bytes) -> bytes | None:
    return None


ROLL_BACK = "or make another run current: scrapy rollback RUN_ID$"
FAULTS: list[tuple[str, list[Callable[[bytes], bytes | None]], str]] = [
    (layout.log("run-2", "0a", 0), [cut, flipped, empty], "remove it and start the same run_id again"),
    (layout.process_stats("run-2", "0a"), [cut, empty], "remove it and start the same run_id again$"),
    (layout.plan("run-2", 1), [cut, empty], "remove it and publish the run again$"),
    (layout.manifest("run-1"), [cut, empty, missing], ROLL_BACK),
    (layout.sightings("run-1", 0), [cut, flipped, empty, missing], ROLL_BACK),
    (layout.records_jsonl("run-1", 0), [cut, flipped, empty, missing], ROLL_BACK),
    (layout.commit(1), [cut, empty], "put back a copy of it"),
]


@pytest.mark.parametrize(("key", "how", "said"), [(key, how, said) for key, hows, said in FAULTS for how in hows])
def test_what_is_damaged_is_named_and_the_current_snapshot_stays(
    key: str, how: Callable[[bytes], bytes | None], said: str
) -> None:
    store = crawled(plan=True)
    sound = store.objects.pop(key)
    if (body := how(sound)) is not None:
        store.objects[key] = body
    kept = store.objects[layout.CURRENT]
    with pytest.raises(StoreError, match=said) as damaged:
        publish(store, "run-2", LIMITS)
    assert (damaged.value.key, damaged.value.exit_code) == (key, 4)
    assert "\n" not in str(damaged.value)
    assert layout.commit(2) not in store.objects
    if key != layout.commit(1):  # of which it is a copy
        assert store.objects[layout.CURRENT] == kept
    store.objects[key] = sound
    store.objects[layout.CURRENT] = kept
    publish(store, "run-2", LIMITS)
    assert list(records(store, "run-2")) == ["harmony:a", "harmony:c", "harmony:d"]


@pytest.mark.parametrize("key", [layout.log("run-2", "0a", 0), layout.process_stats("run-2", "0a")])
def test_a_damaged_object_of_the_log_can_be_removed_and_the_run_goes_on(key: str) -> None:
    store = crawled(plan=True)
    del store.objects[key]
    crawl(store, "run-2", NEXT, process="0b")
    publish(store, "run-2", LIMITS)
    assert whole(store).incomplete == ["1 targets in fetch_failed"]
    assert list(records(store, "run-2")) == ["harmony:a", "harmony:c", "harmony:d"]


def test_a_run_that_others_rest_on_is_asked_for_by_name_when_it_is_gone() -> None:
    store = crawled()
    run(store, "run-3", [listed("e"), stored("e")])
    base = layout.manifest("run-1")
    body = store.objects.pop(base)
    with pytest.raises(StoreError, match=r"; or crawl again: this run holds no more than what changed$") as gone:
        publish(store, "run-2", LIMITS)
    assert gone.value.key == base
    assert "\n" not in str(gone.value)
    newest = current(store)
    assert newest is not None
    assert newest.run_id == "run-3"
    store.objects[base] = body
    publish(store, "run-2", LIMITS)
    assert list(records(store, "run-2")) == ["harmony:a", "harmony:c", "harmony:d", "harmony:e"]
