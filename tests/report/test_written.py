"""Every run leaves its report when its fate is known, and no report ever changes that fate."""

from __future__ import annotations

from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from crawler import report
from crawler.errors import CrawlFailed, GateRefused, StoreError, StoreUnavailable, UsageError
from crawler.export import layout
from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, NO_SITE, Ended, Export, scrapy
from tests.report import runs

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.errors import CrawlerError
    from tests.export.crawled import Kept

REPORT = layout.report("run-2")


def crawl(exports: Path, run_id: str, *args: str, tree: dict[str, bytes | None] | None = None) -> Ended:
    with serving(tree=tree or small.tree()) as mirror:
        return scrapy("crawl", "harmony", *FAST, "-a", f"run_id={run_id}", *args, mirror=mirror, exports=exports)


def title(exports: Path, run_id: str) -> str:
    """Return the title of a run's report."""
    text = (exports / layout.report(run_id)).read_text()
    return text.partition("<title>")[2].partition("</title>")[0]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an export with a run that was published, and one that the gate refused."""
    folder = tmp_path_factory.mktemp("report")
    few = {path: body for path, body in small.tree().items() if "study-0" not in path}
    assert (crawl(folder, "good").code, crawl(folder, "few", tree=few).code) == (0, 3)
    return folder


@pytest.fixture
def exports(crawled: Path, tmp_path: Path) -> Path:
    return copytree(crawled, tmp_path / "exports")


def test_a_crawl_leaves_one_whatever_comes_of_it(exports: Path) -> None:
    assert title(exports, "good") == "Published: run good"
    assert title(exports, "few") == "Refused: run few"
    assert crawl(exports, "cut", "-s", "CLOSESPIDER_ITEMCOUNT=5").code == 1
    assert title(exports, "cut") == "Failed: run cut"
    assert "ended before it had asked for everything" in (exports / layout.report("cut")).read_text()
    assert layout.report("good") not in {written["key"] for written in Export(exports).manifest["objects"]}


def test_publishing_by_hand_writes_it_and_puts_back_one_that_is_gone(exports: Path) -> None:
    path = exports / layout.report("few")
    path.unlink()
    assert scrapy("publish", "few", exports=exports).code == 3
    assert title(exports, "few") == "Refused: run few"
    assert scrapy("publish", "few", "--accept", "shrink", exports=exports).code == 0
    assert title(exports, "few") == "Published: run few"
    kept = "<title>Published: run few, as it was</title>"
    path.write_text(kept)
    assert scrapy("publish", "few", exports=exports).code == 0
    assert path.read_text() == kept
    path.write_text("<title>Refused: run few</title>")  # whoever published it was killed before it wrote this
    assert scrapy("publish", "few", exports=exports).code == 0
    assert title(exports, "few") == "Published: run few"
    path.unlink()
    assert scrapy("publish", "few", exports=exports).code == 0
    assert title(exports, "few") == "Published: run few"
    path.unlink()
    assert scrapy("crawl", "harmony", "-a", "run_id=few", mirror=NO_SITE, exports=exports).code == 0
    assert title(exports, "few") == "Published: run few"


def test_where_only_the_report_cannot_be_written_the_run_is_published_and_the_line_says_so(tmp_path: Path) -> None:
    in_its_place = tmp_path / layout.report("good")
    in_its_place.mkdir(parents=True)
    ended = crawl(tmp_path, "good")
    assert ended.code == 4
    assert ended.error.startswith(f"error: {layout.report('good')}: run good is published, but has no report (")
    assert "to write it: scrapy publish good" in ended.error
    assert Export(tmp_path).commit["run_id"] == "good"
    in_its_place.rmdir()
    assert crawl(tmp_path, "good").code == 0
    assert title(tmp_path, "good") == "Published: run good"


@pytest.mark.parametrize("anew", [True, False])
def test_a_published_run_without_its_report_is_told_so(anew: bool) -> None:
    store = runs.published()
    refuse(store, "put")
    with pytest.raises(StoreError, match=r"run run-2 is published, but has no report \(is full\)") as caught:
        report.write_published(store, "run-2", anew=anew)
    assert caught.value.exit_code == 4
    assert caught.value.key == REPORT


def refuse(store: Kept, call: str) -> None:
    def before(called: str, key: str) -> None:
        if (called, key) == (call, REPORT):
            raise StoreUnavailable(key, "is full")

    store.before = before


@pytest.mark.parametrize("error", [CrawlFailed("it was stopped"), GateRefused("it shrank", {}, None)])
def test_an_error_stays_the_one_that_counts_and_says_that_there_is_no_report(error: CrawlerError) -> None:
    store = runs.failed()
    refuse(store, "put")
    report.write_failed(store, "run-2", error)
    assert error.__notes__ == [f"(it has no report: {REPORT}: is full)"]


@pytest.mark.parametrize("error", [StoreUnavailable("a", "is away"), UsageError("no such run")])
def test_a_store_that_failed_is_not_asked_again_nor_is_one_for_wrong_use(error: CrawlerError) -> None:
    store = runs.failed()
    store.before = lambda call, key: pytest.fail(f"{call} {key}")
    report.write_failed(store, "run-2", error)
    assert not hasattr(error, "__notes__")


def test_the_report_of_a_run_that_failed_gives_way_to_that_of_its_end() -> None:
    store = runs.failed()
    report.write_failed(store, "run-2", CrawlFailed("it was stopped"))
    first = store.objects[REPORT]
    for key in [key for key in store.objects if "/run-2/" in key and key != REPORT]:
        del store.objects[key]
    again = runs.published().objects
    store.objects |= {key: body for key, body in again.items() if key != REPORT}
    report.write_published(store, "run-2", anew=True)
    assert b"<title>Failed" in first
    assert b"<title>Published" in store.objects[REPORT]


def test_a_page_that_cannot_be_made_leaves_a_run_published(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    store = runs.published()
    monkeypatch.setattr(report, "write", fail)
    assert report.write_published(store, "run-2", anew=True) is None
    error = CrawlFailed("it was stopped")
    assert report.write_failed(runs.failed(), "run-2", error) is None
    assert error.__notes__ == ["(it has no report: )"]


def test_a_run_that_was_published_meanwhile_keeps_its_page() -> None:
    store = runs.published()
    report.write_published(store, "run-2", anew=True)
    before = store.get(REPORT)
    assert report.write_failed(store, "run-2", CrawlFailed("it was stopped")) == REPORT
    assert store.get(REPORT) == before
