"""The targets of a run and of the snapshot before it, brought together out of memory: what is new, what is carried.

SQLite holds them in a temporary database of its own, on disk where they do not fit into its cache.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from crawler.errors import CrawlFailed
from crawler.export.sightings import Sightings
from crawler.items import ANSWERED, SNAPSHOT, SOUND, Sighting, State, Target
from crawler.records import gate
from crawler.records.canonical import plain
from crawler.sites import SITES, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crawler.export.rows import Row

_TABLES = """
CREATE TABLE target (url TEXT PRIMARY KEY, site TEXT, state TEXT, telling TEXT, body BLOB);   -- of this run
CREATE TABLE leader (url TEXT PRIMARY KEY, body BLOB);                             -- what only leads to targets
CREATE TABLE link (url TEXT PRIMARY KEY, enumerated INTEGER) WITHOUT ROWID;        -- where targets and leaders lead
CREATE TABLE told (url TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE carried (url TEXT PRIMARY KEY, base TEXT, body BLOB);                 -- of the snapshot before
"""
_TELL = """
INSERT INTO target VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET state = excluded.state, telling = excluded.telling, body = excluded.body WHERE excluded.telling > telling
"""
_LEFT = "SELECT url FROM link WHERE url NOT IN (SELECT url FROM target) AND url NOT IN told"
_SNAPSHOT = """
SELECT state, body, url FROM target WHERE url NOT IN (SELECT url FROM carried)
UNION ALL SELECT NULL, body, url FROM carried
UNION ALL SELECT NULL, body, url FROM leader
    WHERE url NOT IN (SELECT url FROM target) AND url NOT IN (SELECT url FROM carried) ORDER BY url
"""
_EMPTY, _UNTOLD = plain(Target(url="", state=None)), plain(Sighting())
"""What a column holds that an earlier version of the crawler did not write, and a field of a sighting."""
_CACHE_KIB = 64 * 1024
_RANKS = {state: len(State) - rank for rank, state in enumerate(State)}
_UNREAD = (State.FETCH_FAILED, State.PARSE_FAILED, State.DENIED_BY_ROBOTS, State.NOT_ATTEMPTED)
"""States of pages that may have listed others."""


@contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """Give an empty database in a temporary file that nothing is left of; raises CrawlFailed where there is no room."""
    database = sqlite3.connect("", isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            database.execute(f"PRAGMA {pragma}")
        yield database
    except sqlite3.OperationalError as error:
        raise CrawlFailed(
            f"the temporary database of publishing failed ({error}); free some space in the folder that TMPDIR names, "
            "then publish the run again"
        ) from error
    finally:
        database.close()


def _as(state: str | None, row: Row) -> Row:
    """A target's row in the state that it came to beside the others."""
    if state is not None and state != row["state"]:
        row |= {"state": state, "reason": "the same content at another URL"}
    return row


def _filled(row: Row) -> Row:
    """A target of a snapshot with all the columns that this version has."""
    return _EMPTY | row | {"sightings": [_UNTOLD | sighting for sighting in row["sightings"]]}


class Staging:
    """Takes in the log of a run, then the snapshot before it, then settles what becomes of every target."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_TABLES)
        self._sightings = Sightings(database)
        self._kept: frozenset[str] = frozenset()
        database.execute("BEGIN")

    def take_log(self, rows: Iterable[Row]) -> None:
        """Take in the targets of the log.

        Where a URL has several, the state that tells most wins, in the order of `items.State`; then the newer one.
        """
        for row in rows:
            enumerated = not row["url"].startswith(SNAPSHOT)
            self._database.executemany(
                "INSERT INTO link VALUES (?, ?) ON CONFLICT DO UPDATE SET enumerated = max(enumerated, ?2)",
                ((url, enumerated) for url in row["links"]),
            )
            if row["state"] is None:
                self._lead(row)
                continue
            sightings, row["sightings"] = row["sightings"], []
            telling = f"{_RANKS[row['state']]:02d}{row['fetched_at']}"
            values = (row["url"], name_of(row["url"]), row["state"], telling, orjson.dumps(row))
            if self._database.execute(_TELL, values).rowcount:
                self._sightings.drop(row["url"])
                self._sightings.take(row["url"], sightings)
            if row["state"] in SOUND:
                self._database.executemany("INSERT OR IGNORE INTO told VALUES (?)", ((url,) for url in row["told"]))

    def bases(self) -> set[str]:
        """Return the runs whose snapshots hold the sightings of unchanged targets."""
        rows = self._database.execute("SELECT body FROM target WHERE state = ?", (State.UNCHANGED,))
        return {orjson.loads(body)["base"] for (body,) in rows}

    def incomplete(self, previous: str | None) -> list[str]:
        """Return why the run may not have come upon all there is, and asked again for what `previous` rests on."""
        why = [row["reason"] for row in self.leaders() if row["reason"]]
        leaders = "SELECT count(*) FROM leader WHERE url NOT LIKE ?"
        if not self._number(leaders, f"{SNAPSHOT}%"):
            why.append("no sitemap was read")
        if previous and not self._number("SELECT count(*) FROM leader WHERE url = ?", f"{SNAPSHOT}{previous}"):
            why.append(f"the targets of run {previous} were not among the seeds")  # it was published meanwhile
        sites, count = self.seeded(), "SELECT count(*) FROM target WHERE state = ? AND site = ?"
        for state in _UNREAD:
            number = sum(self._number(count, state, site) for site in sites)
            if state is State.NOT_ATTEMPTED:
                number += sum(name_of(url) in sites for (url,) in self._database.execute(_LEFT))
            if number:
                why.append(f"{number} targets in {state}")
        return why

    def seeded(self) -> set[str]:
        """Return the sites that the run began at; it followed links to the others."""
        hosts = {urlsplit(row["url"]).netloc for row in self.leaders()}
        return {site.NAME for site in SITES if hosts.intersection(site.HOSTS)}

    def standings(self) -> dict[str, Counter[str]]:
        """Return how many targets of each site came to what, as the gate counts them."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for site, state, number in self._database.execute("SELECT site, state, count(*) FROM target GROUP BY 1, 2"):
            found[site][state] += number
        unasked = "SELECT site, state, body FROM target WHERE state IN (?, ?)"
        for site, state, body in self._database.execute(unasked, gate.UNASKED):
            found[site][state] -= 1
            found[site][gate.standing(state, orjson.loads(body)["reason"])] += 1
        if any(map(gate.failed_share, found.values())):
            for (url,) in self._database.execute("SELECT url FROM link WHERE url NOT IN (SELECT url FROM target)"):
                found[name_of(url)][State.NOT_ATTEMPTED] += 1  # or told elsewhere, which settling will say
        return found

    def keep(self, sites: Collection[str]) -> None:
        """Leave out what this run read at some sites: the previous snapshot's targets of theirs are carried forward."""
        self._kept = frozenset(sites)
        for site in sites:
            for (url,) in self._database.execute("SELECT url FROM target WHERE site = ?", (site,)).fetchall():
                self._sightings.drop(url)

    def take_snapshot(self, run_id: str, rows: Iterable[Row], *, complete: bool) -> None:
        """Take in what the previous snapshot rests on, where this run has not replaced it.

        A target's sightings leave when it answered without them, or is gone, or, at a site that the run began at, was
        not come upon by a run that saw all there is. Of an unchanged target they stay.
        """
        enumerated = self.seeded() if complete else set()
        for row in map(_filled, rows):
            state, body = self._state(row["url"])
            if row["sightings"] and self._kept and name_of(row["url"]) in self._kept:
                self._carry(run_id, row, None)
                continue
            if not row["sightings"] or self._answered(state, body):
                continue
            if state == State.UNCHANGED:
                self._resolve(run_id, row, orjson.loads(body))
            elif not (name_of(row["url"]) in enumerated and self._vanished(row["url"])):
                asked = state not in {None, State.NOT_ATTEMPTED}
                self._carry(run_id, row, orjson.loads(body) if asked else None)

    def resolve(self, run_id: str, rows: Iterable[Row]) -> None:
        """Give the targets that are unchanged since another snapshot than the previous one their sightings in that."""
        for row in map(_filled, rows):
            state, body = self._state(row["url"])
            if row["sightings"] and state == State.UNCHANGED:
                self._resolve(run_id, row, orjson.loads(body))

    def settle(self) -> int:
        """Give a state to every URL that was led to and has none yet; return how many targets there are."""
        discovered = self._number("SELECT count(*) FROM (SELECT url FROM link UNION SELECT url FROM target)")
        for state, condition in ((State.DUPLICATE, "IN"), (State.NOT_ATTEMPTED, "NOT IN")):
            rows = self._database.execute(
                f"SELECT url FROM link WHERE url NOT IN (SELECT url FROM target) AND url {condition} told"  # noqa: S608 - two constants
            )
            found = (
                (url, name_of(url), state, orjson.dumps(Target(url=url, state=state))) for (url,) in rows.fetchall()
            )
            self._database.executemany("INSERT INTO target VALUES (?, ?, ?, '', ?)", found)
        return discovered

    def ledger(self) -> Iterator[Row]:
        """Yield this run's targets in the order of their URLs."""
        for state, body in self._database.execute("SELECT state, body FROM target ORDER BY url"):
            yield _as(state, orjson.loads(body))

    def ledger_by_site(self) -> Iterator[tuple[str, str, int]]:
        """Yield site, state and how many of this run's targets there are of both."""
        yield from self._database.execute("SELECT site, state, count(*) FROM target GROUP BY 1, 2 ORDER BY 1, 2")

    def snapshot(self) -> Iterator[Row]:
        """Yield what the snapshot rests on, and what leads to its targets, in the order of their URLs."""
        for state, body, url in self._database.execute(_SNAPSHOT):
            row = _as(state, orjson.loads(body))
            row["sightings"] = self._sightings.on(url)
            yield row

    def earliest(self) -> str | None:
        """Return when the first target was fetched: ISO 8601, UTC."""
        query = "SELECT min(substr(telling, 3)) FROM target WHERE length(telling) > 2"
        earliest: str | None = self._database.execute(query).fetchone()[0]
        return earliest

    def carried(self) -> dict[str, int]:
        """Return how many targets are carried forward, by the run that last read them."""
        return dict(self._database.execute("SELECT base, count(*) FROM carried GROUP BY base ORDER BY base"))

    def leaders(self) -> Iterator[Row]:
        """Yield what only leads to targets."""
        for (body,) in self._database.execute("SELECT body FROM leader ORDER BY url"):
            yield orjson.loads(body)

    def _answered(self, state: str | None, body: bytes) -> bool:
        """Tell whether a target said what it holds now; one that has moved did where the new place did."""
        passed: set[str] = set()
        while state == State.REDIRECTED:
            url = orjson.loads(body)["links"][0]
            if url in passed:
                return False
            passed.add(url)
            if self._number("SELECT count(*) FROM told WHERE url = ?", url):
                return True
            state, body = self._state(url)
        return state in ANSWERED or (bool(passed) and state in SOUND)

    def _lead(self, row: Row) -> None:
        """Take in what only leads to targets: of two readings of a sitemap, what both list."""
        known = self._database.execute("SELECT body FROM leader WHERE url = ?", (row["url"],)).fetchone()
        if known:
            other = orjson.loads(known[0])
            row["links"] = sorted({*row["links"], *other["links"]})
            row["reason"] = row["reason"] and other["reason"]
        self._database.execute("INSERT OR REPLACE INTO leader VALUES (?, ?)", (row["url"], orjson.dumps(row)))

    def _resolve(self, run_id: str, row: Row, target: Row) -> None:
        """Give an unchanged target the sightings that the snapshot has of it, as seen again."""
        if target["base"] != run_id or name_of(row["url"]) in self._kept:
            return
        for sighting in row["sightings"]:
            sighting["fetched_at"] = target["fetched_at"]
        self._sightings.take(row["url"], row["sightings"])
        target["base"] = None
        self._database.execute("UPDATE target SET body = ? WHERE url = ?", (orjson.dumps(target), row["url"]))

    def _carry(self, run_id: str, row: Row, failed: Row | None) -> None:
        """Carry a target forward; without its validators where this run asked for it, and got no good answer."""
        self._sightings.take(row["url"], row["sightings"], carried=True)
        if failed is not None:
            row = failed | {name: row[name] for name in ("links", "told", "base")}
        row["base"] = row["base"] or run_id
        row["sightings"] = []
        self._database.execute("INSERT INTO carried VALUES (?, ?, ?)", (row["url"], row["base"], orjson.dumps(row)))

    def _vanished(self, url: str) -> bool:
        return not self._number("SELECT count(*) FROM link WHERE url = ? AND enumerated", url)

    def _state(self, url: str) -> tuple[str | None, bytes]:
        return self._database.execute("SELECT state, body FROM target WHERE url = ?", (url,)).fetchone() or (None, b"")

    def _number(self, query: str, *values: Any) -> int:  # noqa: ANN401 - SQL's values
        number: int = self._database.execute(query, values).fetchone()[0]
        return number
