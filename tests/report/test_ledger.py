"""What went wrong is told by kind, however many targets it befell, and in however many ways."""

from __future__ import annotations

from itertools import chain, repeat

from crawler.errors import CircuitOpen, RobotsUnreachable
from crawler.items import State
from crawler.report.facts import Ledger, Trouble
from crawler.report.ledger import Rows


def taken(*rows: tuple[State, str]) -> Ledger:
    """Take in the targets of a run, whose URLs say which they are."""
    found = Rows()
    for number, (state, reason) in enumerate(rows):
        found.take({"url": f"https://example.org/{number}", "state": state, "reason": reason})
    return found.ledger(dict(found.states), {})


def test_reasons_that_differ_by_a_url_are_one() -> None:
    ledger = taken(*((State.FETCH_FAILED, f"TimeoutError: {url} took long") for url in ("http://a/", "https://b/?c")))
    assert ledger.troubles == [
        Trouble(
            state="fetch_failed",
            reason="TimeoutError: … took long",
            number=2,
            urls=["https://example.org/0", "https://example.org/1"],
        )
    ]


def test_the_most_frequent_come_first_and_the_others_are_counted() -> None:
    rows = chain.from_iterable(repeat((State.PARSE_FAILED, f"reason {number:02d}"), number) for number in range(1, 31))
    ledger = taken(*rows)
    assert [(trouble.reason, trouble.number) for trouble in ledger.troubles[:2]] == [
        ("reason 30", 30),
        ("reason 29", 29),
    ]
    assert len(ledger.troubles) == 15
    assert ledger.untold == sum(range(1, 16))
    assert len(ledger.troubles[0].urls) == 3


def test_as_many_reasons_as_targets_are_held_in_bounds() -> None:
    found = Rows()
    for number in range(3_000):
        found.take({"url": "https://example.org/", "state": State.FETCH_FAILED, "reason": f"reason {number}"})
    assert len(found._urls) == 1_000  # noqa: SLF001 - what would grow
    ledger = found.ledger(dict(found.states), {})
    assert sum(trouble.number for trouble in ledger.troubles) + ledger.untold == 3_000


def test_a_page_that_nobody_was_asked_for_failed_only_where_its_host_did() -> None:
    ledger = taken(
        (State.NOT_ATTEMPTED, str(CircuitOpen("example.org"))),
        (State.NOT_ATTEMPTED, "needs a browser"),
        (State.DENIED_BY_ROBOTS, str(RobotsUnreachable("example.org", "HTTP 503"))),
        (State.DENIED_BY_ROBOTS, ""),
        (State.STORED, "a reason"),
    )
    assert [trouble.reason for trouble in ledger.troubles] == [
        "robots.txt was unreachable: example.org: HTTP 503",
        "circuit open: example.org",
    ]


def test_states_come_in_their_order_with_a_few_examples() -> None:
    ledger = taken(*repeat((State.NOT_FOUND, "HTTP 404"), 5), (State.STORED, ""))
    assert list(ledger.states.items()) == [("stored", 1), ("not_found", 5)]
    assert [example.url[-1] for example in ledger.examples["not_found"]] == ["0", "1", "2"]
