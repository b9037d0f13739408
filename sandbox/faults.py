"""Faults on request: which answers of the sandbox go wrong, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crawler.errors import UsageError
from sandbox.draws import share as drawn

if TYPE_CHECKING:
    from collections.abc import Iterable

ACCEPTED: Final = (
    "accepted: KIND[=SECONDS]:SHARE[@HOST/PATH-PREFIX] where KIND is a status from 400 to 599 (SECONDS: its "
    "Retry-After), slow (SECONDS in the middle of the body, else 2), reset (connection lost half way), length (body "
    "shorter than its Content-Length) or truncate (half the body, and no sign of it), and SHARE is from 0 to 1"
)

_SPEC: Final = re.compile(
    r"(?P<kind>[45]\d\d|slow|reset|length|truncate)(?:=(?P<seconds>\d+(?:\.\d+)?))?"
    r":(?P<share>0|1|[01]?\.\d+)(?:@(?P<prefix>\S+))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: the share of requests that it strikes, among URLs with the prefix."""

    kind: str
    share: float
    seconds: float | None = None
    prefix: str = ""

    def strikes(self, target: str, attempt: int, seed: int) -> bool:
        """True if it strikes that attempt at `target` (`host/path?query`): always so for equal arguments.

        A later attempt is another draw, so that a retry can succeed.
        """
        if not target.startswith(self.prefix):
            return False
        return drawn(f"{seed} {self.kind} {target} {attempt}") < self.share


def parse(spec: str) -> Fault:
    """The fault that `spec` asks for; UsageError names what is accepted.

    >>> parse("503=1:0.1@reshare.ukdataservice.ac.uk/id")
    Fault(kind='503', share=0.1, seconds=1.0, prefix='reshare.ukdataservice.ac.uk/id')
    """
    match = _SPEC.fullmatch(spec)
    if match is None or float(match["share"]) > 1:
        raise UsageError(f"fault {spec!r} is not understood; {ACCEPTED}")
    seconds = None if match["seconds"] is None else float(match["seconds"])
    if seconds is not None and match["kind"] in {"reset", "length", "truncate"}:
        raise UsageError(f"fault {spec!r}: {match['kind']} takes no seconds; {ACCEPTED}")
    return Fault(match["kind"], float(match["share"]), seconds, match["prefix"] or "")


def first(faults: Iterable[Fault], target: str, attempt: int, seed: int) -> Fault | None:
    """The first of `faults` that strikes, if any does.

    >>> first([parse("404:0"), parse("503:1")], "example.org/", 1, seed=0)
    Fault(kind='503', share=1.0, seconds=None, prefix='')
    """
    return next((fault for fault in faults if fault.strikes(target, attempt, seed)), None)
