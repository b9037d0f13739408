"""Pages that take long or break, a browser that dies, one that is not there, and a crawl that is stopped."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler import browser
from tests.browser.crawling import Crawl, asking, crawl
from tests.browser.site import Replies, Reply, page, script, serving
from tests.conftest import ROOT

URL = "https://example.org/x"
READY = "document.body.insertAdjacentHTML('beforeend', `<h1 id=ready>${told}</h1>`)"
GOOD = page(f"const told = 'good'; {READY}")
SUBORDINATE = re.compile(r" --type=|^/bin/sh ")
"""In the command line of what Chromium starts, and of the script that Debian starts it by."""
IN_TIME = 20
"""Seconds after a signal within which a crawl has ended."""


def test_a_page_that_never_holds_what_is_waited_for_is_returned_as_it_is() -> None:
    with serving({"/example.org/x": page("document.title = 'Shell'")}) as site:
        opened = crawl(asking(URL), MIRROR=site.url, BROWSER_TIMEOUT=1)
        assert site.paths == ["/example.org/x"]
    assert "<title>Shell</title>" in opened.body
    assert opened.stats["browser/unready"] == 1


def test_a_page_that_takes_too_long_is_asked_for_again() -> None:
    site_of: Replies = {
        "/example.org/x": page("", head="<script src='/loaded.js'></script>"),
        "/example.org/loaded.js": [Reply(seconds=60), script("document.title = 'Loaded'")],
    }
    with serving(site_of) as site:
        opened = crawl(asking(URL, wait=None), MIRROR=site.url, BROWSER_TIMEOUT=2)
    assert "<title>Loaded</title>" in opened.body
    assert opened.stats["retry/reason_count/scrapy.exceptions.DownloadTimeoutError"] == 1


def test_a_page_that_waits_for_what_has_failed_is_asked_for_again() -> None:
    ask = f"fetch('/data?key=1').then(answer => answer.ok && answer.text()).then(told => told && {READY})"
    site_of: Replies = {"/example.org/x": page(ask), "/example.org/data": [Reply(status=503), Reply("1")]}
    with serving(site_of) as site:
        opened = crawl(asking(URL), MIRROR=site.url, BROWSER_TIMEOUT=1)
        site.replies["/example.org/data"] = Reply(status=503)
        failed = crawl(asking(URL), MIRROR=site.url, BROWSER_TIMEOUT=1)
    assert '<h1 id="ready">1</h1>' in opened.body
    assert opened.stats["retry/reason_count/scrapy.exceptions.DownloadFailedError"] == 1
    assert failed.answer["failure"] == "DownloadFailedError"
    assert failed.answer["why"] == "GET https://example.org/data: HTTP 503"


def test_a_page_that_never_rests_costs_only_itself() -> None:
    site_of = {"/example.org/x": page("setTimeout(() => { while (true); }, 100)"), "/example.org/y": GOOD}
    with serving(site_of) as site:
        opened = crawl(
            asking(URL, max_retry_times=0),
            asking("https://example.org/y"),
            MIRROR=site.url,
            BROWSER_TIMEOUT=2,
            BROWSER_PAGES=1,
        )
    ends = {answer["url"]: answer.get("failure") for answer in opened.answers}
    assert ends == {URL: "DownloadTimeoutError", "https://example.org/y": None}


def below(pid: int) -> dict[int, str]:
    """Return the processes that one has started, and those that they did, with their command lines."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: dict[int, Path] = {}
    left = [pid]
    while left:
        left = [child for child, parent in parents.items() if parent in left]
        found |= {child: Path(f"/proc/{child}/cmdline") for child in left}
    return {child: path.read_text().replace("\0", " ") for child, path in found.items() if path.exists()}


def browsers(crawling: Crawl) -> list[int]:
    """Return the processes of Chromium that have started all its others; wait for one."""
    give_up = time.monotonic() + 60
    while True:
        started = below(crawling.pid).items()
        own = [pid for pid, line in started if "--remote-debugging-pipe" in line and not SUBORDINATE.search(line)]
        if own:
            return own
        assert time.monotonic() < give_up, crawling.log()
        time.sleep(0.02)


