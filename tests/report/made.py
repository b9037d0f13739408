"""Facts that no small crawl comes to: as many of everything as there can be, and any text wherever there is text."""

from __future__ import annotations

from dataclasses import fields

from crawler.export import schema
from crawler.export.manifest import Commit, Counts, Manifest
from crawler.items import Description, Source, State
from crawler.records.canonical import plain
from crawler.records.gate import Verdict
from crawler.records.merge import UNIONS
from crawler.report.facts import (
    Changed,
    Conflict,
    Disagreement,
    Example,
    Facts,
    Fill,
    Filled,
    Ledger,
    Outcome,
    Past,
    Process,
    Snapshot,
    Trouble,
)
from crawler.report.timeline import Timeline
from tests.export import sample

TOLD = [field.name for field in fields(Description) if field.name not in UNIONS]
"""The fields that sources can disagree on."""
RECORDS = 500_000
HOSTS = 200
LONG = "x" * 2_000
URL = f"https://harmonydata.ac.uk/search/items/{LONG}"
COUNTS = Counts(
    records={"study": RECORDS // 5, "dataset": RECORDS - RECORDS // 5},
    ledger=dict.fromkeys(State, 123_456),
    sightings=dict.fromkeys(Source, 1_000_000),
    carried=12_345,
    changes={"added": 1_234, "updated": 23_456, "withdrawn": 345},
)


def timeline(hosts: int) -> Timeline:
    """Return a day of some hosts, in each bucket of which each of them was asked for much."""
    made = Timeline()
    for number in range(hosts):
        for step in range(60):
            made.add(
                f"host-{number}.{'sub.' * 40}example.org",
                2_048 * step,
                requests=10_000 + step,
                failures=step,
                bytes=10**9 + number,
            )
    return made


def snapshot(text: str = LONG, *gate: Verdict) -> Snapshot:
    """Return what a run came to that had to do with everything."""
    names = schema.RECORDS.names
    said = {str(source): text for source in Source}
    example = Disagreement(key=text, title=text, chosen="ukds", said=said)
    filled = [
        Fill(field=name, wholes=number, parts=RECORDS // 2, wholes_before=90_000, parts_before=RECORDS // 3)
        for number, name in enumerate(names)
    ]
    changed = Changed(key=text, fields=names, replaced_by=text)
    return Snapshot(
        manifest=Manifest(
            **plain(sample.RUN) | {"previous_run": "run-0"},
            counts=COUNTS,
            objects=[],
            gate=list(gate),
            incomplete=[text] * 300,
            kept=["ukds", "reshare", "datacite"],
        ),
        before=COUNTS,
        changed={kind: [changed] * 5 for kind in COUNTS.changes},
        updated=dict.fromkeys(names, RECORDS),
        filled=Filled(wholes=100_000, parts=RECORDS, wholes_before=100_000, parts_before=RECORDS, fields=filled),
        conflicts=[Conflict(field=name, number=RECORDS, before=3, examples=[example] * 2) for name in TOLD],
    )


def facts(outcome: Outcome = Outcome.PUBLISHED, *, text: str = LONG, url: str = URL, hosts: int = HOSTS) -> Facts:
    """Return the facts of a run that had to do with everything; texts and URLs are the same everywhere."""
    refusing = [
        Verdict(name="failed", passed=False, value=0.3, limit=0.02, setting=f"GATE_MAX_FAILED[{source}]")
        for source in Source
    ]
    past = Past(
        run_id="r" * 64, finished=sample.RUN.finished, outcome=outcome, counts=COUNTS, refused=["shrink", "fill"]
    )
    return Facts(
        run_id="r" * 64,
        uri=f"s3://{text[:200]}/",
        outcome=outcome,
        started=sample.RUN.started,
        finished=sample.RUN.finished,
        commit=Commit(number=1, run_id="r", manifest="m", committed_at=sample.RUN.finished, counts=COUNTS),
        current="c" * 64,
        snapshot=snapshot(text, *refusing),
        ledger=Ledger(
            states=dict.fromkeys(State, 123_456),
            before=dict.fromkeys(State, 123_456),
            examples=dict.fromkeys(State, [Example(url=url, reason=text)] * 3),
            troubles=[Trouble(state=State.FETCH_FAILED, reason=text, number=9, urls=[url] * 3)] * 15,
            untold=77,
        ),
        timeline=timeline(hosts),
        processes=[Process(name=text, finish_reason=text, errors=1)] * 300,
        past=[past] * 10,
        unread=[text] * 300,
    )
