"""ReShare, https://reshare.ukdataservice.ac.uk/: the UK Data Service's repository for data that researchers deposit.

It is an EPrints 3 repository. A record is an eprint, and its number is the study number; the same fields are told by
the JSON export at the eprint's URI and by `<meta>` tags on its abstract page.
"""

from crawler.sites.reshare.read import read
from crawler.sites.reshare.urls import HOST, canonical, pages_of, rank, routes

NAME = "reshare"
HOSTS = (HOST,)
BROWSER_HOSTS: tuple[str, ...] = ()

__all__ = ["BROWSER_HOSTS", "HOSTS", "NAME", "canonical", "pages_of", "rank", "read", "routes"]
