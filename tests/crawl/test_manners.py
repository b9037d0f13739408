"""What several hosts get to see of a crawl: its rate, its patience, and what it does not ask for.

Gaps are promised at least, so they are compared with less: 20 ms for the way to the server.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from sandbox.server import serving
from tests.crawl import small
from tests.crawl.asking import ask
from tests.crawl.crawling import FAST, scrapy
from tests.crawl.sites import sites
from tests.servers.scripted import Answer

if TYPE_CHECKING:
    from pathlib import Path

ON_THE_WAY = 0.02
REFUSED = Answer(503)
FOUND = Answer(200)


def slots(**delays: float) -> dict[str, dict[str, float]]:
    """Return a rate for each host: `a=0.5` is for a.example."""
    return {f"{host}.example": {"delay": delay, "jitter": 0, "concurrency": 2} for host, delay in delays.items()}


def moved(url: str) -> Answer:
    return Answer(302, headers={"Location": f"https://{url}"})


def test_a_host_is_not_asked_sooner_than_its_delay_allows() -> None:
    """That holds for robots.txt, for retries, and for what redirects of other hosts lead to."""
    answers = {
        "a.example/0": [Answer(500), Answer(status=0), FOUND],
        "a.example/1": [moved("a.example/2")],
        "b.example/0": [moved("a.example/3")],
        "b.example/1": [moved("a.example/4")],
    }
    with sites(answers) as served:
        urls = ["a.example/0", "b.example/0", "a.example/1", "b.example/1"]
        asked = ask(served.mirror, *urls, DOWNLOAD_SLOTS=slots(a=0.5, b=0.05))
    assert asked.ends == dict.fromkeys(urls, "200")
    assert served.counts() | {"b.example/robots.txt": 1} == served.counts()
    assert len(served.gaps("a.example/")) == 7
    assert min(served.gaps("a.example/")) > 0.5 - ON_THE_WAY


def drawn(*asked: str, last: str = "") -> Answer:
    """A page whose script asks for some URLs at once, then for a last one, and then draws a heading."""
    script = f"""
        const of = url => "https://" + url
        Promise.all({json.dumps(asked)}.map(of).map(url => fetch(url)))
            .then(() => {json.dumps(last)} && fetch(of({json.dumps(last)})))
            .then(() => document.body.append(document.createElement("h1")))"""
    html = f"<!doctype html><script src=/code.js></script><body><script>{script}</script>"
    return Answer(body=html.encode(), headers={"Content-Type": "text/html"})


OPEN = {"Access-Control-Allow-Origin": "*"}


def test_what_a_page_asks_for_in_a_browser_waits_for_its_turn_too() -> None:
    """The page's time stands still meanwhile: it has less of it than the turns take."""
    answers = {
        "a.example/0": [drawn("a.example/1", "a.example/2", "b.example/1", last="a.example/3")],
        "a.example/code.js": [Answer(headers={"Content-Type": "text/javascript"})],
        "b.example/1": [Answer(headers=OPEN)],
    }
    with sites(answers) as served:
        rate = slots(a=0.5, b=0.5)
        asked = ask(
            *(served.mirror, "a.example/0", "a.example/4", "a.example/5", "b.example/0"),
            drawn=["a.example/0"],
            DOWNLOAD_SLOTS=rate,
            BROWSER_EXECUTABLE="",
            BROWSER_TIMEOUT=1,
        )
    assert {*asked.ends.values()} == {"200"}
    assert "browser/unready" not in asked.stats
    numbers = {path for path in served.asked("a.example/") if path[-1].isdecimal()}
    assert numbers == {f"a.example/{number}" for number in range(6)}
    for host in ("a.example/", "b.example/"):
        assert min(served.gaps(host)) > 0.5 - ON_THE_WAY


def test_a_host_that_refuses_a_page_in_a_browser_is_left_alone() -> None:
    answers = {
        "a.example/0": [drawn("b.example/0")],
        "b.example/0": [Answer(503, headers={"Retry-After": "2"} | OPEN)],
    }
    with sites(answers) as served:
        ask(
            *(served.mirror, "a.example/0"),
            then=["b.example/1"],
            drawn=["a.example/0"],
            DOWNLOAD_DELAY=0,
            BROWSER_EXECUTABLE="",
        )
    assert served.gaps("b.example/")[0] > 2 - ON_THE_WAY


def test_the_hosts_of_the_sources_have_a_rate_of_their_own() -> None:
    with sites() as served:
        ask(served.mirror, "doi.org/1", *(f"a.example/{number}" for number in range(10)))
        assert min(served.gaps("doi.org/")) > 1.1 - ON_THE_WAY
        assert min(served.gaps("a.example/")) > 0.25 - ON_THE_WAY
    with sites() as served:
        ask(served.mirror, "doi.org/1", DOWNLOAD_DELAY=1.5)
        assert min(served.gaps("doi.org/")) > 1.5 - ON_THE_WAY


