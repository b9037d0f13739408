"""Each alert fires on what it is for, and on nothing else: promtool evaluates the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.extensions import metrics
from tests.monitoring.outcomes import FAILED, PASSED, SHRINK, published, refused
from tests.monitoring.prometheus import ALERTS, firing, promtool, series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.extensions.outcome import Outcome

WELL = {
    'study_crawler_exit_code{crawl="nightly"}': 0,
    'study_crawler_last_success_timestamp_seconds{crawl="nightly"}': 0,
    'study_crawler_records{crawl="nightly", type="study"}': 1000,
    'study_crawler_records{crawl="nightly", type="dataset"}': 200,
    'study_crawler_gate_value{crawl="nightly", verdict="failed", setting="GATE_MAX_FAILED[ukds]"}': 0.01,
    'study_crawler_gate_limit{crawl="nightly", verdict="failed", setting="GATE_MAX_FAILED[ukds]"}': 0.02,
}
TROUBLE: dict[str, Mapping[str, float | str]] = {
    "StudyCrawlerRefused": {'study_crawler_exit_code{crawl="nightly"}': 3},
    "StudyCrawlerFailed": {'study_crawler_exit_code{crawl="nightly"}': 1},
    "StudyCrawlerMisused": {'study_crawler_exit_code{crawl="nightly"}': 2},
    "StudyCrawlerStoreFailed": {'study_crawler_exit_code{crawl="nightly"}': 4},
    "StudyCrawlerSourceKept": {'study_crawler_source_kept{crawl="nightly", site="ukds"}': 1},
    "StudyCrawlerCircuitOpened": {'study_crawler_circuits_opened{crawl="nightly", host="doi.org"}': 1},
    "StudyCrawlerUnknownKeys": {'study_crawler_unknown_keys{crawl="nightly", site="harmony"}': 1},
    "StudyCrawlerFailedShareHigh": {
        'study_crawler_gate_value{crawl="nightly", verdict="failed", setting="GATE_MAX_FAILED[ukds]"}': 0.011
    },
    "StudyCrawlerRecordsDropped": {'study_crawler_records{crawl="nightly", type="study"}': "1000x90 900x200"},
}


def test_promtool_takes_the_rules() -> None:
    promtool("check", "rules", "--lint-fatal", str(ALERTS))


def test_nothing_fires_where_all_is_well() -> None:
    assert firing(WELL, minutes=35 * 60) == set()


@pytest.mark.parametrize("alert", TROUBLE)
def test_an_alert_fires_alone(alert: str) -> None:
    assert firing({**WELL, **TROUBLE[alert]}, minutes=180) == {alert}


def test_want_of_success_is_told_after_36_hours_and_where_there_are_no_metrics() -> None:
    assert firing(WELL, minutes=36 * 60) == set()
    assert firing(WELL, minutes=36 * 60 + 5) == {"StudyCrawlerNoSuccess"}
    assert firing({}) == {"StudyCrawlerNoSuccess"}


def test_a_few_records_less_are_no_alarm() -> None:
    assert firing({**WELL, 'study_crawler_records{crawl="nightly", type="study"}': "1000x90 950x200"}, 180) == set()


def test_records_that_were_refused_are_not_what_readers_have() -> None:
    dropped = {'study_crawler_records{crawl="nightly", type="study"}': "1000x90 600x200"}
    told: dict[str, float | str] = {**WELL, **dropped, 'study_crawler_exit_code{crawl="nightly"}': "0x90 3x200"}
    assert firing(told, minutes=180) == {"StudyCrawlerRefused"}


@pytest.mark.parametrize(
    ("outcome", "alerts"),
    [
        (
            published(PASSED, FAILED, kept=("ukds",)),
            {"SourceKept", "FailedShareHigh", "CircuitOpened", "UnknownKeys"},
        ),
        (refused(PASSED, SHRINK), {"Refused", "NoSuccess", "CircuitOpened", "UnknownKeys"}),
    ],
)
def test_the_metrics_of_a_command_make_their_alerts_fire(outcome: Outcome, alerts: set[str]) -> None:
    text = metrics.exposition(outcome, "nightly").decode()
    assert firing(series(text)) == {f"StudyCrawler{alert}" for alert in alerts}
