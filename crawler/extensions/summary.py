"""What came of a command that runs unattended, as one line of JSON and as a screen to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING

import orjson

from crawler.export import layout
from crawler.export.manifest import now
from crawler.records import gate
from crawler.records.gate import Verdict  # noqa: TC001 - a summary is read back by its types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PUBLISHED, UNCHANGED, FAILED = "published", "unchanged", "failed"
"""Results beside those that errors carry."""
_WIDTH, _LABEL = 80, 12
_MOST_VERDICTS = 3
_WHOLE = "\N{NO-BREAK SPACE}"
"""A gap at which no line ends."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """The facts, as the last line of standard output tells them; docs/monitoring.md explains each."""

    command: str
    run_id: str | None = None
    exit_code: int = 0
    result: str = PUBLISHED
    error: str | None = None
    started: str = field(default_factory=now)
    finished: str = ""
    seconds: float = 0.0
    records: dict[str, int] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, int] = field(default_factory=dict)
    gate: list[Verdict] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    commit: int | None = None
    report: str | None = None

    def as_json(self) -> str:
        """Return it on one line."""
        return orjson.dumps(self).decode()

    def as_text(self, export: str) -> str:
        """Return a screen for whoever has run the command, with what to do next; `export` is where the export lives.

        Empty for wrong use: the line that says what is wrong says it all.
        """
        if self.run_id is None or self.result not in _HEADS:
            return ""
        head = _HEADS[self.result].format(run=self.run_id, commit=self.commit, time=duration(self.seconds))
        return "\n".join(["", *wrap(head, _WIDTH, break_on_hyphens=False), *self._facts(), *self._next(export)])

    def _facts(self) -> Iterator[str]:
        if self.ledger:
            yield from _row("records", counted(self.records, _WHOLE))
            yield from _row("changes", counted(self.changes, _WHOLE))
            yield from _row("targets", counted(self.ledger, _WHOLE))
        for verdict in sorted(self.gate, key=gate.outcome)[:_MOST_VERDICTS]:  # accepted, refused, warned
            yield from _row("gate", f"{gate.outcome(verdict)}: {gate.words(verdict)}")
        if len(self.gate) > _MOST_VERDICTS:
            yield from _row("gate", f"and {len(self.gate) - _MOST_VERDICTS} more, which the manifest names")
        if self.kept:
            yield from _row("kept", f"what was read before at {', '.join(self.kept)}: too much failed there")

    def _next(self, export: str) -> Iterator[str]:
        yield "Next:"
        run = f"{export.rstrip('/')}/{layout.RUNS}{self.run_id}"
        if self.report:
            yield from _row("look at it", f"{export.rstrip('/')}/{self.report}")
        if self.result in {PUBLISHED, UNCHANGED}:
            yield from _row("read it", f"{run}/records/parquet (docs/reading.md says how)")
            yield from _row("go back", "scrapy rollback RUN_ID, to one that scrapy runs lists")
        elif self.result == "refused":
            refused = sorted({verdict.name for verdict in gate.refusals(self.gate)})
            if refused and set(refused) <= set(gate.ACCEPTABLE):
                yield from _row("accept it", f"scrapy publish {self.run_id} --accept {','.join(refused)}")
            yield from _row("try again", "the same command with another run_id, once the site is well")
        else:
            named = f" with -a run_id={self.run_id}" if self.command == "crawl" else ""
            yield from _row("go on", f"the same command{named}")


_HEADS = {
    PUBLISHED: "Run {run} is current: commit {commit}, after {time}.",
    UNCHANGED: "Run {run} was published before, as commit {commit}. There was nothing to do.",
    "refused": "Run {run} was refused after {time}. The snapshot before it stays current.",
    FAILED: "Run {run} failed after {time}. The snapshot before it stays current.",
    "stopped": "Run {run} was stopped after {time}. What it has done is kept.",
    "store": "Run {run}: the store failed after {time}. What it took is kept.",
}


def counted(counts: Mapping[str, int], gap: str = " ") -> str:
    """Return counts as text, with a gap between a number and what it counts.

    >>> counted({"study": 1200, "dataset": 0, "other": 3}), counted({})
    ('1,200 study, 3 other', 'none')
    """
    return ", ".join(f"{number:,}{gap}{name}" for name, number in counts.items() if number) or "none"


def duration(seconds: float) -> str:
    """Return a time as text, in the two largest units that it has.

    >>> duration(4.2), duration(200), duration(9000)
    ('4 s', '3 min 20 s', '2 h 30 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "0 s"


def _row(label: str, text: str) -> list[str]:
    """A line with a label, and those that it goes on in; a path or a command stays whole."""
    indent = " " * (2 + _LABEL)
    first = f"  {label:<{_LABEL}}"
    lines = wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_WHOLE, " ") for line in lines]
