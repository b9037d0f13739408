"""The DOI registry: DataCite's metadata of a DOI, from its REST API or by content negotiation at doi.org.

A target is the https URL of a DOI of any registration agency, and DataCite describes its own only: of the others its
API answers 404, and doi.org/doiRA names their agency. Content negotiation goes on with a 302 to data.crosscite.org.
That URL names the same target: it is one more step of the attempt. A `Location` that names another target, or none, is
a landing page or the service of another agency.
"""

from crawler.sites.datacite.batch import BATCH, batch_url, batches, read_batch
from crawler.sites.datacite.read import read
from crawler.sites.datacite.urls import HOSTS, canonical, pages_of, rank, routes

NAME = "datacite"
BROWSER_HOSTS: tuple[str, ...] = ()

__all__ = [
    "BATCH",
    "BROWSER_HOSTS",
    "HOSTS",
    "NAME",
    "batch_url",
    "batches",
    "canonical",
    "pages_of",
    "rank",
    "read",
    "read_batch",
    "routes",
]
