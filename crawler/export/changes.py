"""What a snapshot changes against the one before it."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import orjson

from crawler.records.diff import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crawler.export.rows import Row
    from crawler.records.diff import Change


class Changes:
    """Notes changes as gzipped JSON Lines in the order of the keys, while the records pass through."""

    def __init__(self, key_of: Callable[[list[str]], str | None]) -> None:
        """`key_of` tells the record to which the sightings of some URLs belong now, if any."""
        self.counts = Counter(added=0, updated=0, withdrawn=0)
        self._key_of = key_of
        self._buffer = BytesIO()
        self._gzip = gzip.GzipFile(fileobj=self._buffer, mode="wb", mtime=0)

    def note(self, before: Iterable[Row], after: Iterable[Row]) -> Iterator[Row]:
        """Yield the records of `after`, with the time at which `before` first saw them; both come by key."""
        former = iter(before)
        old = next(former, None)
        for new in after:
            while old is not None and old["key"] < new["key"]:
                self._withdraw(old)
                old = next(former, None)
            known = old if old is not None and old["key"] == new["key"] else None
            if known is not None:
                new["first_seen"] = known.get("first_seen") or new["first_seen"]
                old = next(former, None)
            self._add(compare(known, new))
            yield new
        while old is not None:
            self._withdraw(old)
            old = next(former, None)

    def finish(self) -> bytes:
        """Return the changes, of which there may be none."""
        self._gzip.close()
        return self._buffer.getvalue()

    def _withdraw(self, old: Row) -> None:
        urls = sorted({source["url"] for source in old["sources"]})
        self._add(compare(old, None), replaced_by=self._key_of(urls))

    def _add(self, change: Change | None, replaced_by: str | None = None) -> None:
        if change is not None:
            self.counts[change.change] += 1
            line = orjson.dumps(replace(change, replaced_by=replaced_by), option=orjson.OPT_APPEND_NEWLINE)
            self._gzip.write(line)