def test_a_killed_browser_is_started_again_and_no_page_is_lost() -> None:
    pages = [f"https://example.org/{number}" for number in range(24)]
    late = page(f"const told = location.href; setTimeout(() => {READY}, 200)")
    with (
        serving({url.removeprefix("https:/"): late for url in pages}) as site,
        Crawl(*(asking(url) for url in pages), MIRROR=site.url) as crawling,
    ):
        for answered in (4, 8, 9):
            crawling.answered(answered)
            os.kill(browsers(crawling)[0], signal.SIGKILL)
        opened = crawling.ended()
    assert opened.code == 0
    assert {answer["url"] for answer in opened.answers} == set(pages)
    assert all(f'<h1 id="ready">{answer["url"]}</h1>' in answer["body"] for answer in opened.answers)
    assert opened.stats["playwright/browser_count"] == 4
    assert "retry/count" not in opened.stats


def test_what_starts_browsers_is_started_again_where_it_is_killed() -> None:
    pages = [f"https://example.org/{number}" for number in range(12)]
    with (
        serving({url.removeprefix("https:/"): GOOD for url in pages}) as site,
        Crawl(*(asking(url) for url in pages), MIRROR=site.url) as crawling,
    ):
        crawling.answered(4)
        (driver,) = (pid for pid, line in below(crawling.pid).items() if line.endswith(" run-driver "))
        os.kill(driver, signal.SIGKILL)
        opened = crawling.ended()
    assert {answer["url"] for answer in opened.answers} == set(pages)
    assert all('<h1 id="ready">good</h1>' in answer["body"] for answer in opened.answers)


def test_a_crawl_that_is_stopped_ends_in_time() -> None:
    site_of = {
        "/example.org/x": page("fetch('/data')"),
        "/example.org/data": Reply(seconds=60),
        "/example.org/slow": Reply(seconds=60),
        "/example.org/y": GOOD,
    }
    requests = [asking(URL), asking("https://example.org/slow"), asking("https://example.org/y")]
    with serving(site_of) as site, Crawl(*requests, MIRROR=site.url, BROWSER_TIMEOUT=60) as crawling:
        crawling.answered(1)
        give_up = time.monotonic() + 60
        while "/example.org/data" not in site.paths:
            assert time.monotonic() < give_up, crawling.log()
            time.sleep(0.02)
        started = below(crawling.pid)
        assert browsers(crawling)
        began = time.monotonic()
        crawling.send(signal.SIGTERM)
        opened = crawling.ended()
        assert time.monotonic() - began < IN_TIME
    ends = {answer["url"]: answer.get("failure") for answer in opened.answers}
    assert ends.pop("https://example.org/y") is None
    assert ends == {URL: "RequestAbandoned", "https://example.org/slow": "RequestAbandoned"}
    assert "Traceback" not in opened.log
    give_up = time.monotonic() + IN_TIME
    while left := [line for pid, line in started.items() if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < give_up, left
        time.sleep(0.02)


def test_without_a_browser_a_page_is_told_why_it_is_not_opened() -> None:
    with serving({"/example.org/x": GOOD}) as site:
        opened = crawl(asking(URL), MIRROR=site.url, BROWSER_EXECUTABLE="/bin/no-chromium")
        assert site.asked == []
    assert opened.answer["failure"] == "BrowserUnavailable"
    assert opened.answer["why"] == "needs a browser: BROWSER_EXECUTABLE=/bin/no-chromium is no program; name a Chromium"
    assert "retry/count" not in opened.stats
    assert opened.imported == []


@pytest.mark.parametrize("missing", ["playwright", "scrapy_playwright"])
def test_without_the_extra_the_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(browser, "find_spec", lambda name: None if name == missing else find(name))
    assert browser.available(Settings()) == f"{missing} is not installed: make browser"


def test_without_a_chromium_the_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert browser.available(Settings()) == "no Chromium: make browser"


def test_the_settings_do_not_import_playwright() -> None:
    code = "import sys, crawler.settings, crawler.browser; print([n for n in sys.modules if 'playwright' in n])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
