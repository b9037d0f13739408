"""What the publishers of one run agree on, so that two of them write the same bytes.

Several processes may publish one run at a time: both crawled it, or one took over from another that was thought dead.
The first one notes what it goes by, created only if absent; every other goes by that note, even where the log has grown
since. So an object of a run that is named by a commit can only be written again as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable, UsageError
from crawler.export import layout, log, manifest
from crawler.export.manifest import to_json
from crawler.export.patience import Patient
from crawler.export.rows import from_row
from crawler.records import gate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.export.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes into a run's objects."""

    number: int
    """How many plans there have been for the run."""
    batches: list[str]
    """Keys of the durable batches."""
    processes: list[str]
    """Keys of the stats that its processes left."""
    previous: int
    """Number of the commit that the run is compared with and carried forward from; 0 where there is none."""
    accepted: list[str]
    """Verdicts of the gate that a person accepted."""
    finished: str
    """When the crawl turned to publishing: ISO 8601, UTC."""
    complete: bool
    """False where no process had come to the end of the crawl by then: it is published by hand, and may yet go on."""


@dataclass(frozen=True, slots=True)
class Fenced:
    """A store that takes what is written for a plan until another plan, or a commit in its place, has overtaken it.

    Then `put` raises AlreadyExists: else a publisher that was held up would write old bytes over those of a newer plan.
    It looks before it writes, so a request that is under way already is not taken back.
    """

    store: Store
    run_id: str
    plan: Plan

    def check(self) -> None:
        """Raise AlreadyExists for what has overtaken the plan."""
        for key in (layout.plan(self.run_id, self.plan.number + 1), layout.commit(self.plan.previous + 1)):
            if self.store.exists(key):
                raise AlreadyExists(key)

    def put(self, key: str, data: bytes) -> None:
        try:
            self.check()
        except StoreUnavailable as error:  # what could not be written is what matters, not what was looked at for it
            raise StoreUnavailable(key, error.problem) from error
        self.store.put(key, data)

    def create(self, key: str, data: bytes) -> None:
        self.store.create(key, data)

    def get(self, key: str) -> bytes:
        return self.store.get(key)

    def exists(self, key: str) -> bool:
        return self.store.exists(key)

    def list(self, prefix: str) -> list[str]:
        return self.store.list(prefix)

    def uri(self, key: str) -> str:
        return self.store.uri(key)


def fenced(store: Store, run_id: str, plan: Plan) -> Store:
    """Return a store behind the fence of a plan, which is looked at again at each attempt to write."""
    if isinstance(store, Patient):
        return store.around(lambda inner: Fenced(inner, run_id, plan))
    return Fenced(store, run_id, plan)


def agree(store: Store, run_id: str, *, previous: int, accepted: Sequence[str], now: str) -> Plan:
    """Return the plan of a run: the one that was made for this previous commit, else a new one.

    A plan that ended in a refusal is spent: whoever comes then has more in the log, or accepts the verdict. So is one
    whose batches are not all there, since a damaged one was removed, and one made before the crawl came to its end.
    Raises UsageError for a run without a log, StoreError.
    """
    while True:
        keys = store.list(layout.logs(run_id))
        left = [key for key in keys if layout.is_process_stats(key)]
        complete = log.complete(log.processes(store, left))
        plans = [key for key in keys if layout.is_plan(key)]
        made = _read(store, plans[-1]) if plans else None
        if (
            made
            and made.previous == previous
            and set(accepted) <= set(made.accepted)
            and made.complete >= complete
            and {*made.batches, *made.processes} <= set(keys)
            and not _spent(store, run_id, made)
        ):
            return made
        plan = Plan(
            number=made.number + 1 if made else 1,
            batches=[key for key in keys if layout.is_batch(key)],
            processes=left,
            previous=previous,
            accepted=sorted(accepted),
            finished=now,
            complete=complete,
        )
        if not plan.batches:
            raise UsageError(f"run {run_id!r} has no log on the store: there is nothing to publish")
        try:
            store.create(layout.plan(run_id, plan.number), to_json(plan))
        except AlreadyExists:
            continue
        return plan


def _read(store: Store, key: str) -> Plan:
    try:
        return from_row(Plan, orjson.loads(store.get(key)))
    except (TypeError, ValueError) as error:
        raise StoreError(key, f"is damaged ({error}): remove it and publish the run again") from error


def _spent(store: Store, run_id: str, plan: Plan) -> bool:
    """Tell whether the gate refused what a plan led to; a manifest of an earlier plan says nothing of it."""
    if not store.exists(layout.manifest(run_id)):
        return False
    written = manifest.read(store, run_id)
    refused = {verdict.name for verdict in gate.refusals(written.gate)}
    return written.finished == plan.finished and not refused.issubset(plan.accepted)
