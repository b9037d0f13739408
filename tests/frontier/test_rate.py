"""What a host gets to see of several workers: as if they were one.

Gaps are promised at least, so they are compared with less: 20 ms for the way to the server.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.crawl import small
from tests.crawl.crawling import BROWSER, Export
from tests.crawl.sites import sites
from tests.frontier.working import Crew, wait_for
from tests.servers.scripted import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crawl.sites import Sites
    from tests.servers.redis import RedisServer

ON_THE_WAY = 0.02
HOST = f"{small.HOST}/"
SENDER = json.dumps(dict.fromkeys(("http", "https"), "tests.crawl.asking.Sender"))
SAYING_WHEN = ("crawl", "harmony", "--loglevel", "WARNING", "-a", "follow=none", "-s", f"DOWNLOAD_HANDLERS={SENDER}")
REFUSED, DRAWN = map(small.path, (small.slug(2), small.slug(3)))
SCRIPT = """
    const told = document.createElement("script")
    told.type = "application/ld+json"
    told.text = JSON.stringify({"@type": "Dataset", "name": "Drawn"})
    Promise.all(["/search/a", "/search/b"].map(path => fetch(path))).then(() => document.body.append(told))"""
"""Fills a page with what it asks for of the same host."""


def catalogue() -> dict[str, list[Answer]]:
    """Return what a small catalogue answers."""
    return {path: [Answer(body=body or b"")] for path, body in small.tree().items()}


@contextmanager
def crawled(answers: dict[str, list[Answer]], exports: Path, redis: RedisServer, *args: str) -> Iterator[Sites]:
    """Let three workers crawl what answers so; give the sites when they have ended well."""
    with sites(answers) as served, Crew(served.mirror, exports, redis, (*SAYING_WHEN, *args)) as crew:
        crew.start(3)
        ended = crew.ended()
        assert [each.code for each in ended] == [0, 0, 0], "\n\n".join(each.log for each in ended)
        yield served


def test_no_two_requests_of_any_workers_start_closer_than_the_delay(tmp_path: Path, redis: RedisServer) -> None:
    answers = catalogue()
    answers[DRAWN] = [Answer(body=b'0:["$","p",null,{"slug":"study-03","initialData":null}]\n')]
    html = f"<!doctype html><body><script>{SCRIPT}</script>".encode()
    answers[DRAWN.removesuffix(".txt")] = [Answer(body=html, headers={"Content-Type": "text/html; charset=utf-8"})]
    with crawled(answers, tmp_path, redis, *BROWSER, "-s", "DOWNLOAD_DELAY=0.2") as served:
        gaps = served.gaps(HOST)
        asked = served.counts()
    assert (asked[f"{HOST}search/a"], asked[f"{HOST}search/b"]) == (1, 1)
    assert Export(tmp_path).states["/items/study-03"] == "stored"
    assert len(gaps) >= small.STUDIES + 4
    assert min(gaps) > 0.2 - ON_THE_WAY


def test_all_workers_wait_when_one_is_asked_to(tmp_path: Path, redis: RedisServer) -> None:
    answers = catalogue()
    answers[REFUSED] = [Answer(429, headers={"Retry-After": "3"}), *answers[REFUSED]]
    with crawled(answers, tmp_path, redis, "-s", "DOWNLOAD_DELAY=0.05") as served:
        times = served.times(HOST)
        refused = times[served.asked(HOST).index(REFUSED)]
    after = [at for at in times if at > refused + 1]  # some were under way
    assert Export(tmp_path).states["/items/study-02"] == "stored"
    assert len(after) > small.STUDIES // 2
    assert min(after) > refused + 3 - ON_THE_WAY


def test_a_crawl_delay_holds_for_a_worker_that_has_not_read_it_yet(tmp_path: Path, redis: RedisServer) -> None:
    answers = catalogue()
    answers[f"{HOST}robots.txt"] = [Answer(body=b"User-agent: *\nCrawl-delay: 0.4\n")]
    with (
        sites(answers) as served,
        Crew(served.mirror, tmp_path, redis, (*SAYING_WHEN, "-s", "DOWNLOAD_DELAY=0.05")) as crew,
    ):
        crew.start()
        wait_for(lambda: len(served.asked(HOST)) > 5)
        crew.replace(crew.workers[0])
        crew.start()
        ended = crew.ended()
        _, *gaps = served.gaps(HOST)  # for robots.txt itself, by the middleware and by the spider, nobody knows it yet
    assert [each.code for each in ended] == [0, 0], "\n\n".join(each.log for each in ended)
    assert served.counts()[f"{HOST}robots.txt"] > 2
    assert min(gaps) > 0.4 - ON_THE_WAY
