"""Small runs on a store in memory, one for each way to end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler import stats
from crawler.errors import GateRefused
from crawler.export.log import leave
from crawler.export.publish import publish
from crawler.items import State
from crawler.report.timeline import Timeline
from tests.export.crawled import (
    FIRST,
    LIMITS,
    SECOND,
    Kept,
    crawl,
    ended,
    listed,
    seeded,
    sighting,
    stored,
)

if TYPE_CHECKING:
    from crawler.items import Sighting, Target

STARTED = 1_938_000_000
"""2031-05-31, 13:20 UTC."""
REFUSING = replace(LIMITS, max_shrink=0.1)


def traffic(host: str = "harmonydata.ac.uk", at: float = STARTED, requests: int = 3) -> dict[str, Any]:
    """Return what a process leaves of the requests that it made, one a second; the last of them failed."""
    timeline = Timeline()
    for number in range(requests):
        timeline.add(host, at + number, requests=1, failures=int(number == requests - 1), bytes=100)
    return timeline.as_json()


def word(reason: str, *, start: str = "2031-05-31T13:20:00.25+00:00", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - stats
    """Return the stats that a process leaves at its end."""
    times = {"start_time": start, "finish_time": "2031-05-31T13:30:00.5+00:00"}
    return {"finish_reason": reason, **times, stats.TRAFFIC: traffic(), **more}


def said_of_a(title: str, at: str = FIRST) -> list[Sighting]:
    """Return what two sources say of one study: they disagree on its title."""
    return [sighting("a", dois=["10.1234/a"], at=at), sighting("a", source="datacite", title=title, at=at)]


FIRST_RUN = [
    listed("a", "b", "c"),
    stored("a", *said_of_a("Another")),
    stored("b", sighting("b", sex="all")),
    stored("c"),
]
SECOND_RUN = [
    listed("a", "b", "c", "d"),
    seeded("run-1", "a", "b", "c"),
    stored("a", *said_of_a("Told anew", at=SECOND), at=SECOND),
    ended("b", State.NOT_FOUND, reason="HTTP 404"),
    ended("c", State.FETCH_FAILED, reason="HTTP 503"),
    stored("d", at=SECOND),
]


def published() -> Kept:
    """Return a store with a first run, and a second one that added, updated, withdrew, and failed in places."""
    store = Kept()
    left(store, "run-1", FIRST_RUN)
    publish(store, "run-1", LIMITS)
    left(store, "run-2", SECOND_RUN)
    publish(store, "run-2", LIMITS)
    return store


def refused() -> Kept:
    """Return a store with a first run, and a second one that the gate refused."""
    store = Kept()
    left(store, "run-1", FIRST_RUN)
    publish(store, "run-1", LIMITS)
    left(store, "run-2", [listed("a"), seeded("run-1", "a", "b", "c"), stored("a"), *gone("b", "c")])
    with suppress(GateRefused):
        publish(store, "run-2", REFUSING)
    return store


def failed(reason: str = "shutdown") -> Kept:
    """Return a store with a first run, and a second one that did not come to its end; no `reason`: it was killed."""
    store = Kept()
    left(store, "run-1", FIRST_RUN)
    publish(store, "run-1", LIMITS)
    left(store, "run-2", SECOND_RUN[:5], reason)
    return store


def left(store: Kept, run_id: str, targets: list[Target], reason: str = "finished", process: str = "0a") -> None:
    """Leave the log of a run as one process does that ends for a reason, or is killed."""
    crawl(store, run_id, targets, process=process, reason="")
    if reason:
        leave(store, run_id, process, word(reason))


def gone(*slugs: str) -> list[Target]:
    return [ended(slug, State.NOT_FOUND, reason="HTTP 404") for slug in slugs]
