"""A crawl in a process of its own that asks for some URLs with the project's settings, and says how each ended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.browser import BrowserDownloadHandler
from crawler.signals import requests_abandoned
from tests.crawl.crawling import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from scrapy.http import Response
    from twisted.python.failure import Failure

HANDLERS = dict.fromkeys(["http", "https"], "tests.crawl.asking.Sender")
HOSTS = ("a.example", "b.example", "doi.org", "localhost")


@dataclass(frozen=True, slots=True)
class Asked:
    """How each URL ended (`200`, or `CircuitOpen: circuit open: a.example`), in order, and the stats."""

    ends: dict[str, str]
    stats: dict[str, Any]
    log: str


def ask(
    mirror: str,
    *urls: str,
    then: Sequence[str] = (),
    abandon: str = "",
    drawn: Sequence[str] = (),
    **settings: object,
) -> Asked:
    """Ask for URLs of `HOSTS` (`a.example/x`), for those of `then` one by one once the first of `urls` has ended.

    `abandon` is a URL at whose end the signal is sent that a crawl which is being stopped waits no longer. Those of
    `drawn` are opened in a browser, until they hold an `h1`; they may ask all of the hosts.
    """
    told = {"urls": urls, "then": then, "abandon": abandon, "drawn": drawn, "settings": settings}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.crawl.asking"],
        input=json.dumps(told),
        env=environment(mirror, ""),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert ended.returncode == 0, ended.stderr
    return Asked(**json.loads(ended.stdout), log=ended.stderr)


class Sender(BrowserDownloadHandler):
    """The project's handler, which says when it sends a request."""

    async def _send(self, request: Request) -> Response:
        request.headers["Sent"] = str(time.monotonic())
        return await super()._send(request)


class Asker(Spider):
    """Asks for the URLs that it is told, and follows redirects."""

    name = "asker"
    allowed_hosts = frozenset(HOSTS)

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__()
        self.told, self.then = told, list(told["then"])
        self.ends: dict[str, str] = {}

    async def start(self) -> AsyncIterator[Request]:
        for url in self.told["urls"]:
            yield self.request(url)

    def request(self, url: str) -> Request:
        browser = {"browser": True, "browser_hosts": HOSTS, "browser_wait": "h1"}
        return Request(
            f"https://{url}",
            callback=self.answered,
            errback=self.failed,
            cb_kwargs={"asked": url},
            meta={"handle_httpstatus_list": list(range(400, 600))} | (browser if url in self.told["drawn"] else {}),
            dont_filter=True,
        )

    def answered(self, response: Response, asked: str) -> Iterator[Request]:
        yield from self.end(asked, str(response.status))

    def failed(self, failure: Failure) -> Iterator[Request]:
        asked = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined] # Scrapy puts it there
        yield from self.end(asked, f"{type(failure.value).__name__}: {failure.value}")

    def end(self, asked: str, how: str) -> Iterator[Request]:
        assert asked not in self.ends
        self.ends[asked] = how
        if asked == self.told["abandon"]:
            self.crawler.signals.send_catch_log(requests_abandoned)
        if self.then and (asked == self.told["urls"][0] or asked in self.told["then"]):
            yield self.request(self.then.pop(0))


def main(told: dict[str, Any]) -> None:
    """Crawl, and print how each URL ended."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(
        {"EXTENSIONS": {}, "ITEM_PIPELINES": {}, "DOWNLOAD_HANDLERS": HANDLERS} | told["settings"], priority="cmdline"
    )
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Asker)
    process.crawl(crawler, told=told)
    process.start()
    assert isinstance(crawler.spider, Asker)
    print(json.dumps({"ends": crawler.spider.ends, "stats": crawler.stats.get_stats()}, default=str))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(json.load(sys.stdin))
