"""Reading the ledger of a published run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.errors import UsageError
from crawler.export import layout, manifest

if TYPE_CHECKING:
    from crawler.export.store import Store
    from crawler.items import State


def targets_in_state(store: Store, state: State, run_id: str | None = None) -> list[str]:
    """Return the URLs of the targets that a published run (the current one by default) left in a state.

    Raises UsageError where there is no such run, or no such target in it; StoreError where the store fails.
    """
    if run_id is None:
        current = manifest.current(store)
        run_id = current.run_id if current else None
    if run_id is None or not store.exists(layout.ledger(run_id)):
        raise UsageError(f"redrive={state}: there is no published run {run_id or 'yet'} whose ledger could be read")
    table = pq.read_table(pa.BufferReader(store.get(layout.ledger(run_id))), columns=["url", "state"])
    urls = [url for url, other in zip(*table.to_pydict().values(), strict=True) if other == state]
    if not urls:
        raise UsageError(f"redrive={state}: run {run_id} has no target in this state")
    return urls
