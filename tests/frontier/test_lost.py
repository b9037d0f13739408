"""A frontier that is gone, or a part of it, is found to be; one that nobody works at goes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.errors import FrontierLost
from crawler.frontier.manners import Hosts
from tests.frontier.scenes import AS, KEYS, SITES, Workers, ids, of, play, read, urls
from tests.servers.redis import RedisServer

if TYPE_CHECKING:
    from pathlib import Path

    from redis import Redis


def test_a_frontier_without_a_part_of_it_is_made_anew(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        a = await workers.begun("a")
        await a.note([], of("1"))
        with redis.client() as client:
            client.delete(KEYS.stream("ukds"))
        with pytest.raises(FrontierLost):
            await read(a)
        assert await a.begin(AS) == (AS, True)
        assert await read(a) == []

    play(redis, scene)


@pytest.mark.parametrize("emptied", [True, False])
def test_a_frontier_that_is_gone_is_found_to_be(redis: RedisServer, emptied: bool) -> None:
    async def scene(workers: Workers) -> None:
        a, b = await workers.begun("a"), workers("b")
        await b.begin(AS)
        await a.note([], of("1"))
        found = await read(a)
        with redis.client() as client:
            _ = client.flushall() if emptied else client.delete(KEYS("epoch"))
        if not emptied:
            assert await workers("c").begin(AS) == (AS, True)  # and makes another one
        for work in (a.note([], of("2")), a.done(ids(found)), a.renew(ids(found)), a.advance(), a.give_back([])):
            with pytest.raises(FrontierLost):
                await work
        if emptied:
            with pytest.raises(FrontierLost):
                await read(a)
            assert await b.begin(AS) == (AS, True)

    play(redis, scene)


def test_a_frontier_as_it_was_before_is_as_good_as_gone(tmp_path: Path) -> None:
    """What Redis finds on its disk lacks what workers have put there since, and they would not do so again."""
    server = RedisServer()

    async def scene(workers: Workers) -> None:
        a = await workers.begun("a")
        await a.note([], of("1"))
        with server.client() as client:
            client.save()
        await a.note([], of("2"))
        server.kill()
        server.start(tmp_path)
        assert urls(await read(a)) == ["1"]
        for work in (a.note([], of("3")), a.renew([]), a.advance()):
            with pytest.raises(FrontierLost):
                await work
        assert await a.begin(AS) == (AS, True)
        assert await read(a) == []

    server.start(tmp_path)
    try:
        play(server, scene)
    finally:
        server.kill()


def test_the_keys_live_a_week_without_a_worker(redis: RedisServer) -> None:
    week = 7 * 24 * 3600

    def live_a_week(client: Redis) -> bool:
        return all(week - 60 < client.ttl(key) <= week for key in client.scan_iter() if key != KEYS("seeding"))

    async def scene(workers: Workers) -> None:
        a = await workers.begun()
        await a.note(["1"], [*of("1"), *of("2", rank=1)])
        await Hosts(workers.link, KEYS).failed("a.example")
        with redis.client() as client:
            kept = {key.rpartition(":")[2] for key in client.scan_iter()}
            assert kept > {"epoch", "seen", "told", "held", "workers", "a.example", *SITES}
            assert live_a_week(client)
            for key in client.scan_iter():
                if "a.example" not in key:  # it is not the run's: a worker asks it, or does not
                    client.expire(key, week // 2)
            await a.renew([])
            assert live_a_week(client)

    play(redis, scene)
