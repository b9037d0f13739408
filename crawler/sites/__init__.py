"""One module for each source: the forms of its URLs, and where a record lives on its pages."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.sites import datacite, harmony, reshare, ukds

if TYPE_CHECKING:
    from crawler.sites.site import Site

EXTRACTOR_VERSION = "4"
"""Changes with every change of what a site module or a loader makes of the same page."""
SITES: tuple[Site, ...] = (harmony, ukds, reshare, datacite)
_BY_HOST = {host: site for site in SITES for host in site.HOSTS}
OTHER = "other"
"""Name of what is no page of a site that this project knows."""


@lru_cache(maxsize=1 << 14)  # a URL is come upon by many links, and looked at again when it is asked for and stored
def locate(url: str) -> tuple[Site, str] | None:
    """Return the site and the canonical URL of the target that a URL names in any form, None for that of no site.

    >>> site, url = locate("http://dx.doi.org/10.5255/UKDA-SN-850565")
    >>> site.NAME, url
    ('datacite', 'https://doi.org/10.5255/ukda-sn-850565')
    >>> locate("https://example.org/") is None
    True
    """
    likely = _BY_HOST.get(url.removeprefix("https://").partition("/")[0])  # as a canonical URL begins
    if likely is not None and (found := likely.canonical(url)):
        return likely, found
    return next(((site, found) for site in SITES if (found := site.canonical(url))), None)


def name_of(url: str) -> str:
    """Return the name of the site whose target a URL names, `OTHER` for that of none.

    >>> name_of("https://harmonydata.ac.uk/search/items/a"), name_of("https://example.org/")
    ('harmony', 'other')
    """
    located = locate(url)
    return located[0].NAME if located else OTHER
