"""What was asked of each host, and when: numbers in buckets of time, which grow longer as the crawl does."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BUCKETS = 60
COUNTED = ("requests", "failures", "bytes")
"""What is counted: requests that ended, those of them that failed, and bytes received."""


@dataclass(slots=True)
class Timeline:
    """Numbers by host and time; all hosts have the same buckets, at most MOST_BUCKETS from the first to the last.

    A bucket's number is that of its first second since 1970, divided by its length. Where they become too many, each
    two are joined to one of double length. So the buckets of two crawls can be joined to those of either, exactly.
    """

    seconds: int = 1
    """The length of a bucket: a power of two."""
    hosts: dict[str, dict[str, Counter[int]]] = field(default_factory=dict)
    """By host, by what is counted, by the bucket's number."""
    _first: int | None = None
    _last: int = 0

    def add(self, host: str, at: float, **numbers: int) -> None:
        """Count numbers (of COUNTED) for a host at a time, in seconds since 1970.

        >>> timeline = Timeline()
        >>> timeline.add("example.org", 1000.5, requests=1, bytes=300)
        >>> timeline.as_json()["hosts"]
        {'example.org': {'requests': [1], 'failures': [0], 'bytes': [300]}}
        """
        number = int(at) // self.seconds
        self._first = number if self._first is None else min(self._first, number)
        self._last = max(self._last, number)
        counted = self.hosts.setdefault(host, defaultdict(Counter))
        for name, value in numbers.items():
            counted[name][number] += value
        while self._last - self._first >= MOST_BUCKETS:
            self._join()

    def take(self, other: Mapping[str, Any]) -> None:
        """Add what the `as_json` of another timeline holds.

        >>> one, two = Timeline(), Timeline()
        >>> one.add("example.org", 1000, requests=1)
        >>> two.add("example.org", 1000 + MOST_BUCKETS, requests=1)
        >>> one.take(two.as_json())
        >>> one.seconds, sum(one.row("example.org", "requests"))
        (2, 2)
        """
        start, seconds = datetime.fromisoformat(other["start"]).timestamp(), int(other["seconds"])
        for host, counted in other["hosts"].items():
            for name in COUNTED:
                for number, value in enumerate(counted[name]):
                    if value:
                        self.add(host, start + number * seconds, **{name: value})

    @property
    def buckets(self) -> range:
        """The numbers of the buckets, from the first with something in it to the last."""
        return range(0) if self._first is None else range(self._first, self._last + 1)

    def starts(self, number: int) -> datetime:
        """Return when a bucket begins."""
        return datetime.fromtimestamp(number * self.seconds, UTC)

    def row(self, host: str, name: str) -> list[int]:
        """Return what was counted for a host, bucket by bucket."""
        return [self.hosts[host][name][number] for number in self.buckets]

    def as_json(self) -> dict[str, Any]:
        """Return a timeline that has counted something as the stats hold it.

        `start` (ISO 8601, UTC), `seconds`, and `hosts`: for each of COUNTED a list of numbers, one for each bucket.
        """
        hosts = {host: {name: self.row(host, name) for name in COUNTED} for host in sorted(self.hosts)}
        start = f"{self.starts(self.buckets[0]):%Y-%m-%dT%H:%M:%SZ}"
        return {"start": start, "seconds": self.seconds, "hosts": hosts}

    def _join(self) -> None:
        self.seconds *= 2
        if self._first is not None:
            self._first, self._last = self._first // 2, self._last // 2
        for counted in self.hosts.values():
            for name, numbers in counted.items():
                joined: Counter[int] = Counter()
                for number, value in numbers.items():
                    joined[number // 2] += value
                counted[name] = joined
