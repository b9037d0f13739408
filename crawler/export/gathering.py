"""The sightings of a staged snapshot, by the record that they belong to, out of memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from crawler.export.mention import mentioned
from crawler.identity.keys import Identity, Rule
from crawler.items import Sighting
from crawler.records.merge import merge

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from crawler.export.mention import Mention
    from crawler.items import Record

_TABLES = (
    "CREATE TABLE belonging (sighting INTEGER PRIMARY KEY, key TEXT, origin TEXT)",
    "CREATE TABLE identity (key TEXT PRIMARY KEY, origin TEXT, body BLOB)",
    "CREATE TABLE part (whole TEXT, key TEXT, PRIMARY KEY (whole, key)) WITHOUT ROWID",
)
_REPEATS = """
UPDATE target SET state = 'duplicate' WHERE state = 'stored' AND url NOT IN
(SELECT min(page) FROM sighting GROUP BY digest)
"""
_BELONGS = "INSERT INTO belonging VALUES (?, ?, ?)"
_IDENTITY = """
INSERT INTO identity VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET origin = excluded.origin, body = excluded.body
WHERE (excluded.origin, excluded.body) < (origin, body)
"""
_PART = "INSERT OR IGNORE INTO part VALUES (?, ?)"


class Gathering:
    """Takes the sightings out of settled targets and finds the record that each belongs to.

    A target that tells nothing but what one before it told, word for word, becomes a `duplicate`.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        for table in _TABLES:
            database.execute(table)
        database.execute(_REPEATS)
        self._identify()

    def __iter__(self) -> Iterator[Mention]:
        """Yield every sighting, as the key rule sees it."""
        for (told,) in self._database.execute("SELECT mention FROM sighting ORDER BY id"):
            yield mentioned(told)

    def records(self) -> Iterator[Record]:
        """Yield the records in the order of their keys."""
        query = "SELECT body FROM sighting JOIN belonging ON id = sighting WHERE key = ? ORDER BY id"
        for key, body in self._database.execute("SELECT key, body FROM identity ORDER BY key"):
            # what is nested in them stays decoded JSON: merging passes it on whole
            sightings = [Sighting(**orjson.loads(each)) for (each,) in self._database.execute(query, (key,))]
            parts = [part for (part,) in self._database.execute("SELECT key FROM part WHERE whole = ?", (key,))]
            yield merge(Identity(**orjson.loads(body)), sightings, parts)

    def key_of(self, urls: list[str]) -> str | None:
        """Return the key of the record that sightings of one of these URLs now belong to; the first, of several."""
        self._database.execute("CREATE INDEX IF NOT EXISTS by_url ON sighting (url)")
        query = "SELECT min(key) FROM sighting JOIN belonging ON id = sighting WHERE url = ?"
        keys = [key for url in urls for (key,) in self._database.execute(query, (url,)) if key]
        return min(keys, default=None)

    @property
    def same_content(self) -> int:
        """Sightings that say what another one of the same source says of the same item."""
        return self._number("SELECT count(*) - count(DISTINCT digest) FROM sighting")

    @property
    def joined_by_doi(self) -> int:
        """Sightings that came to a record through its DOI, not through the item that the record's first ones name."""
        return self._number(
            "SELECT count(*) FROM belonging JOIN identity USING (key) WHERE belonging.origin != identity.origin"
        )

    @property
    def carried(self) -> int:
        """Records that no page of this run tells."""
        return self._number(
            "SELECT count(*) FROM (SELECT 1 FROM belonging JOIN sighting ON id = sighting "
            "GROUP BY key HAVING min(carried))"
        )

    def _identify(self) -> None:
        rule = Rule(self)
        for number, told in self._database.execute("SELECT id, mention FROM sighting ORDER BY id"):
            identity = rule.identity(mentioned(told))
            if identity is None:
                continue
            self._database.execute(_BELONGS, (number, identity.key, identity.group))
            self._database.execute(_IDENTITY, (identity.key, identity.group, orjson.dumps(identity)))
            if identity.part_of:
                self._database.execute(_PART, (identity.part_of, identity.key))
        self._database.execute("CREATE INDEX by_key ON belonging (key)")

    def _number(self, query: str) -> int:
        number: int = self._database.execute(query).fetchone()[0]
        return number
