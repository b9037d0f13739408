"""Which targets of an earlier run are asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.errors import UsageError
from crawler.export import layout
from crawler.export.reader import SnapshotReader
from crawler.export.runs import manifests

if TYPE_CHECKING:
    from crawler.export.store import Store
    from crawler.items import State


def targets_in_state(store: Store, state: State, run_id: str | None = None) -> list[str]:
    """Return the URLs of the targets that a run left in a state: by default the latest one, refused or published.

    Raises UsageError where there is no such run, or no such target in it; StoreError where the store fails.
    """
    if run_id is None:
        found, damaged = manifests(store)
        if damaged:
            raise damaged[0]  # it may be the latest
        run_id = next((run.run_id for run in found if store.exists(layout.ledger(run.run_id))), None)
    elif not store.exists(layout.manifest(run_id)):
        raise UsageError(f"redrive={state}: there is no run {run_id} with a ledger; scrapy runs lists those there are")
    if run_id is None:
        raise UsageError(f"redrive={state}: there is no published run yet whose ledger could be read")
    reader = SnapshotReader(store, run_id, "name another run: redrive=STATE:RUN_ID")
    urls: list[str] = [row["url"] for row in reader.ledger(["url", "state"]) if row["state"] == state]
    if not urls:
        raise UsageError(f"redrive={state}: run {run_id} has no target in this state")
    return urls
