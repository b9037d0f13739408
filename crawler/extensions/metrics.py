"""What came of a command as OpenMetrics in a text file, for the textfile collector of Prometheus' node_exporter."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crawler import stats
from crawler.errors import UsageError
from crawler.records import gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawler.extensions.outcome import Outcome
    from crawler.records.gate import Verdict

SUCCESS = "study_crawler_last_success_timestamp_seconds"
_READABLE = 0o644
"""By the collector, which is another user, whatever the crawl's own files are."""
CRAWL = "crawl"
"""A label of every metric: the name of the file, which tells two crawls of one machine apart."""
METRICS: dict[str, tuple[str, ...]] = {
    "study_crawler_exit_code": ("Exit code of the last command that ended.",),
    "study_crawler_last_run": ("Always 1; which command ended last, with what result.", "command", "result", "run_id"),
    "study_crawler_last_end_timestamp_seconds": ("When the last command ended.",),
    SUCCESS: ("When a command last ended with 0; 0 where none has yet.",),
    "study_crawler_duration_seconds": ("How long the last command took.",),
    "study_crawler_records": ("Records of the snapshot.", "type"),
    "study_crawler_records_changed": ("Records that changed against the snapshot before.", "change"),
    "study_crawler_records_carried": ("Records that no page of the run tells.",),
    "study_crawler_targets": ("Targets of the run, by site and final state.", "site", "state"),
    "study_crawler_sightings": ("Sightings that the snapshot rests on.", "source"),
    "study_crawler_gate_verdict": ("Always 1; each verdict of the gate.", "verdict", "setting", "outcome"),
    "study_crawler_gate_value": ("What the gate measured.", "verdict", "setting"),
    "study_crawler_gate_limit": ("The limit that it was held to.", "verdict", "setting"),
    "study_crawler_source_kept": ("Always 1; a followed source that failed too often to be taken.", "site"),
    "study_crawler_unacknowledged_targets": ("Targets that the store did not take.",),
    "study_crawler_sightings_dropped": ("Sightings that validation dropped.", "reason"),
    "study_crawler_unknown_keys": ("Different keys of a site that no rule knows.", "site"),
    "study_crawler_page_problems": ("Losses on pages that carry a record.",),
    "study_crawler_pages_broken": ("Pages that our code raised on.",),
    "study_crawler_sitemaps_failed": ("Sitemaps that gave no list.",),
    "study_crawler_circuits_opened": ("Times that a host was left alone.", "host"),
    "study_crawler_host_requests": ("Requests that a host was sent.", "host"),
    "study_crawler_host_failures": ("Those of them that failed.", "host"),
    "study_crawler_responses": ("Responses, by HTTP status.", "status"),
    "study_crawler_response_bytes": ("Bytes received, as sent.",),
}
"""Every metric by name, all gauges: its help, then its labels."""
_OF_STATS = {
    stats.RECORDS.format(type="carried"): "study_crawler_records_carried",
    stats.LEDGER_OF_SITE: "study_crawler_targets",
    stats.SIGHTINGS: "study_crawler_sightings",
    stats.INVALID: "study_crawler_sightings_dropped",
    stats.PAGE_PROBLEMS: "study_crawler_page_problems",
    stats.PAGES_BROKEN: "study_crawler_pages_broken",
    stats.SITEMAPS_FAILED: "study_crawler_sitemaps_failed",
    stats.CIRCUIT_OPENED: "study_crawler_circuits_opened",
    "downloader/response_status_count/{status}": "study_crawler_responses",
    "downloader/response_bytes": "study_crawler_response_bytes",
}
"""Stats that are a metric as they stand; what is variable in a key is a label."""


class Sample(NamedTuple):
    """One value of a metric, and those of its labels."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


def check(path: str) -> None:
    """Raise UsageError where the file cannot be written, or is another's."""
    if Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir()):  # a pipe, a device: it may never end
        raise UsageError(f"METRICS_FILE={path!r} is no file: name another")
    try:
        _last_success(Path(path))
        _beside(Path(path)).touch()
        _beside(Path(path)).unlink()
    except OSError as error:
        raise UsageError(f"METRICS_FILE={path!r} cannot be written ({error.strerror}): name another file") from error
    except ValueError as error:
        raise UsageError(f"METRICS_FILE={path!r} holds something else than metrics ({error}): name another") from error


