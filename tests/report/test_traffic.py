"""A crawl leaves what it asked of each host, and when, for its report."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request, signals
from scrapy.http import Response
from scrapy.spiders import Spider
from scrapy.utils.test import get_crawler

from crawler import stats
from crawler.extensions.traffic import Traffic
from crawler.signals import requests_abandoned
from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, Export, scrapy, seen_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scrapy.crawler import Crawler

URL = "https://example.org/a"


@pytest.fixture
def crawler() -> Iterator[Crawler]:
    made = get_crawler(Spider)
    extension = Traffic.from_crawler(made)
    yield made
    del extension  # which signals alone would not keep


def told(crawler: Crawler) -> dict[str, Any]:
    crawler.signals.send_catch_log(signals.spider_closed, spider=None, reason="finished")
    found: dict[str, Any] = crawler.stats.get_value(stats.TRAFFIC, {"hosts": {}})
    return {host: {name: sum(row) for name, row in rows.items()} for host, rows in found["hosts"].items()}


def ask(crawler: Crawler, url: str, status: int | None, **meta: Any) -> None:  # noqa: ANN401 - Scrapy's
    """Have a request pass the downloader, and be answered with a status, or not at all."""
    request = Request(url, meta=meta)
    if status is not None:
        response = Response(url, status=status, body=b"12345")
        crawler.signals.send_catch_log(signals.response_downloaded, response=response, request=request, spider=None)
    crawler.signals.send_catch_log(signals.request_left_downloader, request=request, spider=None)


def test_each_request_counts_once_and_a_failure_is_what_a_host_cannot_answer(crawler: Crawler) -> None:
    for status in (200, 304, 404, 429, 503, None):
        ask(crawler, URL, status)
    ask(crawler, "https://example.net/", 200)
    assert told(crawler) == {
        "example.net": {"requests": 1, "failures": 0, "bytes": 5},
        "example.org": {"requests": 6, "failures": 3, "bytes": 25},
    }


def test_what_a_browser_or_the_end_of_the_crawl_ends_is_no_failure_of_the_host(crawler: Crawler) -> None:
    ask(crawler, URL, 200, browser=True)
    ask(crawler, URL, None, browser=True)
    crawler.signals.send_catch_log(requests_abandoned)
    ask(crawler, URL, None)
    ask(crawler, URL, 200)
    assert told(crawler) == {"example.org": {"requests": 2, "failures": 0, "bytes": 10}}


def test_nothing_asked_is_nothing_told(crawler: Crawler) -> None:
    assert told(crawler) == {}
    assert crawler.stats.get_value(stats.TRAFFIC) is None


def test_a_crawl_leaves_it_with_its_stats_and_in_one_line_of_its_log(tmp_path: Path) -> None:
    with serving(tree=small.tree(), faults=["503:0.3"]) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, mirror=mirror, exports=tmp_path)
        seen = seen_by(mirror)
    assert ended.code == 0, ended.log
    (process,) = json.loads((Export(tmp_path).run / "stats.json").read_text())["processes"].values()
    rows = process[stats.TRAFFIC]["hosts"]
    asked = Counter(request["url"].split("/")[2] for request in seen)
    assert {host: sum(row["requests"]) for host, row in rows.items()} == asked
    answered = process["downloader/response_count"]
    assert sum(asked.values()) == answered + process.get("downloader/exception_count", 0)
    assert sum(sum(row["failures"]) for row in rows.values()) == process["downloader/response_status_count/503"]
    assert 0 < sum(sum(row["bytes"]) for row in rows.values()) <= process["downloader/response_bytes"]
    (line,) = (line for line in ended.log.splitlines() if "traffic/by_host" in line)
    assert "hosts, in buckets of 1 s>" in line
