"""Numbers by time and by run, as the page shows them: charts, and the tables behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import State
from crawler.report.charts import Series, bars
from crawler.report.facts import Outcome
from crawler.report.past import SHOWN
from crawler.report.timeline import COUNTED
from crawler.report.words import cut, day, duration, plural, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from crawler.export.manifest import Counts
    from crawler.report.facts import Past
    from crawler.report.timeline import Timeline

_DRAWN, _LISTED = 6, 40
_ALL_LABELS = 4
"""How many labels of time fit beside each other."""
_MINUTE, _DAY = 60, 86_400
_OUTCOMES = {Outcome.PUBLISHED: "data", Outcome.REFUSED: "warn", Outcome.FAILED: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    requests: Markup
    bytes: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What was asked of a host, or of several that are shown together."""

    name: str
    requests: int
    failures: int
    bytes: int
    charts: Charts | None = None
    """Of the busiest hosts alone."""
    rows: list[tuple[str, int, int, int]]
    """From when, and how many requests, failures and bytes; nothing where nothing was asked."""


def hosts(timeline: Timeline) -> list[Host]:
    """Return the hosts of a timeline, the busiest first, and those beyond a number of them as one."""
    busiest = sorted(timeline.hosts, key=lambda host: (-sum(timeline.row(host, "requests")), host))
    labels = list(map(_label_of(timeline), map(timeline.starts, timeline.buckets)))
    found = [_host(timeline, host, labels, drawn=number < _DRAWN) for number, host in enumerate(busiest[:_LISTED])]
    if others := busiest[_LISTED:]:
        requests, failures, received = (sum(sum(timeline.row(host, name)) for host in others) for name in COUNTED)
        name = plural(len(others), "other host")
        found.append(Host(name=name, requests=requests, failures=failures, bytes=received, rows=[]))
    return found


def totals(timeline: Timeline) -> dict[str, int]:
    """Return what was counted for all hosts together."""
    return {name: sum(sum(timeline.row(host, name)) for host in timeline.hosts) for name in COUNTED}


def step_of(timeline: Timeline) -> str:
    """Return the length of a timeline's buckets in words."""
    return duration(timeline.seconds)


def spoken_span(timeline: Timeline) -> str:
    """Return in a sentence what time the charts of a timeline cover."""
    first, last = timeline.starts(timeline.buckets[0]), timeline.starts(timeline.buckets[-1] + 1)
    return f"The charts run from {first:%H:%M:%S} on {_date(first)} to {last:%H:%M:%S} on {_date(last)}, UTC."


def failed(counts: Counts) -> int:
    """Return how many targets failed."""
    return counts.ledger.get(State.FETCH_FAILED, 0) + counts.ledger.get(State.PARSE_FAILED, 0)


def past_charts(past: Sequence[Past]) -> Iterator[tuple[str, Markup, list[tuple[str, str]]]]:
    """Yield charts of the last runs, given the newest first: title, chart, and what its colours mean."""
    if not past:
        return
    runs = list(reversed(past))
    records = [sum(run.counts.records.values()) for run in runs]
    by_outcome = [
        Series(
            name=f"records, {outcome}",
            kind=_OUTCOMES[outcome],
            values=_newest_right(
                [number * (run.outcome is outcome) for run, number in zip(runs, records, strict=True)]
            ),
        )
        for outcome in Outcome
        if any(run.outcome is outcome for run in runs)
    ]
    yield _past("Records in the snapshot", runs, by_outcome)
    kinds = {"added": "data", "updated": "soft", "withdrawn": "warn"}
    changes = [
        Series(name=change, kind=kind, values=_newest_right([run.counts.changes.get(change, 0) for run in runs]))
        for change, kind in kinds.items()
    ]
    yield _past("Changes", runs, changes)
    number = [failed(run.counts) for run in runs]
    yield _past("Targets that failed", runs, [Series(name="failed targets", kind="bad", values=_newest_right(number))])


def _past(title: str, runs: list[Past], series: list[Series]) -> tuple[str, Markup, list[tuple[str, str]]]:
    labels = [""] * (SHOWN - len(runs)) + [day(run.finished) for run in runs]
    shown = [number for number in range(0, SHOWN, 3) if labels[number]]
    summary = f"{title}, run by run; the table below has the numbers"
    return title, bars(summary, labels, series, shown), [(each.kind, each.name) for each in series]


def _newest_right(values: list[int]) -> list[int]:
    return [0] * (SHOWN - len(values)) + values


def _host(timeline: Timeline, name: str, labels: list[str], *, drawn: bool) -> Host:
    requests, failures, received = (timeline.row(name, counted) for counted in COUNTED)
    charts = None
    if drawn:
        shown = () if len(labels) <= _ALL_LABELS else (0, len(labels) // 2, len(labels) - 1)
        answered = [all_ - bad for all_, bad in zip(requests, failures, strict=True)]
        series = [
            Series(name="answered", kind="data", values=answered),
            Series(name="failed", kind="bad", values=failures),
        ]
        sizes = [Series(name="received", kind="soft", values=received)]
        charts = Charts(
            requests=bars(f"Requests to {cut(name, 60)} over time", labels, series, shown),
            bytes=bars(f"Bytes received from {cut(name, 60)} over time", labels, sizes, shown, size),
        )
    rows = [row for row in zip(labels, requests, failures, received, strict=True) if row[1]] if drawn else []
    return Host(
        name=name, requests=sum(requests), failures=sum(failures), bytes=sum(received), charts=charts, rows=rows
    )


def _label_of(timeline: Timeline) -> Callable[[datetime], str]:
    """Return how to say when a bucket begins, as briefly as the timeline allows."""
    clock = "%H:%M:%S" if timeline.seconds < _MINUTE else "%H:%M"
    if timeline.seconds * len(timeline.buckets) < _DAY:
        return lambda at: at.strftime(clock)
    return lambda at: f"{at.day} {at.strftime(f'%b {clock}')}"


def _date(at: datetime) -> str:
    return f"{at.day} {at:%B}"
