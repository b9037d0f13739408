"""Rows to the parts of the export: Parquet and gzipped JSON Lines, the same bytes for the same rows."""

from __future__ import annotations

import gzip
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from crawler.export.manifest import ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.export.rows import Row
    from crawler.export.store import Store


class Encoder(Protocol):
    """Turns rows into the bytes of one part; only compressed bytes are held."""

    def __init__(self, schema: pa.Schema) -> None:
        """Begin a part whose rows have the columns of `schema`, in that order; other fields of a row are left out."""

    def add(self, rows: list[Row]) -> None:
        """Take rows in."""

    def finish(self) -> bytes:
        """Return the part."""


class Parquet:
    """Parquet with zstd; each `add` makes one row group, so that a reader too needs no more memory than that."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._buffer = BytesIO()
        self._writer = pq.ParquetWriter(self._buffer, schema, compression="zstd")

    def add(self, rows: list[Row]) -> None:
        self._writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=self._schema))

    def finish(self) -> bytes:
        self._writer.close()
        return self._buffer.getvalue()


class JsonLines:
    """Gzipped JSON Lines; gzip's header carries no time and no name."""

    def __init__(self, schema: pa.Schema) -> None:
        self._columns: list[str] = schema.names
        self._buffer = BytesIO()
        self._gzip = gzip.GzipFile(fileobj=self._buffer, mode="wb", compresslevel=6, mtime=0)

    def add(self, rows: list[Row]) -> None:
        picked = ({name: row[name] for name in self._columns} for row in rows)
        self._gzip.write(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in picked))

    def finish(self) -> bytes:
        self._gzip.close()
        return self._buffer.getvalue()


class Parts:
    """Writes rows as numbered parts of one form, a new part after every `part_rows` rows.

    No rows at all make one empty part: a reader of `part-*` then finds columns and no rows, and not an error.
    """

    def __init__(
        self,
        store: Store,
        key: Callable[[int], str],
        encoder: Callable[[pa.Schema], Encoder],
        schema: pa.Schema,
        *,
        part_rows: int,
    ) -> None:
        self._store = store
        self._key = key
        self._new = partial(encoder, schema)
        self._part_rows = part_rows
        self._encoder = self._new()
        self._rows = 0
        self._written: list[ObjectInfo] = []

    def add(self, rows: list[Row]) -> None:
        """Take rows in; a full part leaves for the store (StoreError)."""
        while rows:
            fit = rows[: self._part_rows - self._rows]
            self._encoder.add(fit)
            self._rows += len(fit)
            rows = rows[len(fit) :]
            if self._rows == self._part_rows:
                self._put()

    def close(self) -> list[ObjectInfo]:
        """Write the last part (StoreError), and return what was written.

        A part that a larger attempt at the same run has left behind is emptied: it lies where readers look.
        """
        if self._rows or not self._written:
            self._put()
        known = {info.key for info in self._written}
        for key in self._store.list(self._key(0).rpartition("/")[0] + "/"):
            if key not in known:
                self._written.append(put(self._store, key, self._new().finish(), rows=0))
        return self._written

    def _put(self) -> None:
        data = self._encoder.finish()
        self._written.append(put(self._store, self._key(len(self._written)), data, rows=self._rows))
        self._encoder = self._new()
        self._rows = 0


def put(store: Store, key: str, data: bytes, *, rows: int | None = None) -> ObjectInfo:
    """Write an object (StoreError), and return what a manifest says of it."""
    store.put(key, data)
    return ObjectInfo(key=key, bytes=len(data), rows=rows, sha256=sha256(data).hexdigest())
