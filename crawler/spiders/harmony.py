"""`scrapy crawl harmony`: the Harmony catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crawler.sites import harmony
from crawler.spiders.sitemaps import SitemapSpider

if TYPE_CHECKING:
    from crawler.sites.site import Site


class HarmonySpider(SitemapSpider):
    """Crawls https://harmonydata.ac.uk/search/ from its sitemaps and along the links of its pages."""

    name = harmony.NAME
    site: ClassVar[Site] = harmony
    names = "items"
    sitemaps = harmony.SITEMAPS
