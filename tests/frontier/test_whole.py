"""Workers as operators run them: all sources, wrong use, signals, a Redis that is away, and what they leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from redis import ResponseError

from crawler.frontier.keys import Keys
from crawler.sites import locate
from sandbox.generator import Catalogue
from sandbox.server import serving
from sandbox.studies import item
from tests.conftest import ROOT
from tests.crawl.crawling import FAST, Export, crawl, environment, scrapy, seen_by
from tests.frontier.scenes import SITES
from tests.frontier.working import CLAIM_SECONDS, RUN_ID, Crew, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.crawling import Started
    from tests.servers.redis import RedisServer

SCALE = 12
KEYS = Keys(RUN_ID, SITES)


def keys(redis: RedisServer) -> list[str]:
    with redis.client() as client:
        return sorted(client.scan_iter())


def codes(crew: Crew, *expected: int) -> None:
    """Assert how workers end, and show what they said where one ends otherwise."""
    ended = crew.ended()
    assert [each.code for each in ended] == list(expected), "\n\n".join(each.log for each in ended)


@pytest.mark.parametrize("spider", ["harmony", "ukds"])
def test_two_workers_find_in_all_sources_what_one_process_finds(
    tmp_path: Path, redis: RedisServer, spider: str
) -> None:
    args = ("crawl", spider, *FAST, "--loglevel", "WARNING")
    with serving(scale=SCALE) as mirror:
        assert scrapy(*args, mirror=mirror, exports=tmp_path / "one").code == 0
        alone = Export(tmp_path / "one")
        before = len(seen_by(mirror))
        with Crew(mirror, tmp_path / "two", redis, args, batch=20) as crew:
            crew.start(2)
            codes(crew, 0, 0)
        asked = [each["url"] for each in seen_by(mirror)[before:] if not each["url"].endswith("/robots.txt")]
    shared = Export(tmp_path / "two")
    assert shared.digests == alone.digests
    assert shared.states == alone.states
    assert len(asked) - len(set(asked)) <= len(asked) // 50
    assert len(list((tmp_path / "two" / "v1/log" / RUN_ID).glob("*-stats.json"))) == 2
    assert shared.commit["number"] == 1
    assert keys(redis) == []


def test_the_next_run_of_workers_changes_nothing(tmp_path: Path, redis: RedisServer) -> None:
    with serving(tree=Catalogue({}, SCALE)) as mirror:
        first = crawl(mirror, tmp_path, "-a", "follow=none")
        with Crew(mirror, tmp_path, redis) as crew:
            crew.start(2)
            codes(crew, 0, 0)
    assert Export(tmp_path).commit["number"] == 2
    assert Export(tmp_path).changes == []
    assert Export(tmp_path).digests == first.digests


@pytest.mark.parametrize("spider", ["harmony", "ukds"])
def test_the_limit_holds_for_all_workers_together(tmp_path: Path, redis: RedisServer, spider: str) -> None:
    args = ("crawl", spider, *FAST, "-a", "follow=none")
    with serving(scale=SCALE) as mirror, Crew(mirror, tmp_path, redis, args) as crew:
        crew.start(2, "-a", "limit=7")
        codes(crew, 0, 0)
    assert sum(row["attempts"] > 0 for row in Export(tmp_path).ledger.values()) == 7


@pytest.mark.parametrize("other", [("-a", "limit=3"), ("-s", "EXPORT_URI=elsewhere")])
def test_workers_of_a_run_are_told_the_same(tmp_path: Path, redis: RedisServer, other: tuple[str, str]) -> None:
    slow = ("-s", "DOWNLOAD_DELAY=0.5")
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis) as crew:
        crew.start(1, *slow)
        wait_for(lambda: KEYS("epoch") in keys(redis))
        crew.start(1, *slow, *(each.replace("=", f"={tmp_path}/") if "URI" in each else each for each in other))
        ended = crew.workers.pop().ended()
    assert ended.code == 2
    as_told = f"`scrapy crawl harmony follow=none -s EXPORT_URI={tmp_path}`"
    assert ended.error.startswith(f"error: run {RUN_ID} is at work as {as_told}: start its other workers with the same")


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("FRONTIER_URL=http://me:secret@127.0.0.1/", "FRONTIER_URL is no address of Redis; give one such as redis://"),
        ("FRONTIER_MAX_PENDING=-1", "FRONTIER_MAX_PENDING is a number of targets, or 0 for"),
        ("FRONTIER_MAX_PENDING=many", "FRONTIER_MAX_PENDING='many' is no whole number"),
        ("FRONTIER_CLAIM_SECONDS=0", "FRONTIER_CLAIM_SECONDS='0' is no number above 0"),
    ],
)
def test_wrong_settings_end_with_2(tmp_path: Path, setting: str, line: str) -> None:
    ended = scrapy("crawl", "harmony", "-s", setting, exports=tmp_path)
    assert ended.code == 2
    assert line in ended.error
    assert "secret" not in ended.log


def test_nothing_of_it_is_imported_without_a_frontier(tmp_path: Path) -> None:
    told = "import sys, atexit; from scrapy.cmdline import execute\n"
    told += "atexit.register(lambda: print([name for name in sys.modules if 'redis' in name or 'frontier' in name]))\n"
    told += "execute(['scrapy', 'crawl', 'harmony', '-a', 'limit=1', '-s', 'DOWNLOAD_DELAY=0'])"
    with serving(tree=Catalogue({}, 1)) as mirror:
        ended = subprocess.run(
            [sys.executable, "-c", told],
            env=environment(mirror, tmp_path, PYTHONPATH=os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "[]"


def test_a_worker_that_is_stopped_leaves_its_targets_to_the_others_at_once(tmp_path: Path, redis: RedisServer) -> None:
    slow = ("-s", "DOWNLOAD_DELAY=0.1")
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis) as crew:
        crew.start(2, *slow, FRONTIER_CLAIM_SECONDS="600")
        wait_for(lambda: len(seen_by(mirror)) > 30)
        stopped = crew.workers.pop()
        stopped.send(signal.SIGTERM)
        assert stopped.ended().code == 1
        codes(crew, 0)  # it need not wait for the claim time
        alone = crawl(mirror, tmp_path / "alone", "-a", "follow=none")
    assert Export(tmp_path).digests == alone.digests
    assert Export(tmp_path).states == alone.states


def test_where_all_are_stopped_one_process_may_go_on_alone(tmp_path: Path, redis: RedisServer) -> None:
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis) as crew:
        crew.start(2, "-s", "DOWNLOAD_DELAY=0.1")
        wait_for(lambda: len(seen_by(mirror)) > 30)
        for worker in crew.workers:
            worker.send(signal.SIGTERM)
        codes(crew, 1, 1)
        before = len(seen_by(mirror))
        resumed = crawl(mirror, tmp_path, "-a", "follow=none", "-a", f"run_id={RUN_ID}")
        again = [each["url"] for each in seen_by(mirror)[before:]]
        alone = crawl(mirror, tmp_path / "alone", "-a", "follow=none")
        pages = {url for url in again if "/items/" in url}
    assert resumed.digests == alone.digests
    assert len(pages) < sum(row["attempts"] > 0 for row in alone.ledger.values()) - 15


def test_a_worker_that_comes_back_when_all_is_published_goes_by_the_log(tmp_path: Path, redis: RedisServer) -> None:
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis) as crew:
        crew.start(2, "-s", "DOWNLOAD_DELAY=0.05", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=2")
        wait_for(lambda: len(seen_by(mirror)) > 30)
        absent = crew.workers.pop()
        absent.send(signal.SIGSTOP)
        codes(crew, 0)
        before = seen_by(mirror)
        absent.send(signal.SIGCONT)
        assert absent.ended().code == 0
        again = [each["url"] for each in seen_by(mirror)[len(before) :]]
    assert Export(tmp_path).commit["number"] == 1
    assert len(again) < len(before) // 2  # what it was about to ask for, and what it had found and not told yet
    assert keys(redis) == []


def test_a_redis_that_is_away_is_waited_for(tmp_path: Path, redis: RedisServer) -> None:
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis) as crew:
        crew.start(2, "-s", "DOWNLOAD_DELAY=0.1")
        wait_for(lambda: len(seen_by(mirror)) > 30)
        redis.pause()
        time.sleep(CLAIM_SECONDS + 3)
        redis.resume()
        ended = crew.ended()
        asked = [each["url"] for each in seen_by(mirror) if "/items/" in each["url"]]
        alone = crawl(mirror, tmp_path / "alone", "-a", "follow=none")
    assert [each.code for each in ended] == [0, 0]
    assert all("Redis is away, and is waited for" in each.log for each in ended)
    assert Export(tmp_path).digests == alone.digests
    assert Export(tmp_path).stats.get("frontier/taken_over", 0) == 0  # all workers were there
    assert len(asked) == len(set(asked))


def test_publishing_by_hand_removes_the_frontier_too(tmp_path: Path, redis: RedisServer) -> None:
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis) as crew:
        crew.start(1, GATE_MIN_RECORDS="100000")
        codes(crew, 3)
        assert KEYS("epoch") in keys(redis)
        published = scrapy(
            *("publish", RUN_ID, "--accept", "min_records"), mirror=mirror, exports=tmp_path, FRONTIER_URL=redis.url
        )
    assert published.code == 0, published.log
    assert keys(redis) == []


def test_no_worker_owes_more_than_it_may(tmp_path: Path, redis: RedisServer) -> None:
    most = 0
    with serving(tree=Catalogue({}, SCALE)) as mirror, Crew(mirror, tmp_path, redis, batch=1000) as crew:
        crew.start(1, EXPORT_BATCH_SECONDS="600", FRONTIER_MAX_PENDING="10")
        with redis.client() as client:
            while crew.workers[0].alive:
                with suppress(ResponseError):  # there is none yet, or none any more
                    most = max(most, sum(client.xpending(key, "workers")["pending"] for key in KEYS.streams))
        codes(crew, 0)
    assert 5 < most <= 10


@pytest.mark.parametrize("most", ["1", "3"])
def test_a_worker_with_room_for_fewer_targets_than_there_are_sites_comes_to_all_of_them(
    tmp_path: Path, redis: RedisServer, most: str
) -> None:
    args = ("crawl", "ukds", *FAST, "-a", "limit=20", "-s", f"FRONTIER_MAX_PENDING={most}")
    with serving(scale=3) as mirror, Crew(mirror, tmp_path, redis, args, batch=1) as crew:
        crew.start(1)
        codes(crew, 0)
    asked = {locate(url) for url, row in Export(tmp_path).ledger.items() if row["attempts"]}
    assert {located[0].NAME for located in asked if located} >= {"ukds", "datacite"}


class Deadly:
    """A catalogue with a page that ends the worker which asks for it."""

    def __init__(self, page: str) -> None:
        self.victim: Started | None = None
        self._tree, self._path = Catalogue({}, 2), f"harmonydata.ac.uk/search/{page}.txt"

    def get(self, path: str) -> bytes | None:
        if path == self._path and self.victim is not None:
            self.victim.send(signal.SIGKILL)
        return self._tree.get(path)


def test_a_target_that_ends_its_workers_is_given_up(tmp_path: Path, redis: RedisServer) -> None:
    page = item(0).pages[-1]
    tree = Deadly(page)
    ends: list[int] = []
    with serving(tree=tree) as mirror, Crew(mirror, tmp_path, redis, batch=1) as crew:
        while ends[-1:] != [0]:
            crew.start(1, FRONTIER_CLAIM_SECONDS="1", GATE_MAX_FAILED="1")
            tree.victim = crew.workers[-1]
            ends.append(tree.victim.ended().code)
    assert ends == [*[-signal.SIGKILL] * 4, 0]
    row = Export(tmp_path).ledger[f"/{page}"]
    assert (row["state"], row["reason"]) == ("fetch_failed", "given up: 4 workers ended while they had it")
    assert Export(tmp_path).stats["frontier/given_up"] == 1
    assert {row["state"] for url, row in Export(tmp_path).ledger.items() if url != f"/{page}"} >= {"stored"}
