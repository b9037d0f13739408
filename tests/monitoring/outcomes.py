"""Outcomes of commands, as their classes make them."""

from __future__ import annotations

from crawler import stats
from crawler.errors import GateRefused
from crawler.export.manifest import Commit, Counts, Manifest
from crawler.export.publish import Published
from crawler.extensions.outcome import Outcome
from crawler.records.gate import Verdict

SHRINK = Verdict(name="shrink", passed=False, value=0.4, limit=0.1, setting="GATE_MAX_SHRINK")
FAILED = Verdict(name="failed", passed=False, value=0.4, limit=0.02, setting="GATE_MAX_FAILED[ukds]", enforced=False)
PASSED = Verdict(name="min_records", passed=True, value=1200, limit=1, setting="GATE_MIN_RECORDS")
FOUND = {
    stats.LEDGER_OF_SITE.format(site="harmony", state="stored"): 900,
    stats.LEDGER_OF_SITE.format(site="ukds", state="fetch_failed"): 30,
    stats.SIGHTINGS.format(source="ukds"): 700,
    stats.RECORDS.format(type="carried"): 12,
    stats.UNKNOWN_KEY.format(site="harmony", key="colour"): 40,
    stats.UNKNOWN_KEY.format(site="harmony", key="shape"): 2,
    stats.CIRCUIT_OPENED.format(host="doi.org"): 1,
    stats.INVALID.format(reason="InvalidSighting"): 3,
    "downloader/response_status_count/200": 1000,
}
"""What publishing and a crawl have counted."""


def manifest(*verdicts: Verdict, kept: tuple[str, ...] = ()) -> Manifest:
    """Return the manifest of a run."""
    counts = Counts(
        records={"dataset": 200, "study": 1000},
        ledger={"fetch_failed": 30, "stored": 900},
        changes={"added": 1200, "updated": 0, "withdrawn": 0},
    )
    return Manifest(
        run_id="nightly",
        started="2031-05-06T07:30:00Z",
        finished="2031-05-06T08:30:00Z",
        code_version="0",
        extractor_version="0",
        counts=counts,
        objects=[],
        gate=list(verdicts),
        kept=list(kept),
    )


def published(*verdicts: Verdict, kept: tuple[str, ...] = (), command: str = "publish") -> Outcome:
    """Return the outcome of a command that has published a run."""
    outcome = begun(command)
    written = manifest(*verdicts, kept=kept)
    commit = Commit(
        number=12, run_id="nightly", manifest="", committed_at="2031-05-06T08:31:00Z", counts=written.counts
    )
    outcome.published(Published(commit=commit, stats=FOUND, manifest=written))
    outcome.end()
    return outcome


def refused(*verdicts: Verdict) -> Outcome:
    """Return the outcome of a command whose run the gate has refused."""
    outcome = begun("crawl")
    outcome.failed(GateRefused("run nightly is not published", FOUND, manifest(*verdicts)))
    outcome.end()
    return outcome


def begun(command: str) -> Outcome:
    """Return what is known of a command at its start."""
    outcome = Outcome(command)
    outcome.summary.run_id = "nightly"
    return outcome
