"""What a crawl knows before it starts: its own log, if it is resumed, and the snapshot before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol, Self

from crawler.export import log, manifest
from crawler.export.reader import SnapshotReader
from crawler.export.rows import from_row
from crawler.items import SOUND, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractAsyncContextManager

    from crawler.errors import CrawlerError
    from crawler.export.rows import Row
    from crawler.export.store import Store
    from crawler.items import Sighting

_COLUMNS = [
    *("url", "state", "route", "etag", "last_modified", "extractor_version", "links", "told"),
    *(f"sightings.list.element.{name}" for name in ("digest", "url")),
]


class Crawl(Protocol):
    """What pipelines and extensions know of the spider: every spider of this project is one."""

    run_id: str
    process: str
    """Names this start of the run in its log."""
    memory: Memory
    failure: CrawlerError | None
    """Why the crawl cannot go on, where this project says so itself."""

    def publishing(self) -> AbstractAsyncContextManager[None]:
        """Return what is held while the run is published: by one process at a time, where several work at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A target that the previous snapshot rests on."""

    content: bytes
    """Stands for what its sightings say, and of whom."""
    sound: bool
    """True where the run that asked for it last got a good answer."""
    links: list[str]
    told: list[str]
    route: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    extractor_version: str = ""


@dataclass(slots=True)
class Memory:
    """The targets of the previous snapshot by URL, and those of the run's own log."""

    base: str | None = None
    """The run whose snapshot that is; None where nothing was published yet."""
    since: str | None = None
    """When that run started: ISO 8601, UTC."""
    incomplete: list[str] = field(default_factory=list)
    """Why it may not have come upon all there was, and read that."""
    known: dict[str, Known] = field(default_factory=dict)
    done: list[Target] = field(default_factory=list)
    """Without their sightings, which the log holds."""

    @classmethod
    def load(cls, store: Store, run_id: str) -> Self:
        """Read them from the store; raises StoreError where it fails, or holds something damaged."""
        memory = cls()
        current = manifest.current(store)
        if current is not None:
            reader = SnapshotReader(store, current.run_id)
            memory.base, memory.since = current.run_id, reader.manifest.started
            memory.incomplete = reader.manifest.incomplete
            rows = reader.targets(_COLUMNS)
            for row in rows:
                url = row.pop("url")
                if row["sightings"]:
                    memory.known[url] = _known(row)
        memory.done = list(_done(store, run_id))
        return memory

    def recognises(self, target: Target) -> bool:
        """Tell whether the previous snapshot holds just what a target's page says."""
        known = self.known.get(target.url)
        return known is not None and known.content == content(target.sightings)


def content(sightings: Iterable[Sighting]) -> bytes:
    """Return what stands for the content of sightings, in whatever order they come.

    >>> from crawler.items import Sighting
    >>> a, b = Sighting(digest="1"), Sighting(digest="2")
    >>> content([a, b]) == content([b, a]) != content([a])
    True
    """
    return _content((sighting.url, sighting.digest) for sighting in sightings)


def _content(pairs: Iterable[tuple[str, str]]) -> bytes:
    return sha256("\n".join(sorted(f"{url} {digest}" for url, digest in pairs)).encode()).digest()


def _known(row: Row) -> Known:
    sightings: list[dict[str, Any]] = row.pop("sightings")
    row["sound"] = row.pop("state") in SOUND
    return Known(content=_content((each["url"], each["digest"]) for each in sightings), **row)


def _done(store: Store, run_id: str) -> Iterator[Target]:
    for row in log.read(store, log.batches(store, run_id)):
        row["sightings"] = []
        yield from_row(Target, row)
