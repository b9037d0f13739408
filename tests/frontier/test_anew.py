"""A run whose frontier is lost before the store has anything begins anew, in the process that began it before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.crawl.crawling import FAST, Export
from tests.crawl.lists import FIRST, NEXT, ROBOTS, listed, sitemap
from tests.crawl.sites import sites
from tests.frontier.working import Crew, wait_for
from tests.servers.scripted import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.redis import RedisServer

SITEMAPS = [f"harmonydata.ac.uk/{name}.xml" for name in ("one", "two")]
ITEM = "harmonydata.ac.uk/search/items/a.txt"
RECORDS = "ListRecords"


def late(answer: Answer) -> list[Answer]:
    """Answer late at first, so that nothing reaches the store before Redis is gone."""
    return [Answer(answer.status, answer.body, {"Wait": "4"}), answer]


@dataclass(frozen=True, slots=True)
class Case:
    """A spider, what its site answers, and the targets that it lists."""

    spider: str
    lists: dict[str, list[Answer]]
    late: str
    """What is answered late, and only asked for once a list was read."""
    others: dict[str, list[Answer]]
    targets: set[str]


HARMONY = Case(
    spider="harmony",
    lists={SITEMAPS[0]: [sitemap("a", "b", "c")], SITEMAPS[1]: late(sitemap("d"))},
    late=ITEM,
    others={
        ROBOTS: [Answer(body="\n".join(f"Sitemap: https://{each}" for each in SITEMAPS).encode())],
        ITEM: late(Answer(404)),
    },
    targets={"a", "b", "c", "d"},
)
UKDS = Case(
    spider="ukds",
    lists={
        FIRST.format(RECORDS): [listed(RECORDS, "next", 101, 102)],
        NEXT.format(RECORDS, "next"): late(listed(RECORDS, "", 103)),
    },
    late=NEXT.format(RECORDS, "next"),
    others={},
    targets={"101", "102", "103"},
)


@pytest.mark.parametrize("case", [HARMONY, UKDS], ids=["harmony", "ukds"])
def test_a_run_whose_frontier_is_lost_reads_its_lists_again(tmp_path: Path, redis: RedisServer, case: Case) -> None:
    gate = ("-s", "GATE_MAX_FAILED=1", "-s", "GATE_MIN_RECORDS=0")
    args = ("crawl", case.spider, *FAST, *gate, "-a", "follow=none", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=2")
    with sites(case.lists | case.others) as served, Crew(served.mirror, tmp_path, redis, args, batch=1000) as crew:
        crew.start(1, EXPORT_BATCH_SECONDS="600")
        wait_for(lambda: case.late in served.asked())
        redis.kill()
        redis.start()
        (ended,) = crew.ended()
        asked = served.counts()
    assert ended.code == 0, ended.log
    states = {url.rpartition("/")[2]: state for url, state in Export(tmp_path).states.items()}
    assert states.keys() == case.targets
    assert "not_attempted" not in states.values()
    assert {path: asked[path] for path in case.lists} == dict.fromkeys(case.lists, 2)
