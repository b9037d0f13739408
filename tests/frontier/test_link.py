"""The way to Redis: what address is taken, whom it leads to, and what is waited for."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from redis import Redis, ResponseError

from crawler.errors import FrontierUnavailable, UsageError
from crawler.frontier.link import Link, probe, valid_url
from tests.crawl.crawling import FAST, scrapy
from tests.frontier.working import wait_for
from tests.servers.ports import free_ports
from tests.servers.redis import RedisServer, running

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "not-shown"  # noqa: S105 - a test's own


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "redis://127.0.0.1:port/0",
        "redis://127.0.0.1:6379/0?socket_timeout=x",
        f"redis://:{SECRET}/x@127.0.0.1",
        f"redis://127.0.0.1:x/99?password={SECRET}",
        f"{SECRET}",
    ],
)
def test_what_is_no_address_is_wrong_use_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        valid_url(url)
    assert raised.value.line == "FRONTIER_URL is no address of Redis; give one such as redis://host:6379/0"


@pytest.mark.parametrize("user", ["", f":another-{SECRET}@"])
def test_whoever_redis_turns_away_does_not_wait_for_it(tmp_path: Path, user: str) -> None:
    with running("--requirepass", SECRET) as redis:
        url = redis.url.replace("//", f"//{user}")
        with pytest.raises(UsageError, match=f"Redis at 127.0.0.1:{redis.port} turns us away"):
            asyncio.run(Link(url).ask(Link(url).redis.time))
        ended = scrapy("crawl", "harmony", *FAST, exports=tmp_path, FRONTIER_URL=url)
    assert ended.code == 2
    assert "turns us away" in ended.error
    assert SECRET not in ended.log
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".probe"]


def test_a_cluster_is_no_redis_to_share(tmp_path: Path) -> None:
    with (
        running("--cluster-enabled", "yes", "--dir", str(tmp_path)) as redis,
        pytest.raises(UsageError, match="is a cluster"),
    ):
        probe(redis.url)


def test_a_redis_that_is_not_there_at_the_start_is_not_waited_for_long() -> None:
    url = f"redis://127.0.0.1:{free_ports(1)[0]}/0"
    with pytest.raises(FrontierUnavailable, match=r"see to it, then start the same run_id again"):
        probe(url)


def test_a_redis_that_is_busy_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    def be_busy(client: Redis) -> None:
        with suppress(ResponseError):  # it is ended
            client.eval("while true do end", 0)

    async def asked(redis: RedisServer, client: Redis) -> bool:
        link = Link(redis.url)
        asking = asyncio.ensure_future(link.ask(lambda: link.redis.set("a", "b")))
        while not asking.done() and "BUSY" not in caplog.text:  # noqa: ASYNC110 - a log sets no event
            await asyncio.sleep(0.02)
        client.script_kill()
        answer = await asking
        await link.close()
        return bool(answer)

    with running("--busy-reply-threshold", "50") as redis, redis.client() as client, redis.client() as other:
        script = threading.Thread(target=be_busy, args=(client,))
        script.start()
        wait_for(lambda: is_busy(other))
        assert asyncio.run(asked(redis, other))
        script.join()


def is_busy(client: Redis) -> bool:
    try:
        return not client.ping()
    except ResponseError:
        return True


def test_where_memory_has_run_out_readers_that_are_answered_are_no_end_of_waiting() -> None:
    async def asked(redis: RedisServer) -> None:
        link = Link(redis.url, 0.5)
        writing = asyncio.ensure_future(link.ask(lambda: link.redis.set("a", "b")))
        async with asyncio.timeout(20):
            while not writing.done():
                await link.ask(link.redis.ping)
                await asyncio.sleep(0.02)
        with pytest.raises(FrontierUnavailable, match="maxmemory"):
            await writing
        await link.close()

    with running("--maxmemory", "1", "--maxmemory-policy", "noeviction") as redis:
        asyncio.run(asked(redis))


def test_a_replica_is_no_redis_to_share() -> None:
    with (
        running() as first,
        running("--replicaof", "127.0.0.1", str(first.port)) as second,
        pytest.raises(UsageError, match="is a replica; name the one that it follows"),
    ):
        probe(second.url)


def test_an_address_with_what_nobody_knows_in_it_is_wrong_use() -> None:
    with running() as redis, pytest.raises(UsageError, match="cannot be used"):
        probe(f"{redis.url}?unheard_of=1")


def test_a_redis_that_may_not_be_written_to_is_waited_for_as_long_as_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async def asked(redis: RedisServer) -> None:
        link = Link(redis.url, 0.5)
        with pytest.raises(FrontierUnavailable, match="read only replica"):
            await link.ask(lambda: link.redis.set("a", "b"))
        await link.close()

    with running() as first, running("--replicaof", "127.0.0.1", str(first.port)) as second:
        asyncio.run(asked(second))
    assert "Redis is away, and is waited for up to 0.5 s" in caplog.text
