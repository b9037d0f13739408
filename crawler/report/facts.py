"""What the report of a run says, before it is a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.export.manifest import Commit, Counts, Manifest
    from crawler.report.timeline import Timeline


class Outcome(StrEnum):
    """What became of a run."""

    PUBLISHED = "published"
    REFUSED = "refused"
    """By the gate."""
    FAILED = "failed"
    """It did not come to a verdict, or not to a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A target that stands for others."""

    url: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Targets that failed in the same way."""

    state: str
    reason: str
    number: int
    urls: list[str]
    """Of a few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What became of the targets."""

    states: dict[str, int]
    """Targets by state."""
    before: dict[str, int] = field(default_factory=dict)
    """The previous run's."""
    examples: dict[str, list[Example]] = field(default_factory=dict)
    """By state."""
    troubles: list[Trouble] = field(default_factory=list)
    """The most frequent first."""
    untold: int = 0
    """Targets that failed in ways which are none of `troubles`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How many records have a value for a field, here and in the previous run; None where a run lacks the field."""

    field: str
    wholes: int
    parts: int
    wholes_before: int | None = None
    parts_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How full the fields are, of studies and standalone datasets (wholes), and of the parts of studies."""

    wholes: int
    parts: int
    wholes_before: int | None
    """None where the previous run has none, or cannot be read."""
    parts_before: int | None
    fields: list[Fill]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A record whose sources disagree on a field."""

    key: str
    title: str
    chosen: str
    """The source whose word the record has."""
    said: dict[str, str]
    """By source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that sources disagree on."""

    field: str
    number: int
    before: int | None
    """In the previous run."""
    examples: list[Disagreement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A record that is not what it was."""

    key: str
    fields: list[str]
    replaced_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A run beside others."""

    run_id: str
    finished: str
    outcome: Outcome
    counts: Counts
    refused: list[str]
    """Names of the verdicts that kept it from being published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process that worked on the run."""

    name: str
    started: str = ""
    ended: str = ""
    finish_reason: str = ""
    """Scrapy's; empty for one that left no word: it was killed, or is at work still."""
    errors: int = 0
    """Messages of the level ERROR in its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a run came to that has a manifest, published or not."""

    manifest: Manifest
    before: Counts | None
    """The previous run's; None where there is none, or it cannot be read."""
    changed: dict[str, list[Changed]]
    """A few changes of each kind."""
    updated: dict[str, int]
    """How many updates changed a field, the most frequent first."""
    filled: Filled
    conflicts: list[Conflict]
    """The most frequent first."""

    @property
    def records(self) -> int:
        return sum(self.manifest.counts.records.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the page is made of; times are ISO 8601, UTC."""

    run_id: str
    uri: str
    """Where the run lies on the store."""
    outcome: Outcome
    started: str
    finished: str
    """When the crawl turned to publishing; without a manifest, when it was last at work."""
    commit: Commit | None
    """The newest one that names the run."""
    current: str | None
    """The run whose snapshot readers have; None where nothing was published yet."""
    snapshot: Snapshot | None
    ledger: Ledger
    timeline: Timeline | None
    """None where no process left one."""
    processes: list[Process]
    past: list[Past]
    """The newest first, this run among them where it has a manifest."""
    batches: int = 0
    """Of a run without a manifest: how many batches its log has."""
    read: int = 0
    """How many of them this is read from."""
    unread: list[str] = field(default_factory=list)
    """What could not be read for this report, and why."""
