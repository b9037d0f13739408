"""A run's objects, written in an order in which the manifest never names what is not there yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from crawler.export import layout, schema
from crawler.export.manifest import Counts, Manifest, ObjectInfo, Run, to_json
from crawler.export.writers import JsonLines, Parquet, Parts, put
from crawler.records.canonical import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crawler.export.rows import Row
    from crawler.export.store import Store
    from crawler.items import Record, Target

GROUP_ROWS = 2_000
PART_ROWS = 20 * GROUP_ROWS


def write_snapshot(
    store: Store,
    run: Run,
    records: Iterable[Record],
    targets: Iterable[Target],
    stats: Callable[[Counts], Mapping[str, Mapping[str, object]]],
) -> Manifest:
    """Write a run's objects from its records by key, its targets by URL and Scrapy's stats by process.

    `stats` is asked for them when everything has been counted.

    Returns the manifest, which is written last and still needs a commit. Both iterables are read once and never held
    whole. Raises StoreError where the store fails, ValueError on a record or target out of order or told twice.
    """
    by_type, record_objects = _write_records(store, run.run_id, records)
    by_state, by_source, target_objects = _write_targets(store, run.run_id, targets)
    counts = Counts(records=by_type, ledger=by_state, sightings=by_source)
    processes = stats(counts)
    manifest = Manifest(
        **asdict(run),
        counts=counts,
        objects=[
            *record_objects,
            *target_objects,
            put(store, layout.schema(run.run_id), to_json(schema.json_schema())),
            put(store, layout.stats(run.run_id), to_json({"processes": processes, "sum": summed(processes)})),
        ],
    )
    store.put(layout.manifest(run.run_id), to_json(manifest))
    return manifest


def summed(stats: Mapping[str, Mapping[str, object]]) -> dict[str, int | float]:
    """Return the sum of every number in the processes' stats; what is no number has none.

    >>> summed({"a": {"records/study": 2, "finish_reason": "finished"}, "b": {"records/study": 3}})
    {'records/study': 5}
    """
    total: dict[str, int | float] = {}
    for process in stats.values():
        for key, value in process.items():
            if isinstance(value, int | float):
                total[key] = total.get(key, 0) + value
    return total


def _write_records(store: Store, run_id: str, records: Iterable[Record]) -> tuple[dict[str, int], list[ObjectInfo]]:
    """Write the records in both forms, from the same rows; return how many there are by type, and the objects."""
    forms = [
        Parts(store, partial(layout.records_parquet, run_id), Parquet, schema.RECORDS, part_rows=PART_ROWS),
        Parts(store, partial(layout.records_jsonl, run_id), JsonLines, schema.RECORDS, part_rows=PART_ROWS),
    ]
    by_type: Counter[str] = Counter()
    for rows in _groups(records, "key"):
        for form in forms:
            form.add(rows)
        by_type.update(row["type"] or "unknown" for row in rows)
    return _sorted(by_type), [info for form in forms for info in form.close()]


def _write_targets(
    store: Store, run_id: str, targets: Iterable[Target]
) -> tuple[dict[str, int], dict[str, int], list[ObjectInfo]]:
    """Write what the next run reads, and the ledger; return the counts by state and by source, and the objects.

    A sitemap has no state: the next run follows its links, and the ledger does not know it.
    """
    sightings = Parts(store, partial(layout.sightings, run_id), Parquet, schema.SIGHTINGS, part_rows=PART_ROWS)
    ledger = Parquet(schema.LEDGER)
    by_state: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    for rows in _groups(targets, "url"):
        sightings.add(rows)
        ledger.add(settled := [row for row in rows if row["state"]])
        by_state.update(row["state"] for row in settled)
        by_source.update(sighting["source"] for row in rows for sighting in row["sightings"])
    objects = sightings.close()
    objects.append(put(store, layout.ledger(run_id), ledger.finish(), rows=by_state.total()))
    return _sorted(by_state), _sorted(by_source), objects


def _groups(items: Iterable[Record | Target], name: str) -> Iterator[list[Row]]:
    """Yield the rows of items, a bounded number at a time; raises ValueError where `name` does not rise."""
    iterator = iter(items)
    last: list[str] = []
    while group := [plain(item) for item in islice(iterator, GROUP_ROWS)]:
        names = [row[name] for row in group]
        for former, latter in pairwise([*last, *names]):
            if former >= latter:
                raise ValueError(f"{name} {latter!r} comes after {former!r}: out of order, or told twice")
        last = names[-1:]
        yield group


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items()))
