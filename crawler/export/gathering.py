"""The sightings of a staged snapshot, by the record that they belong to, out of memory."""

from __future__ import annotations

from dataclasses import replace
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

_PREPARE = (
    "CREATE INDEX by_content ON sighting (content)",
    "DELETE FROM content WHERE id NOT IN (SELECT content FROM sighting)",
    "CREATE TABLE belonging (content INTEGER PRIMARY KEY, key TEXT, origin TEXT)",
    "CREATE TABLE identity (key TEXT PRIMARY KEY, origin TEXT, body BLOB)",
    "CREATE TABLE part (whole TEXT, key TEXT, PRIMARY KEY (whole, key)) WITHOUT ROWID",
)
_REPEATS = """
UPDATE target SET state = 'duplicate' WHERE state = 'stored' AND url IN (SELECT page FROM sighting)
AND url NOT IN (SELECT min(page) FROM sighting JOIN content ON id = content GROUP BY digest)
"""
_BELONGS = "INSERT INTO belonging VALUES (?, ?, ?)"
_IDENTITY = """
INSERT INTO identity VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET origin = excluded.origin, body = excluded.body
WHERE (excluded.origin, excluded.body) < (origin, body)
"""
_PART = "INSERT OR IGNORE INTO part VALUES (?, ?)"
_OF_RECORD = """
SELECT body, min(fetched), max(fetched)
FROM belonging JOIN sighting USING (content) JOIN content ON id = belonging.content WHERE key = ? GROUP BY id
"""


class Gathering:
    """Takes the sightings out of settled targets and finds the record that each belongs to.

    A target that tells nothing but what one before it told, word for word, becomes a `duplicate`.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        for statement in _PREPARE:
            database.execute(statement)
        database.execute(_REPEATS)
        self._identify()

    def __iter__(self) -> Iterator[Mention]:
        """Yield every sighting, as the key rule sees it; of those that say the same of the same item, one."""
        for (told,) in self._database.execute("SELECT mention FROM content ORDER BY id"):
            yield mentioned(told)

    def records(self) -> Iterator[Record]:
        """Yield the records in the order of their keys."""
        for key, body in self._database.execute("SELECT key, body FROM identity ORDER BY key"):
            sightings: list[Sighting] = []
            for told, first, last in self._database.execute(_OF_RECORD, (key,)):
                # what is nested in it stays decoded JSON: merging passes it on whole
                sighting = Sighting(**orjson.loads(told), fetched_at=first)
                sightings += [sighting] if first == last else [sighting, replace(sighting, fetched_at=last)]
            parts = [part for (part,) in self._database.execute("SELECT key FROM part WHERE whole = ?", (key,))]
            yield merge(Identity(**orjson.loads(body)), sightings, parts)

    def key_of(self, urls: list[str]) -> str | None:
        """Return the key of the record that sightings of one of these URLs now belong to; the first, of several."""
        query = "SELECT min(key) FROM content JOIN belonging ON id = content WHERE url = ?"
        keys = [key for url in urls for (key,) in self._database.execute(query, (url,)) if key]
        return min(keys, default=None)

    @property
    def same_content(self) -> int:
        """Sightings that say what another one of the same source says of the same item."""
        return self._number("SELECT count(*) - count(DISTINCT digest) FROM sighting JOIN content ON id = content")

    @property
    def joined_by_doi(self) -> int:
        """Sightings that came to a record through its DOI, not through the item that the record's first ones name."""
        return self._number(
            "SELECT count(*) FROM sighting JOIN belonging USING (content) JOIN identity USING (key) "
            "WHERE belonging.origin != identity.origin"
        )

    @property
    def carried(self) -> int:
        """Records that no page of this run tells."""
        return self._number(
            "SELECT count(*) FROM (SELECT 1 FROM belonging JOIN sighting USING (content) "
            "GROUP BY key HAVING min(carried))"
        )

    def _identify(self) -> None:
        rule = Rule(self)
        for number, told in self._database.execute("SELECT id, mention FROM content ORDER BY id"):
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
