"""A worker takes on what it has room for as soon as it has."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from scrapy.utils.test import get_crawler

from crawler import settings
from crawler.frontier import worker as module
from crawler.frontier.outbox import Outbox
from crawler.frontier.worker import Worker

if TYPE_CHECKING:
    import pytest

    from crawler.frontier.frontier import Frontier, Message

_RED_AFTER_SECONDS = 20


class Empty:
    """A frontier with nothing in it, beside which requests go to the downloader while it is asked."""

    worker: Worker
    reads = 0

    async def begin(self, arguments: str) -> tuple[str, bool]:
        return arguments, False

    async def read(self, *_: object) -> list[Message]:
        self.reads += 1
        self.worker.room.set()
        if self.reads > 1:
            self.worker.end()
        return []


def test_room_that_comes_up_while_redis_is_asked_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT_MS", 1000 * 24 * 3600)
    told: dict[str, Any] = {name: value for name, value in vars(settings).items() if name.isupper()}
    crawler: Any = get_crawler(settings_dict=told)
    crawler.engine = SimpleNamespace(
        scraper=SimpleNamespace(slot=None), downloader=SimpleNamespace(active={"a request"})
    )
    frontier = Empty()

    async def work() -> None:
        spider: Any = SimpleNamespace(run_id="run", asked_for="harmony")
        frontier.worker = Worker(crawler, spider, cast("Frontier", frontier), Outbox())
        async with asyncio.timeout(_RED_AFTER_SECONDS):
            await frontier.worker.work()

    asyncio.run(work())
    assert frontier.reads > 1
