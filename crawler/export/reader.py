"""Reading a snapshot back: the next run compares itself with it and carries it forward."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from crawler.errors import StoreError, StoreUnavailable
from crawler.export import layout, manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.export.rows import Row
    from crawler.export.store import Store

_ROWS = 2_000


class SnapshotReader:
    """Reads what the manifest of a run names; every method raises StoreError for an object missing or damaged.

    `otherwise` is what such an error says to do where no copy of the object can be put back.
    """

    def __init__(
        self, store: Store, run_id: str, otherwise: str = "make another run current: scrapy rollback RUN_ID"
    ) -> None:
        self._store = store
        self._otherwise = otherwise
        self.run_id = run_id
        with self._advice():
            self.manifest = manifest.read(store, run_id)

    def records(self) -> Iterator[Row]:
        """Yield the records in the order of their keys, as decoded JSON."""
        for body in self._objects(layout.records_jsonl(self.run_id, part) for part in count()):
            with gzip.open(BytesIO(body)) as lines:
                yield from map(orjson.loads, lines)

    def targets(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Yield what the snapshot rests on, in the order of the URLs; of some columns only, where they are named."""
        for body in self._objects(layout.sightings(self.run_id, part) for part in count()):
            yield from _rows(body, columns)

    def ledger(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Yield the targets of the run, in the order of the URLs; of some columns only, where they are named."""
        for body in self._objects([layout.ledger(self.run_id)]):
            yield from _rows(body, columns)

    def changes(self) -> Iterator[Row]:
        """Yield what the run changed, in the order of the keys."""
        for body in self._objects([layout.changes(self.run_id)]):
            with gzip.open(BytesIO(body)) as lines:
                yield from map(orjson.loads, lines)

    def stats(self) -> dict[str, Any]:
        """Return the run's stats: `processes` and their `sum`; nothing where the manifest names none."""
        found: dict[str, Any] = {}
        for body in self._objects([layout.stats(self.run_id)]):
            found = orjson.loads(body)
        return found

    def record_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records as columns, a group of rows at a time, in the order of their keys."""
        for body in self._objects(layout.records_parquet(self.run_id, part) for part in count()):
            yield from _batches(body)

    def ledger_batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the targets of the run likewise, some columns of them, in the order of the URLs."""
        for body in self._objects([layout.ledger(self.run_id)]):
            yield from _batches(body, columns)

    def _objects(self, keys: Iterable[str]) -> Iterator[bytes]:
        """The objects that the manifest names, up to the first key that it does not, each as it says."""
        infos = {info.key: info for info in self.manifest.objects}
        for key in keys:
            info = infos.get(key)
            if info is None:
                return
            with self._advice():
                body = self._store.get(key)
                if sha256(body).hexdigest() != info.sha256:
                    raise StoreError(key, "is not what its manifest says: put back a copy of it")
            yield body

    @contextmanager
    def _advice(self) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            raise
        except StoreError as error:
            raise StoreError(error.key, f"{error.problem}; or {self._otherwise}") from error


def _rows(body: bytes, columns: Sequence[str] | None) -> Iterator[Row]:
    for batch in _batches(body, columns):
        yield from batch.to_pylist()


def _batches(body: bytes, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(pa.BufferReader(body)) as file:
        yield from file.iter_batches(_ROWS, columns=columns)