def test_retry_after_is_waited_out_while_another_host_goes_on() -> None:
    """Many requests that wait for the one host leave the other its places in the downloader."""
    paused = [f"a.example/{number}" for number in range(20)]
    others = [f"b.example/{number}" for number in range(6)]
    with sites({"a.example/0": [Answer(429, headers={"Retry-After": "3"}), FOUND]}) as served:
        asked = ask(served.mirror, others[0], *paused, then=others[1:], CONCURRENT_REQUESTS=6, DOWNLOAD_DELAY=0)
    assert asked.ends == dict.fromkeys(paused + others, "200")
    times = served.times("a.example/")
    refused = times[served.asked("a.example/").index("a.example/0")]
    after = [at for at in times if at > refused + 1]
    assert len(after) >= 10  # some were under way
    assert min(after) > refused + 3 - ON_THE_WAY
    assert max(served.times("b.example/")) < min(after)


def test_a_host_that_does_not_say_how_long_is_left_alone_twice_as_long_each_time() -> None:
    with sites({"a.example/0": [REFUSED, REFUSED, FOUND]}) as served:
        asked = ask(served.mirror, "a.example/0", DOWNLOAD_SLOTS=slots(a=0.4))
    assert asked.ends == {"a.example/0": "200"}
    _, first, second = served.gaps("a.example/")
    assert first > 0.8 - ON_THE_WAY
    assert second > 1.6 - ON_THE_WAY


def test_a_host_that_goes_on_refusing_is_asked_no_more_than_the_retries_allow() -> None:
    with sites({"a.example/0": [Answer(429, headers={"Retry-After": "1"})]}) as served:
        asked = ask(served.mirror, "a.example/0", RETRY_TIMES=1, DOWNLOAD_DELAY=0)
    assert asked.ends == {"a.example/0": "429"}
    assert served.counts()["a.example/0"] == 2


def test_what_waits_for_a_host_ends_when_the_crawl_is_stopped() -> None:
    waiting = [f"a.example/{number}" for number in range(4)]
    answers = {
        "a.example/0": [Answer(503, headers={"Retry-After": "300"})],
        "b.example/0": [Answer(headers={"Wait": "2"})],
    }
    with sites(answers) as served:
        asked = ask(served.mirror, *waiting, "b.example/0", abandon="b.example/0", RETRY_TIMES=9)
    assert asked.ends.pop("b.example/0") == "200"
    assert len([end for end in asked.ends.values() if end.startswith("RequestAbandoned: https://a.example/")]) >= 3
    assert served.counts()["a.example/0"] == 1


def test_a_host_that_fails_again_and_again_is_asked_no_more() -> None:
    failing = [f"a.example/{number}" for number in range(30)]
    answers = {path: [Answer(500)] for path in failing[:15]} | {path: [Answer(status=0)] for path in failing[15:]}
    with sites(answers) as served:
        asked = ask(served.mirror, *failing, "b.example/0", RETRY_TIMES=1, DOWNLOAD_DELAY=0)
    assert set(asked.ends) == {*failing, "b.example/0"}
    assert asked.ends["b.example/0"] == "200"
    refused = [url for url in failing if asked.ends[url] == "CircuitOpen: circuit open: a.example"]
    assert len(refused) >= 18  # two were under way
    assert asked.stats["circuit/opened/a.example"] == 1
    assert len(served.asked("a.example/")) <= 1 + 2 * 12


def test_a_host_that_answers_now_and_then_is_asked_on() -> None:
    urls = [f"a.example/{number}" for number in range(40)]
    answers = {url: [Answer(500)] for url in urls if not url.endswith(("4", "9"))}
    with sites(answers) as served:
        asked = ask(served.mirror, *urls, RETRY_TIMES=0, CONCURRENT_REQUESTS_PER_DOMAIN=1, DOWNLOAD_DELAY=0)
    assert sorted(asked.ends.values()) == ["200"] * 8 + ["500"] * 32


