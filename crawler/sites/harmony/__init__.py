"""The Harmony catalogue, https://harmonydata.ac.uk/search/: the forms of its URLs, and what its pages tell.

Its pages are a Next.js static export, redeployed every few weeks: rows, prop names and routes change, and so may the
title of a page that says "Dataset Not Found" and carries the record nevertheless. So a record is found by its shape,
wherever it sits: a search result, detail props, or a JSON-LD Dataset.
"""

from crawler.sites.harmony.read import read
from crawler.sites.harmony.urls import (
    BROWSER_HOSTS,
    HOST,
    HOSTS,
    SITEMAPS,
    canonical,
    item_url,
    name_of,
    pages_of,
    rank,
    routes,
)

NAME = "harmony"

__all__ = [
    "BROWSER_HOSTS",
    "HOST",
    "HOSTS",
    "NAME",
    "SITEMAPS",
    "canonical",
    "item_url",
    "name_of",
    "pages_of",
    "rank",
    "read",
    "routes",
]
