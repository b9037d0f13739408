"""The sightings of staged targets, in the temporary database of publishing.

Each file of a study tells the study again on its page: what several pages say in the same words is held once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from crawler.export.mention import mention

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from crawler.export.rows import Row

_TABLES = """
CREATE TABLE content (id INTEGER PRIMARY KEY, url TEXT, digest BLOB, mention BLOB, body BLOB, UNIQUE (url, digest));
CREATE TABLE sighting (page TEXT, content INTEGER, fetched TEXT, carried INTEGER);
CREATE INDEX by_page ON sighting (page);
"""
_KNOWN = "SELECT id FROM content WHERE url = ? AND digest = ?"
_NEW = "INSERT INTO content (url, digest, mention, body) VALUES (?, ?, ?, ?)"
_ON_PAGE = "SELECT body, fetched FROM sighting JOIN content ON id = content WHERE page = ? ORDER BY sighting.rowid"


class Sightings:
    """Takes sightings in, and gives them back by the page that tells them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_TABLES)

    def take(self, page: str, sightings: Iterable[Row], *, carried: bool = False) -> None:
        """Take in what a page tells; `carried` where this run has not read it there."""
        rows = [(page, self._content(each), each["fetched_at"], carried) for each in sightings]
        self._database.executemany("INSERT INTO sighting VALUES (?, ?, ?, ?)", rows)

    def drop(self, page: str) -> None:
        """Forget what a page tells."""
        self._database.execute("DELETE FROM sighting WHERE page = ?", (page,))

    def on(self, page: str) -> list[Row]:
        """Return what a page tells; what is nested in the rows is shared between them."""
        return [
            {**_decoded(body), "page": page, "fetched_at": fetched}
            for body, fetched in self._database.execute(_ON_PAGE, (page,))
        ]

    def _content(self, sighting: Row) -> int:
        url, digest = sighting["url"], bytes.fromhex(sighting["digest"])
        known = self._database.execute(_KNOWN, (url, digest)).fetchone()
        if known:
            number: int = known[0]
            return number
        body = orjson.dumps({name: value for name, value in sighting.items() if name not in {"page", "fetched_at"}})
        return self._database.execute(_NEW, (url, digest, mention(sighting), body)).lastrowid or 0


@lru_cache(maxsize=1 << 6)  # the pages of a study's files stand beside each other
def _decoded(body: bytes) -> Row:
    row: Row = orjson.loads(body)
    return row
