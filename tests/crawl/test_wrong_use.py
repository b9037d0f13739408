"""Wrong use and failure: one line that says what to do, the documented exit code, and nothing published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawl.crawling import FAST, scrapy

if TYPE_CHECKING:
    from pathlib import Path

ARGUMENTS = "limit, items, follow, run_id, redrive, full"
WRONG = {
    ("-a", "limti=3"): f"unknown argument 'limti'; accepted are {ARGUMENTS}",
    ("-a", "limit=0"): "limit='0' is no number of targets; give a whole number above 0",
    ("-a", f"limit={'9' * 5000}"): "limit='999",
    ("-s", "MIRROR=http://[::1/"): "MIRROR='http://[::1/' is no URL; give one such as http://127.0.0.1:8765/",
    ("-s", "MIRROR=http://a.example:99999/"): "MIRROR='http://a.example:99999/' is no URL",
    ("-s", "EXPORT_URI=file://[x"): "EXPORT_URI 'file://[x' names the host '[x': file:///path has three slashes",
    ("-s", "METRICS_FILE=/dev/full"): "METRICS_FILE='/dev/full' is no file: name another",
    ("-a", "limit=ten"): "limit='ten' is no number of targets; give a whole number above 0",
    ("-a", "items=,"): "items= names no item; give slugs or uuids of the catalogue with commas between them",
    ("-a", "follow=uk"): "follow='uk' is no source to follow; accepted are ukds, reshare, doi, or none alone",
    ("-a", "items=a", "-a", "redrive=stored"): "redrive and items both name what is asked for; give one of them",
    ("-a", "full=yes"): "full='yes' is neither 0 nor 1",
    ("-a", "redrive=lost"): "redrive='lost' is no state of the ledger; accepted are stored, unchanged, duplicate, ",
    ("-a", "redrive=not_found"): "redrive=not_found: there is no published run yet whose ledger could be read",
    ("-a", "run_id=a/b"): "run_id",
    ("-a", "run_id=.."): "run_id",
    (
        "-s",
        "DOWNLOD_DELAY=1",
    ): "unknown setting 'DOWNLOD_DELAY': did you mean DOWNLOAD_DELAY? accepted are EXPORT_URI, ",
    ("-s", "EXPORT_BATCH_ITEMS=many"): "EXPORT_BATCH_ITEMS='many' is no whole number",
    ("-s", "DOWNLOAD_DELAY=fast"): "DOWNLOAD_DELAY='fast' is no number",
    ("-s", "EXPORT_BATCH_SECONDS=0"): "EXPORT_BATCH_SECONDS='0' is no number above 0",
    ("-L", "LOUD"): "LOG_LEVEL='LOUD' is no level; accepted are CRITICAL, FATAL, ERROR, WARN, WARNING, INFO, ",
    ("-s", "MIRROR=localhost:1"): "MIRROR='localhost:1' is no URL; give one such as http://127.0.0.1:8765/",
    ("-s", "EXPORT_URI=ftp://example.org/x"): "ftp",
}


@pytest.mark.parametrize(("args", "line"), WRONG.items())
def test_wrong_use_ends_with_2_and_names_what_is_accepted(tmp_path: Path, args: tuple[str, ...], line: str) -> None:
    ended = scrapy("crawl", "harmony", *args, exports=tmp_path / "exports")
    assert ended.code == 2
    assert line in ended.error
    assert not list(tmp_path.rglob("*.json*"))


def test_an_unknown_spider_ends_with_2_and_names_those_there_are(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmny", exports=tmp_path)
    assert (ended.code, ended.error) == (2, "error: name one spider to crawl: harmony, ukds")


def test_a_wrong_setting_in_the_environment_is_found_too(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmony", exports=tmp_path, EXPORT_BATCH_ITEMS="-1")
    assert (ended.code, ended.error) == (2, "error: EXPORT_BATCH_ITEMS='-1' is no number above 0")


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ((), "name one run to publish: scrapy publish RUN_ID (scrapy runs lists them)"),
        (("one", "two"), "name one run to publish: scrapy publish RUN_ID (scrapy runs lists them)"),
        (("../one",), "run_id '../one' is not accepted"),
        (
            ("one", "--accept", "lost"),
            "'lost' is no verdict of the gate; accepted are min_records, shrink, fill, failed",
        ),
        (("one", "--accept", "shrink,ledger"), "ledger cannot be accepted: targets are missing from the ledger"),
        (("one",), "run 'one' has no log on the store: there is nothing to publish"),
    ],
)
def test_wrong_use_of_publish_ends_with_2(tmp_path: Path, args: tuple[str, ...], line: str) -> None:
    ended = scrapy("publish", *args, exports=tmp_path)
    assert ended.code == 2
    assert line in ended.error
    assert not (tmp_path / "v1/current.json").exists()


def test_a_site_that_is_down_ends_with_3(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmony", *FAST, "-a", "run_id=down", exports=tmp_path)
    assert ended.code == 3
    assert "run down is not published: min_records: 0 records, at least 1 must be there" in ended.error
    assert not (tmp_path / "v1/current.json").exists()
