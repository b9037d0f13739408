"""The gate: a table of snapshots around each limit, and a table of settings that cannot be used."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import UsageError
from crawler.records.gate import Limits, Measures, Verdict, accept, judge, refusals, words

GOOD = Measures(
    records=1000,
    previous=1000,
    wholes=100,
    filled={"title": 100, "doi": 80},
    targets={"harmony": {"stored": 98, "fetch_failed": 1, "parse_failed": 1, "out_of_scope": 50}},
    discovered=150,
    settled=150,
)
FAILED = {"GATE_MAX_FAILED[harmony]"}
TITLE, DOI = {"GATE_MIN_FILL[title]"}, {"GATE_MIN_FILL[doi]"}


def harmony(**states: int) -> dict[str, object]:
    return {"targets": {"harmony": states}}


def refused(measures: Measures, limits: Limits | None = None) -> set[str]:
    """Return the settings, or names where there is none, of what refuses a snapshot."""
    return {verdict.setting or verdict.name for verdict in refusals(judge(measures, limits or Limits()))}


@pytest.mark.parametrize(
    ("changed", "settings"),
    [
        ({}, set()),
        ({"records": 900}, set()),
        ({"records": 899}, {"GATE_MAX_SHRINK"}),
        ({"records": 2000}, set()),
        ({"records": 0}, {"GATE_MIN_RECORDS", "GATE_MAX_SHRINK"}),
        ({"records": 1, "previous": None}, set()),
        ({"records": 0, "previous": None}, {"GATE_MIN_RECORDS"}),
        ({"records": 1, "previous": 0}, set()),
        ({"filled": {"title": 99, "doi": 60}}, set()),
        ({"filled": {"title": 98, "doi": 60}}, TITLE),
        ({"filled": {"title": 99, "doi": 59}}, DOI),
        ({"filled": {}}, TITLE | DOI),
        ({"filled": {}, "previous": None}, set()),
        ({"filled": {}, "previous": 0}, TITLE | DOI),
        ({"filled": {}, "wholes": 0}, set()),
        (harmony(stored=98, fetch_failed=2), set()),
        (harmony(stored=98, fetch_failed=3), FAILED),
        (harmony(stored=98, parse_failed=3), FAILED),
        (harmony(stored=98, fetch_failed=2, parse_failed=1), FAILED),
        (harmony(stored=98, fetch_failed=3, out_of_scope=1000), FAILED),
        (harmony(stored=98, not_found=900, invalid=900, denied_by_robots=900, not_attempted=900), set()),
        (harmony(out_of_scope=5), set()),
        ({"targets": {}}, set()),
        ({"settled": 149}, {"ledger"}),
        ({"settled": 151}, {"ledger"}),
    ],
)
def test_each_limit_refuses_what_is_beyond_it_and_nothing_else(changed: dict[str, object], settings: set[str]) -> None:
    assert refused(replace(GOOD, **changed)) == settings  # type: ignore[arg-type] # fields


def test_every_source_is_judged_for_itself() -> None:
    targets = {"ukds": {"stored": 1, "fetch_failed": 1}, "harmony": {"stored": 1000}}
    assert refused(replace(GOOD, targets=targets)) == {"GATE_MAX_FAILED[ukds]"}


def test_fill_only_warns_on_a_first_snapshot_unless_it_was_set() -> None:
    first = replace(GOOD, previous=None, filled={})
    warned = [verdict for verdict in judge(first, Limits()) if verdict.name == "fill"]
    assert [(verdict.passed, verdict.enforced) for verdict in warned] == [(False, False)] * 2
    assert refused(first, Limits.parse({"GATE_MIN_FILL": '{"title": 0.99}'})) == TITLE
    assert refused(first, Limits.parse({"GATE_MIN_FILL": {"description": 0.5}})) == {"GATE_MIN_FILL[description]"}
    assert refused(first, Limits.parse({"GATE_MIN_FILL": ""})) == set()


def test_every_count_has_its_verdict_with_number_limit_and_setting() -> None:
    assert [(each.name, each.value, each.limit, each.setting) for each in judge(GOOD, Limits())] == [
        ("min_records", 1000, 1, "GATE_MIN_RECORDS"),
        ("shrink", 0, 0.1, "GATE_MAX_SHRINK"),
        ("fill", 1.0, 0.99, "GATE_MIN_FILL[title]"),
        ("fill", 0.8, 0.6, "GATE_MIN_FILL[doi]"),
        ("failed", 0.02, 0.02, "GATE_MAX_FAILED[harmony]"),
        ("ledger", 150, 150, ""),
    ]


@given(st.integers(0, 100), st.integers(1, 10**6))
def test_a_share_that_is_exactly_the_limit_passes(percent: int, hundredth: int) -> None:
    """0.1 + 0.2 is not 0.3, so a sum or a difference of shares would refuse some of these."""
    whole, part = 100 * hundredth, percent * hundredth
    limits = Limits.parse(
        {
            "GATE_MAX_SHRINK": f"{percent / 100}",
            "GATE_MAX_FAILED": percent / 100,
            "GATE_MIN_FILL": f'{{"doi": {percent / 100}}}',
            "GATE_MIN_RECORDS": 0,
        }
    )
    measures = replace(
        GOOD,
        records=whole - part,
        previous=whole,
        wholes=whole,
        filled={"doi": part},
        targets={"harmony": {"stored": whole - part, "fetch_failed": part}},
    )
    assert refused(measures, limits) == set()


def test_what_was_accepted_no_longer_refuses_and_says_so() -> None:
    verdicts = judge(replace(GOOD, records=0, filled={"title": 0, "doi": 90}), Limits())
    accepted = accept(verdicts, ["shrink", "fill"])
    assert [each.setting for each in refusals(accepted)] == ["GATE_MIN_RECORDS"]
    assert [each.setting for each in accepted if each.accepted] == ["GATE_MAX_SHRINK", "GATE_MIN_FILL[title]"]
    assert [replace(each, accepted=False) for each in accepted] == verdicts


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ledger", "ledger cannot be accepted: targets are missing"),
        ("shrunk", "'shrunk' is no verdict of the gate; accepted are min_records, shrink, fill, failed$"),
        ("", "'' is no verdict"),
    ],
)
def test_a_verdict_that_nobody_can_accept_is_named(name: str, said: str) -> None:
    for verdicts in ([], judge(GOOD, Limits())):
        with pytest.raises(UsageError, match=said):
            accept(verdicts, ["shrink", name])


def test_the_words_of_a_verdict_name_its_number_its_limit_and_its_setting() -> None:
    bad = replace(GOOD, records=1_234_567, previous=2_469_134, filled={"title": 98}, wholes=100, settled=149)
    bad.targets = {"harmony": {"stored": 3, "parse_failed": 1}}
    assert [words(verdict) for verdict in judge(bad, Limits())] == [
        "min_records: 1234567 records, at least 1 must be there (GATE_MIN_RECORDS)",
        "shrink: 0.5 of the previous snapshot's records are gone, at most 0.1 may be (GATE_MAX_SHRINK)",
        "fill: 0.98 of the studies and standalone datasets have it, at least 0.99 must (GATE_MIN_FILL[title])",
        "fill: 0 of the studies and standalone datasets have it, at least 0.6 must (GATE_MIN_FILL[doi])",
        "failed: 0.25 of the targets in scope failed, at most 0.02 may (GATE_MAX_FAILED[harmony])",
        "ledger: 149 targets ended in a state, 150 were discovered",
    ]


@pytest.mark.parametrize("absent", [None, ""])
def test_what_is_not_set_has_its_default(absent: str | None) -> None:
    names = ("GATE_MIN_RECORDS", "GATE_MAX_SHRINK", "GATE_MIN_FILL", "GATE_MAX_FAILED")
    assert Limits.parse({}) == Limits.parse(dict.fromkeys(names, absent)) == Limits()
    assert asdict(Limits()) == {
        "min_records": 1,
        "max_shrink": 0.1,
        "min_fill": {"title": 0.99, "doi": 0.6},
        "fill_is_set": False,
        "max_failed": 0.02,
    }


def test_what_is_set_counts_as_text_and_as_values() -> None:
    text = {"GATE_MIN_RECORDS": "0", "GATE_MAX_SHRINK": "1", "GATE_MIN_FILL": "{}", "GATE_MAX_FAILED": "0.5"}
    values = {"GATE_MIN_RECORDS": 0, "GATE_MAX_SHRINK": 1.0, "GATE_MIN_FILL": {}, "GATE_MAX_FAILED": 0.5}
    expected = Limits(min_records=0, max_shrink=1, min_fill={}, fill_is_set=True, max_failed=0.5)
    assert Limits.parse(text) == Limits.parse({**values, "MIRROR": "x"}) == expected


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *[
            ("GATE_MIN_RECORDS", value, "is no number of records")
            for value in ("-1", "1.5", "ten", "²", "9" * 5000, -1)
        ],
        ("GATE_MIN_RECORDS", True, "is no number of records"),
        *[("GATE_MAX_SHRINK", value, "is no share") for value in ("ten", "nan", "inf", "-0.1", "1.01", float("nan"))],
        *[("GATE_MAX_FAILED", value, "is no share") for value in ("2", True, [0.1])],
        *[("GATE_MIN_FILL", value, "is no JSON object") for value in ("title", "[1]", "null", "{", 0.5, ["title"])],
        ("GATE_MIN_FILL", '{"titel": 0.5}', r"'titel' is no field of a record; did you mean title\?"),
        ("GATE_MIN_FILL", {"zzz": 0.5}, "'zzz' is no field of a record; accepted are type, title, alternate_titles, "),
        ("GATE_MIN_FILL", '{"title": 2}', r"GATE_MIN_FILL\[title\]=2 is no share"),
        ("GATE_MIN_FILL", '{"title": true}', r"GATE_MIN_FILL\[title\]=True is no share"),
        ("GATE_MIN_FILL", {"title": None}, r"GATE_MIN_FILL\[title\]=None is no share"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: object, said: str) -> None:
    with pytest.raises(UsageError, match=said) as wrong:
        Limits.parse({name: value})
    assert str(wrong.value).startswith(name)
    assert "\n" not in str(wrong.value)


def test_a_verdict_is_enforced_and_not_accepted_unless_it_says_so() -> None:
    assert refusals([Verdict(name="shrink", passed=False, value=1, limit=0, setting="GATE_MAX_SHRINK")])


def test_a_source_that_was_only_followed_does_not_refuse_a_run() -> None:
    targets = {"ukds": {"stored": 1, "host down": 1}, "harmony": {"stored": 1000}}
    assert refused(replace(GOOD, targets=targets)) == {"GATE_MAX_FAILED[ukds]"}
    verdicts = judge(replace(GOOD, targets=targets, followed=frozenset({"ukds"})), Limits())
    assert [(verdict.setting, verdict.enforced) for verdict in verdicts if not verdict.passed] == [
        ("GATE_MAX_FAILED[ukds]", False)
    ]
