"""From the log of a run to its published snapshot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler import stats as keys
from crawler.errors import CrawlFailed
from crawler.export import log, manifest
from crawler.export.snapshot import write_snapshot
from crawler.records.snapshot import Snapshot, settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crawler.export.manifest import Commit, Counts, Run
    from crawler.export.store import Store
    from crawler.items import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was published, and what merging it came upon; nothing where the run had been published before."""

    commit: Commit
    stats: dict[str, int] = field(default_factory=dict)
    """What Scrapy's stats of the publishing process say of it, by their keys."""


def publish(store: Store, run: Run, process: str, stats: Mapping[str, object]) -> Published:
    """Merge the log of a run into records, write its objects and make it the current run.

    `stats` are Scrapy's, of the process that publishes, so far.

    A run that was published before stays as it is. Raises CrawlFailed when the log holds no record, StoreError
    (AlreadyExists where another run was published in the meantime) when the store fails; the current run stays then.
    """
    if (before := manifest.committed(store, run.run_id)) is not None:
        return Published(commit=before)
    previous = manifest.current(store)
    run = replace(run, previous_run=previous.run_id if previous else None)
    targets = settle(log.read(store, run.run_id))
    snapshot = Snapshot([sighting for target in targets for sighting in target.sightings])
    conflicts: Counter[str] = Counter()
    found: dict[str, int] = {}

    def at_close(counts: Counts) -> dict[str, dict[str, object]]:
        found.update(_stats(counts, conflicts, snapshot.joined_by_doi))
        return {process: {**stats, **found}}

    written = write_snapshot(store, run, _counting(snapshot.records(), conflicts), targets, at_close)
    if not written.counts.records:
        raise CrawlFailed(f"run {run.run_id} found no study or dataset; nothing was published")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    commit = manifest.commit(store, written, after=previous, now=now)
    return Published(commit=commit, stats=found)


def _stats(counts: Counts, conflicts: Counter[str], joined_by_doi: int) -> dict[str, int]:
    return {
        keys.LEDGER_DISCOVERED: sum(counts.ledger.values()),
        keys.DEDUPE_BY_DOI: joined_by_doi,
        **{keys.LEDGER.format(state=state): number for state, number in counts.ledger.items()},
        **{keys.RECORDS.format(type=kind): number for kind, number in counts.records.items()},
        **{keys.SIGHTINGS.format(source=source): number for source, number in counts.sightings.items()},
        **{keys.MERGE_CONFLICTS.format(field=name): number for name, number in conflicts.items()},
    }


def _counting(records: Iterable[Record], conflicts: Counter[str]) -> Iterator[Record]:
    for record in records:
        conflicts.update(record.conflicts)
        yield record
