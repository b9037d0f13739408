"""What crawls leave on a store, and a store in memory that a test can look into and break."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from gzip import decompress
from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow.parquet as pq

from crawler.errors import AlreadyExists, StoreError
from crawler.export import layout
from crawler.export.log import BatchLog, leave
from crawler.export.manifest import Manifest, current, read
from crawler.export.publish import Published, publish
from crawler.items import SNAPSHOT, Sighting, State, Target
from crawler.records.gate import Limits
from crawler.records.merge import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SITE = "https://harmonydata.ac.uk/search"
SITEMAP = f"{SITE}/sitemap.xml"
FIRST, SECOND, THIRD = (f"2031-05-0{day}T10:00:00Z" for day in (6, 7, 8))
A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
LIMITS = Limits(max_shrink=1, min_fill={}, max_failed=1)


@dataclass
class Kept:
    """A store in memory; `before` is told each call, and may raise, wait, or do something else meanwhile."""

    objects: dict[str, bytes] = field(default_factory=dict)
    before: Callable[[str, str], None] = lambda _call, _key: None
    lock: Lock = field(default_factory=Lock)

    def put(self, key: str, data: bytes) -> None:
        self.before("put", key)
        self.objects[key] = data

    def create(self, key: str, data: bytes) -> None:
        self.before("create", key)
        with self.lock:
            if key in self.objects:
                raise AlreadyExists(key)
            self.objects[key] = data

    def get(self, key: str) -> bytes:
        self.before("get", key)
        if key not in self.objects:
            raise StoreError(key, "is not there")
        return self.objects[key]

    def exists(self, key: str) -> bool:
        self.before("exists", key)
        return key in self.objects

    def list(self, prefix: str) -> list[str]:
        self.before("list", prefix)
        return sorted(key for key in list(self.objects) if key.startswith(prefix))

    def uri(self, key: str) -> str:
        return key


def page(slug: str) -> str:
    """Return the URL of an item's page."""
    return f"{SITE}/items/{slug}"


def sighting(slug: str, *, at: str = FIRST, on: str | None = None, **values: Any) -> Sighting:  # noqa: ANN401 - fields
    """Return a sighting of an item on its own page, or on that of `on`."""
    own = {"source": "harmony_flight", "slug": slug, "url": page(slug), "page": page(on or slug), "fetched_at": at}
    made = Sighting(**{**own, "title": f"Study {slug}", "type": "study", **values})
    return replace(made, digest=digest(made))


def stored(slug: str, *sightings: Sighting, at: str = FIRST, **values: Any) -> Target:  # noqa: ANN401 - fields
    """Return a target with its sightings, by default one of the item itself."""
    made = Target(url=page(slug), state=State.STORED, status=200, attempts=1, fetched_at=at, etag=f'"{slug}"')
    made = replace(made, route=f"{page(slug)}.txt", extractor_version="1")
    return replace(made, sightings=list(sightings) or [sighting(slug, at=at)], **values)


def ended(slug: str, state: State, *, at: str = SECOND, **values: Any) -> Target:  # noqa: ANN401 - fields
    """Return a target that ended without sightings."""
    return Target(url=page(slug), state=state, attempts=1, fetched_at=at, extractor_version="2", **values)


def unchanged(slug: str, base: str, *, at: str = SECOND) -> Target:
    """Return a target that says what it said in the snapshot of another run."""
    return replace(ended(slug, State.UNCHANGED, at=at), base=base, etag=f'"{slug}-again"')


def listed(*slugs: str, reason: str = "") -> Target:
    """Return a sitemap that lists items."""
    return Target(url=SITEMAP, state=None, reason=reason, links=[page(slug) for slug in slugs])


def seeded(base: str, *slugs: str) -> Target:
    """Return what leads to the targets of the snapshot before."""
    return Target(url=f"{SNAPSHOT}{base}", state=None, links=[page(slug) for slug in slugs])


def crawl(store: Kept, run_id: str, targets: Sequence[Target], *, process: str = "0a", reason: str = "finished") -> str:
    """Leave a crawl's log and last word on the store, and return the key of its batch; no `reason`: it was killed."""
    key = BatchLog(store, run_id, process).append(targets)
    if reason:
        leave(store, run_id, process, {"finish_reason": reason, "start_time": "2031-05-06T09:00:00.5+00:00"})
    return key


def run(store: Kept, run_id: str, targets: Sequence[Target], **crawled: str) -> Published:
    """Crawl and publish."""
    crawl(store, run_id, targets, **crawled)
    return publish(store, run_id, LIMITS)


def whole(store: Kept) -> Manifest:
    """Return the manifest of the current run, each object of which is as it says."""
    newest = current(store)
    assert newest is not None
    manifest = read(store, newest.run_id)
    for info in manifest.objects:
        assert sha256(store.get(info.key)).hexdigest() == info.sha256, info.key
    return manifest


def records(store: Kept, run_id: str) -> dict[str, dict[str, Any]]:
    """Return the records of a run by their keys."""
    return {row["key"]: row for row in _lines(store.get(layout.records_jsonl(run_id, 0)))}


def changes(store: Kept, run_id: str) -> list[dict[str, Any]]:
    """Return what a run changed."""
    return _lines(store.get(layout.changes(run_id)))


def rests_on(store: Kept, run_id: str) -> dict[str, dict[str, Any]]:
    """Return the targets that a snapshot rests on, by their slugs or whatever stands there."""
    return _by_slug(_rows(store.get(layout.sightings(run_id, 0))))


def ledger(store: Kept, run_id: str) -> dict[str, dict[str, Any]]:
    """Return the ledger of a run, by the slugs of its targets or whatever stands there."""
    return _by_slug(_rows(store.get(layout.ledger(run_id))))


def _by_slug(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["url"].rpartition("/")[2]: row for row in rows}


def _rows(body: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(BytesIO(body)).to_pylist()
    return rows


def _lines(body: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in decompress(body).splitlines()]
