"""The report of a good, a refused and a failed run, and one of a run that had to do with everything, in Chromium."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from scrapy.settings import Settings

from crawler.browser import executable
from crawler.export import layout
from crawler.report.page import page
from sandbox.server import serving
from tests.crawl.crawling import FAST, scrapy
from tests.docs.conftest import FEW_PAGES, UPDATED, WITHDRAWN, catalogue
from tests.report import made
from tests.report.seen import NARROW, WIDE, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from sandbox.tree import Edited
    from tests.report.seen import Scheme

RUNS = ("good", "refused", "failed", "everything")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PAPER = 740
"""Pixels between the margins of a sheet of A4."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(settings))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the reports of crawls of the sandbox, and that of made facts."""
    exports: Path = tmp_path_factory.mktemp("seen")

    def crawl(name: str, tree: Edited, *args: str) -> int:
        with serving(tree=tree, faults=["503:0.05"]) as mirror:
            command = ("crawl", "harmony", *FAST, *FEW_PAGES, "-a", f"run_id={name}", *args)
            return scrapy(*command, mirror=mirror, exports=exports).code

    changed = catalogue(5)
    for ending in (".txt", ".html"):
        changed.pages[WITHDRAWN + ending] = None
        changed.pages[UPDATED + ending] = (changed.get(UPDATED + ending) or b"").replace(b"Everyday", b"Each day")
    codes = [
        crawl("before", catalogue(3)),
        crawl("good", changed),
        crawl("refused", catalogue(2), "-s", "GATE_MIN_RECORDS=100000"),
        crawl("failed", changed, "-s", "CLOSESPIDER_ITEMCOUNT=40"),
    ]
    assert codes == [0, 0, 3, 1]
    everything = exports / "everything.html"
    everything.write_bytes(page(made.facts()))
    return {name: exports / layout.report(name) for name in RUNS[:3]} | {"everything": everything}


@pytest.fixture(params=RUNS)
def report(request: pytest.FixtureRequest, reports: dict[str, Path]) -> Path:
    name: str = request.param
    return reports[name]


@pytest.mark.parametrize(("width", "scheme"), [*product((NARROW, WIDE), SCHEMES)])
def test_it_fits_says_nothing_and_asks_for_nothing(browser: Browser, report: Path, width: int, scheme: Scheme) -> None:
    with opened(browser, report, width, scheme) as seen:
        assert seen.overflow <= 0
        seen.open_all()
        assert seen.overflow <= 0
        assert seen.violations() == ""
        assert [url for url in seen.requests if not url.startswith("data:")] == [report.as_uri()]
        assert seen.said == []


def test_the_schemes_differ(browser: Browser, report: Path) -> None:
    grounds = []
    for scheme in SCHEMES:
        with opened(browser, report, WIDE, scheme) as seen:
            grounds.append(seen.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark = (sum(map(int, ground.removeprefix("rgb(").rstrip(")").split(","))) for ground in grounds)
    assert light > 600
    assert dark < 150


def test_what_scrolls_is_reached_and_moved_by_the_keyboard(browser: Browser, report: Path) -> None:
    with opened(browser, report, NARROW) as seen:
        seen.open_all()
        scrolling = seen.scrollers()
        assert "past-table" in scrolling
        assert scrolling <= seen.reached_by_tab()
        seen.page.locator("[aria-labelledby=past-table]").focus()
        seen.page.keyboard.press("ArrowRight")
        seen.wait_for("document.activeElement.scrollLeft > 0")


def test_the_first_key_leads_to_the_verdict(browser: Browser, reports: dict[str, Path]) -> None:
    with opened(browser, reports["refused"], WIDE) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "Skip to the verdict"
        assert seen.top_of(".skip") >= 0
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "content"


def test_a_reader_of_the_screen_meets_headings_and_landmarks_in_order(
    browser: Browser, reports: dict[str, Path]
) -> None:
    with opened(browser, reports["good"], WIDE) as seen:
        levels = seen.page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(each => +each.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        for role in ("banner", "main", "navigation", "contentinfo"):
            assert seen.page.get_by_role(role).count() == 1
        assert seen.page.get_by_role("region").count() == len(seen.page.locator("main > section").all())
        assert seen.page.get_by_role("img", name="Records in the snapshot").count() == 1


def test_on_paper_nothing_is_cut_off_or_closed(browser: Browser, report: Path) -> None:
    with opened(browser, report, PAPER) as seen:
        seen.page.emulate_media(media="print")
        assert seen.overflow <= 0
        assert seen.scrollers() == set()
        held = "[...document.querySelectorAll('details > div')]"
        assert seen.page.evaluate(f"{held}.length")
        assert seen.page.evaluate(f"{held}.every(each => each.checkVisibility())")
        assert seen.page.locator("nav").is_hidden()
        assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_it_works_without_scripts(browser: Browser, report: Path) -> None:
    with opened(browser, report, NARROW, java_script_enabled=False) as seen:
        summary = seen.page.locator("summary").first
        summary.click()
        assert seen.page.locator("details[open]").count() == 1
        assert seen.said == []
