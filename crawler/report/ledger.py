"""What the rows of a ledger come to: a few examples of each state, and what went wrong in how many ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from crawler.items import State
from crawler.records import gate
from crawler.report.facts import Example, Ledger, Trouble

if TYPE_CHECKING:
    from crawler.export.rows import Row

TROUBLED = frozenset({State.INVALID, State.FETCH_FAILED, State.PARSE_FAILED, *gate.UNASKED})
"""States whose reasons are looked at, all of them."""
EXAMPLES = 3
_REASONS = 1_000
"""How many different reasons are told apart."""
_SHOWN = 15
_LONGEST_REASON = 200
_URL = re.compile(r"https?://\S+")


class Rows:
    """Takes rows of a ledger in, with their `url`, `state` and `reason`, and holds a bounded number of them.

    `first` and `last` are when the first and the last of them were fetched, where the rows say that.
    """

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.first = self.last = ""
        self._examples: dict[str, list[Example]] = defaultdict(list)
        self._troubles: Counter[tuple[str, str]] = Counter()
        self._urls: dict[tuple[str, str], list[str]] = {}
        self._untold = 0

    def take(self, row: Row) -> None:
        state, reason, url = row["state"], row["reason"], row["url"]
        if at := row.get("fetched_at"):
            self.first, self.last = min(self.first or at, at), max(self.last, at)
        self.states[state] += 1
        if len(self._examples[state]) < EXAMPLES:
            self._examples[state].append(Example(url=url, reason=reason))
        if state not in TROUBLED or (state in gate.UNASKED and gate.standing(state, reason) == state):
            return
        way = state, kind_of(reason)
        if way not in self._urls and len(self._urls) == _REASONS:
            self._untold += 1
            return
        self._troubles[way] += 1
        urls = self._urls.setdefault(way, [])
        if len(urls) < EXAMPLES:
            urls.append(url)

    def ledger(self, states: dict[str, int], before: dict[str, int]) -> Ledger:
        """Return what was taken in, beside the numbers of all targets by state and those of the previous run."""
        ranked = sorted(self._troubles.items(), key=lambda each: (-each[1], each[0]))
        shown, others = ranked[:_SHOWN], ranked[_SHOWN:]
        return Ledger(
            states={state: states[state] for state in State if states.get(state)},
            before=before,
            examples=dict(self._examples),
            troubles=[
                Trouble(state=way[0], reason=way[1], number=number, urls=self._urls[way]) for way, number in shown
            ],
            untold=self._untold + sum(number for _, number in others),
        )


def kind_of(reason: str) -> str:
    """Return a reason without what is of one target alone.

    >>> kind_of("TimeoutError: Getting https://example.org/a took longer than 60 seconds")
    'TimeoutError: Getting … took longer than 60 seconds'
    """
    return _URL.sub("…", reason)[:_LONGEST_REASON]
