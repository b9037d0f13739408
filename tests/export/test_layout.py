from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import UsageError
from crawler.export import layout

KEYS_OF_A_RUN = {
    "v1/runs/r/manifest.json",
    "v1/runs/r/records/parquet/part-00003.parquet",
    "v1/runs/r/records/jsonl/part-00003.jsonl.gz",
    "v1/runs/r/sightings/part-00003.parquet",
    "v1/runs/r/changes.jsonl.gz",
    "v1/runs/r/ledger.parquet",
    "v1/runs/r/schema.json",
    "v1/runs/r/stats.json",
    "v1/runs/r/report.html",
}


def keys_of_a_run(run_id: str) -> set[str]:
    single = {
        key(run_id)
        for key in (
            layout.manifest,
            layout.changes,
            layout.ledger,
            layout.schema,
            layout.stats,
            layout.report,
        )
    }
    return single | {key(run_id, 3) for key in (layout.records_parquet, layout.records_jsonl, layout.sightings)}


def test_keys_are_those_of_the_contract() -> None:
    assert keys_of_a_run("r") == KEYS_OF_A_RUN
    assert layout.log("r", "p", 12).startswith(layout.logs("r") + "p-")
    assert layout.commit(12) == "v1/commits/0000000012.json"
    assert layout.CURRENT == "v1/current.json"


@pytest.mark.parametrize("run_id", ["a", "20310506T073000Z-0a1f", "A_b-c.d", "x" * 64, "-", "_"])
def test_run_id_accepted(run_id: str) -> None:
    assert layout.valid_run_id(run_id) == run_id


@pytest.mark.parametrize(
    "run_id", ["", ".", "..", "a..b", ".a", "a/b", "../a", "a\\b", "a b", "a\n", "é", "x" * 65, "a\0", "%2e%2e"]
)
def test_run_id_refused_in_one_line_by_every_key(run_id: str) -> None:
    for key in (layout.valid_run_id, layout.manifest, layout.logs, keys_of_a_run):
        with pytest.raises(UsageError, match=r"run_id .* is not accepted: 1 to 64 of") as refused:
            key(run_id)
        assert "\n" not in str(refused.value)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=2, unique=True))
def test_new_run_ids_are_valid_and_sort_by_time(seconds: list[int]) -> None:
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number) for number in sorted(seconds)]
    first, second = (layout.valid_run_id(layout.new_run_id(time)) for time in times)
    assert first < second


def test_two_runs_of_one_second_have_two_names() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({layout.new_run_id(now) for _ in range(20)}) > 1


@given(st.integers(1, 10**10 - 1))
def test_commit_numbers_come_back_from_their_keys(number: int) -> None:
    assert layout.commit_number(layout.commit(number)) == number
