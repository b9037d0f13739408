"""deploy/systemd/: sound, with no right too many, and fit for how a crawl ends."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

from crawler import errors
from crawler.export.layout import valid_run_id
from tests.conftest import ROOT
from tests.crawl.test_signals import IN_TIME
from tests.deploy.dockerfile import default_command
from tests.deploy.environment import settings_of
from tests.docs.test_shell import FROM_ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "deploy/systemd"
SERVICE, TIMER, ENVIRONMENT = (FOLDER / f"study-crawler.{kind}" for kind in ("service", "timer", "env"))
MOST_EXPOSURE = 20
"""In tenths; systemd calls up to 2.9 of 10 safe, and what is left here is the network."""


def analyze(*args: str | Path) -> str:
    ran = subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, check=False)  # noqa: S607 - wherever it is
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def options(unit: Path) -> dict[str, str]:
    """Return the options of a unit, those of all its sections; of one that is given twice, the last."""
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.MULTILINE))


def test_systemd_finds_nothing_wrong() -> None:
    assert analyze("verify", "--man=no", SERVICE, TIMER) == ""


def test_it_has_no_right_that_it_does_not_need() -> None:
    analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", SERVICE)


def test_the_timer_starts_it_once_a_day() -> None:
    when = options(TIMER)["OnCalendar"]
    assert when.endswith(" UTC")  # as the day that names the run
    told = analyze("calendar", "--iterations=3", when)
    assert len(set(re.findall(r"\d{4}-\d\d-\d\d 02:15:00 UTC", told))) == 3
    assert options(TIMER)["Persistent"] == "true"


def test_a_failure_that_passes_is_tried_again_and_no_other() -> None:
    raised = [error for error in vars(errors).values() if isinstance(error, type)]
    codes = {error.exit_code for error in raised if issubclass(error, errors.CrawlerError)}
    again = {errors.CrawlFailed.exit_code, errors.StoreError.exit_code}
    service = options(SERVICE)
    assert service["Restart"] == "on-failure"
    assert set(map(int, service["RestartPreventExitStatus"].split())) == codes - again


def test_a_stop_is_given_the_time_that_it_takes() -> None:
    assert int(options(SERVICE)["TimeoutStopSec"].removesuffix("s")) > IN_TIME


def test_all_starts_of_one_day_have_one_run(tmp_path: Path) -> None:
    """The line is run as systemd would, with a program in the place of scrapy that says what it was asked for."""
    shell, option, script = shlex.split(options(SERVICE)["ExecStart"].replace("%%", "%").replace("$$", "$"))
    scrapy = tmp_path / ".venv/bin/scrapy"
    scrapy.parent.mkdir(parents=True)
    scrapy.write_text('#!/bin/sh\necho "$@"\n')
    scrapy.chmod(0o755)
    starts = {subprocess.check_output([shell, option, script], cwd=tmp_path, text=True) for _ in range(2)}
    if len(starts) == 2:  # midnight lay between them
        starts.pop()
    command, spider, _, argument = starts.pop().split()
    assert [command, spider] == default_command()
    run_id = argument.removeprefix("run_id=")
    assert re.fullmatch(r"nightly-\d{4}-\d\d-\d\d", valid_run_id(run_id))


def test_what_it_is_told_are_settings_of_the_project() -> None:
    assert options(SERVICE)["EnvironmentFile"] == "/etc/study-crawler.env"
    told = re.findall(r"^(\w+)=", ENVIRONMENT.read_text(), re.MULTILINE)
    assert {"EXPORT_URI", "CONTACT"} <= settings_of(told) <= FROM_ENVIRONMENT