def test_what_an_open_circuit_left_is_told_and_counts_as_failed(tmp_path: Path) -> None:
    faults = [f"500:1@{small.HOST}/search/items"]
    with serving(tree=small.tree(), faults=faults) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, "-s", "RETRY_TIMES=0", mirror=mirror, exports=tmp_path)
    assert ended.code == 3
    assert "failed: 1 of the targets in scope failed" in ended.error
    (run,) = (tmp_path / "v1/runs").iterdir()
    rows = pq.read_table(run / "ledger.parquet").to_pylist()
    states = Counter((row["state"], row["reason"], row["attempts"] > 0) for row in rows)
    left = states["not_attempted", "circuit open: harmonydata.ac.uk", False]
    assert left > 10
    assert states["fetch_failed", "HTTP 500", True] == small.STUDIES - left


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        ([Answer(500)], "RobotsUnreachable: robots.txt was unreachable: a.example: HTTP 500"),
        ([Answer(429)], "RobotsUnreachable: robots.txt was unreachable: a.example: HTTP 429"),
        ([Answer(304)], "RobotsUnreachable: robots.txt was unreachable: a.example: HTTP 304"),
        ([Answer(status=0)], "RobotsUnreachable: robots.txt was unreachable: a.example: DownloadFailedError: "),
        ([moved("c.example/robots.txt")], "RobotsUnreachable: robots.txt was unreachable: a.example: HostRefused: "),
        ([Answer(404, b"User-agent: *\nDisallow: /")], "200"),
        ([Answer(200, b"User-agent: *\n".ljust(512 * 1024 - 12, b"#") + b"\nDisallow: /never\n")], "200"),
        ([Answer(200, b"User-agent: *\nDisallow: /1"), Answer(500)], "IgnoreRequest: Forbidden by robots.txt"),
        ([Answer(500), Answer(200, b"User-agent: *\nDisallow: /2")], "200"),
        ([moved("a.example/moved"), Answer(500)], "200"),
    ],
)
def test_a_robots_txt_that_is_unreachable_is_no_permission(answers: list[Answer], end: str) -> None:
    with sites({"a.example/robots.txt": answers}) as served:
        asked = ask(served.mirror, "a.example/1", "b.example/1", RETRY_TIMES=1, DOWNLOAD_DELAY=0)
    assert asked.ends["a.example/1"].startswith(end)
    assert ("a.example/1" in served.asked()) == (end == "200")
    assert asked.ends["b.example/1"] == "200"


def test_all_that_wait_for_a_robots_txt_are_told_what_it_says() -> None:
    late = Answer(200, b"User-agent: *\nDisallow: /denied", {"Wait": "0.5"})
    denied = [f"a.example/denied/{number}" for number in range(4)]
    with sites({"a.example/robots.txt": [late]}) as served:
        asked = ask(served.mirror, *denied, "a.example/1", DOWNLOAD_DELAY=0)
    assert asked.ends == dict.fromkeys(denied, "IgnoreRequest: Forbidden by robots.txt") | {"a.example/1": "200"}
    assert served.asked() == ["a.example/robots.txt", "a.example/1"]


def test_only_the_hosts_of_the_spider_are_contacted() -> None:
    refused = ["c.example/1", "a.example:8443/1", "user@a.example/1", "www.a.example/1", "127.0.0.1/1"]
    with sites({"a.example/away": [moved("c.example/2")], "a.example/near": [moved("A.example:443/1")]}) as served:
        asked = ask(served.mirror, *refused, "a.example/away", "a.example/near", DOWNLOAD_DELAY=0)
    for url in refused:
        assert asked.ends[url] == f"HostRefused: {url.removesuffix('/1')}: no host of this crawl"
    assert asked.ends["a.example/away"] == "HostRefused: c.example: no host of this crawl"
    assert asked.ends["a.example/near"] == "200"
    assert {path.partition("/")[0].lower() for path in served.asked()} <= {"a.example", "a.example:443"}


def test_a_host_of_the_spider_that_leads_into_this_machine_is_not_contacted() -> None:
    """Its robots.txt is not asked for either, and does not take the blame."""
    asked = ask("", "localhost/1")
    assert asked.ends["localhost/1"] in {
        f"HostRefused: localhost: {own} is no public address" for own in ("127.0.0.1", "::1")
    }
    assert "downloader/request_count" not in asked.stats


def test_a_request_that_ends_at_a_limit_says_at_which() -> None:
    large = b"x" * 3000
    answers = {
        "a.example/told": [Answer(body=large)],
        "a.example/untold": [Answer(body=large, headers={"Length": "none"})],
        "a.example/zipped": [Answer(body=gzip.compress(large), headers={"Content-Encoding": "gzip"})],
        "a.example/late": [Answer(headers={"Wait": "3"})],
    }
    long = "a.example/" + "x" * 3000
    with sites(answers) as served:
        asked = ask(
            served.mirror,
            *answers,
            long,
            "a.example/1",
            DOWNLOAD_MAXSIZE=2000,
            DOWNLOAD_TIMEOUT=1,
            RETRY_TIMES=0,
            DOWNLOAD_DELAY=0,
        )
    assert asked.ends.pop("a.example/late").startswith("DownloadTimeoutError: ")
    assert asked.ends == dict.fromkeys(list(answers)[:3], "BodyTooLarge: more than 2000 bytes (DOWNLOAD_MAXSIZE)") | {
        long: "UrlTooLong: URL of 3018 characters, at most 2083 may be (URLLENGTH_LIMIT)",
        "a.example/1": "200",
    }
