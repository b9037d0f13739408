"""From the log of a run, and the snapshot before it, to a published snapshot."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from crawler import __version__
from crawler import stats as keys
from crawler.errors import AlreadyExists, CrawlFailed, GateRefused, StoreError
from crawler.export import layout, log, manifest, schema
from crawler.export.changes import Changes
from crawler.export.gathering import Gathering
from crawler.export.manifest import Counts, Manifest, now, to_json
from crawler.export.plan import Fenced, agree, fenced
from crawler.export.reader import SnapshotReader
from crawler.export.snapshot import Tally, summed, write_ledger, write_records, write_targets
from crawler.export.staging import Staging, scratch
from crawler.export.writers import put
from crawler.records import gate
from crawler.records.canonical import plain
from crawler.sites import EXTRACTOR_VERSION, OTHER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crawler.errors import CrawlerError
    from crawler.export.manifest import Commit
    from crawler.export.plan import Plan
    from crawler.export.store import Store
    from crawler.records.gate import Limits, Verdict

_log = logging.getLogger(__name__)
_RACES = 3
_UNFINISHED = "the crawl did not finish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was published, now or before."""

    commit: Commit
    manifest: Manifest
    stats: dict[str, int]
    """What merging came upon, by the keys of Scrapy's stats; of a run that was published before, all that is told."""
    anew: bool = True
    """False for a run that was published before."""


def publish(
    store: Store,
    run_id: str,
    limits: Limits,
    accepted: Sequence[str] = (),
    halted: Callable[[], CrawlerError | None] = lambda: None,
) -> Published:
    """Merge the log of a run and what is carried of the snapshot before it, and make the outcome the current snapshot.

    `accepted` are verdicts of the gate that a person overrules; what `halted` returns just before the commit is raised.

    A run that was published before stays as it is. Raises UsageError for a run without a log and a verdict that nobody
    may accept, GateRefused, CrawlFailed for want of room, and StoreError when the store fails or other runs are
    published all the time; the current snapshot stays then.
    """
    gate.accept([], accepted)
    manifest.heal_current(store)
    for _ in range(1 + _RACES):
        previous = manifest.current(store)
        if (before := manifest.committed(store, run_id)) is not None:  # asked after that: it is never its own previous
            return _whole(store, standing(store, before))
        plan = agree(store, run_id, previous=previous.number if previous else 0, accepted=accepted, now=now())
        reader = SnapshotReader(store, previous.run_id) if previous else None
        try:
            written, found = _Publication(fenced(store, run_id, plan), run_id, plan, limits).write(reader)
            _pass(written, found)
            Fenced(store, run_id, plan).check()
            if (reason := halted()) is not None:
                raise reason
            made = manifest.commit(store, written, after=previous, now=now())
            return Published(commit=made, stats=found, manifest=written)
        except AlreadyExists as overtaken:
            _log.info("Run %s was overtaken (%s), and is looked at again", run_id, overtaken)
    raise StoreError(
        layout.manifest(run_id),
        f"another run was published each of {1 + _RACES} times: when they have ended, scrapy publish {run_id}",
    )


def standing(store: Store, commit: Commit) -> Published:
    """Return what was published before; raises StoreError."""
    run_id = commit.run_id
    counted = orjson.loads(store.get(layout.stats(run_id)))["sum"] if store.exists(layout.stats(run_id)) else {}
    return Published(commit=commit, manifest=manifest.read(store, run_id), stats=counted, anew=False)


def _whole(store: Store, before: Published) -> Published:
    """Return a run that is published; raises CrawlFailed where its crawl has gone on after that."""
    run_id = before.commit.run_id
    if _UNFINISHED in before.manifest.incomplete:
        left = [key for key in store.list(layout.logs(run_id)) if layout.is_process_stats(key)]
        if log.complete(log.processes(store, left)):
            raise CrawlFailed(f"run {run_id} was published before its crawl ended: start another run_id")
    return before


def _pass(written: Manifest, found: dict[str, int]) -> None:
    """Say what the gate found; raises GateRefused."""
    for verdict in written.gate:
        _log.log(logging.INFO if verdict.passed else logging.WARNING, "Gate: %s", gate.words(verdict))
    if refusals := gate.refusals(written.gate):
        raise GateRefused(_refused(written.run_id, refusals), found, written)


def _refused(run_id: str, refusals: list[Verdict]) -> str:
    names = {verdict.name for verdict in refusals}
    said = "; ".join(gate.words(verdict) for verdict in refusals)
    if not names.issubset(gate.ACCEPTABLE):
        return f"run {run_id} is not published: {said}. That is a defect of the crawler: report it"
    accept = ",".join(sorted(names))
    return f"run {run_id} is not published: {said}. If that is right: scrapy publish {run_id} --accept {accept}"


