"""The runs on a store: looking at them, and going back to one."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable, UsageError
from crawler.export import layout, manifest

if TYPE_CHECKING:
    from crawler.export.manifest import Commit, Manifest, ObjectInfo
    from crawler.export.store import Store

_RETRIES = 3


def manifests(store: Store) -> tuple[list[Manifest], list[StoreError]]:
    """Return the manifest of every run that has one, the newest `finished` first, and what is wrong with damaged ones.

    What else lies below `v1/runs/` is no run to look at: one that was stopped while it wrote, a file of somebody else.
    Raises StoreUnavailable.
    """
    found, damaged = [], []
    for run_id in run_ids(store):
        try:
            found.append(manifest.read(store, run_id))
        except StoreUnavailable:
            raise
        except StoreError as error:
            damaged.append(error)
    return sorted(found, key=lambda run: (run.finished, run.run_id), reverse=True), damaged


def run_ids(store: Store) -> list[str]:
    """Return the run_id of every run that has a manifest."""
    return [run_id for key in store.list(layout.RUNS) if (run_id := _run_id(key))]


def rollback(store: Store, run_id: str, now: str) -> Commit:
    """Make a run that was published before the current one again, by one more commit, and return that commit.

    A run that is current stays so, and nothing is written. Raises UsageError for a run that was never published,
    StoreError naming the first of its objects that is not there as its manifest says: no reader is ever sent to a run
    that was deleted. The current run stays then.
    """
    if not store.exists(layout.manifest(run_id)):
        raise UsageError(f"there is no run {run_id} that has a manifest; scrapy runs lists those there are")
    found = manifest.read(store, run_id)
    if manifest.committed(store, run_id) is None:
        raise UsageError(
            f"run {run_id} was never published, and a rollback goes back to a published one; to publish it, use "
            f"scrapy publish {run_id}, with --accept VERDICT where the gate refused it"
        )
    manifest.heal_current(store)
    current = manifest.current(store)
    for _ in range(1 + _RETRIES):
        if current and current.run_id == run_id:
            return current
        for info in found.objects:
            _check(store, info)
        try:
            return manifest.commit(store, found, after=current, now=now)
        except AlreadyExists:
            current = manifest.current(store)
    raise StoreError(layout.COMMITS, f"other runs were published {1 + _RETRIES} times in a row; roll back again")


def _run_id(key: str) -> str | None:
    """Return the run whose manifest a key names, None for any other key."""
    run_id = key.removeprefix(layout.RUNS).partition("/")[0]
    try:
        return run_id if key == layout.manifest(run_id) else None
    except UsageError:
        return None


def _check(store: Store, info: ObjectInfo) -> None:
    """Raise StoreError for an object that is missing or has other bytes than its manifest says."""
    advice = "put back a copy of it, or go back to another run"
    if not store.exists(info.key):
        raise StoreError(info.key, f"is missing; {advice}")
    data = store.get(info.key)
    if len(data) != info.bytes:
        raise StoreError(info.key, f"has {len(data)} bytes, not the {info.bytes} that its manifest says; {advice}")
    if sha256(data).hexdigest() != info.sha256:
        raise StoreError(info.key, f"has another SHA-256 than its manifest says; {advice}")
