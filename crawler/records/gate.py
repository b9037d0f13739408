"""The gate: whether a snapshot is fit to be published.

The verdicts are `min_records` (too few records), `shrink` (too many fewer than before), `fill` (a field that too many
studies lack), `failed` (too many targets of a source failed) and `ledger` (targets without exactly one state).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Self

import orjson

from crawler.errors import CircuitOpen, RobotsUnreachable, UsageError
from crawler.items import Record, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACCEPTABLE = ("min_records", "shrink", "fill", "failed")
"""Verdicts that a person may accept. An unclosed ledger is none: nobody knows what is missing from it."""

_FIELDS = [each.name for each in fields(Record)]
UNASKED = (State.NOT_ATTEMPTED, State.DENIED_BY_ROBOTS)
"""States of targets that nobody was asked for; their reasons say why."""
_HOST_DOWN = "host down"
_DOWN = (CircuitOpen.SAYS, RobotsUnreachable.SAYS)
_FAILED = (State.FETCH_FAILED, State.PARSE_FAILED, _HOST_DOWN)
_WORDS = {
    "min_records": "{:.0f} records, at least {:.0f} must be there",
    "shrink": "{:.6g} of the previous snapshot's records are gone, at most {:.6g} may be",
    "fill": "{:.6g} of the studies and standalone datasets have it, at least {:.6g} must",
    "failed": "{:.6g} of the targets in scope failed, at most {:.6g} may",
    "ledger": "{:.0f} targets ended in a state, {:.0f} were discovered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate found on one count."""

    name: str
    passed: bool
    value: float
    limit: float
    setting: str
    """What sets the limit, with the field or source that was judged in brackets; empty where nothing sets it."""
    enforced: bool = True
    """False where it only warns."""
    accepted: bool = False
    """True where a person published the run in spite of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a snapshot is held to: the settings `GATE_*`."""

    min_records: int = 1
    max_shrink: float = 0.1
    min_fill: dict[str, float] = field(default_factory=lambda: {"title": 0.99, "doi": 0.6})
    fill_is_set: bool = False
    """True where an operator gave `min_fill`, who then means it for a first snapshot too."""
    max_failed: float = 0.02

    @classmethod
    def parse(cls, given: Mapping[str, object]) -> Self:
        """Take settings by name, as text or as values, and return the limits; raises UsageError on an unusable one.

        One that is absent or empty has its default. GATE_MIN_FILL replaces the default as a whole.

        >>> Limits.parse({"GATE_MAX_SHRINK": "0.5", "GATE_MIN_FILL": '{"title": 1}'}).min_fill
        {'title': 1.0}
        >>> Limits.parse({"GATE_MAX_SHRINK": "50"})
        Traceback (most recent call last):
        crawler.errors.UsageError: GATE_MAX_SHRINK='50' is no share; give a number from 0 to 1, such as 0.1
        """
        parsers = {"min_records": _count, "max_shrink": _share, "min_fill": _shares, "max_failed": _share}
        settings = {name: f"GATE_{name.upper()}" for name in parsers}
        values = {
            name: parsers[name](setting, given[setting])
            for name, setting in settings.items()
            if given.get(setting) not in (None, "")
        }
        return cls(**values, fill_is_set="min_fill" in values)  # type: ignore[arg-type] # each parser gives its field's type


@dataclass(slots=True, kw_only=True)
class Measures:
    """What the gate looks at: a snapshot after carry-forward, and the ledger of its run."""

    records: int
    previous: int | None
    """Records of the previous snapshot, None where there is none."""
    wholes: int
    """Studies and standalone datasets."""
    filled: dict[str, int]
    """How many of them have a value, by field."""
    targets: Mapping[str, Mapping[str, int]]
    """Targets by site and `standing`."""
    discovered: int
    settled: int
    """Targets that have a state; each one counts as often as it has one."""
    followed: frozenset[str] = frozenset()
    """Sites that the run came to by links alone: there, too many failures only warn."""


def judge(measures: Measures, limits: Limits) -> list[Verdict]:
    """Return the verdicts on a snapshot: `fill` for each field, `failed` for each source, the others once.

    >>> few = Measures(records=8, previous=10, wholes=0, filled={}, targets={}, discovered=9, settled=9)
    >>> [verdict.name for verdict in judge(few, Limits()) if not verdict.passed]
    ['shrink']
    """
    return [
        _at_least("min_records", measures.records, limits.min_records, "GATE_MIN_RECORDS"),
        _at_most("shrink", _shrink(measures), limits.max_shrink, "GATE_MAX_SHRINK"),
        *_fill(measures, limits),
        *_failed(measures, limits),
        Verdict(
            name="ledger",
            passed=measures.settled == measures.discovered,
            value=measures.settled,
            limit=measures.discovered,
            setting="",
        ),
    ]


