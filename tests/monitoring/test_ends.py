"""However a command ends, its summary is the last line of standard output, and its metrics are there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from crawler.extensions import metrics
from sandbox.server import serving
from tests.conftest import ROOT
from tests.crawl import small
from tests.crawl.crawling import FAST, NO_SITE, SCRAPY, Started, environment, scrapy
from tests.crawl.lines import Treacherous
from tests.crawl.test_signals import wait_for
from tests.monitoring.test_metrics import value
from tests.servers.scripted import Answer, scripted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.buckets import Bucket

CRAWL = ("crawl", "harmony", *FAST, "-a", "run_id=one")


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("crawl", "harmony", "-s"), "argument -s/--set: expected one argument"),
        (("crawl", "harmony", "-s", "EXPORT_URI"), "Invalid -s value, use -s NAME=VALUE"),
        (("crawl", "harmony", "-a", "limit"), "Invalid -a value, use -a NAME=VALUE"),
        (("publish", "one", "--accept"), "argument --accept: expected one argument"),
        (("rollback", "one", "--loglevel"), "argument -L/--loglevel: expected one argument"),
        (("crawl", "harmony", "--set", "METRICS_FILE=/sys/x.prom"), "METRICS_FILE='/sys/x.prom' cannot be written"),
        (("publish", "one", "-s", "ALERTS_WEBHOOK=example.org"), "ALERTS_WEBHOOK is no URL; give one such as"),
        (("publish", "one", "-s", "ALERTS_WEBHOOK=http://[::1/x"), "ALERTS_WEBHOOK is no URL; give one such as"),
        (("publish", "one", "-s", "ALERTS_WEBHOOK=http://:80/x"), "ALERTS_WEBHOOK is no URL; give one such as"),
        (("publish", "one", "-s", "EXPORT_UIR=x"), "unknown setting 'EXPORT_UIR': did you mean EXPORT_URI? accepted"),
        (("rollback", "one", "-s", "EXPORT_UIR=x"), "unknown setting 'EXPORT_UIR': did you mean EXPORT_URI? accepted"),
        (("crawl", "harmony", "-s", "LOG_FILE=/sys/x"), "LOG_FILE='/sys/x' cannot be written ("),
        (("crawl", "harmony", "--pidfile", "/sys/x"), "/sys/x cannot be written ("),
        (("crawl", "harmony", "-s", "LOG_FORMAT=%("), "LOG_FORMAT='%(' is no format of the log ("),
        (("crawl", "harmony", "-L", "LOUD"), "LOG_LEVEL='LOUD' is no level; accepted are CRITICAL, "),
    ],
)
def test_wrong_use_of_an_option(tmp_path: Path, args: tuple[str, ...], line: str) -> None:
    ended = scrapy(*args, exports=tmp_path / "exports", METRICS_FILE=str(tmp_path / "nightly.prom"))
    assert ended.code == ended.summary["exit_code"] == 2
    assert line in ended.error
    assert (ended.summary["command"], ended.summary["result"]) == (args[0], "usage")
    assert f"error: {ended.summary['error']}" == ended.error
    if "METRICS_FILE" not in line:
        assert value((tmp_path / "nightly.prom").read_text(), "study_crawler_exit_code") == 2


def test_a_run_that_was_published_before(tmp_path: Path) -> None:
    with serving(tree=small.tree()) as mirror:
        first, second = (scrapy(*CRAWL, "-a", "follow=none", mirror=mirror, exports=tmp_path) for _ in range(2))
    assert first.summary["result"] == "published"
    assert first.summary["records"] == {"dataset": 1, "study": 40}
    assert first.summary["ledger"]["stored"] == 40
    assert first.summary["changes"] == {"added": 41, "updated": 0, "withdrawn": 0}
    assert (tmp_path / first.summary["report"]).read_bytes().startswith(b"<!doctype html>")
    same = ("run_id", "records", "ledger", "changes", "commit", "report", "exit_code")
    assert [second.summary[key] for key in same] == [first.summary[key] for key in same]
    assert second.summary["result"] == "unchanged"
    again = scrapy("publish", "one", exports=tmp_path).summary
    assert (again["command"], again["result"], again["commit"]) == ("publish", "unchanged", 1)
    assert again["report"] == first.summary["report"]


def test_a_repeat_tells_what_the_run_told(tmp_path: Path) -> None:
    """A schedule may start the same run again, and what it warned of is not over by that."""
    file = tmp_path / "nightly.prom"
    faults = [f"500:1@{small.path(small.slug(1))}"]
    args = (*CRAWL, "-a", "follow=none", "-s", "GATE_MAX_FAILED=0.1")
    told = {"METRICS_FILE": str(file), "FRONTIER_URL": "redis://127.0.0.1:9/0"}
    with serving(tree=small.tree(), faults=faults) as mirror:
        assert scrapy(*args, mirror=mirror, exports=tmp_path / "exports", METRICS_FILE=str(file)).code == 0
        first = file.read_text()
        again = scrapy(*args, mirror=mirror, exports=tmp_path / "exports", **told)
    assert (again.code, again.summary["result"]) == (0, "unchanged"), again.log  # Redis is not asked for what is done
    assert file.stat().st_mode & 0o777 == 0o644  # a collector is another user
    for name, labels in [
        ("study_crawler_targets", {"site": "harmony", "state": "fetch_failed"}),
        ("study_crawler_gate_value", {"setting": "GATE_MAX_FAILED[harmony]"}),
        ("study_crawler_sightings", {"source": "harmony_flight"}),
    ]:
        assert value(file.read_text(), name, **labels) == value(first, name, **labels) is not None


def test_a_standard_output_that_is_closed_changes_nothing(tmp_path: Path) -> None:
    command = f"'{SCRAPY}' rollback one -s METRICS_FILE={tmp_path}/nightly.prom >&-"
    told = environment(NO_SITE, tmp_path)
    ran = subprocess.run(["/bin/sh", "-c", command], env=told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert value((tmp_path / "nightly.prom").read_text(), "study_crawler_exit_code") == 2


def test_a_signal_while_a_store_is_waited_for(tmp_path: Path) -> None:
    with scripted(Answer(503)) as store:
        told = store.server.environment | {"METRICS_FILE": str(tmp_path / "nightly.prom")}
        with Started("publish", "one", exports="s3://bucket/exports", **told) as process:
            wait_for(lambda: store.asked, process)
            process.send(signal.SIGTERM)
            ended = process.ended()
    assert (ended.code, ended.summary["result"], ended.summary["run_id"]) == (1, "stopped", "one")
    assert ended.error == "error: the command was stopped by a signal"
    assert value((tmp_path / "nightly.prom").read_text(), "study_crawler_last_run", result="stopped") == 1


def test_two_signals_end_a_crawl_by_force(seaweed: Bucket, tmp_path: Path) -> None:
    told = {"METRICS_FILE": str(tmp_path / "nightly.prom"), "ALERTS_FILE": str(tmp_path / "alarms")}
    with (
        closing(Treacherous(seaweed.server.endpoint, "records/jsonl")) as line,
        serving(tree=small.tree()) as mirror,
        Started(*CRAWL, mirror=mirror, exports=seaweed.uri, AWS_ENDPOINT_URL_S3=line.endpoint, **told) as process,
    ):
        line.mend()
        wait_for(lambda: line.was_cut, process)
        process.send(signal.SIGTERM)
        process.send(signal.SIGINT)
        ended = process.ended()
    assert (ended.code, ended.summary["exit_code"], ended.summary["result"]) == (1, 1, "stopped")
    assert ended.error == "error: the crawl was stopped while it was at work (to go on with it: -a run_id=one)"
    text = (tmp_path / "nightly.prom").read_text()
    assert value(text, "study_crawler_exit_code") == 1
    assert value(text, "study_crawler_responses", status="200") == 43
    assert not (tmp_path / "alarms").exists()


def test_metrics_that_fail_at_the_end_are_a_line_and_change_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    with scripted(Answer(503)) as store:
        told = store.server.environment | {"METRICS_FILE": str(folder / "nightly.prom")}
        args = ("-s", "EXPORT_OUTAGE_SECONDS=1")
        with Started("publish", "one", *args, exports="s3://bucket/exports", **told) as process:
            wait_for(lambda: store.asked, process)
            folder.rename(tmp_path / "moved")
            ended = process.ended()
    assert ended.code == ended.summary["exit_code"] == 4
    first, second = (line for line in ended.log.splitlines() if line.startswith("error: "))
    assert first == f"error: {ended.summary['error']}"
    assert "nightly.prom' was not written, and tells of the run before: " in second


def test_standard_output_that_nobody_reads(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [str(SCRAPY), "rollback", "one", "-s", f"METRICS_FILE={tmp_path}/nightly.prom"]
    told = environment(NO_SITE, tmp_path) | {"PYTHONUNBUFFERED": ""}
    ran = subprocess.run(command, env=told, cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[1:] == [
        "error: the summary was not written to standard output: [Errno 32] Broken pipe"
    ]
    assert metrics.SUCCESS in (tmp_path / "nightly.prom").read_text()


def test_standard_error_that_cannot_be_written_costs_its_lines_alone(tmp_path: Path) -> None:
    command = [str(SCRAPY), "rollback", "one", "-s", f"METRICS_FILE={tmp_path}/nightly.prom"]
    full = os.open("/dev/full", os.O_WRONLY)
    told = environment(NO_SITE, tmp_path)
    ran = subprocess.run(command, env=told, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, check=False)
    os.close(full)
    assert (ran.returncode, json.loads(ran.stdout)["exit_code"]) == (2, 2)
    assert metrics.SUCCESS in (tmp_path / "nightly.prom").read_text()


def test_help_is_no_end_of_a_run(tmp_path: Path) -> None:
    ended = scrapy("crawl", "--help", exports=tmp_path, METRICS_FILE=str(tmp_path / "nightly.prom"))
    assert ended.code == 0
    with pytest.raises(json.JSONDecodeError):
        json.loads(ended.out.splitlines()[-1])
    assert not list(tmp_path.iterdir())
