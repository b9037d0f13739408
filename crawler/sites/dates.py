"""The ends of a period that a source tells in several dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.records.normalise.values import first_day, last_day

if TYPE_CHECKING:
    from collections.abc import Iterable


def earliest(dates: Iterable[object]) -> object:
    """Return, as its source writes it, the date that begins first; None where none is a date.

    >>> earliest(["2010-03", "2009", "0005-01-2019", None])
    '2009'
    """
    return min(filter(first_day, dates), key=lambda date: first_day(date) or "", default=None)


def latest(dates: Iterable[object]) -> object:
    """Return, as its source writes it, the date that ends last; None where none is a date.

    >>> latest(["2010-03", "2010", "spring"])
    '2010'
    """
    return max(filter(last_day, dates), key=lambda date: last_day(date) or "", default=None)
