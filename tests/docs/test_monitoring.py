"""The tables of docs/monitoring.md say what the code, the alert rules and the dashboard say."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import fields

from crawler import errors
from crawler.extensions import alerts, logs, summary  # a monitor is a test case, which pytest would collect from here
from crawler.extensions.metrics import CRAWL, METRICS
from crawler.extensions.summary import Summary
from tests.docs.documents import MONITORING, names, section, table
from tests.monitoring.prometheus import ALERTS, DASHBOARD, NAME, promtool, rules

RULES = re.findall(r"- alert: (\w+)$.*?severity: (\w+)", ALERTS.read_text(), re.MULTILINE | re.DOTALL)
PANELS = json.loads(DASHBOARD.read_text())["panels"]
EXPRESSIONS = [target["expr"].replace("$crawl", "nightly") for panel in PANELS for target in panel["targets"]]


def test_the_keys_of_the_summary_are_its_fields() -> None:
    assert names(table(MONITORING, "The summary", "key")) == [field.name for field in fields(Summary)]


def test_the_results_are_those_that_errors_carry_and_those_of_commands_that_went_well() -> None:
    (row,) = (row for row in table(MONITORING, "The summary", "key") if row[0] == "`result`")
    raised = [error for error in vars(errors).values() if isinstance(error, type)]
    carried = {error.result for error in raised if issubclass(error, errors.CrawlerError)}
    assert set(names([row], 1)) == carried | {summary.PUBLISHED, summary.UNCHANGED, summary.FAILED}


def test_the_metrics_and_their_labels_are_those_written() -> None:
    documented = {row[0].strip("`"): names([row], 1) for row in table(MONITORING, "Metrics", "metric")}
    assert documented == {name: labels for name, (_, *labels) in METRICS.items()}
    assert f"the label `{CRAWL}`" in section(MONITORING, "Metrics")


def test_the_alerts_are_those_of_the_rules() -> None:
    documented = [(row[0].strip("`"), row[1]) for row in table(MONITORING, "Alert rules", "alert")]
    assert documented == RULES


def test_the_monitors_are_those_of_the_suite() -> None:
    monitors = [name.removeprefix("test_") for name in vars(alerts.CrawlMonitor) if name.startswith("test_")]
    assert names(table(MONITORING, "Alarms", "monitor")) == monitors


def test_the_rules_and_the_dashboard_ask_for_metrics_that_are_written() -> None:
    for asked in (ALERTS.read_text(), DASHBOARD.read_text()):
        assert set(NAME.findall(asked)) <= METRICS.keys()
        assert NAME.findall(asked)


def test_promtool_takes_every_expression_of_the_dashboard() -> None:
    promtool("check", "rules", "/dev/stdin", given=rules(EXPRESSIONS))
    assert len(EXPRESSIONS) > len(PANELS)


def test_the_panels_of_the_dashboard_do_not_cover_each_other() -> None:
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in PANELS)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_the_keys_of_the_log_are_those_it_has() -> None:
    record = logging.makeLogRecord({"msg": "of %s", "args": ("https://doi.org/10.1/x",), "exc_text": "Traceback"})
    said = json.loads(logs.RunFormatter().format(record))
    assert names(table(MONITORING, "The log as JSON", "key")) == list(said)
