"""Numbers by host and time: nothing is lost when buckets are joined, and several crawls share one axis."""

from __future__ import annotations

import json
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from crawler.report.timeline import COUNTED, MOST_BUCKETS, Timeline

FIRST = 1_938_000_000
Event = tuple[str, float, dict[str, int]]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a.example", "b.example"]),
        st.integers(FIRST, FIRST + 40_000).map(float),
        st.fixed_dictionaries({"requests": st.just(1), "failures": st.integers(0, 1), "bytes": st.integers(0, 9)}),
    ),
    min_size=1,
)
"""Requests that ended: each counts, whatever else it does."""


def counted(events: list[Event]) -> Timeline:
    timeline = Timeline()
    for host, at, numbers in events:
        timeline.add(host, at, **numbers)
    return timeline


@given(EVENTS)
def test_there_are_few_buckets_and_everything_is_in_one(events: list[Event]) -> None:
    timeline = counted(events)
    assert len(timeline.buckets) <= MOST_BUCKETS
    for host in timeline.hosts:
        for name in COUNTED:
            of_host = [numbers[name] for other, _, numbers in events if other == host]
            assert sum(timeline.row(host, name)) == sum(of_host)
    starts = [timeline.starts(number).timestamp() for number in timeline.buckets]
    assert min(at for _, at, _ in events) - timeline.seconds < starts[0] <= min(at for _, at, _ in events)
    assert starts[-1] <= max(at for _, at, _ in events) < starts[-1] + timeline.seconds


@given(st.lists(EVENTS, min_size=1, max_size=4))
def test_what_several_processes_counted_is_what_one_would_have(processes: list[list[Event]]) -> None:
    together = Timeline()
    for events in processes:
        together.take(json.loads(json.dumps(counted(events).as_json())))
    assert together.as_json() == counted([event for events in processes for event in events]).as_json()


def test_a_long_crawl_keeps_its_numbers_and_its_length() -> None:
    timeline = Timeline()
    for number, at in zip(range(3_600), count(FIRST, 10), strict=False):
        timeline.add("a.example", at, requests=1, bytes=number)
    assert timeline.seconds == 1_024
    assert sum(timeline.row("a.example", "requests")) == 3_600
    assert max(timeline.row("a.example", "requests")) == 103


def test_a_clock_that_is_put_back_loses_nothing() -> None:
    timeline = Timeline()
    for at in (FIRST + 500, FIRST, FIRST + 10_000):
        timeline.add("a.example", at, requests=1)
    assert sum(timeline.row("a.example", "requests")) == 3
    assert len(timeline.buckets) <= MOST_BUCKETS


def test_two_starts_days_apart_stand_on_one_axis() -> None:
    timeline = Timeline()
    for start in (FIRST, FIRST + 3 * 86_400):
        process = counted([("a.example", start + second, {"requests": 1}) for second in range(100)])
        timeline.take(process.as_json())
    row = timeline.row("a.example", "requests")
    assert (sum(row), row[0] + row[1], row[-2] + row[-1]) == (200, 100, 100)
    assert len(row) <= MOST_BUCKETS
