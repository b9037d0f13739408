"""What a crawl shows: a live display and a screen on a terminal, lines in the log elsewhere."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from crawler.errors import CrawlFailed, CrawlStopped, StoreError, UsageError
from crawler.export import layout
from crawler.extensions.summary import Summary
from crawler.items import State
from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, Export, scrapy
from tests.monitoring.outcomes import FAILED, SHRINK, begun, published, refused
from tests.monitoring.terminals import HIDE_CURSOR, SHOW_CURSOR, OnTerminal, on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.errors import CrawlerError

CRAWL = ("crawl", "harmony", *FAST, "-a", "run_id=one")
SLOWLY = (*CRAWL, "-a", "follow=none", "-s", "DOWNLOAD_DELAY=0.3", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
LABELS = ("run", "targets", "sightings", "requests", "end", "slowest host", "now")
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[[\w.-]+\] [A-Z]+: .*")


def test_a_crawl_on_a_terminal(tmp_path: Path) -> None:
    with serving(tree=small.tree()) as mirror, on_terminal(*SLOWLY, mirror=mirror, exports=tmp_path) as crawling:
        pass
    assert crawling.process.returncode == 0, crawling.shown
    shown = [line for line in crawling.lines if re.match(rf"({'|'.join(LABELS)})  ", line)]
    assert {line.partition("  ")[0] for line in shown} == set(LABELS)
    assert any(re.match(r"targets +\d+: \d+ stored, \d+ out_of_scope", line) for line in shown)
    assert any(re.match(r"end +in \d+ s, at \d\d:\d\d, of what is known by now", line) for line in shown)
    assert any(re.match(r"slowest host +harmonydata.ac.uk: [\d.]+ a second, \d+ of them", line) for line in shown)
    (first, *_) = (line for line in shown if line.startswith("end"))
    assert first.split() == ["end", "unknown"]


def test_the_display_tears_no_line_of_the_log_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    args = (*CRAWL, "-s", "DOWNLOAD_DELAY=0.05", "-L", "DEBUG")
    with serving(tree=small.tree()) as mirror, on_terminal(*args, mirror=mirror, exports=tmp_path) as crawling:
        pass
    stamped = [line for line in crawling.lines if re.search(r"\d\d:\d\d:\d\d \[", line)]
    assert [line for line in stamped if not LOGGED.fullmatch(line.rstrip())] == []
    assert sum("Crawled (200)" in line for line in stamped) > 40
    assert crawling.shown.index(HIDE_CURSOR) < crawling.shown.index(SHOW_CURSOR)
    assert crawling.shown.rindex(HIDE_CURSOR) < crawling.shown.rindex(SHOW_CURSOR)
    number = Export(tmp_path).commit["number"]
    assert any(line.startswith(f"Run one is current: commit {number}, after ") for line in crawling.lines)
    assert '"command":' not in crawling.shown


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGTERM, signal.SIGINT]])
def test_a_crawl_on_a_terminal_that_is_stopped(tmp_path: Path, signals: list[signal.Signals]) -> None:
    with serving(tree=small.tree()) as mirror, on_terminal(*SLOWLY, mirror=mirror, exports=tmp_path) as crawling:
        wait_for(lambda: re.search(r"targets +\d", crawling.shown), crawling)
        for number in signals:
            crawling.process.send_signal(number)
    assert crawling.process.returncode == 1
    assert crawling.shown.rindex(HIDE_CURSOR) < crawling.shown.rindex(SHOW_CURSOR)
    (line,) = (line for line in crawling.lines if line.startswith("error: "))
    assert "(to go on with it: -a run_id=one)" in line
    assert "  go on       the same command with -a run_id=one" in crawling.lines


def wait_for(condition: Callable[[], object], crawling: OnTerminal) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert crawling.alive, crawling.shown
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"LOG_JSON": "1"}])
def test_no_display_where_the_terminal_has_none_or_the_log_is_json(tmp_path: Path, more: dict[str, str]) -> None:
    with serving(tree=small.tree()) as mirror, on_terminal(*CRAWL, mirror=mirror, exports=tmp_path, **more) as crawling:
        pass
    assert crawling.process.returncode == 0
    assert HIDE_CURSOR not in crawling.shown


def test_a_crawl_elsewhere_has_lines_in_its_log(tmp_path: Path) -> None:
    with serving(tree=small.tree()) as mirror:
        ended = scrapy(*SLOWLY, "-s", "LOGSTATS_INTERVAL=3", mirror=mirror, exports=tmp_path)
    told = [line.partition("INFO: ")[2] for line in ended.log.splitlines() if "[crawler.extensions.progress]" in line]
    assert len(told) > 3
    assert told[0].startswith("targets: ")
    assert "; end: unknown; slowest host: harmonydata.ac.uk: unknown rate, " in told[0]
    later = r"; requests: [\d.]+ a second, \d+ known and not done; end: in \d+ s, at "
    assert any(re.search(later, line) for line in told)
    assert "Crawled 0 pages" not in ended.log
    assert "\x1b" not in ended.log


@pytest.mark.parametrize("error", [CrawlFailed("x"), CrawlStopped("x"), StoreError("v1/log", "x")])
def test_the_screen_says_how_to_go_on(error: CrawlerError) -> None:
    outcome = begun("crawl")
    outcome.failed(error)
    text = outcome.summary.as_text("s3://bucket/exports")
    assert text.endswith("Next:\n  go on       the same command with -a run_id=nightly")
    outcome.summary.command = "publish"
    assert outcome.summary.as_text("s3://bucket/exports").endswith("Next:\n  go on       the same command")


def test_the_screen_of_a_run_that_was_published() -> None:
    outcome = published(FAILED, kept=("ukds",))
    outcome.summary.seconds, outcome.summary.report = 200.4, layout.report("nightly")
    assert outcome.summary.as_text("exports/").splitlines() == [
        "",
        "Run nightly is current: commit 12, after 3 min 20 s.",
        "  records     200 dataset, 1,000 study",
        "  changes     1,200 added",
        "  targets     30 fetch_failed, 900 stored",
        "  gate        warned: failed: 0.4 of the targets in scope failed, at most 0.02",
        "              may (GATE_MAX_FAILED[ukds])",
        "  kept        what was read before at ukds: too much failed there",
        "Next:",
        "  look at it  exports/v1/runs/nightly/report.html",
        "  read it     exports/v1/runs/nightly/records/parquet (docs/reading.md says how)",
        "  go back     scrapy rollback RUN_ID, to one that scrapy runs lists",
    ]


def test_the_screen_of_a_run_that_the_gate_refused() -> None:
    text = refused(SHRINK).summary.as_text("exports/")
    assert "\n  gate        refused: shrink: 0.4 of the previous snapshot's records are gone,\n" in text
    assert "  accept it   scrapy publish nightly --accept shrink\n" in text


def test_wrong_use_has_no_screen() -> None:
    outcome = begun("crawl")
    outcome.failed(UsageError("x"))
    assert outcome.summary.as_text("exports/") == ""


@pytest.mark.parametrize("result", ["published", "refused"])
def test_a_screen_is_large_enough_for_whatever_there_is_to_say(result: str) -> None:
    summary = Summary(
        command="crawl",
        run_id="20310506T073000Z-0f3c",
        result=result,
        records={"dataset": 1_234_567, "study": 1_234_567},
        changes={"added": 1_234_567, "updated": 1_234_567, "withdrawn": 1_234_567},
        ledger=dict.fromkeys(map(str, State), 1_234_567),
        gate=[SHRINK, FAILED, *[SHRINK] * 40],
        kept=["datacite", "reshare", "ukds"],
        commit=1_234_567,
        report="v1/runs/20310506T073000Z-0f3c/report.html",
    )
    lines = summary.as_text("exports/").splitlines()
    assert len(lines) <= 23, "and the line on which the shell asks for more"
    assert [line for line in lines if len(line) > 80] == []
