"""A run's objects; the manifest that names them comes last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from crawler.export import layout, schema
from crawler.export.writers import JsonLines, Parquet, Parts, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crawler.export.manifest import ObjectInfo
    from crawler.export.rows import Row
    from crawler.export.store import Store

GROUP_ROWS = 2_000
PART_ROWS = 20 * GROUP_ROWS


@dataclass(slots=True)
class Tally:
    """What the rows of a snapshot count up to."""

    by_type: Counter[str] = field(default_factory=Counter)
    wholes: int = 0
    """Records that are no part of another."""
    filled: Counter[str] = field(default_factory=Counter)
    """Of them, those that have a value for a field."""
    conflicts: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    objects: list[ObjectInfo] = field(default_factory=list)


def write_records(store: Store, run_id: str, records: Iterable[Row], judged: Iterable[str], tally: Tally) -> None:
    """Write the records in both forms, from rows in the order of their keys; `judged` fields are tallied.

    The rows are read once and never held whole. Raises StoreError, and ValueError on one out of order or told twice.
    """
    forms = [
        Parts(store, partial(layout.records_parquet, run_id), Parquet, schema.RECORDS, part_rows=PART_ROWS),
        Parts(store, partial(layout.records_jsonl, run_id), JsonLines, schema.RECORDS, part_rows=PART_ROWS),
    ]
    for rows in _groups(records, "key"):
        for form in forms:
            form.add(rows)
        for row in rows:
            tally.by_type[row["type"]] += 1
            tally.conflicts.update(row["conflicts"].keys())
            if row["part_of"] is None:
                tally.wholes += 1
                tally.filled.update(name for name in judged if row[name] not in (None, []))
    tally.objects += [info for form in forms for info in form.close()]


def write_targets(store: Store, run_id: str, targets: Iterable[Row], tally: Tally) -> None:
    """Write what the next run reads, from rows in the order of their URLs; raises as `write_records` does."""
    parts = Parts(store, partial(layout.sightings, run_id), Parquet, schema.SIGHTINGS, part_rows=PART_ROWS)
    for rows in _groups(targets, "url"):
        parts.add(rows)
        tally.by_source.update(sighting["source"] for row in rows for sighting in row["sightings"])
    tally.objects += parts.close()


def write_ledger(store: Store, run_id: str, targets: Iterable[Row], tally: Tally) -> Iterator[Row]:
    """Write one row for each target of the run, and yield it as it passes; raises as `write_records` does."""
    ledger = Parquet(schema.LEDGER)
    number = 0
    for rows in _groups(targets, "url"):
        ledger.add(rows)
        number += len(rows)
        yield from rows
    tally.objects.append(put(store, layout.ledger(run_id), ledger.finish(), rows=number))


def summed(stats: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
    """Return the sum of every whole number in the processes' stats: a rate or a time has none that means something.

    >>> summed({"a": {"records/study": 2, "finish_reason": "finished"}, "b": {"records/study": 3}})
    {'records/study': 5}
    """
    total: Counter[str] = Counter()
    for process in stats.values():
        total.update({key: value for key, value in process.items() if type(value) is int})
    return dict(total)


def _groups(items: Iterable[Row], name: str) -> Iterator[list[Row]]:
    """Yield rows, a bounded number at a time; raises ValueError where `name` does not rise."""
    iterator = iter(items)
    last: list[str] = []
    while group := list(islice(iterator, GROUP_ROWS)):
        names = [row[name] for row in group]
        for former, latter in pairwise([*last, *names]):
            if former >= latter:
                raise ValueError(f"{name} {latter!r} comes after {former!r}: out of order, or told twice")
        last = names[-1:]
        yield group