def refusals(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that keep a run from being published."""
    return [verdict for verdict in verdicts if verdict.enforced and not verdict.passed and not verdict.accepted]


def outcome(verdict: Verdict) -> str:
    """Return what a verdict came to: passed, refused, or warned and accepted, which let the run through.

    >>> outcome(Verdict(name="fill", passed=False, value=0, limit=1, setting="GATE_MIN_FILL[doi]", enforced=False))
    'warned'
    """
    if verdict.passed:
        return "passed"
    return "refused" if refusals([verdict]) else "accepted" if verdict.accepted else "warned"


def accept(verdicts: Iterable[Verdict], names: Iterable[str]) -> list[Verdict]:
    """Return the verdicts, those of the given names marked as accepted where they did not pass.

    Raises UsageError on a name that is none of `ACCEPTABLE`, whether there is a verdict of that name or not.
    """
    accepted = set(names)
    if "ledger" in accepted:
        raise UsageError("ledger cannot be accepted: targets are missing from the ledger, and nobody knows which")
    for name in sorted(accepted.difference(ACCEPTABLE)):
        raise UsageError(f"{name!r} is no verdict of the gate; accepted are {', '.join(ACCEPTABLE)}")
    return [
        replace(verdict, accepted=True) if verdict.name in accepted and not verdict.passed else verdict
        for verdict in verdicts
    ]


def words(verdict: Verdict) -> str:
    """Return one line that says what a verdict rests on.

    >>> words(judge(Measures(records=0, previous=5, wholes=0, filled={}, targets={}, discovered=0, settled=0),
    ...             Limits())[0])
    'min_records: 0 records, at least 1 must be there (GATE_MIN_RECORDS)'
    """
    said = f"{verdict.name}: {_WORDS[verdict.name].format(verdict.value, verdict.limit)}"
    return f"{said} ({verdict.setting})" if verdict.setting else said


def _shrink(measures: Measures) -> float:
    if not measures.previous:
        return 0.0
    return max(measures.previous - measures.records, 0) / measures.previous


def _fill(measures: Measures, limits: Limits) -> Iterator[Verdict]:
    """Judge each field; a snapshot without studies passes, since `min_records` speaks of it."""
    enforced = limits.fill_is_set or measures.previous is not None
    for name, least in limits.min_fill.items():
        value = measures.filled.get(name, 0) / measures.wholes if measures.wholes else 1.0
        yield replace(_at_least("fill", value, least, f"GATE_MIN_FILL[{name}]"), enforced=enforced)


def standing(state: State, reason: str) -> str:
    """Return what a target counts as: its state, but for one that was not asked for because its host did not answer.

    >>> standing(State.NOT_ATTEMPTED, "circuit open: example.org"), standing(State.NOT_ATTEMPTED, "needs a browser")
    ('host down', <State.NOT_ATTEMPTED: 'not_attempted'>)
    """
    return _HOST_DOWN if state in UNASKED and reason.startswith(_DOWN) else state


def failed_share(standings: Mapping[str, int]) -> float:
    """Return the share of the targets in scope that failed.

    >>> failed_share({"stored": 3, "fetch_failed": 1, "out_of_scope": 9})
    0.25
    """
    in_scope = sum(number for state, number in standings.items() if state != State.OUT_OF_SCOPE)
    return sum(standings.get(state, 0) for state in _FAILED) / in_scope if in_scope else 0.0


def _failed(measures: Measures, limits: Limits) -> Iterator[Verdict]:
    for site, standings in sorted(measures.targets.items()):
        verdict = _at_most("failed", failed_share(standings), limits.max_failed, f"GATE_MAX_FAILED[{site}]")
        yield replace(verdict, enforced=site not in measures.followed)


def _at_least(name: str, value: float, limit: float, setting: str) -> Verdict:
    return Verdict(name=name, passed=value >= limit, value=value, limit=limit, setting=setting)


def _at_most(name: str, value: float, limit: float, setting: str) -> Verdict:
    return Verdict(name=name, passed=value <= limit, value=value, limit=limit, setting=setting)


def _count(name: str, value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(2**63))):
        raise UsageError(f"{name}={value!r} is no number of records; give a whole number, such as 1")
    return int(text)


def _share(name: str, value: object) -> float:
    try:
        share = float(str(value))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:  # which NaN is not either
        raise UsageError(f"{name}={value!r} is no share; give a number from 0 to 1, such as 0.1")
    return share


def _shares(name: str, value: object) -> dict[str, float]:
    try:
        shares = orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        shares = None
    if not isinstance(shares, Mapping):
        raise UsageError(f'{name}={value!r} is no JSON object; give one such as {{"title": 0.99, "doi": 0.6}}')
    for key in shares:
        if key not in _FIELDS:
            close = get_close_matches(str(key), _FIELDS)
            hint = f"did you mean {' or '.join(close)}?" if close else f"accepted are {', '.join(_FIELDS)}"
            raise UsageError(f"{name}: {key!r} is no field of a record; {hint}")
    return {key: _share(f"{name}[{key}]", share) for key, share in shares.items()}
