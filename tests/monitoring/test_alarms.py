"""The alarms that a command raises by itself, and what happens where they cannot be raised."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from crawler.errors import CrawlStopped, StoreError
from crawler.extensions import alerts
from crawler.extensions.alerts import raise_alarms
from tests.crawl.crawling import scrapy
from tests.monitoring.outcomes import FAILED, PASSED, SHRINK, begun, published, refused
from tests.servers.scripted import Answer, scripted

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.errors import CrawlerError
    from crawler.extensions.outcome import Outcome

PATH = "/hook/of-nobody-else"
"""Whoever knows it may post."""


def raised(folder: Path, outcome: Outcome) -> dict[str, str]:
    """Return what the file is told of an outcome."""
    raise_alarms(Settings({"ALERTS_FILE": str(folder / "alarms"), "ALERTS_WEBHOOK": ""}), outcome)
    if not (folder / "alarms").exists():
        return {}
    (line,) = (folder / "alarms").read_text().splitlines()
    alarm = json.loads(line)
    alarms: dict[str, str] = alarm.pop("alarms")
    assert alarm == json.loads(outcome.summary.as_json())
    return alarms


def ended_by(error: CrawlerError, **stats: object) -> Outcome:
    outcome = begun("crawl")
    outcome.failed(error)
    outcome.stats = stats
    outcome.end()
    return outcome


def test_a_run_with_which_all_is_well_raises_none(tmp_path: Path) -> None:
    outcome = published(PASSED)
    outcome.stats = {"finish_reason": "finished"}
    assert raised(tmp_path, outcome) == {}


def test_a_run_that_was_published_all_the_same(tmp_path: Path) -> None:
    assert raised(tmp_path, published(PASSED, FAILED, kept=("ukds",))) == {
        "failed_share": "failed: 0.4 of the targets in scope failed, at most 0.02 may (GATE_MAX_FAILED[ukds])",
        "kept_sources": "ukds",
        "unknown_keys": "harmony: colour, shape",
    }


def test_a_run_that_the_gate_refused(tmp_path: Path) -> None:
    alarms = raised(tmp_path, refused(PASSED, SHRINK))
    assert list(alarms) == ["exit_code", "gate", "unknown_keys"]
    assert alarms["exit_code"] == "3: run nightly is not published"
    assert alarms["gate"].startswith("shrink: 0.4 of the previous snapshot's records are gone")


@pytest.mark.parametrize(
    ("outcome", "alarms"),
    [
        (ended_by(StoreError("v1/log/.probe", "away")), {"exit_code", "store"}),
        (ended_by(CrawlStopped("by a signal"), finish_reason="shutdown"), {"exit_code", "finish_reason"}),
        (ended_by(CrawlStopped("by a signal"), **{"store/unacknowledged": 3}), {"exit_code", "store"}),
    ],
)
def test_a_run_that_came_to_no_good_end(tmp_path: Path, outcome: Outcome, alarms: set[str]) -> None:
    assert raised(tmp_path, outcome).keys() == alarms


def post(outcome: Outcome, *answers: Answer) -> list[bytes]:
    """Post an alarm to a server that gives these answers; return what it was sent."""
    with scripted(*answers) as hook:
        webhook = hook.server.endpoint + PATH
        raise_alarms(Settings({"ALERTS_FILE": "", "ALERTS_WEBHOOK": webhook}), outcome)
    assert set(hook.asked) == {f"POST {PATH}"}
    return hook.bodies


def test_a_webhook_that_answers_at_last(caplog: pytest.LogCaptureFixture) -> None:
    first, second, third = post(refused(SHRINK), Answer(0), Answer(503), Answer(200))
    assert first == second == third
    assert json.loads(third)["alarms"].keys() == {"exit_code", "gate", "unknown_keys"}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("answer", "times", "says"), [(503, 3, "HTTP 503"), (404, 1, "HTTP 404"), (0, 3, "ConnectionError")]
)
def test_a_webhook_that_fails_is_logged_without_its_address(
    caplog: pytest.LogCaptureFixture, answer: int, times: int, says: str
) -> None:
    assert len(post(refused(SHRINK), Answer(answer))) == times
    (line,) = (record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR)
    assert line == f"No alarm went to the webhook: OSError: 127.0.0.1: {says}"
    assert PATH not in caplog.text


class Drip(StreamRequestHandler):
    """Answers bit by bit, without an end."""

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked is gone
            while True:
                self.wfile.write(b"x")
                time.sleep(0.1)


def test_a_webhook_that_comes_to_no_end_is_left(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "_MOST_SECONDS", 1)
    with ThreadingTCPServer(("127.0.0.1", 0), Drip) as hook:
        hook.daemon_threads = True
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{hook.server_address[1]}/"
        raise_alarms(Settings({"ALERTS_FILE": "", "ALERTS_WEBHOOK": url}), refused(SHRINK))
        hook.shutdown()
    assert "No alarm went to the webhook: OSError: 127.0.0.1: no whole answer within 1 s" in caplog.text


def test_a_crawl_that_was_stopped_has_time_for_one_post() -> None:
    assert len(post(ended_by(CrawlStopped("by a signal")), Answer(503))) == 1


def test_a_command_whose_alarm_fails_has_its_own_exit_code(tmp_path: Path) -> None:
    with scripted(Answer(404)) as hook:
        told = {"ALERTS_WEBHOOK": hook.server.endpoint, "ALERTS_FILE": str(tmp_path / "absent/alarms")}
        ended = scrapy("rollback", "nightly", exports=tmp_path, **told)
    assert (ended.code, ended.summary["result"]) == (2, "usage")
    assert ended.error == "error: there is no run nightly that has a manifest; scrapy runs lists those there are"
    assert "No alarm went to the webhook: OSError: 127.0.0.1: HTTP 404" in ended.log
    assert "No alarm went to the file: FileNotFoundError" in ended.log
    assert len(hook.bodies) == 1


def test_where_spidermon_is_not_there_only_who_asks_for_an_alarm_is_told(tmp_path: Path) -> None:
    (tmp_path / "spidermon.py").write_text("raise ImportError('no spidermon')")
    without = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}"}
    ended = scrapy("rollback", "nightly", exports=tmp_path, **without)
    assert ended.error.startswith("error: there is no run nightly")
    ended = scrapy("rollback", "nightly", exports=tmp_path, ALERTS_FILE=str(tmp_path / "alarms"), **without)
    assert ended.error == "error: ALERTS_FILE and ALERTS_WEBHOOK need what make alerts installs (no spidermon)"
    assert ended.code == ended.summary["exit_code"] == 2
