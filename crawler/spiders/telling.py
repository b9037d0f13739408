"""From what a page tells to its target: sightings, links, and what need not be asked for any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import stats
from crawler.loaders import Loads
from crawler.spiders.links import elsewhere, file_pages
from crawler.spiders.unknown import UnknownKeys

if TYPE_CHECKING:
    from scrapy.statscollectors import StatsCollector

    from crawler.items import Target
    from crawler.sites.page import Page
    from crawler.sites.site import Site


class Telling:
    """Puts what pages tell into their targets, and counts what no rule knows and what is damaged."""

    def __init__(self) -> None:
        self._loads = Loads()
        self._unknown = UnknownKeys()

    def take(self, site: Site, target: Target, page: Page, collector: StatsCollector) -> None:
        """Take in a page with a record, which is all that its target has to say."""
        for found in page.found:
            target.sightings.append(self._loads.load(found, page=target.url, fetched_at=target.fetched_at))
        links = dict.fromkeys([*page.links, *elsewhere(target.sightings)])
        target.links = [url for url in links if url != target.url]
        if page.problems:  # what is damaged tells nothing in full, and has to be read again
            target.etag = target.last_modified = None
            collector.inc_value(stats.PAGE_PROBLEMS, len(page.problems))
        else:
            names = [*page.told, *filter(None, [page.found[0].uuid, page.found[0].slug])]
            told = [url for name in names for url in site.pages_of(name)] + file_pages(target.sightings)
            target.told = [url for url in told if url != target.url]
        self._unknown.count(collector, site.NAME, page.unknown_keys)
