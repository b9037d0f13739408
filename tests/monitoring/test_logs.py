"""LOG_JSON: every line on standard error is an object, whoever says it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.server import serving
from tests.conftest import ROOT
from tests.crawl import small
from tests.crawl.crawling import FAST, NO_SITE, SITE, Ended, environment, scrapy

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = "study-03"
A_BUG_OF_OURS = f"""
import warnings
import crawler.sites.harmony as site
from scrapy.cmdline import execute

def read(url, body, former=site.read):
    if url.endswith("{BROKEN}"):
        warnings.warn("that is no longer done", stacklevel=1)
        raise ValueError("a bug of ours")
    return former(url, body)

site.read = read
execute()
"""
A_BUG_OF_THE_COMMAND = """
from crawler.export import runs
from scrapy.cmdline import execute

runs.rollback = lambda *_: {}["nothing"]
execute()
"""
CRAWL = ("crawl", "harmony", *FAST, "-a", "run_id=one")


def lines(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.log.splitlines()]


def run(code: str, *args: str, exports: Path, mirror: str = NO_SITE, **more: str) -> Ended:
    """Run a command of the project in which something has been changed before."""
    told = environment(mirror, exports, LOG_JSON="1", **more)
    command = [sys.executable, "-c", code, *args]
    ran = subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, check=False)
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def test_a_crawl_with_a_warning_a_traceback_and_a_refusal(tmp_path: Path) -> None:
    with serving(tree=small.tree()) as mirror:
        ended = run(A_BUG_OF_OURS, *CRAWL, exports=tmp_path, mirror=mirror, PYTHONWARNINGS="default")
    assert ended.code == 3, ended.log
    told = lines(ended)
    assert {line["run_id"] for line in told} == {"one"}
    (warning,) = (line for line in told if line["logger"] == "py.warnings")
    assert "UserWarning: that is no longer done" in warning["message"]
    (bug,) = (line for line in told if "exception" in line)
    assert (bug["level"], bug["url"], bug["host"]) == ("ERROR", f"{SITE}/items/{BROKEN}.txt", "harmonydata.ac.uk")
    assert bug["exception"].splitlines()[-1] == "ValueError: a bug of ours"
    assert told[-1]["message"] == f"error: {ended.summary['error']}"
    assert {"scrapy.core.engine", "crawler.export.publish"} <= {line["logger"] for line in told}


def test_at_debug_each_answer_names_its_page(tmp_path: Path) -> None:
    with serving(tree=small.tree()) as mirror:
        ended = scrapy(*CRAWL, "-L", "DEBUG", "-s", "LOG_JSON=1", "-a", "limit=2", mirror=mirror, exports=tmp_path)
    crawled = [line for line in lines(ended) if line["message"].startswith("Crawled (200)")]
    assert {line["host"] for line in crawled} == {"harmonydata.ac.uk"}
    assert len({line["url"] for line in crawled}) == 4


def test_an_error_that_nobody_raised_on_purpose(tmp_path: Path) -> None:
    ended = run(A_BUG_OF_THE_COMMAND, "rollback", "one", exports=tmp_path)
    assert ended.code == 1
    assert (ended.summary["result"], ended.summary["error"]) == ("failed", "KeyError: 'nothing'")
    said, uncaught = lines(ended)
    assert said["message"] == "error: KeyError: 'nothing'"
    assert uncaught["exception"].splitlines()[-1] == "KeyError: 'nothing'"
    assert said["run_id"] == uncaught["run_id"] == "one"


@pytest.mark.parametrize("command", ["runs", "publish", "inspect"])
def test_the_line_of_wrong_use(tmp_path: Path, command: str) -> None:
    ended = scrapy(command, "--nothing", "two", exports=tmp_path, LOG_JSON="true")
    assert ended.code == 2
    assert [line["message"].partition(":")[0] for line in lines(ended) if line["level"] == "ERROR"] == ["error"]


def test_a_log_file_gets_the_objects_and_standard_error_the_line_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ended = scrapy(*CRAWL, "--logfile", str(log), "-s", "LOG_JSON=1", exports=tmp_path / "exports")
    assert [line["message"] for line in lines(ended)] == [f"error: {ended.summary['error']}"]
    assert len([json.loads(line) for line in log.read_text().splitlines()]) > 10


def test_neither_true_nor_false(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmony", exports=tmp_path, LOG_JSON="yes")
    assert (ended.code, ended.error) == (2, "error: LOG_JSON='yes' is neither true nor false")
