"""One module for each source: the forms of its URLs, and where a record lives on its pages."""

from crawler.sites import harmony

EXTRACTOR_VERSION = "1"
"""Changes with every change of what a site module or a loader makes of the same page."""
SITES = (harmony,)
OTHER = "other"
"""Name of what is no page of a site that this project knows."""


def name_of(url: str) -> str:
    """Return the name of the site whose page a URL is, `OTHER` for one of none.

    >>> name_of("https://harmonydata.ac.uk/search/items/a"), name_of("https://example.org/")
    ('harmony', 'other')
    """
    return next((site.NAME for site in SITES if site.canonical(url)), OTHER)
