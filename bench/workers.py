"""What several workers at one run come to: pages per second of 1, 2 and 4, and what the frontier costs a request.

The workers are the real command, as operators run it, but that each may have 4 requests at a time at a host, without a
delay between them; the host answers each page after 200 ms. The time begins when all workers have joined, and ends with
the last page: neither starting nor publishing is in it. The server and Redis are on the same machine. Quote the ratios:
its speed changes, and changes for all.

Then a request's cost in the scheduler alone, beside scrapy-redis: see `bench/scheduler.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.scheduler import spent
from crawler.frontier.keys import Keys
from sandbox.generator import DEFAULT_BUILD, Catalogue, committed, items
from sandbox.server import Server, listening
from sandbox.tree import Edited
from tests.servers.redis import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web
    from redis import Redis

    from tests.servers.redis import RedisServer

ROOT = Path(__file__).parent.parent
SCRAPY = Path(sys.executable).with_name("scrapy")
SCHEDULER = ROOT / "bench" / "scheduler.py"
SCHEDULERS = {"ours": Path(sys.executable), "scrapy-redis": ROOT / ".venv" / "scrapy-redis" / "bin" / "python"}
"""In whose environment each runs."""
FOUND = (1, 10, 1000)
"""So many requests are found at a time: by a page that names one more, by one that names some, by a sitemap."""
WHAT_FOR = """\
ours: dedupe and enqueue in one script; a request is its worker's until its target is in the store, then taken out
scrapy-redis: two commands for that; a request is taken out when it is handed out, and lost with its worker"""
RUN_ID = "bench"
WORKERS = {1: 1.0, 2: 1.8, 4: 3.2}
"""How many there are, and how many times as fast as one they are to be, at least."""
ROUNDS = 3
SCHEDULER_ROUNDS = 5
STUDIES = 400
ANSWER_SECONDS = 0.2
SITEMAP = "/harmonydata.ac.uk/search/sitemap.xml"
COMMAND = [str(SCRAPY), "crawl", "harmony", "-a", "follow=none", "-a", f"run_id={RUN_ID}", "-s", "LOG_LEVEL=WARNING"]
UNHURRIED = ["-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=4"]
ENVIRONMENT = os.environ | {"CONTACT": "a benchmark", "PYTHONDONTWRITEBYTECODE": ""}


class SlowServer(Server):
    """A catalogue that answers each page after a while, and says what pages it has once it is opened."""

    def __init__(self) -> None:
        catalogue = Catalogue(committed(DEFAULT_BUILD), STUDIES)
        super().__init__(tree := Edited(catalogue))
        for path in (f"harmonydata.ac.uk/search/{page}.txt" for each in items(STUDIES) for page in each.pages):
            tree.pages[path] = catalogue.get(path)  # made here, which takes longer than to answer
        self.opened = asyncio.Event()

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request; it is noted when it is answered."""
        await (self.opened.wait() if request.path == SITEMAP else asyncio.sleep(ANSWER_SECONDS))
        return await super().respond(request)


@asynccontextmanager
async def crawling(number: int, **environment: str) -> AsyncIterator[None]:
    """Start so many workers of one run, and wait for their end; raises RuntimeError where one ends badly."""
    workers = [
        await asyncio.create_subprocess_exec(
            *COMMAND, *UNHURRIED, cwd=ROOT, env=ENVIRONMENT | environment, stdout=asyncio.subprocess.DEVNULL
        )
        for _ in range(number)
    ]
    yield
    codes = [await worker.wait() for worker in workers]
    if any(codes):
        raise RuntimeError(f"workers ended with {codes}")


async def throughput(server: SlowServer, mirror: str, redis: Redis, url: str, number: int) -> tuple[int, float, float]:
    """Let so many workers crawl; return the pages, how many in a second, and the messages to Redis for each of them."""
    server.opened.clear()
    server.seen.clear()
    server.counts.clear()
    joined = Keys(RUN_ID, ())("workers")
    with tempfile.TemporaryDirectory() as exports:
        async with crawling(number, MIRROR=mirror, FRONTIER_URL=url, EXPORT_URI=exports):
            while redis.zcard(joined) < number:  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.05)
            before = spent(redis)
            began = time.monotonic()
            server.opened.set()
    pages = [seen.start for seen in server.seen if seen.start > began and not seen.url.endswith(SITEMAP)]
    return len(pages), len(pages) / (max(pages) - began), (spent(redis)["messages"] - before["messages"]) / len(pages)


async def compare_workers(redis: RedisServer) -> None:
    """Print pages per second of each number of workers, in turn, and the ratios to one."""
    server = SlowServer()
    ratios: dict[int, list[float]] = {number: [] for number in WORKERS}
    print(f"A catalogue that answers after {ANSWER_SECONDS:g} s; 4 requests at a time by each worker")
    async with listening(server) as mirror:
        with redis.client() as client:
            for _ in range(ROUNDS):
                alone = 0.0
                for number, told in ratios.items():
                    pages, rate, messages = await throughput(server, mirror, client, redis.url, number)
                    alone = alone or rate
                    told.append(rate / alone)
                    print(
                        f"{number}: {pages} pages, {rate:.1f} a second; {messages:.1f} messages to Redis each",
                        flush=True,
                    )
    for number, told in ratios.items():
        told.sort()
        wanted = f", at least {WORKERS[number]:g} is wanted" if number > 1 else ""
        print(f"{number} / 1: median {statistics.median(told):.2f} ({told[0]:.2f} to {told[-1]:.2f}){wanted}")


def compare_schedulers(redis: RedisServer) -> None:
    """Print what a request costs in each scheduler, in turn."""
    print("A request in the scheduler alone: µs of the worker and of Redis, messages to Redis")
    costs: dict[tuple[int, str], list[dict[str, float]]] = {(found, name): [] for found in FOUND for name in SCHEDULERS}
    for _ in range(SCHEDULER_ROUNDS):
        for (found, name), told in costs.items():
            with redis.client() as client:
                client.flushall()
            command = [str(SCHEDULERS[name]), "-W", "ignore", str(SCHEDULER), name, redis.url, str(found)]
            told.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))  # noqa: S603 - ours
    for (found, name), told in costs.items():
        cost = {what: statistics.median(each[what] for each in told) for what in told[0]}
        numbers = f"{cost['process']:5.0f} {cost['redis']:5.0f} {cost['messages']:5.1f}"
        print(f"{found:5} found at a time, {name:12} {numbers}")
    print(WHAT_FOR)


def main() -> None:
    """Measure workers, then schedulers, on a Redis of their own."""
    with running() as redis:
        asyncio.run(compare_workers(redis))
        compare_schedulers(redis)


if __name__ == "__main__":
    main()
