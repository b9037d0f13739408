"""What a shared scheduler costs a request, without any download: `python bench/scheduler.py NAME REDIS FOUND`.

NAME is `ours` or `scrapy-redis`, in the environment of its own; REDIS an empty one. Each request is new to the dedupe,
goes in and comes out once. FOUND are found at a time, as pages name them: what is found together can go together.
Prints, as JSON, what a request took: microseconds of this process and of Redis's, and messages to Redis.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from redis import Redis
from scrapy import Request
from scrapy.utils.test import get_crawler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

ROOT = Path(__file__).parent.parent
REQUESTS = 5_000


def batches(found: int) -> Iterator[list[str]]:
    """Yield the URLs of all requests, so many at a time."""
    urls = [f"https://harmonydata.ac.uk/search/items/{number:032x}" for number in range(REQUESTS)]
    for first in range(0, REQUESTS, found):
        yield urls[first : first + found]


async def theirs(url: str, found: int) -> Callable[[], Awaitable[None]]:
    """Return what puts all requests through the scheduler of scrapy-redis, and takes them out."""
    from scrapy_redis.scheduler import Scheduler  # noqa: PLC0415 - it is in an environment of its own

    crawler = get_crawler(settings_dict={"REDIS_URL": url, "DUPEFILTER_CLASS": "scrapy_redis.dupefilter.RFPDupeFilter"})
    crawler.spider = spider = crawler._create_spider("bench")  # noqa: SLF001 - as Scrapy's own tests make it
    scheduler = Scheduler.from_crawler(crawler)
    scheduler.open(spider)

    async def run() -> None:
        for urls in batches(found):
            for each in urls:
                scheduler.enqueue_request(Request(each, callback=spider.parse))
            for _ in urls:
                if scheduler.next_request() is None:
                    raise RuntimeError("scrapy-redis has lost a request")

    return run


class Spider:
    """What the frontier asks of a spider, each of whose targets is one request."""

    run_id, process, asked_for, limit = "bench", "one", "bench", None

    def __init__(self, site: object) -> None:
        self._site = site

    def rank(self, _: str) -> int:
        """Return 0: all are asked for at once."""
        return 0

    def rest(self) -> list[Request]:
        """Return nothing: no target waits for others."""
        return []

    def ask(self, lead: Any) -> Iterator[Request]:  # noqa: ANN401 - this file is run without the project, too
        """Yield the request for a target."""
        visit = SimpleNamespace(site=self._site, target=SimpleNamespace(url=lead.url))
        yield Request(lead.url, cb_kwargs={"visit": visit}, dont_filter=True)


class Engine:
    """What the frontier asks of Scrapy's engine: one that is at work, and has room."""

    def __init__(self) -> None:
        busy = Request("https://example.org/")
        self.scraper = SimpleNamespace(slot=None)
        self.downloader = SimpleNamespace(active={busy}, per_slot_settings={}, domain_concurrency=4)
        self.downloader.get_slot_key = lambda request: request.url.split("/")[2]
        self.scheduler: Any = None
        self.came = asyncio.Event()

    def crawl(self, request: Request) -> None:
        """Take in a request for a target that the frontier gave to this worker."""
        self.scheduler.enqueue_request(request)
        self.came.set()


async def ours(url: str, found: int) -> Callable[[], Awaitable[None]]:
    """Return what puts all requests through the frontier, and says by the batch that they are stored."""
    sys.path.insert(0, str(ROOT))
    from crawler import settings  # noqa: PLC0415 - this file is run without the project, too
    from crawler.frontier.discovery import SharedDiscovery  # noqa: PLC0415 - likewise
    from crawler.frontier.scheduler import SharedScheduler  # noqa: PLC0415 - likewise
    from crawler.signals import batch_stored  # noqa: PLC0415 - likewise
    from crawler.sites import harmony  # noqa: PLC0415 - likewise

    own = {name: value for name, value in vars(settings).items() if name.isupper()}
    crawler: Any = get_crawler(settings_dict=own | {"FRONTIER_URL": url, "CONCURRENT_REQUESTS_PER_DOMAIN": 4})
    crawler.engine = engine = Engine()
    spider: Any = Spider(harmony)
    spider.discovery = discovery = SharedDiscovery(crawler, spider)
    engine.scheduler = scheduler = SharedScheduler(crawler)
    size = crawler.settings.getint("EXPORT_BATCH_ITEMS")
    scheduler.open(spider)
    while not await discovery.link.redis.exists(discovery.keys("workers")):  # noqa: ASYNC110 - Redis tells nobody
        await asyncio.sleep(0.01)

    async def run() -> None:
        batch: list[str] = []
        for urls in batches(found):
            discovery.discover(urls)
            for _ in urls:
                while (request := scheduler.next_request()) is None:
                    engine.came.clear()
                    await engine.came.wait()
                batch.append(request.url)
                if len(batch) == size:
                    crawler.signals.send_catch_log(batch_stored, urls=batch)
                    batch = []
        crawler.signals.send_catch_log(batch_stored, urls=batch)
        closing: Any = scheduler.close("finished")
        await closing.asFuture(asyncio.get_running_loop())
        if any([await discovery.link.redis.xlen(stream) for stream in discovery.keys.streams]):
            raise RuntimeError("the frontier has kept a request")

    return run


def spent(redis: Redis) -> dict[str, float]:
    """Return what this process and a Redis have taken since they started: microseconds, and messages that it read."""
    info: Any = redis.info("all")
    return {
        "process": time.process_time() * 1e6,
        "redis": (info["used_cpu_user"] + info["used_cpu_sys"]) * 1e6,
        "messages": info["total_reads_processed"],
    }


async def main(name: str, url: str, found: int) -> None:
    """Print what a request takes."""
    run = await {"ours": ours, "scrapy-redis": theirs}[name](url, found)
    with Redis.from_url(url) as redis:
        before = spent(redis)
        await run()
        after = spent(redis)
    print(json.dumps({what: (after[what] - before[what]) / REQUESTS for what in after}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