class _Publication:
    """One attempt to write a run's objects, compared with the snapshot that is current now."""

    def __init__(self, store: Store, run_id: str, plan: Plan, limits: Limits) -> None:
        self._store = store
        self._run_id = run_id
        self._plan = plan
        self._limits = limits
        self._tally = Tally()
        self._states: Counter[str] = Counter()
        self._kept: list[str] = []

    def write(self, previous: SnapshotReader | None) -> tuple[Manifest, dict[str, int]]:
        """Write everything, and return the manifest and what it says in the words of Scrapy's stats."""
        processes = log.processes(self._store, self._plan.processes)
        with scratch() as database:
            staging = Staging(database)
            staging.take_log(log.read(self._store, self._plan.batches))
            incomplete = self._carry(staging, previous)
            discovered = staging.settle()
            gathering = Gathering(database)
            changes = self._write_rows(staging, gathering, previous)
            counts = Counts(
                records=_sorted(self._tally.by_type),
                ledger=_sorted(self._states),
                sightings=_sorted(self._tally.by_source),
                carried=gathering.carried,
                changes=changes,
            )
            verdicts = self._judge(counts, previous, discovered, staging)
            merged = {keys.DEDUPE_BY_DOI: gathering.joined_by_doi, keys.DEDUPE_SAME_CONTENT: gathering.same_content}
            carried, earliest = staging.carried(), staging.earliest()
            by_site = {keys.LEDGER_OF_SITE.format(site=s, state=state): n for s, state, n in staging.ledger_by_site()}
        found = merged | by_site | self._stats(counts, verdicts, discovered)
        self._put(layout.stats(self._run_id), {"processes": processes, "sum": summed({**processes, "merged": found})})
        self._put(layout.schema(self._run_id), schema.json_schema())
        written = Manifest(
            run_id=self._run_id,
            started=min(filter(None, [*map(_started, processes.values()), earliest]), default=self._plan.finished),
            finished=self._plan.finished,
            code_version=__version__,
            extractor_version=EXTRACTOR_VERSION,
            previous_run=previous.run_id if previous else None,
            counts=counts,
            objects=self._tally.objects,
            gate=verdicts,
            incomplete=incomplete,
            carried=carried,
            kept=self._kept,
        )
        self._store.put(layout.manifest(self._run_id), to_json(written))
        return written, found

    def _carry(self, staging: Staging, previous: SnapshotReader | None) -> list[str]:
        """Stage the snapshot before, and those others that unchanged targets were compared with.

        Return why the run may not have come upon all there is.
        """
        incomplete = staging.incomplete(previous.run_id if previous else None)
        if not self._plan.complete:
            incomplete.append(_UNFINISHED)
        bases = staging.bases()
        if previous is not None:
            self._keep(staging)
            staging.take_snapshot(previous.run_id, previous.targets(), complete=not incomplete)
            bases.discard(previous.run_id)
        for run_id in sorted(bases):
            base = SnapshotReader(self._store, run_id, "crawl again: this run holds no more than what changed")
            staging.resolve(run_id, base.targets())
        return incomplete

    def _keep(self, staging: Staging) -> None:
        """Leave out what was read at a followed source of which too much failed."""
        seeded = staging.seeded()
        for site, standings in sorted(staging.standings().items()):
            if site not in {*seeded, OTHER} and gate.failed_share(standings) > self._limits.max_failed:
                _log.warning("%s: too many of its targets failed, so all of it is carried forward", site)
                self._kept.append(site)
        staging.keep(self._kept)

    def _write_rows(self, staging: Staging, gathering: Gathering, previous: SnapshotReader | None) -> dict[str, int]:
        changes = Changes(gathering.key_of)
        before = previous.records() if previous else ()
        records = changes.note(before, map(plain, gathering.records()))
        write_records(self._store, self._run_id, records, self._limits.min_fill, self._tally)
        for row in write_ledger(self._store, self._run_id, staging.ledger(), self._tally):
            self._states[row["state"]] += 1
        write_targets(self._store, self._run_id, staging.snapshot(), self._tally)
        data, number = changes.finish(), sum(changes.counts.values())
        self._tally.objects.append(put(self._store, layout.changes(self._run_id), data, rows=number))
        return dict(changes.counts)

    def _judge(
        self, counts: Counts, previous: SnapshotReader | None, discovered: int, staging: Staging
    ) -> list[Verdict]:
        standings = {site: states for site, states in staging.standings().items() if site != OTHER}
        measures = gate.Measures(
            records=sum(counts.records.values()),
            previous=sum(previous.manifest.counts.records.values()) if previous else None,
            wholes=self._tally.wholes,
            filled=dict(self._tally.filled),
            targets=standings,
            followed=frozenset(standings.keys() - staging.seeded()),
            discovered=discovered,
            settled=sum(counts.ledger.values()),
        )
        return gate.accept(gate.judge(measures, self._limits), self._plan.accepted)

    def _stats(self, counts: Counts, verdicts: list[Verdict], discovered: int) -> dict[str, int]:
        refused = Counter(verdict.name for verdict in gate.refusals(verdicts))
        return {
            keys.LEDGER_DISCOVERED: discovered,
            keys.RECORDS.format(type="carried"): counts.carried,
            **{keys.LEDGER.format(state=state): number for state, number in counts.ledger.items()},
            **{keys.RECORDS.format(type=kind): number for kind, number in counts.records.items()},
            **{keys.RECORDS.format(type=change): number for change, number in counts.changes.items()},
            **{keys.SIGHTINGS.format(source=source): number for source, number in counts.sightings.items()},
            **{keys.MERGE_CONFLICTS.format(field=name): number for name, number in self._tally.conflicts.items()},
            **{keys.GATE.format(verdict=verdict.name): refused[verdict.name] for verdict in verdicts},
        }

    def _put(self, key: str, value: object) -> None:
        self._tally.objects.append(put(self._store, key, to_json(value)))


def _started(process: Mapping[str, Any]) -> str | None:
    started = process.get("start_time")
    return f"{started[:19]}Z" if started else None


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items()))
