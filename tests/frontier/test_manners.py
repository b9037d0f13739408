"""What all workers together owe to a host, as a real Redis keeps it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crawler.frontier import manners
from crawler.frontier.keys import Keys
from crawler.frontier.link import Link
from crawler.frontier.manners import Hosts
from crawler.middlewares.circuit import FAILURES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from tests.servers.redis import RedisServer

HOST, OTHER = "a.example", "b.example"


def play(redis: RedisServer, scene: Callable[[Hosts, Hosts], Awaitable[None]]) -> None:
    """Let two workers do something."""

    async def played() -> None:
        link = Link(redis.url)
        keys = Keys("run", ())
        try:
            await scene(Hosts(link, keys), Hosts(link, keys))
        finally:
            await link.close()

    asyncio.run(played())


def test_of_two_workers_one_may_start_and_the_other_waits(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        assert await one.may_start(HOST, 60) == ("go", 0)
        word, seconds = await two.may_start(HOST, 60)
        assert word == "wait"
        assert 59 < seconds <= 60
        assert await two.may_start(OTHER, 60) == ("go", 0)

    play(redis, scene)


def test_without_a_delay_nobody_waits(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        assert [await each.may_start(HOST, 0) for each in (one, two, one)] == [("go", 0)] * 3

    play(redis, scene)


def test_a_turn_comes_when_the_delay_has_passed(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        await one.may_start(HOST, 0.2)
        _, seconds = await two.may_start(HOST, 0.2)
        await asyncio.sleep(seconds)
        assert await two.may_start(HOST, 0.2) == ("go", 0)

    play(redis, scene)


def test_a_pause_holds_for_all_and_is_not_cut_short(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        await one.pause(HOST, 300)
        await one.pause(HOST, 3)
        word, seconds = await two.may_start(HOST, 0)
        assert word == "wait"
        assert 299 < seconds <= 300

    play(redis, scene)


def test_a_delay_that_one_of_them_was_asked_for_holds_for_all(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        await one.may_start(HOST, 60)
        await one.slow_down(HOST, 120)
        await one.slow_down(HOST, 90)
        word, seconds = await two.may_start(HOST, 0.1)
        assert word == "wait"
        assert 119 < seconds <= 120

    play(redis, scene)


def test_a_delay_begins_when_a_request_has_started(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        await one.may_start(HOST, 60)
        await asyncio.sleep(1)
        await one.started(HOST)
        _, seconds = await two.may_start(HOST, 60)
        assert 59.5 < seconds <= 60

    play(redis, scene)


def test_a_circuit_opens_on_what_all_see_and_is_open_to_all(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        for _ in range(FAILURES - 2):
            assert not await one.failed(HOST)
        assert not await two.failed(HOST)
        assert await two.may_start(HOST, 0) == ("go", 0)
        assert await two.failed(HOST)
        assert not await one.failed(HOST)  # it is open already
        word, seconds = await one.may_start(HOST, 0)
        assert word == "open"
        assert 299 < seconds <= 300
        assert await one.may_start(OTHER, 0) == ("go", 0)

    play(redis, scene)


def test_an_answer_that_any_of_them_gets_counts_for_all(redis: RedisServer) -> None:
    async def scene(one: Hosts, two: Hosts) -> None:
        for _ in range(FAILURES - 1):
            await one.failed(HOST)
        await two.may_start(HOST, 0)
        assert HOST in two.failing
        await two.answered(HOST)
        assert HOST not in two.failing
        assert not await one.failed(HOST)

    play(redis, scene)


def test_one_worker_tries_when_it_has_cooled_down(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "_COOL_DOWN_MS", 300)

    async def scene(one: Hosts, two: Hosts) -> None:
        for _ in range(FAILURES):
            await one.failed(HOST)
        await asyncio.sleep(0.4)
        assert await two.may_start(HOST, 0) == ("try", 0)
        assert (await one.may_start(HOST, 0))[0] == "open"
        await two.answered(HOST)
        assert await one.may_start(HOST, 0) == ("go", 0)

    play(redis, scene)
