"""The facts of a run, from what is stored of it and of the runs before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from crawler import stats as keys
from crawler.errors import StoreError, StoreUnavailable
from crawler.export import layout, log, schema
from crawler.export.columns import Survey, ledger_rows, survey
from crawler.export.reader import SnapshotReader
from crawler.records.merge import UNDIGESTED
from crawler.report.facts import Changed, Conflict, Disagreement, Facts, Fill, Filled, Outcome, Process, Snapshot
from crawler.report.ledger import EXAMPLES, TROUBLED, Rows
from crawler.report.past import history, outcome
from crawler.report.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from crawler.export.manifest import Counts
    from crawler.export.rows import Row
    from crawler.export.store import Store

_T = TypeVar("_T")
SECONDS = 5.0
"""How long the log of a run that failed is read: one that is being stopped has to end in time."""
_CONFLICTS = 2
_CHANGES = 5
_FIELDS = [name for name in schema.RECORDS.names if name not in UNDIGESTED | {"key", "type"}]
_MISSING = "do without it: then the report says less"


def gather(store: Store, run_id: str, seconds: float = SECONDS) -> Facts:
    """Return the facts of a run; raises StoreError where its own objects, or its log, cannot be read.

    A run that has no manifest is told from its log, as far as that can be read in some seconds.
    """
    if store.exists(layout.manifest(run_id)):
        return _judged(store, run_id)
    return _unjudged(store, run_id, seconds)


def _judged(store: Store, run_id: str) -> Facts:
    reader = SnapshotReader(store, run_id, "publish the run again")
    run = reader.manifest
    past = history(store, run.finished)
    before = _Before(store, run.previous_run)
    commit = past.commit_of(run_id)
    rows = Rows()
    for row in ledger_rows(reader, TROUBLED, EXAMPLES):
        rows.take(row)
    stats = reader.stats()
    return Facts(
        run_id=run_id,
        uri=_uri(store, run_id),
        outcome=outcome(run, {run_id} if commit else set()),
        started=run.started,
        finished=run.finished,
        commit=commit,
        current=past.current,
        snapshot=_snapshot(reader, stats, before),
        ledger=rows.ledger(run.counts.ledger, before.counts.ledger if before.counts else {}),
        timeline=_timeline(stats.get("processes", {})),
        processes=_processes(stats.get("processes", {}), store.list(layout.logs(run_id))),
        past=past.runs,
        unread=[*past.unread, *before.unread],
    )


def _snapshot(reader: SnapshotReader, stats: Mapping[str, Any], before: _Before) -> Snapshot:
    found = survey(reader, _CONFLICTS)
    changed, updated = _changes(reader.changes())
    return Snapshot(
        manifest=reader.manifest,
        before=before.counts,
        changed=changed,
        updated=updated,
        filled=_filled(found, before.survey()),
        conflicts=_conflicts(stats.get("sum", {}), before.stats(), found.conflicts),
    )


def _unjudged(store: Store, run_id: str, seconds: float) -> Facts:
    """The facts of a run that failed before it had a manifest: what its log holds, the last batches first."""
    give_up = monotonic() + seconds
    keys_of_log = store.list(layout.logs(run_id))
    stats = log.processes(store, filter(layout.is_process_stats, keys_of_log))
    batches = [key for key in keys_of_log if layout.is_batch(key)]
    rows, read = Rows(), 0
    for key in reversed(batches):
        if monotonic() >= give_up:
            break
        read += 1
        for row in log.read(store, [key]):
            if row["state"] is not None:
                rows.take(row)
    processes = _processes(stats, keys_of_log)
    times = [rows.first, rows.last, *(time for process in processes for time in (process.started, process.ended))]
    past = history(store)
    return Facts(
        run_id=run_id,
        uri=_uri(store, run_id),
        outcome=Outcome.FAILED,
        started=min(filter(None, times), default=""),
        finished=max(times),
        commit=None,
        current=past.current,
        snapshot=None,
        ledger=rows.ledger(dict(rows.states), {}),
        timeline=_timeline(stats),
        processes=processes,
        past=past.runs,
        batches=len(batches),
        read=read,
        unread=past.unread,
    )


class _Before:
    """The previous run; what cannot be read of it is noted, and the report does without."""

    def __init__(self, store: Store, run_id: str | None) -> None:
        self.unread: list[str] = []
        self._reader = self._tried(lambda: SnapshotReader(store, run_id, _MISSING)) if run_id else None

    @property
    def counts(self) -> Counts | None:
        return self._reader.manifest.counts if self._reader else None

    def survey(self) -> Survey | None:
        reader = self._reader
        return self._tried(lambda: survey(reader)) if reader else None

    def stats(self) -> dict[str, Any] | None:
        reader = self._reader
        found = self._tried(reader.stats) if reader else None
        return None if found is None else found.get("sum", {})

    def _tried(self, read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except StoreUnavailable:
            raise
        except StoreError as error:
            self.unread.append(str(error))
            return None


def _uri(store: Store, run_id: str) -> str:
    return store.uri(layout.report(run_id)).removesuffix("report.html")


def _changes(rows: Iterable[Row]) -> tuple[dict[str, list[Changed]], dict[str, int]]:
    """Return a few changes of each kind, and how many updates changed which field."""
    changed: dict[str, list[Changed]] = defaultdict(list)
    updated: Counter[str] = Counter()
    for row in rows:
        updated.update(row["fields"])
        if len(changed[row["change"]]) < _CHANGES:
            changed[row["change"]].append(Changed(key=row["key"], fields=row["fields"], replaced_by=row["replaced_by"]))
    return dict(changed), dict(sorted(updated.items(), key=lambda each: (-each[1], each[0])))


def _filled(here: Survey, before: Survey | None) -> Filled:
    fields = []
    for name in _FIELDS:
        wholes, parts = here.filled.get(name, (0, 0))
        wholes_before, parts_before = before.filled.get(name, (None, None)) if before else (None, None)
        fields.append(
            Fill(field=name, wholes=wholes, parts=parts, wholes_before=wholes_before, parts_before=parts_before)
        )
    return Filled(
        wholes=here.wholes,
        parts=here.parts,
        wholes_before=before.wholes if before else None,
        parts_before=before.parts if before else None,
        fields=fields,
    )


def _conflicts(
    stats: Mapping[str, Any], before: Mapping[str, Any] | None, rows: Mapping[str, list[Row]]
) -> list[Conflict]:
    """Return the fields that sources disagree on, the most frequent first."""
    found = []
    for name in _FIELDS:
        key = keys.MERGE_CONFLICTS.format(field=name)
        if stats.get(key):
            said = [_disagreement(row, name) for row in rows.get(name, [])]
            earlier = None if before is None else before.get(key, 0)
            found.append(Conflict(field=name, number=stats[key], before=earlier, examples=said))
    return sorted(found, key=lambda conflict: (-conflict.number, conflict.field))


def _disagreement(row: Row, name: str) -> Disagreement:
    return Disagreement(
        key=row["key"], title=row["title"] or "", chosen=row["provenance"].get(name, ""), said=row["conflicts"][name]
    )


def _processes(stats: Mapping[str, Mapping[str, Any]], keys_of_log: Iterable[str]) -> list[Process]:
    """Return the processes of a run, in the order of their starts; those without stats left batches at most."""
    found = [_process(name, told) for name, told in stats.items()]
    silent = {layout.process(key) for key in keys_of_log if layout.is_batch(key)} - stats.keys()
    return sorted([*found, *(Process(name=name) for name in silent)], key=lambda each: (each.started, each.name))


def _process(name: str, stats: Mapping[str, Any]) -> Process:
    return Process(
        name=name,
        started=_moment(stats.get("start_time")),
        ended=_moment(stats.get("finish_time")),
        finish_reason=stats.get("finish_reason", ""),
        errors=stats.get("log_count/ERROR", 0),
    )


def _moment(time: str | None) -> str:
    return f"{time[:19]}Z" if time else ""


def _timeline(processes: Mapping[str, Mapping[str, Any]]) -> Timeline | None:
    """Return what all processes asked of the hosts, on one axis of time."""
    told = [stats[keys.TRAFFIC] for stats in processes.values() if keys.TRAFFIC in stats]
    timeline = Timeline()
    for each in told:
        timeline.take(each)
    return timeline if told else None
