"""The UK Data Service: the forms of its URLs, and what its OAI-PMH records and its catalogue's pages tell.

A study is told best by its OAI-PMH record in DDI, which is plain XML; the pages of the catalogue are drawn by a script,
and mostly need a browser.
"""

from crawler.sites.ukds.listing import IDENTIFIERS, RECORDS, ListPage, first_page, read_page
from crawler.sites.ukds.read import read
from crawler.sites.ukds.urls import BROWSER_HOSTS, HOSTS, canonical, pages_of, rank, routes

NAME = "ukds"

__all__ = [
    "BROWSER_HOSTS",
    "HOSTS",
    "IDENTIFIERS",
    "NAME",
    "RECORDS",
    "ListPage",
    "canonical",
    "first_page",
    "pages_of",
    "rank",
    "read",
    "read_page",
    "routes",
]
