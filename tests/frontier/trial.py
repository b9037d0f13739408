"""A run of several workers in which they are killed and paused, and Redis is emptied: whether it comes to the same."""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.export.folder import FolderStore
from crawler.frontier.keys import Keys
from tests.chaos.trial import catalogue, commits, published
from tests.crawl.crawling import seen_by
from tests.frontier.working import CLAIM_SECONDS, HARMONY, RUN_ID, Crew, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.chaos.trial import Snapshot, Watched
    from tests.crawl.crawling import Started
    from tests.servers.redis import RedisServer

WORKERS = 3
OWED = 20
"""Targets that a worker may have at a time: so many are asked for again at most where it is killed or paused."""
_UNHURRIED = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=4", "-s", f"FRONTIER_MAX_PENDING={OWED}")
_LEAST_SECONDS = 1.2
"""What a run takes, times the pages of a study: else the first worker has asked for all before the others are there."""
KILL, PAUSE, EMPTY = "kill", "pause", "empty"
Moment = tuple[int, str, int]
"""When so many pages have been asked for; what happens then, and to which worker."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    snapshot: Snapshot
    commits: list[str]
    asked: int
    """Pages that were asked for."""
    again: int
    """How often one was that had been before, but for what Redis cost that was emptied."""


def undisturbed(folder: Path, redis: RedisServer, scale: int) -> Outcome:
    """Let one worker do it alone."""
    return _run(folder, redis, scale, 1, [])


def disturbed(folder: Path, redis: RedisServer, scale: int, moments: Iterable[Moment]) -> Outcome:
    """Let several workers do it, and at each moment kill one, pause one or empty Redis."""
    return _run(folder, redis, scale, WORKERS, sorted(moments))


def _run(folder: Path, redis: RedisServer, scale: int, workers: int, moments: list[Moment]) -> Outcome:
    emptied: list[tuple[float, float]] = []
    args = (*HARMONY, *_UNHURRIED, "-s", f"DOWNLOAD_DELAY={_LEAST_SECONDS / scale}")
    with catalogue(scale) as (mirror, watched), Crew(mirror, folder, redis, args) as crew:
        crew.start(workers)
        for asked, what, which in moments:
            wait_for(partial(_have_come_to, crew, watched, asked))
            if what == EMPTY:
                emptied.append(_empty(redis))
            else:
                disturb = crew.replace if what == KILL else _pause
                disturb(crew.workers[which])
        ended = crew.ended()
        seen = [each for each in seen_by(mirror) if "/search/" in each["url"] and "sitemap" not in each["url"]]
    assert [each.code for each in ended] == [0] * workers, [each.log for each in ended if each.code]
    store = FolderStore(folder)
    return Outcome(published(store), commits(store), len(seen), _repeats(seen, emptied))


def _have_come_to(crew: Crew, watched: Watched, asked: int) -> bool:
    assert any(worker.alive for worker in crew.workers), "the run is at its end"
    return watched.asked >= asked


def _pause(worker: Started) -> None:
    """Let a worker stand still until the others take its work for left behind, and then go on."""
    worker.send(signal.SIGSTOP)
    time.sleep(2 * CLAIM_SECONDS)
    worker.send(signal.SIGCONT)


def _empty(redis: RedisServer) -> tuple[float, float]:
    """End Redis, and start it with nothing in it; return when that was, and when all workers had joined it."""
    began = time.monotonic()
    redis.kill()
    time.sleep(1)
    redis.start()
    workers = Keys(RUN_ID, ())("workers")
    with redis.client() as client:
        wait_for(lambda: client.zcard(workers) == WORKERS)
    return began, time.monotonic()


def _repeats(seen: list[dict[str, Any]], emptied: list[tuple[float, float]]) -> int:
    """Count requests for what was asked for before, on either side of the times when Redis was emptied."""
    asked: Counter[tuple[str, int]] = Counter()
    for each in seen:
        if not any(began < each["start"] < joined for began, joined in emptied):
            asked[each["url"], sum(each["start"] > joined for _, joined in emptied)] += 1
    return sum(number - 1 for number in asked.values())
