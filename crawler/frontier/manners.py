"""What all workers of a run together owe to a host: its rate, its pauses, and to leave it alone when it fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from crawler.errors import CircuitOpen, RequestAbandoned
from crawler.middlewares.circuit import COOL_DOWN_SECONDS, FAILURES, CircuitMiddleware, host_of
from crawler.middlewares.politeness import CrawlDelayMiddleware, RetryAfterMiddleware
from crawler.middlewares.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler

    from crawler.frontier.discovery import SharedDiscovery
    from crawler.frontier.keys import Keys
    from crawler.frontier.link import Link

_COOL_DOWN_MS = COOL_DOWN_SECONDS * 1000


class Hosts:
    """What Redis knows of the hosts of a run; raises FrontierUnavailable."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys
        self._tasks: set[asyncio.Task[None]] = set()
        self.failing: set[str] = set()
        """Hosts that have failed of late, as far as this worker has heard."""

    async def may_start(self, host: str, delay: float) -> tuple[str, float]:
        """Return what a request to a host may do now: `go`, `wait` or `try` once, or that its circuit is `open`.

        And for how many seconds. Where it may start, no other may until the delay (seconds) has passed.
        """
        word, milliseconds, failures = await self._run("turn", host, delay * 1000, _COOL_DOWN_MS)
        if failures:
            self.failing.add(host)
        return word, milliseconds / 1000

    async def started(self, host: str) -> None:
        """Note that a request to a host starts now, which may be later than when it was told that it may."""
        await self._run("raise", host, "started", 0, 1)

    async def pause(self, host: str, seconds: float) -> None:
        """Let no request to a host start for some seconds."""
        await self._run("raise", host, "paused", seconds * 1000, 1)

    async def slow_down(self, host: str, delay: float) -> None:
        """Let requests to a host start no closer together than that (seconds), whatever delay their workers have."""
        await self._run("raise", host, "delay", delay * 1000, 0)

    async def failed(self, host: str) -> bool:
        """Count a failure of a host; tell whether it has opened the host's circuit."""
        self.failing.add(host)
        return bool(await self._run("failed", host, FAILURES, _COOL_DOWN_MS))

    async def answered(self, host: str) -> None:
        """Note that a host has answered: nothing is held against it any more."""
        self.failing.discard(host)
        await self._run("answered", host)

    def soon(self, work: Coroutine[None, None, None]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, script: str, host: str, *given: str | float) -> Any:  # noqa: ANN401 - Redis's
        return await self._link.run(script, [self._keys.host(host)], *given)


class SharedTurns(Turns):
    """Keeps the requests to a host apart by its delay: all that the workers of a run make."""

    async def of_slot(self, request: Request) -> None:
        """Wait until a request may start; raises RequestAbandoned where its target has become another worker's."""
        await self.beside_slot(request)
        worker = _discovery(self._crawler).worker
        await worker.is_back()
        if not worker.owns(request):
            raise RequestAbandoned(request.url)

    async def beside_slot(self, request: Request) -> None:
        """Wait until a request may start; raises CircuitOpen where its host is left alone."""
        host, hosts = host_of(request), _hosts(self._crawler)
        delay = self._slot(request).download_delay()
        word, seconds = await hosts.may_start(host, delay)
        while word == "wait":
            await asyncio.sleep(seconds)
            word, seconds = await hosts.may_start(host, delay)
        if word == "open":
            circuit = self._crawler.get_downloader_middleware(CircuitMiddleware)
            if circuit is not None:
                circuit.open(host, seconds)
            raise CircuitOpen(host)
        if word == "try":
            request.meta["dont_retry"] = True
        if delay:
            hosts.soon(hosts.started(host))


class SharedCircuit(CircuitMiddleware):
    """A circuit that opens on what all workers see of a host, and is open to none of them then."""

    def _failed(self, host: str) -> None:
        _hosts(self._crawler).soon(self._count(host))

    def _answered(self, host: str) -> None:
        super()._answered(host)
        hosts = _hosts(self._crawler)
        if host in hosts.failing:
            hosts.soon(hosts.answered(host))

    async def _count(self, host: str) -> None:
        if await _hosts(self._crawler).failed(host):
            self._opened(host)


class SharedCrawlDelay(CrawlDelayMiddleware):
    """Holds the `Crawl-delay` that any worker has read against all of them: one that is new has not read it yet."""

    def slow_down(self, host: str, slot: Slot, delay: float) -> None:
        super().slow_down(host, slot, delay)
        hosts = _hosts(self._crawler)
        hosts.soon(hosts.slow_down(host, slot.delay))


class SharedRetryAfter(RetryAfterMiddleware):
    """Leaves a host alone for as long as it asks any of the workers to."""

    def pause(self, host: str, slot: Slot, seconds: float) -> None:
        super().pause(host, slot, seconds)
        hosts = _hosts(self._crawler)
        hosts.soon(hosts.pause(host, seconds))


def _discovery(crawler: Crawler) -> SharedDiscovery:
    return cast("SharedDiscovery", crawler.spider.discovery)  # type: ignore[union-attr] # of this project's spiders


def _hosts(crawler: Crawler) -> Hosts:
    return _discovery(crawler).hosts
