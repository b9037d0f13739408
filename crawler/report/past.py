"""The runs before one, at a glance."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING

from crawler.errors import StoreError, StoreUnavailable
from crawler.export import manifest
from crawler.export.runs import run_ids
from crawler.records import gate
from crawler.report.facts import Outcome, Past

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Return the last runs, of those that had turned to publishing by a time; raises StoreUnavailable."""
    unread: list[str] = []
    runs = (run for run in _readable(store, unread) if until is None or run.finished <= until)
    last = nlargest(SHOWN, runs, key=lambda run: (run.finished, run.run_id))
    since = last[-1].finished if last else ""
    commits: list[Commit] = []
    for commit in manifest.commits(store):
        if commits and commit.committed_at < since:
            break
        commits.append(commit)
    named = {commit.run_id for commit in commits}
    return History(runs=[_past(run, named) for run in last], commits=commits, unread=unread)


def _readable(store: Store, unread: list[str]) -> Iterator[Manifest]:
    """Yield the manifests on a store, and note those that cannot be read: a report of one run does without another."""
    for run_id in run_ids(store):
        try:
            yield manifest.read(store, run_id)
        except StoreUnavailable:
            raise
        except StoreError as error:
            unread.append(str(error))


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
