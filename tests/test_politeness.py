"""What keeps a crawl from asking a host too often: each part on its own."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler
from twisted.internet.defer import Deferred

from crawler.addons import Rate
from crawler.errors import CircuitOpen, HostRefused
from crawler.middlewares import circuit
from crawler.middlewares.circuit import COOL_DOWN_SECONDS, FAILURES, CircuitMiddleware
from crawler.middlewares.politeness import LONGEST_SECONDS, CrawlDelayMiddleware, RetryAfterMiddleware, retry_after
from crawler.middlewares.slots import HostQueue

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

NOW = datetime(2026, 1, 2, 15, 41, 8, tzinfo=UTC)
HOST = "a.example"
PAGE = Request(f"https://{HOST}/1")


class Downloader:
    """What the middlewares need of Scrapy's downloader."""

    domain_concurrency = 2

    def __init__(self, slot: Slot | None = None) -> None:
        self.slots = {HOST: slot or Slot(2, 0.5, 0)}
        self.per_slot_settings: dict[str, dict[str, Any]] = {}
        self.active: set[Request] = set()

    def get_slot_key(self, request: Request) -> str:
        return request.url.split("/")[2]


@pytest.fixture
def crawler() -> Crawler:
    crawler = get_crawler()
    crawler._apply_settings()  # noqa: SLF001 - what a crawl does first; stats are made there
    crawler.engine = cast("Any", SimpleNamespace(downloader=Downloader()))
    return crawler


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock."""
    monkeypatch.setattr("crawler.middlewares.slots.monotonic", lambda: 1000.0)


def downloader(crawler: Crawler) -> Downloader:
    return cast("Downloader", crawler.engine.downloader)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        (b"3", 3),
        (b" 120 ", 120),
        (b"0", None),
        (b"-5", None),
        (b"1.5", None),
        (b"1e3", None),
        ("²".encode(), None),
        (b"soon", None),
        (b"", None),
        (b"9" * 5000, float("inf")),
        (b"Fri, 02 Jan 2026 15:41:38 GMT", 30),
        (b"Friday, 02-Jan-26 15:41:38 GMT", 30),
        (b"Fri Jan  2 15:41:38 2026", 30),
        (b"Fri, 02 Jan 2026 15:41:08 GMT", None),
        (b"Fri, 02 Jan 1998 15:41:08 GMT", None),
        (b"Fri, 02 Jan 99999999999 15:41:08 GMT", None),
        (b"Fri, 02 Jan 2026 15:41:38 +9999999999", None),
    ],
)
def test_what_a_retry_after_asks_for(value: bytes | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.one_of(st.binary(max_size=60), st.from_regex(rb"\w+, \d+ \w+ \d+ \d+:\d+:\d+ \S+", fullmatch=True)))
def test_a_retry_after_of_any_bytes_is_read(value: bytes) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds > 0


@pytest.mark.parametrize(
    ("headers", "delay", "retries", "pause"),
    [
        ({"Retry-After": "3"}, 0.5, 0, 3),
        ({"Retry-After": "86400"}, 0.5, 0, LONGEST_SECONDS),
        ({"Retry-After": "-1"}, 0.5, 0, 1),
        ({}, 0.5, 0, 1),
        ({}, 0.5, 2, 4),
        ({}, 0.5, 30, LONGEST_SECONDS),
        ({"Retry-After": "3"}, 0, 0, 3),
        ({}, 0, 5, 0),
    ],
)
@pytest.mark.usefixtures("clock")
def test_how_long_a_host_is_left_alone(
    crawler: Crawler, headers: dict[str, str], delay: float, retries: int, pause: float
) -> None:
    slot = downloader(crawler).slots[HOST] = Slot(2, delay, 3)
    middleware = RetryAfterMiddleware.from_crawler(crawler)
    request = Request(PAGE.url, meta={"retry_times": retries})
    middleware.response_downloaded(Response(PAGE.url, 200, headers=headers), request)
    assert slot.lastseen == 0
    middleware.response_downloaded(Response(PAGE.url, 503, headers=headers), request)
    assert slot.lastseen == 1000 + pause
    assert all(slot.download_delay() for _ in range(100))  # without one, Scrapy does not look at the time
    middleware.response_downloaded(Response(PAGE.url, 429), PAGE)
    assert slot.lastseen == 1000 + max(pause, 2 * slot.delay)  # a shorter pause does not end a longer one


def test_a_host_that_does_not_answer_is_left_alone_as_well(crawler: Crawler) -> None:
    slot = downloader(crawler).slots[HOST]
    middleware = RetryAfterMiddleware.from_crawler(crawler)
    middleware.process_exception(PAGE, HostRefused(HOST, "x"))
    assert slot.lastseen == 0
    middleware.process_exception(PAGE, DownloadTimeoutError("late"))
    assert slot.lastseen > 0


def test_autothrottle_does_not_go_below_what_a_host_is_due(crawler: Crawler) -> None:
    downloader(crawler).per_slot_settings[HOST] = {"delay": 2.5}
    RetryAfterMiddleware.from_crawler(crawler).response_downloaded(Response(PAGE.url), PAGE)
    assert downloader(crawler).slots[HOST].delay == 2.5


@pytest.mark.parametrize(
    ("asked", "delay", "jitter", "kept"),
    [
        ("3", 0.5, 0, (3, 0)),
        ("0.4", 0.5, 0, (0.5, 0)),
        ("2.2", 2.5, 0.2, (2.5, 0)),
        ("1.9", 2.5, 0.2, (2.5, 0.2)),
        ("86400", 0.5, 0, (LONGEST_SECONDS, 0)),
        ("nan", 0.5, 0, (0.5, 0)),
        ("-1", 0.5, 0, (0.5, 0)),
        ("soon", 0.5, 0, (0.5, 0)),
    ],
)
def test_what_a_crawl_delay_makes_of_a_rate(
    crawler: Crawler, asked: str, delay: float, jitter: float, kept: tuple[float, float]
) -> None:
    slot = downloader(crawler).slots[HOST] = Slot(2, delay, jitter)
    parser = ProtegoRobotParser(f"User-agent: *\nCrawl-delay: {asked}\n".encode(), None)
    CrawlDelayMiddleware.from_crawler(crawler).robots_parsed(parser, PAGE)
    assert (slot.delay, slot.jitter) == kept


def answered(middleware: CircuitMiddleware, status: int, times: int = 1) -> None:
    for _ in range(times):
        middleware.process_request(PAGE)
        middleware.process_response(PAGE, Response(PAGE.url, status))


def test_a_circuit_opens_lets_one_request_through_and_closes(crawler: Crawler, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(circuit, "monotonic", lambda: now)
    middleware = CircuitMiddleware.from_crawler(crawler)
    answered(middleware, 500, FAILURES - 1)
    answered(middleware, 404)
    answered(middleware, 429, FAILURES - 1)
    middleware.process_exception(PAGE, CircuitOpen(HOST))  # says nothing of the host
    middleware.process_request(PAGE)
    waiting: Deferred[Response] = Deferred()
    downloader(crawler).slots[HOST].queue = deque([(PAGE, waiting)])
    middleware.process_exception(PAGE, DownloadTimeoutError("late"))
    refused: list[Failure] = []
    waiting.addErrback(refused.append)
    assert isinstance(refused[0].value, CircuitOpen)
    for moment in (0, COOL_DOWN_SECONDS - 1):
        now = 1000 + moment
        with pytest.raises(CircuitOpen, match=r"^circuit open: a\.example$"):
            middleware.process_request(PAGE)
    middleware.process_request(Request("https://b.example/1"))
    now = 1000 + COOL_DOWN_SECONDS
    trial = Request(PAGE.url)
    middleware.process_request(trial)
    assert trial.meta["dont_retry"]
    with pytest.raises(CircuitOpen):
        middleware.process_request(PAGE)
    middleware.process_response(trial, Response(PAGE.url, 500))
    with pytest.raises(CircuitOpen):
        middleware.process_request(PAGE)
    now += COOL_DOWN_SECONDS
    answered(middleware, 200)
    answered(middleware, 500, FAILURES - 1)
    assert crawler.stats.get_value("circuit/opened/a.example") == 1


@pytest.mark.parametrize(
    ("given", "delays"),
    [
        ({}, [2, 0.2]),
        ({"DOWNLOAD_DELAY": "5"}, [None, None]),
        ({"DOWNLOAD_SLOTS": '{"a.example": {"delay": 3, "jitter": 0.1}}'}, [3, 0.1]),
        ({"DOWNLOAD_DELAY": "5", "DOWNLOAD_SLOTS": '{"a.example": {"delay": 3, "jitter": 0.1}}'}, [3, 0.1]),
    ],
)
def test_which_setting_sets_the_rate_of_a_host(given: dict[str, str], delays: list[float | None]) -> None:
    settings = Settings()
    own = {HOST: {"delay": 2, "jitter": 0.2, "concurrency": 1}}
    settings.setdict({"DOWNLOAD_DELAY": 0.25, "DOWNLOAD_SLOTS": own}, priority="project")
    settings.setdict(given, priority="cmdline")
    Rate().update_settings(settings)
    slots = settings.getdict("DOWNLOAD_SLOTS")
    assert [slots[HOST].get(name) for name in ("delay", "jitter")] == delays
    assert slots[HOST].get("concurrency", 1) == 1


def test_a_host_with_all_its_places_taken_leaves_the_others_room(crawler: Crawler) -> None:
    queue = HostQueue.from_crawler(crawler, cast("Any", deque), "")
    active = downloader(crawler).active = {Request(f"{PAGE.url}/{number}") for number in range(4)}
    stats = queue._downloader_interface.stats  # noqa: SLF001 - what the queue chooses from
    assert stats([HOST, "b.example"]) == [(0, "b.example")]
    active.pop()
    assert stats([HOST, "b.example"]) == [(3, HOST), (0, "b.example")]
    downloader(crawler).per_slot_settings["b.example"] = {"concurrency": 1}
    active.update(Request(f"https://b.example/{number}") for number in range(2))
    assert stats(["b.example"]) == []
