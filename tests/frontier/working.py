"""Several workers at one run: real processes, with the store, Redis and the site between them."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tests.crawl.crawling import FAST, Started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crawl.crawling import Ended
    from tests.servers.redis import RedisServer

RUN_ID = "shared"
CLAIM_SECONDS = 3
HARMONY = ("crawl", "harmony", *FAST, "--loglevel", "WARNING", "-a", "follow=none")
_LONGEST_SECONDS = 600


@dataclass(slots=True)
class Crew:
    """Workers that are told to do the same; on leaving, those are killed that have not ended."""

    mirror: str
    exports: Path
    redis: RedisServer
    args: tuple[str, ...] = HARMONY
    batch: int = 5
    workers: list[Started] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, number: int = 1, *args: str, **environment: str) -> None:
        """Start workers."""
        told = {
            "FRONTIER_URL": self.redis.url,
            "FRONTIER_CLAIM_SECONDS": str(CLAIM_SECONDS),
            "EXPORT_BATCH_ITEMS": str(self.batch),
            "EXPORT_BATCH_SECONDS": "2",
        }
        given = (*self.args, *args, "-a", f"run_id={RUN_ID}")
        for _ in range(number):
            worker = Started(*given, mirror=self.mirror, exports=self.exports, **told | environment)
            self.workers.append(self._stack.enter_context(worker))

    def replace(self, worker: Started) -> None:
        """End a worker as a machine does that loses its power, and start another one."""
        worker.send(signal.SIGKILL)
        worker.ended()
        self.workers.remove(worker)
        self.start()

    def ended(self) -> list[Ended]:
        """Wait for the end of all workers."""
        return [worker.ended() for worker in self.workers]


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + _LONGEST_SECONDS
    while not what():
        assert time.monotonic() < give_up, "it does not come to that"
        time.sleep(0.01)
