"""The page of a run: a pure function of its facts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.items import ANSWERED, SOUND, State
from crawler.report import verdict, words
from crawler.report.views import failed, hosts, past_charts, spoken_span, step_of, totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.report.facts import Facts, Fill, Filled, Snapshot

_FALLEN = 0.01
_FAILED = {State.FETCH_FAILED, State.PARSE_FAILED}
_KINDS = {state: "bad" if state in _FAILED else "" if state in SOUND else "plain" for state in State}
_SECTIONS = {  # by their ids, which are the names of their templates too
    "past": "Last runs",
    "records": "Records and changes",
    "fill": "Fields",
    "ledger": "Pages",
    "traffic": "Requests",
    "conflicts": "Disagreements",
    "failures": "Failures",
    "gate": "Gate",
    "about": "About",
}
_OF_A_MANIFEST = {"records", "fill", "conflicts", "gate"}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    name: getattr(words, name) for name in ("cut", "link", "moment", "percent", "plural", "signed", "size")
} | {"ending": verdict.ending, "failed": failed}


def page(facts: Facts) -> bytes:
    """Return the report of a run as one HTML file that needs nothing else: the same bytes for the same facts."""
    told = {
        "facts": facts,
        "targets": sum(facts.ledger.states.values()),
        "states": words.STATES,
        "kinds": _KINDS,
        "sections": [(id_, name) for id_, name in _SECTIONS.items() if facts.snapshot or id_ not in _OF_A_MANIFEST],
        "reasons": list(verdict.reasons(facts)),
        "remarks": list(verdict.remarks(facts)),
        "steps": list(verdict.steps(facts)),
        "tiles": list(_tiles(facts)),
        "counted": list(_counted(facts.snapshot)) if facts.snapshot else [],
        "fallen": list(_fallen(facts.snapshot.filled)) if facts.snapshot else [],
        "past_charts": list(past_charts(facts.past)),
        "hosts": hosts(facts.timeline) if facts.timeline else [],
    }
    if facts.timeline:
        told |= {"asked": totals(facts.timeline), "span": spoken_span(facts.timeline), "step": step_of(facts.timeline)}
    return _TEMPLATES.get_template("report.html").render(told).encode()


def _tiles(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield the numbers that are looked at first: what, how many, and a word on them."""
    if facts.snapshot:
        records, before = facts.snapshot.records, facts.snapshot.before
        note = f"{words.signed(records - sum(before.records.values()))} since the run before" if before else ""
        yield "Records", f"{records:,}", note
        added, updated, withdrawn = (
            f"{facts.snapshot.manifest.counts.changes.get(kind, 0):,}" for kind in ("added", "updated", "withdrawn")
        )
        yield "Added", added, f"{updated} updated, {withdrawn} withdrawn"
    states = facts.ledger.states
    targets = sum(states.values())
    yield "Targets", f"{targets:,}", f"{sum(states.get(state, 0) for state in ANSWERED | SOUND):,} told what they hold"
    bad = sum(states.get(state, 0) for state in _FAILED)
    yield "Failed", f"{bad:,}", f"{words.percent(bad, targets)} of the targets"
    if facts.timeline:
        asked = totals(facts.timeline)
        yield "Requests", f"{asked['requests']:,}", f"{words.size(asked['bytes'])} received"
    yield "Took", words.duration(words.seconds_between(facts.started, facts.finished)), ""


def _counted(snapshot: Snapshot) -> Iterator[tuple[str, int, int | None]]:
    """Yield what the snapshot holds: what, how many, and how many before."""
    now, before = snapshot.manifest.counts, snapshot.before
    for kind in sorted(now.records.keys() | (before.records.keys() if before else set()), reverse=True):
        yield kind, now.records.get(kind, 0), before.records.get(kind, 0) if before else None
    yield "carried forward", now.carried, before.carried if before else None
    for source in sorted(now.sightings.keys() | (before.sightings.keys() if before else set())):
        name = f"sightings from {source}"
        yield name, now.sightings.get(source, 0), before.sightings.get(source, 0) if before else None


def _fallen(filled: Filled) -> Iterator[Fill]:
    """Yield the fields that are less full than before, by a point or more."""
    if filled.wholes and filled.wholes_before:
        for fill in filled.fields:
            if fill.wholes_before is not None:
                fall = fill.wholes_before / filled.wholes_before - fill.wholes / filled.wholes
                if fall >= _FALLEN:
                    yield fill