def write(path: str, outcome: Outcome) -> None:
    """Write the metrics of a command that is over, whole or not at all; raises OSError, and ValueError on a bad file.

    When a command last succeeded is taken over from what the file held before, if this one did not.
    """
    file = Path(path)
    temporary = _beside(file)
    try:
        temporary.write_bytes(exposition(outcome, file.stem, _last_success(file)))
        temporary.chmod(_READABLE)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def exposition(outcome: Outcome, crawl: str, last_success: float = 0.0) -> bytes:
    """Return the metrics of a command that is over in OpenMetrics' text format."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - 0.06 s, for those who ask for metrics
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - likewise
    from prometheus_client.openmetrics.exposition import generate_latest  # noqa: PLC0415 - likewise

    families = {
        name: GaugeMetricFamily(name, says, labels=[CRAWL, *labels]) for name, (says, *labels) in METRICS.items()
    }
    for name, value, labels in _samples(outcome, last_success):
        families[name].add_metric([crawl, *labels], value)

    class Told(CollectorRegistry):
        def collect(self) -> Iterator[GaugeMetricFamily]:
            yield from (family for family in families.values() if family.samples)

    return bytes(generate_latest(Told()))  # type: ignore[no-untyped-call] # this part of the library has no types


def unknown_keys(collected: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the keys that no rule knows, by site, from Scrapy's stats.

    >>> unknown_keys({"site/harmony/unknown_key/colour": 3, "pages/problems": 1})
    {'harmony': ['colour']}
    """
    found: dict[str, list[str]] = {}
    for site, key in _matches(stats.UNKNOWN_KEY, collected):
        found.setdefault(site, []).append(key)
    return found


def _samples(outcome: Outcome, last_success: float) -> Iterator[Sample]:
    summary, collected = outcome.summary, outcome.stats
    ended = datetime.fromisoformat(summary.finished).timestamp()
    yield Sample("study_crawler_exit_code", summary.exit_code)
    yield Sample("study_crawler_last_run", 1, (summary.command, summary.result, summary.run_id or ""))
    yield Sample("study_crawler_last_end_timestamp_seconds", ended)
    yield Sample(SUCCESS, last_success if summary.exit_code else ended)
    yield Sample("study_crawler_duration_seconds", summary.seconds)
    yield from (Sample("study_crawler_records", number, (kind,)) for kind, number in summary.records.items())
    yield from (Sample("study_crawler_records_changed", number, (kind,)) for kind, number in summary.changes.items())
    yield from _verdicts(outcome.verdicts)
    yield from (Sample("study_crawler_source_kept", 1, (site,)) for site in summary.kept)
    yield Sample("study_crawler_unacknowledged_targets", collected.get(stats.STORE_UNACKNOWLEDGED, 0))
    yield from (
        Sample("study_crawler_unknown_keys", len(keys), (site,)) for site, keys in unknown_keys(collected).items()
    )
    for host, counted in collected.get(stats.TRAFFIC, {"hosts": {}})["hosts"].items():
        yield Sample("study_crawler_host_requests", sum(counted["requests"]), (host,))
        yield Sample("study_crawler_host_failures", sum(counted["failures"]), (host,))
    for template, name in _OF_STATS.items():
        yield from (Sample(name, value, labels) for labels, value in _matches(template, collected).items())


def _verdicts(verdicts: list[Verdict]) -> Iterator[Sample]:
    for verdict in verdicts:
        about = (verdict.name, verdict.setting)
        yield Sample("study_crawler_gate_verdict", 1, (*about, gate.outcome(verdict)))
        yield Sample("study_crawler_gate_value", verdict.value, about)
        yield Sample("study_crawler_gate_limit", verdict.limit, about)


def _matches(template: str, collected: Mapping[str, object]) -> dict[tuple[str, ...], float]:
    """The stats whose keys a template makes, by what fills its gaps."""
    pattern = re.compile(re.sub(r"\\{\w+\\}", "(.+)", re.escape(template)))
    matched = ((pattern.fullmatch(key), value) for key, value in collected.items())
    return {match.groups(): value for match, value in matched if match and isinstance(value, int | float)}


def _beside(file: Path) -> Path:
    """Where a file is written before it takes its place, under a name that no collector reads."""
    return file.with_name(f".{file.name}.{os.getpid()}.tmp")


def _last_success(file: Path) -> float:
    """When a command last succeeded, as the file has it; raises ValueError where it holds something else."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families  # noqa: PLC0415 - likewise

    if not file.exists():
        return 0.0
    read = text_string_to_metric_families(file.read_text())  # type: ignore[no-untyped-call] # likewise
    families = {family.name: family for family in read}
    if SUCCESS not in families:
        raise ValueError(f"no {SUCCESS} in it")
    return float(families[SUCCESS].samples[0].value)
