"""A catalogue that lists some of its pages in sitemaps, named by its robots.txt."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, ClassVar

from lxml.etree import LxmlError
from scrapy import Request
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots

from crawler import stats
from crawler.items import Target
from crawler.spiders.answers import OK, moved, reason
from crawler.spiders.catalogue import CatalogueSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

_BEFORE_ALL_TARGETS = 10


class SitemapSpider(CatalogueSpider):
    """Yields, beside the targets, one `Target` without a state for each sitemap: what it lists."""

    sitemaps: ClassVar[tuple[str, ...]] = ()
    """Those that the site is known to have, should its robots.txt name none."""

    def seeds(self) -> Iterator[Request | Target]:
        yield from self._ask([self.robots], self.parse_robots, set(), dont_obey_robotstxt=True)

    def parse_robots(self, response: Response, asked: set[str]) -> Iterator[Request]:
        if (now := moved(response)) is not None:
            yield now
            return
        urls = list(sitemap_urls_from_robots(response.body, response.url)) if response.status == OK else []
        yield from self._ask(urls or self.sitemaps, self.parse_sitemap, asked)

    def parse_sitemap(self, response: Response, asked: set[str]) -> Iterator[Request | Target]:
        """Follow a sitemap index, or discover the URLs of a sitemap."""
        kind, locations = _read(response) if response.status == OK else (None, [])
        if kind == "sitemapindex":
            yield from self._ask(locations, self.parse_sitemap, asked)
        elif kind == "urlset":
            yield from self.discover(response.url, locations)
        elif (now := moved(response)) is not None:
            yield now
        else:
            yield self._no_sitemap(response.url, f"HTTP {response.status}, and no sitemap")

    def sitemap_failed(self, failure: Failure) -> Iterator[Request | Target]:
        """Go on without a sitemap; without robots.txt, with the sitemap that the site is known to have."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy puts it there
        yield self._no_sitemap(request.url, reason(failure))
        if request.callback == self.parse_robots:
            yield from self._ask(self.sitemaps, self.parse_sitemap, **request.cb_kwargs)

    def _ask(
        self, urls: Iterable[str], callback: Callable[..., Any], asked: set[str], **meta: bool
    ) -> Iterator[Request]:
        """Yield the requests for sitemaps that were not asked for since the run began, or began anew."""
        for url in urls:
            if url not in asked:
                asked.add(url)
                yield Request(
                    url,
                    callback=callback,
                    errback=self.sitemap_failed,
                    cb_kwargs={"asked": asked},
                    meta={"handle_httpstatus_all": True, **meta},
                    priority=_BEFORE_ALL_TARGETS,
                    dont_filter=True,  # Scrapy's own filter does not know that a run begins anew
                )

    def _no_sitemap(self, url: str, why: str) -> Target:
        self.logger.warning("No targets from %s: %s", url, why)
        self.crawler.stats.inc_value(stats.SITEMAPS_FAILED)
        return Target(url=url, state=None, reason=why)


def _read(response: Response) -> tuple[str | None, list[str]]:
    """Return the kind of a sitemap and the URLs that it lists; no kind for what is no XML."""
    try:
        sitemap = Sitemap(gunzip(response.body) if gzip_magic_number(response) else response.body)
        return sitemap.type, [url for entry in sitemap if entry["loc"] and (url := _joined(response, entry["loc"]))]
    except (LxmlError, StopIteration, EOFError, OSError, zlib.error):
        return None, []


def _joined(response: Response, location: str) -> str | None:
    try:
        url = response.urljoin(location)
    except ValueError:  # an IPv6 literal that is none
        return None
    return url if url.startswith(("http://", "https://")) else None
