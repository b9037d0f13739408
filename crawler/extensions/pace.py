"""How fast hosts answer, and when a crawl may end."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW_SECONDS = 120.0
"""How far back a rate looks: a pause that a host asks for should show, a slow page should not."""
_LEAST_SECONDS, _LEAST_ANSWERS = 10.0, 5
"""A rate that rests on less is none."""


class Estimate(NamedTuple):
    """The host that decides when a crawl ends, and in how many seconds it does."""

    host: str
    seconds: float


class Pace:
    """Counts the answers of each host, and looks at them now and then.

    >>> pace = Pace(now=0)
    >>> for _ in range(30):
    ...     pace.note("doi.org")
    >>> pace.rates(now=5), pace.rates(now=20)
    ({}, {'doi.org': 1.5})
    """

    def __init__(self, now: float) -> None:
        self._answers: Counter[str] = Counter()
        self._looks = deque([(now, Counter[str]())])

    def note(self, host: str) -> None:
        """Count an answer, or that there was none."""
        self._answers[host] += 1

    def rates(self, now: float) -> dict[str, float]:
        """Return how many requests a second each host was done with of late; hosts of which it cannot be told lack."""
        while len(self._looks) > 1 and now - self._looks[1][0] >= WINDOW_SECONDS:
            self._looks.popleft()
        began, before = self._looks[0]
        seconds = now - began
        if now - self._looks[-1][0] >= _LEAST_SECONDS:
            self._looks.append((now, self._answers.copy()))
        if seconds < _LEAST_SECONDS:
            return {}
        answered = self._answers - before
        return {host: number / seconds for host, number in answered.items() if number >= _LEAST_ANSWERS}


def estimate(waiting: Mapping[str, int], rates: Mapping[str, float]) -> Estimate | None:
    """Return when the last of the requests that wait, by host, will be done; None where it cannot be told.

    Hosts are asked beside each other, so the slowest decides; one whose rate nobody knows may be that one.

    >>> estimate({"a": 10, "b": 30}, {"a": 0.1, "b": 2.0})
    Estimate(host='a', seconds=100.0)
    >>> estimate({"a": 10, "c": 1}, {"a": 0.1}), estimate({}, {"a": 0.1})
    (None, None)
    """
    if not waiting or not waiting.keys() <= rates.keys():
        return None
    return max(
        (Estimate(host, number / rates[host]) for host, number in waiting.items()), key=lambda each: each.seconds
    )
