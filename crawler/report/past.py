"""The runs before one, at a glance."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING

from crawler.errors import StoreError, StoreUnavailable
from crawler.export import layout, manifest
from crawler.export.runs import run_ids
from crawler.records import gate
from crawler.report.facts import Outcome, Past

if TYPE_CHECKING:
    from crawler.export.manifest import Commit, Manifest
    from crawler.export.store import Store

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The last runs that have a manifest, and the commits since the first of them."""

    runs: list[Past]
    """The newest first."""
    commits: list[Commit]
    """The newest first; the newest of all is always there, where there is one."""
    unread: list[str] = field(default_factory=list)
    """Manifests that cannot be read, and why."""

    @property
    def current(self) -> str | None:
        """The run whose snapshot readers have."""
        return self.commits[0].run_id if self.commits else None

    def commit_of(self, run_id: str) -> Commit | None:
        """Return the newest of these commits that names a run."""
        return next((commit for commit in self.commits if commit.run_id == run_id), None)


def history(store: Store, until: str | None = None) -> History:
    """Return the last runs, of those that had turned to publishing by a time; raises StoreUnavailable.

    However many there are on the store, a few are read: those that the newest commits name, and of all others those
    whose names sort last, as names with a date in them do.
    """
    past, named, since = History(runs=[], commits=[]), dict[str, None](), ""
    found: list[Manifest] = []
    for commit in manifest.commits(store):
        past.commits.append(commit)
        if commit.run_id not in named:
            named[commit.run_id] = None
            found += _read(store, commit.run_id, until, past.unread)
        if len(found) == SHOWN:
            since = commit.committed_at
            break
    for run_id in nlargest(2 * SHOWN, set(run_ids(store)) - named.keys()):
        found += [run for run in _read(store, run_id, until, past.unread) if run.finished >= since]
    last = nlargest(SHOWN, found, key=lambda run: (run.finished, run.run_id))
    past.runs.extend(_past(run, set(named)) for run in last)
    return past


def _read(store: Store, run_id: str, until: str | None, unread: list[str]) -> list[Manifest]:
    """Return the manifest of a run, or nothing for one that is of later; note one that cannot be read.

    A report of one run does without another.
    """
    if not store.exists(layout.manifest(run_id)):
        return []  # old runs may be deleted, and their commits stay
    try:
        run = manifest.read(store, run_id)
    except StoreUnavailable:
        raise
    except StoreError as error:
        unread.append(str(error))
        return []
    return [run] if until is None or run.finished <= until else []


def outcome(run: Manifest, named: set[str]) -> Outcome:
    """Tell what became of a run that has a manifest, beside the runs that commits name."""
    if run.run_id in named:
        return Outcome.PUBLISHED
    return Outcome.REFUSED if gate.refusals(run.gate) else Outcome.FAILED


def _past(run: Manifest, named: set[str]) -> Past:
    refused = dict.fromkeys(verdict.name for verdict in gate.refusals(run.gate))
    return Past(
        run_id=run.run_id,
        finished=run.finished,
        outcome=outcome(run, named),
        counts=run.counts,
        refused=[] if run.run_id in named else list(refused),
    )
