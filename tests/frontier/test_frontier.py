"""What workers ask of a real Redis: each script, alone and with others about."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crawler.frontier.frontier import Discovered
from tests.frontier.scenes import AS, CLAIM_SECONDS, Workers, ids, of, play, read, urls

if TYPE_CHECKING:
    from tests.servers.redis import RedisServer


def test_the_first_worker_begins_and_the_others_join(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        await workers.begun("a")
        assert await workers("b").begin(AS) == (AS, False)
        assert await workers("c").begin("harmony") == (AS, False)

    play(redis, scene)


def test_another_worker_begins_where_the_first_is_gone_before_it_was_done(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        first = await workers.begun("a")
        second = workers("b")
        assert await second.begin(AS) == (AS, False)
        await asyncio.sleep(CLAIM_SECONDS * 0.7)
        await first.renew([])
        await asyncio.sleep(CLAIM_SECONDS * 0.7)
        assert await second.begin(AS) == (AS, False)
        await asyncio.sleep(CLAIM_SECONDS)
        assert await second.begin(AS) == (AS, True)

    play(redis, scene)


def test_a_worker_that_never_heard_that_it_is_to_begin_is_told_again(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        await workers.begun("a")  # what it is answered is lost
        a = workers("a")
        assert await a.begin(AS) == (AS, True)
        assert await a.begin(AS) == (AS, False)
        assert await a.renew([]) == (False, [])
        b = workers("b")
        await b.begin(AS)
        await asyncio.sleep(CLAIM_SECONDS * 1.1)
        assert await b.renew([]) == (True, [])
        assert await b.renew([]) == (False, [])

    play(redis, scene)


def test_other_arguments_are_taken_where_no_worker_is_left(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        await (await workers.begun("a")).note([], of("1"))
        b = workers("b")
        assert await b.begin("harmony") == (AS, False)
        await asyncio.sleep(CLAIM_SECONDS * 1.1)
        assert await b.begin("harmony") == ("harmony", True)
        assert await read(b) == []

    play(redis, scene)


def test_where_it_was_done_nobody_begins_again(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        first = await workers.begun("a")
        await first.note([], of("1"))
        assert await first.advance() == 0  # 1 is not asked for yet
        await asyncio.sleep(CLAIM_SECONDS * 1.5)
        assert await workers("b").begin(AS) == (AS, False)

    play(redis, scene)


def test_a_target_is_given_to_one_worker_once(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a, b = await workers.begun("a"), workers("b")
        await b.begin(AS)
        await a.note([], of("1", "2", depth=3))
        await b.note([], [*of("2", "3", depth=1), *of("4", site="ukds")])
        first, second = await read(a, "harmony", most=2), await read(b)
        assert [(each.url, each.depth, each.deliveries) for each in first] == [("1", 3, 1), ("2", 3, 1)]
        assert [(each.url, each.depth) for each in second] == [("3", 1), ("4", 0)]
        assert (await read(a), await read(b)) == ([], [])

    play(redis, scene)


def test_what_is_done_is_not_discovered_again(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a = await workers.begun()
        await a.note([], [Discovered(url="1"), *of("1", "2")])
        assert urls(await read(a)) == ["2"]

    play(redis, scene)


def test_what_is_held_back_is_released_rank_by_rank_unless_it_is_told(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a, b = await workers.begun("a"), workers("b")
        await b.begin(AS)
        await a.note([], [*of("2", rank=2), *of("1", "1-told", rank=1), *of("0")])
        await b.note(["1-told", "2-told"], of("2-told", rank=2))
        found = await read(b)
        assert urls(found) == ["0"]
        assert (await a.advance(), await b.advance()) == (0, 0)
        await b.done(ids(found))
        assert await a.advance() > 0
        assert await b.advance() == 0
        found = await read(b)
        assert urls(found) == ["1"]
        await b.done(ids(found))
        assert await b.advance() > 0
        found = await read(a)
        assert urls(found) == ["2"]
        assert await b.advance() == 0
        await a.done(ids(found))
        assert (await b.advance(), await a.advance()) == (-1, -1)

    play(redis, scene)


def test_many_that_are_held_back_are_released_a_part_at_a_time(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a = await workers.begun()
        await a.note([], of(*map(str, range(2500)), rank=1))
        await a.note(list(map(str, range(1200))), [])
        released = 0
        while await a.advance() > 0:
            found = await read(a, most=2500)
            assert len(found) <= 1000
            released += len(found)
            await a.done(ids(found))
        assert released == 1300

    play(redis, scene)


def test_no_worker_ends_the_run_before_all_was_found_that_it_begins_with(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a, b = await workers.begun("a"), workers("b")
        await b.begin(AS)
        assert await b.advance() == 0
        assert await a.advance() == -1  # it begins with nothing
        assert await b.advance() == -1

    play(redis, scene)


def test_no_more_are_asked_for_than_the_limit(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a = await workers.begun()
        for _ in range(2):  # as where the first answer does not come
            await a.note([], [*of("asked", rank=1), Discovered(url="done"), Discovered(url="asked", asked=True)])
        await a.note([], [*of("1", "2"), *of("held", "held-2", rank=1)])
        found = await read(a)
        assert urls(found) == ["1", "2"]
        await a.done(ids(found))
        assert await a.advance() > 0
        found = await read(a)
        assert len(found) == 1
        await a.done(ids(found))
        assert await a.advance() == -1

    play(redis, scene, limit=4)


def test_a_silent_workers_targets_are_taken_over_and_a_live_ones_are_not(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        dead, alive, heir = await workers.begun("dead"), workers("alive"), workers("heir")
        for each in (alive, heir):
            await each.begin(AS)
        await dead.note([], of("1", "2", "3"))
        lost = await read(dead, most=2)
        kept = await read(alive)
        for _ in range(3):
            await asyncio.sleep(CLAIM_SECONDS / 2)
            assert (await alive.renew(ids(kept)))[1] == []
        taken = await heir.claim(1, one_suspect=True) + await heir.claim(9, one_suspect=True)
        assert [(each.url, each.deliveries) for each in taken] == [("1", 2), ("2", 2)]
        assert await heir.claim(9, one_suspect=True) == []
        assert await dead.renew(ids(lost)) == (False, ids(lost))
        assert await heir.renew(ids(taken)) == (False, [])
        await asyncio.sleep(CLAIM_SECONDS * 1.1)
        again = await alive.claim(9, one_suspect=True)
        assert {each.url: each.deliveries for each in again} == {"1": 3, "2": 3, "3": 2}

    play(redis, scene)


def test_what_may_have_ended_several_workers_is_taken_over_one_at_a_time(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        worker = await workers.begun()
        await worker.note([], [*of("1", "2"), *of("3", site="ukds")])
        assert len(await read(worker)) == 3
        for deliveries in (2, 3):
            await asyncio.sleep(CLAIM_SECONDS * 1.1)
            taken = await worker.claim(9, one_suspect=True)
            assert [(each.deliveries, each.is_suspect) for each in taken] == [(deliveries, False)] * 3
        await asyncio.sleep(CLAIM_SECONDS * 1.1)
        assert await worker.claim(9, one_suspect=False) == []
        taken = await worker.claim(9, one_suspect=True)
        assert [(each.url, each.deliveries, each.is_suspect) for each in taken] == [("1", 4, True)]
        assert urls(await worker.claim(9, one_suspect=True)) == ["2"]

    play(redis, scene)


def test_what_a_worker_gives_back_is_the_others_at_once(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a, b = await workers.begun("a"), workers("b")
        await b.begin(AS)
        await a.note([], of("1", "2", depth=2))
        found = await read(a)
        await a.done(ids(found)[:1])
        await a.give_back(ids(found))
        given = await read(b)
        assert [(each.url, each.depth, each.deliveries) for each in given] == [("2", 2, 1)]
        assert await b.begin(AS) == (AS, True)  # a was to begin, and has left

    play(redis, scene)
