"""What a run wrote (manifest), and which run readers get (commit): a numbered commit, created only if absent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import orjson

from crawler.errors import AlreadyExists, StoreError
from crawler.export import layout
from crawler.export.rows import from_row
from crawler.items import SCHEMA_VERSION
from crawler.records.gate import Verdict  # noqa: TC001 - from_row looks the types up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.export.store import Store

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """One object of a run, as it must be found again."""

    key: str
    bytes: int
    rows: int | None
    """None for an object that has no rows, such as the schema."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much a snapshot holds."""

    records: dict[str, int] = field(default_factory=dict)
    """By type."""
    ledger: dict[str, int] = field(default_factory=dict)
    """By state."""
    sightings: dict[str, int] = field(default_factory=dict)
    """By source."""
    carried: int = 0
    """Records that no page of this run tells: they rest on sightings of an earlier one."""
    changes: dict[str, int] = field(default_factory=dict)
    """Records added, updated and withdrawn against the previous snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a manifest says of the run itself; times are ISO 8601, UTC."""

    run_id: str
    started: str
    finished: str
    code_version: str
    extractor_version: str
    previous_run: str | None = None
    """The run whose snapshot this one was compared with and carried forward from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Run):
    """All that a run wrote; it is written after everything it names."""

    counts: Counts
    objects: list[ObjectInfo]
    gate: list[Verdict] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    """Why the run may not have seen all there is; then a target that it did not come upon has not vanished."""
    carried: dict[str, int] = field(default_factory=dict)
    """Targets whose sightings are carried forward, by the run that last read them."""
    kept: list[str] = field(default_factory=list)
    """Followed sources of which too many targets failed: all that the previous snapshot has of them is carried."""
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The word that a run is the current one."""

    number: int
    run_id: str
    manifest: str
    """Key of the run's manifest."""
    committed_at: str
    counts: Counts


def now() -> str:
    """Return the time as the export writes it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_json(value: object) -> bytes:
    """Return the bytes of a small object of the export: indented JSON, and the text of what JSON has no form for.

    >>> print(to_json({"retry/max": 2}).decode(), end="")
    {
      "retry/max": 2
    }
    """
    return orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def commit(store: Store, manifest: Manifest, *, after: Commit | None, now: str) -> Commit:
    """Make a run the current one, and return the commit that names it.

    `after` is the commit that was current when the run was compared with it (`current`), and not the newest now:
    what another run published in between would be lost. In that case AlreadyExists is raised, nothing has changed, and
    the caller reads, merges and writes again. Where the other one published this same run, its commit is returned.
    """
    number = after.number + 1 if after else 1
    made = Commit(
        number=number,
        run_id=manifest.run_id,
        manifest=layout.manifest(manifest.run_id),
        committed_at=now,
        counts=manifest.counts,
    )
    try:
        store.create(layout.commit(number), to_json(made))
    except AlreadyExists:
        made = _read(store, layout.commit(number), Commit)
        if made.run_id != manifest.run_id:
            raise
    heal_current(store)
    return made


def commits(store: Store) -> Iterator[Commit]:
    """Yield every commit, the newest first."""
    for key in reversed(_keys(store)):
        yield _read(store, key, Commit)


def current(store: Store) -> Commit | None:
    """Return the newest commit, None where nothing was published yet."""
    return next(commits(store), None)


def committed(store: Store, run_id: str) -> Commit | None:
    """Return the newest commit that names a run, None for a run that was never published.

    A run without a manifest was not, which spares nearly every caller the reading of all commits.
    """
    if not store.exists(layout.manifest(run_id)):
        return None
    return next((commit for commit in commits(store) if commit.run_id == run_id), None)


def read(store: Store, run_id: str) -> Manifest:
    """Return the manifest of a run; raises StoreError where it is missing, damaged, or that of another run."""
    key = layout.manifest(run_id)
    found = _read(store, key, Manifest)
    if found.run_id != run_id:
        raise StoreError(key, f"is the manifest of run {found.run_id}: put back the one that was here")
    return found


def heal_current(store: Store) -> None:
    """Make `current.json` a copy of the newest commit, if it is not.

    A slow publisher may put back an older copy after a newer one, so each looks again after it has written.
    """
    while keys := _keys(store):
        _read(store, keys[-1], Commit)  # a damaged one must not take the place of a good copy
        newest = store.get(keys[-1])
        if store.exists(layout.CURRENT) and store.get(layout.CURRENT) == newest:
            return
        store.put(layout.CURRENT, newest)


def _keys(store: Store) -> list[str]:
    return [key for key in store.list(layout.COMMITS) if layout.commit_number(key) is not None]


def _read(store: Store, key: str, kind: type[_Kind]) -> _Kind:
    body = store.get(key)
    try:
        return from_row(kind, orjson.loads(body))
    except (TypeError, ValueError) as error:
        raise StoreError(
            key,
            f"is no {kind.__name__.lower()} ({error}): put back a copy of it, or use the version of the crawler that "
            "wrote it",
        ) from error
