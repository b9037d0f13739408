"""A crawl of some pages with the project's settings: each answer is a line of JSON on standard output, then the stats.

`python -m tests.browser.opening JSON` with `requests` (arguments of scrapy.Request), `settings`, and `public` true
where addresses of this machine are to count as such of the public internet.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.browser import traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

_SMALL = {
    "BROWSER_TIMEOUT": 5,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    "DOWNLOAD_DELAY": 0,
    "DOWNLOADER_MIDDLEWARES": {},  # the browser looks after its own hosts
    "EXTENSIONS": {"crawler.extensions.stop.Stop": 900},
    "ITEM_PIPELINES": {},
    "ROBOTSTXT_OBEY": False,
    "SPIDER_MIDDLEWARES": {},
}


def tell(**told: Any) -> None:  # noqa: ANN401 - anything that JSON has
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Opening(Spider):
    name = "opening"
    run_id = "one"
    given: ClassVar[list[dict[str, Any]]] = []

    async def start(self) -> AsyncIterator[Request]:
        for request in self.given:
            yield Request(**request, callback=self.parse, errback=self.failed, dont_filter=True)

    def parse(self, response: Response) -> None:
        headers = {name.decode(): value[0].decode() for name, value in response.headers.items()}
        body = response.body.decode("utf-8", "replace")
        tell(url=response.url, status=response.status, body=body, headers=headers)

    def failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        tell(url=request.url, failure=type(failure.value).__name__, why=str(failure.value))


def main(given: dict[str, Any]) -> None:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(_SMALL | given["settings"], priority="cmdline")
    if given.get("public"):
        traffic.is_public = lambda _: True  # type: ignore[assignment, attr-defined] # as it is imported there
    Opening.given = given["requests"]
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Opening)
    crawler.signals.connect(lambda: tell(began=True), signals.engine_started, weak=False)
    process.crawl(crawler)
    process.start()
    stats = {key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, str | int | float)}
    tell(stats=stats, imported=sorted(name for name in sys.modules if name.endswith("playwright")))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
