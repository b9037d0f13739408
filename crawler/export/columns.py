"""What the columns of a run say, read a group of rows at a time: how full they are, and a few examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crawler.export.reader import SnapshotReader
    from crawler.export.rows import Row


@dataclass(slots=True)
class Survey:
    """How full the fields of a run's records are, and some of the conflicts between their sources."""

    wholes: int = 0
    """Records that are no part of another."""
    parts: int = 0
    filled: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By field, in how many wholes and in how many parts it has a value; no field that the run's records lack."""
    conflicts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """By field, some records with a conflict on it: their `key`, `title`, `conflicts` and `provenance`."""


def survey(reader: SnapshotReader, examples: int = 0) -> Survey:
    """Return how full a run's records are, with as many examples of a conflict for each field; raises StoreError."""
    found = Survey()
    for batch in reader.record_batches():
        whole = batch.column("part_of").is_null()
        wholes = _number(whole)
        found.wholes += wholes
        found.parts += batch.num_rows - wholes
        for name in batch.schema.names:
            filled = _has_value(batch.column(name))
            of_wholes, of_parts = found.filled.get(name, (0, 0))
            in_wholes = _number(pc.and_(filled, whole))
            found.filled[name] = of_wholes + in_wholes, of_parts + _number(filled) - in_wholes
        if examples:
            _take_conflicts(batch, found.conflicts, examples)
    return found


def ledger_rows(reader: SnapshotReader, whole: Collection[str], most: int) -> Iterator[Row]:
    """Yield a run's targets in the states of `whole`, and of each other state the first `most`; raises StoreError.

    They come with `url`, `state`, `reason` and `status`. Few of them are turned into Python's objects where most end
    well, so millions take seconds.
    """
    taken: Counter[str] = Counter()
    for batch in reader.ledger_batches(["url", "state", "reason", "status"]):
        states = batch.column("state")
        for state in pc.unique(states).to_pylist():
            rows = batch.filter(pc.equal(states, state))
            if state not in whole:
                rows = rows.slice(0, most - taken[state])
            taken[state] += rows.num_rows
            yield from rows.to_pylist()


def _has_value(column: pa.Array) -> pa.Array:
    """Tell of each row whether it has a value: neither null nor an empty list or map."""
    if pa.types.is_map(column.type):
        column = column.cast(pa.list_(pa.struct([column.type.key_field, column.type.item_field])))
    if pa.types.is_list(column.type):
        return pc.fill_null(pc.greater(pc.list_value_length(column), 0), fill_value=False)
    return column.is_valid()


def _number(mask: pa.Array) -> int:
    number: int = mask.true_count
    return number


def _take_conflicts(batch: pa.RecordBatch, taken: dict[str, list[Row]], most: int) -> None:
    """Take the records with a conflict on a field of which there are too few examples yet."""
    column = batch.column("conflicts")
    named = set(pc.unique(column.keys).to_pylist())  # in every row of the group
    wanted = {name for name in named if len(taken[name]) < most}
    if not wanted:
        return
    rows = batch.select(["key", "title", "conflicts", "provenance"]).filter(_has_value(column))
    for row in rows.to_pylist(maps_as_pydicts="strict"):
        for name in wanted.intersection(row["conflicts"]):
            if len(taken[name]) < most:
                taken[name].append(row)
