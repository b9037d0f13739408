"""One worker publishes, and then the run's keys are gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from crawler.errors import GateRefused, StoreError
from crawler.frontier import publishing
from crawler.frontier.keys import Keys
from crawler.frontier.publishing import one_at_a_time, remove
from tests.frontier.scenes import AS, CLAIM_SECONDS, KEYS, SITES, Workers, play
from tests.servers.redis import running

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.servers.redis import RedisServer


def test_one_worker_publishes_when_the_others_have_left(redis: RedisServer) -> None:
    said: list[str] = []

    async def publish(workers: Workers, name: str) -> None:
        async with one_at_a_time(workers.link, KEYS, name, CLAIM_SECONDS):
            said.append(f"{name} in")
            await asyncio.sleep(CLAIM_SECONDS * 2)
            said.append(f"{name} out")

    async def scene(workers: Workers) -> None:
        a, b, silent = await workers.begun("a"), workers("b"), workers("silent")
        for each in (a, b, silent):
            await each.begin(AS)
        first = asyncio.ensure_future(publish(workers, "a"))
        for _ in range(6):
            await asyncio.sleep(CLAIM_SECONDS / 3)
            await b.renew([])
        assert said == []
        await asyncio.gather(first, publish(workers, "b"))
        with redis.client() as client:
            assert client.keys() == []

    play(redis, scene)
    assert said == ["a in", "a out", "b in", "b out"]


def test_where_publishing_fails_the_frontier_stays_for_the_next(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        await workers.begun("a")
        with pytest.raises(ZeroDivisionError):
            async with one_at_a_time(workers.link, KEYS, "a", 60):
                raise ZeroDivisionError
        with redis.client() as client:
            assert client.exists(KEYS("epoch"))
        async with one_at_a_time(workers.link, KEYS, "b", 60):
            pass

    play(redis, scene)


def test_what_the_gate_refuses_to_one_it_refuses_to_those_that_were_there(redis: RedisServer) -> None:
    tried: list[str] = []

    async def publish(workers: Workers, name: str) -> None:
        async with one_at_a_time(workers.link, KEYS, name, CLAIM_SECONDS):
            tried.append(name)
            raise GateRefused("it shrank", {}, None)

    async def refused(*publishing: Awaitable[None]) -> bool:
        ends = await asyncio.gather(*publishing, return_exceptions=True)
        return all(isinstance(end, GateRefused) and end.line == "it shrank" for end in ends)

    async def scene(workers: Workers) -> None:
        for name in ("a", "b"):
            await workers(name).begin(AS)
        assert await refused(publish(workers, "a"), publish(workers, "b"))
        assert len(tried) == 1
        await workers("c").begin(AS)  # somebody has started the run once more
        assert await refused(publish(workers, "c"))

    play(redis, scene)
    assert tried[1:] == ["c"]


def test_a_redis_that_goes_while_a_run_is_published_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_PATIENCE_SECONDS", 0.1)

    async def publish(workers: Workers, error: StoreError | None) -> None:
        await workers.begun("a")
        async with one_at_a_time(workers.link, KEYS, "a", CLAIM_SECONDS):
            server.kill()
            if error is not None:
                raise error

    with running() as server:
        play(server, lambda workers: publish(workers, None))
        server.start()
        with pytest.raises(StoreError, match="is full"):
            play(server, lambda workers: publish(workers, StoreError("v1/log", "is full")))


def test_only_the_keys_of_the_run_are_removed(redis: RedisServer) -> None:
    async def scene(workers: Workers) -> None:
        await workers.begun()
        with redis.client() as client:
            client.set(Keys("run2", SITES)("epoch"), "x")
            await remove(workers.link, KEYS)
            assert client.keys() == [Keys("run2", SITES)("epoch")]

    play(redis, scene)
