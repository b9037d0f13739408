"""The crawl's memory: batches of finished targets, each one object, created once and never rewritten."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import fields
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson

from crawler.errors import StoreError
from crawler.export import layout
from crawler.export.manifest import to_json
from crawler.export.rows import Row, from_row
from crawler.items import Sighting, State, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crawler.export.store import Store

_TARGET = {field.name for field in fields(Target)}
_SIGHTING = {field.name for field in fields(Sighting)}
_DAMAGE = (EOFError, OSError, zlib.error, TypeError, ValueError)


class BatchLog:
    """Writes the batches of one process of a run; threads may share it."""

    def __init__(self, store: Store, run_id: str, process: str) -> None:
        self._store = store
        self._run_id = run_id
        self._process = process
        self._numbers = count()

    def append(self, targets: Sequence[Target]) -> str:
        """Write a batch and return its key: its targets are done then, and not before.

        Raises StoreError; the same targets may be appended again. A number is never used twice, because a failed
        attempt may have reached the store: then both batches hold the targets, and readers get them twice.
        """
        key = layout.log(self._run_id, self._process, next(self._numbers))
        self._store.create(key, encode(targets))
        return key


def encode(targets: Sequence[Target]) -> bytes:
    """Return a batch as bytes: gzipped JSON Lines, the same for the same targets.

    >>> next(decode(encode([Target(url="https://example.org/", state=None)]))).url
    'https://example.org/'
    """
    lines = [orjson.dumps(target, option=orjson.OPT_APPEND_NEWLINE) for target in targets]
    return gzip.compress(b"".join(lines), compresslevel=1, mtime=0)  # 1: a third of 6's time, a fifth more bytes


def decode(body: bytes) -> Iterator[Target]:
    """Yield the targets of a batch's bytes; raises EOFError, OSError, zlib.error, TypeError or ValueError on damage."""
    for line in lines(body):
        yield from_row(Target, orjson.loads(line))


def lines(body: bytes) -> list[bytes]:
    """Return the targets of a batch's bytes as JSON; raises EOFError, OSError or zlib.error on damage."""
    if not body:
        raise EOFError("it is empty")
    return gzip.decompress(body).splitlines()


def batches(store: Store, run_id: str) -> list[str]:
    """Return the keys of all batches of a run that there are by now."""
    return [key for key in store.list(layout.logs(run_id)) if layout.is_batch(key)]


def read(store: Store, keys: Iterable[str]) -> Iterator[Row]:
    """Yield each target of some batches as decoded JSON; one that was appended or fetched twice comes twice.

    Raises StoreError for a batch that is damaged, cut, or of another version of the crawler.
    """
    for key in keys:
        body = store.get(key)
        try:
            for line in lines(body):
                row = orjson.loads(line)
                _check(row)
                yield row
        except _DAMAGE as error:
            raise StoreError(
                key,
                f"is damaged, or written by another version of the crawler ({error}): "
                "remove it and start the same run_id again, which fetches again what it held",
            ) from error


def _check(row: Any) -> None:  # noqa: ANN401 - decoded JSON
    """Raise ValueError or TypeError for what is no target of this version: half understood, it would be half lost."""
    if not isinstance(row, dict) or row.keys() != _TARGET:
        raise ValueError("a line that is no target")
    if row["state"] is not None:
        State(row["state"])
    for sighting in row["sightings"]:
        if not isinstance(sighting, dict) or sighting.keys() != _SIGHTING:
            raise ValueError(f"a sighting on {row['url']} that is none")


def leave(store: Store, run_id: str, process: str, stats: Mapping[str, object]) -> None:
    """Write a process's stats, its last word: a process without them was killed. Raises StoreError."""
    store.put(layout.process_stats(run_id, process), to_json(stats))


def processes(store: Store, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the stats that processes of a run left, by process; raises StoreError for damaged ones."""
    found = {}
    for key in keys:
        try:
            found[layout.process(key)] = orjson.loads(store.get(key))
        except ValueError as error:
            raise StoreError(key, f"is damaged ({error}): remove it and start the same run_id again") from error
    return found


def complete(processes: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell from the stats that processes left whether one of them came to the end of the crawl.

    >>> complete({"0f3c": {"finish_reason": "shutdown"}}), complete({"0f3c": {"finish_reason": "finished"}})
    (False, True)
    """
    return any(process.get("finish_reason") == "finished" for process in processes.values())
