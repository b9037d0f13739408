"""Prometheus' own tools, on metrics that the project wrote and on what it ships for them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALERTS = ROOT / "deploy/prometheus/alerts.yaml"
DASHBOARD = ROOT / "deploy/grafana/dashboard.json"
NAME = re.compile(r"study_crawler_\w+")
END = "study_crawler_last_end_timestamp_seconds"


def tool(name: str) -> str:
    """Return the path of a program that `make test` sees to."""
    path = shutil.which(name)
    assert path, f"there is no {name}: run make test, which sees to it"
    return path


def promtool(*args: str, given: str = "") -> str:
    """Run promtool, which has to end with 0; return what it says."""
    ran = subprocess.run([tool("promtool"), *args], input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}"
    return ran.stdout + ran.stderr


def series(text: str) -> dict[str, float]:
    """Return the samples of a file of metrics, for promtool, whose clock then begins when they were written.

    It begins at 0, and stands at the minutes that `firing` is asked for when it looks.
    """
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call] # this part has no types
    samples = [sample for family in families for sample in family.samples]
    (written,) = {sample.value for sample in samples if sample.name == END}
    found = {}
    for sample in samples:
        labels = ", ".join(f'{name}="{value}"' for name, value in sample.labels.items())
        is_time = sample.name.endswith("_timestamp_seconds")
        found[f"{sample.name}{{{labels}}}"] = sample.value - written if is_time else sample.value
    return found


def firing(given: Mapping[str, float | str], minutes: int = 60) -> set[str]:
    """Return which of the alerts fire, as promtool evaluates the rules over series that have lasted for that long.

    A series is a value that stays, or values in promtool's notation. promtool tells what fires by what it says of an
    expectation that nothing meets.
    """
    told = [{"series": name, "values": _values(value, minutes)} for name, value in given.items()]
    asked = {
        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
        "eval_time": f"{minutes}m",
        "exp_samples": [{"labels": "none", "value": 1}],
    }
    test = {"interval": "1m", "input_series": told, "promql_expr_test": [asked]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "test.json")
        path.write_text(json.dumps({"rule_files": [str(ALERTS)], "evaluation_interval": "5m", "tests": [test]}))
        ran = subprocess.run([tool("promtool"), "test", "rules", path], capture_output=True, text=True, check=False)
    got = re.search(r"got: (.*)", ran.stderr)
    assert got, ran.stdout + ran.stderr
    return set(re.findall(r'alertname="(\w+)"', got[1]))


def rules(expressions: Iterable[str]) -> str:
    """Return a file of rules that records each expression, which promtool parses."""
    recorded = [{"record": f"expression:{number}", "expr": each} for number, each in enumerate(expressions)]
    return json.dumps({"groups": [{"name": "expressions", "rules": recorded}]})


def _values(value: float | str, minutes: int) -> str:
    return value if isinstance(value, str) else f"{value!r}x{minutes}"
