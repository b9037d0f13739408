"""Several publishers at once: of one run, and of several."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from crawler.errors import StoreError
from crawler.export import layout
from crawler.export.manifest import commits
from crawler.export.plan import agree
from crawler.export.publish import publish
from tests.export.crawled import LIMITS, SECOND, Kept, crawl, listed, records, run, seeded, stored, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 15


@dataclass
class Watched(Kept):
    """A store that notes which objects of a run were written otherwise after a commit had named it."""

    rewritten: list[str] = field(default_factory=list)

    def put(self, key: str, data: bytes) -> None:
        self.before("put", key)
        run_id = key.removeprefix(layout.RUNS).partition("/")[0]
        named = any(f'"run_id": "{run_id}"'.encode() in commit for commit in self.commits())
        if named and self.objects.get(key) != data:
            self.rewritten.append(key)
        self.objects[key] = data

    def commits(self) -> list[bytes]:
        return [data for key, data in list(self.objects.items()) if layout.commit_number(key)]


def runs(store: Kept) -> list[str]:
    return [commit.run_id for commit in commits(store)]


def crawled() -> Watched:
    """Return a store with a published run and the log of another one."""
    return Watched(dict(_crawled()))


@cache
def _crawled() -> dict[str, bytes]:
    store = Kept()
    run(store, "run-1", [listed("a"), stored("a")])
    crawl(store, "run-2", [listed("a", "b"), seeded("run-1", "a"), stored("a"), stored("b")])
    return store.objects


def each_moment(do: Callable[[Watched], object], *calls: str) -> Iterator[Watched]:
    """Publish run-2 anew for each call that this makes, with something done just before that call."""
    for number in count():
        store = crawled()
        reached = once(store, number, partial(do, store), calls)
        publish(store, "run-2", LIMITS)
        if not reached:
            return
        yield store


def once(store: Kept, number: int, do: Callable[[], object], calls: tuple[str, ...]) -> list[str]:
    """Have something done before one of the coming calls, of those named or of all; the list then says which it was."""
    passed = count()
    reached: list[str] = []

    def before(call: str, key: str) -> None:
        if not reached and (not calls or call in calls) and next(passed) == number:
            reached.append(f"{call} {key}")
            do()

    store.before = before
    return reached


def publish_again(store: Watched, accepted: tuple[str, ...] = ()) -> None:
    """Come as another publisher of the same run, in whose log there is more by then."""
    crawl(store, "run-2", [stored("late")], process="0c")
    publish(store, "run-2", LIMITS, accepted)


def publish_another(store: Watched) -> None:
    run(store, "run-x", [listed("x"), stored("x")])


def publish_both(store: Watched) -> None:
    publish_another(store)
    publish_again(store)


def test_another_publisher_of_the_run_may_come_and_go_at_any_moment() -> None:
    for store in each_moment(publish_again):
        assert runs(store) == ["run-2", "run-1"]
        assert store.rewritten == []
        assert whole(store).previous_run == "run-1"


def test_another_run_may_be_published_at_any_moment_and_nothing_of_it_is_lost() -> None:
    orders = set()
    for store in each_moment(publish_another):
        orders.add(tuple(runs(store)))
        assert store.rewritten == []
        whole(store)
        assert set(records(store, runs(store)[0])) == {"harmony:a", "harmony:b", "harmony:x"}
    assert orders == {("run-2", "run-x", "run-1"), ("run-x", "run-2", "run-1")}


CHECKED = ("get", "list", "exists", "create")
"""All calls but `put`: one that is under way cannot be called back."""


@pytest.mark.parametrize("do", [publish_both, partial(publish_again, accepted=("shrink",))])
def test_a_publisher_that_was_held_up_writes_nothing_over_a_newer_plan(do: Callable[[Watched], object]) -> None:
    for store in each_moment(do, *CHECKED):
        assert runs(store).count("run-2") == 1
        assert store.rewritten == []
        whole(store)


def test_a_plan_that_was_made_while_the_manifest_was_written_is_gone_by() -> None:
    store = crawled()

    def before(call: str, key: str) -> None:
        if (call, key) == ("put", layout.manifest("run-2")) and layout.plan("run-2", 2) not in store.objects:
            crawl(store, "run-2", [stored("late")], process="0c")
            agree(store, "run-2", previous=1, accepted=["shrink"], now=SECOND)

    store.before = before
    publish(store, "run-2", LIMITS)
    assert whole(store).finished == SECOND
    assert "harmony:late" in records(store, "run-2")


def test_two_publishers_that_start_together_make_one_commit() -> None:
    for _ in range(ROUNDS):
        store = crawled()
        gate = Barrier(3)

        def come(process: str, store: Watched = store, gate: Barrier = gate) -> int:
            gate.wait(timeout=60)
            crawl(store, "run-2", [stored(f"late-{process}")], process=process)
            return publish(store, "run-2", LIMITS).commit.number

        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(come, ["0b", "0c", "0d"])) == [2, 2, 2]
        assert runs(store) == ["run-2", "run-1"]
        assert store.rewritten == []
        named = whole(store)
        publish(store, "run-2", LIMITS)
        assert whole(store) == named


def test_runs_that_are_published_together_are_all_in_the_last_one() -> None:
    for _ in range(ROUNDS):
        store = Watched()
        names = ["run-a", "run-b", "run-c"]
        gate = Barrier(len(names))

        def come(run_id: str, store: Watched = store, gate: Barrier = gate) -> None:
            crawl(store, run_id, [listed(run_id), stored(run_id)])
            gate.wait(timeout=60)
            publish(store, run_id, LIMITS)

        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(come, names))
        assert sorted(runs(store)) == names
        assert store.rewritten == []
        whole(store)
        assert set(records(store, runs(store)[0])) == {f"harmony:{name}" for name in names}


def overtaking(store: Kept, times: int) -> None:
    """Have another run published, so many times, just before a commit."""
    numbers = iter(range(times))

    def before(call: str, key: str) -> None:
        if call == "create" and layout.commit_number(key) and (number := next(numbers, None)) is not None:
            mine, store.before = store.before, lambda _call, _key: None
            run(store, f"other-{number}", [listed(f"other-{number}"), stored(f"other-{number}")])
            store.before = mine

    store.before = before


def test_a_run_that_loses_three_times_is_published_after_all() -> None:
    store = crawled()
    overtaking(store, 3)
    assert publish(store, "run-2", LIMITS).commit.number == 5
    assert whole(store).previous_run == "other-2"
    assert len(records(store, "run-2")) == 5
    assert store.rewritten == []


def test_a_run_that_loses_four_times_says_so() -> None:
    store = crawled()
    overtaking(store, 4)
    with pytest.raises(
        StoreError, match=r"another run was published each of 4 times: .* scrapy publish run-2$"
    ) as lost:
        publish(store, "run-2", LIMITS)
    assert lost.value.exit_code == 4
    assert runs(store)[0] == "other-3"
    publish(store, "run-2", LIMITS)
    assert len(records(store, whole(store).run_id)) == 6
