"""What the report says of how a run ended, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.records import gate
from crawler.report.facts import Outcome
from crawler.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.export.manifest import Manifest
    from crawler.report.facts import Facts

_ENDINGS = {
    "": "left no word: it was killed, or is still at work",
    "finished": "came to the end of the crawl",
    "shutdown": "was stopped by a signal",
    "store_failed": "stopped because the store failed",
    "memory_failed": "could not read at its start what earlier runs have left",
}
_MOST = 8


def ending(finish_reason: str) -> str:
    """Return how a process ended."""
    return _ENDINGS.get(finish_reason, f"ended before it had asked for everything ({finish_reason})")


def reasons(facts: Facts) -> Iterator[str]:
    """Yield why a run is not published; nothing for one that is."""
    if facts.outcome is Outcome.REFUSED:
        yield from map(gate.words, _refusals(facts))
    elif facts.outcome is Outcome.FAILED:
        if any(process.finish_reason == "finished" for process in facts.processes):
            yield "The crawl came to its end, but what it found was not published."
        elif facts.processes:
            yield f"The last process {ending(facts.processes[-1].finish_reason)}."
        else:
            yield "No process has left a word of it."


def remarks(facts: Facts) -> Iterator[str]:
    """Yield what is worth a look, whether the run is published or not."""
    if facts.snapshot:
        yield from _of_the_snapshot(facts.snapshot.manifest)
    killed = sum(not process.finish_reason for process in facts.processes)
    if killed:
        yield f"{plural(killed, 'process', 'processes')} left no word and no numbers: killed, or still at work."
    errors = sum(process.errors for process in facts.processes)
    if errors:
        yield f"The log has {plural(errors, 'message')} of the level ERROR."
    if facts.read < facts.batches:
        yield f"Read from the last {facts.read} of {facts.batches} batches in the log, for want of time."
    for problem in facts.unread[:_MOST]:
        yield f"Could not be read: {problem}."
    if len(facts.unread) > _MOST:
        yield f"And {len(facts.unread) - _MOST} more could not be read."


def _of_the_snapshot(run: Manifest) -> Iterator[str]:
    for verdict in run.gate:
        if verdict.accepted:
            yield f"Accepted by hand: {gate.words(verdict)}."
        elif not verdict.passed and not verdict.enforced:
            yield f"The gate warns: {gate.words(verdict)}."
    for source in run.kept:
        yield f"Too many targets of {source} failed: all that was read there before is kept."
    if run.incomplete:
        said, left = "; ".join(run.incomplete[:_MOST]), len(run.incomplete) - _MOST
        more = f", and {left} more" if left > 0 else ""
        yield f"The run may not have come upon all there is, so nothing has left for not being found: {said}{more}."


def steps(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield what to do about a run that is not published: in words, and as a command where there is one."""
    run_id = facts.run_id
    if facts.outcome is Outcome.REFUSED:
        names = {verdict.name for verdict in _refusals(facts)}
        yield "If the site or the network was at fault, start another run, with another run_id.", ""
        if names <= set(gate.ACCEPTABLE):
            accept = ",".join(sorted(names))
            yield "If the snapshot is right, publish it by hand:", f"scrapy publish {run_id} --accept {accept}"
        else:
            yield "An open ledger cannot be accepted: that is a defect of the crawler, report it.", ""
    elif facts.outcome is Outcome.FAILED:
        if any(process.finish_reason == "finished" for process in facts.processes):
            yield "Mend what its log names, then publish it:", f"scrapy publish {run_id}"
        else:
            again = f"scrapy crawl SPIDER -a run_id={run_id}"
            yield "Start the same crawl again, with the same arguments. It goes on where its log ends:", again


def _refusals(facts: Facts) -> list[gate.Verdict]:
    return gate.refusals(facts.snapshot.manifest.gate) if facts.snapshot else []
