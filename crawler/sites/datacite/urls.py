"""Forms in which a DOI is written, and where its metadata is asked for."""

from __future__ import annotations

import re
from urllib.parse import quote

from crawler.identity import doi
from crawler.sites.page import Route

API = "https://api.datacite.org/dois"
HOSTS = ("api.datacite.org", "doi.org", "data.crosscite.org")

_SERVICE = re.compile(
    r"""\s*https?:// (?: api\.datacite\.org/dois | data\.(?:crosscite|datacite)\.org ) /
        (?: [a-z]+/[\w.+-]+/ )? (?=10\.)                                            # the media type in a link""",
    re.IGNORECASE | re.VERBOSE,
)


def canonical(url: str) -> str | None:
    """Return the https URL of the DOI that a URL or text names in any form, or None when it names none.

    A URL of the services that tell a DOI's metadata names that DOI too: content negotiation leads there.

    >>> canonical("http://dx.doi.org/10.5255/UKDA-SN-850565"), canonical("doi:10.5255/UKDA-SN-850565")
    ('https://doi.org/10.5255/ukda-sn-850565', 'https://doi.org/10.5255/ukda-sn-850565')
    >>> canonical("https://data.crosscite.org/10.5255%2FUKDA-SN-850565")
    'https://doi.org/10.5255/ukda-sn-850565'
    >>> canonical("https://example.org/10.5255/UKDA-SN-850565") is None
    True
    """
    service = _SERVICE.match(url)
    name = doi.normalise(url[service.end() :] if service else url)
    target = doi.url(name) if name else None
    return target if target and doi.normalise(target) == name else None  # else it has become too long for one


def routes(url: str) -> list[Route]:
    """Return the ways to ask for a canonical target: the REST API, then content negotiation, should that be down.

    Where the API does not know a DOI, doi.org knows which agency registered it, if any.

    >>> [(route.url, route.accept) for route in routes("https://doi.org/10.5255/ukda-sn-850565")]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('https://api.datacite.org/dois/10.5255%2Fukda-sn-850565', None),
     ('https://doi.org/doiRA/10.5255%2Fukda-sn-850565', None),
     ('https://doi.org/10.5255/ukda-sn-850565', 'application/vnd.datacite.datacite+json')]
    """
    name = quote(doi.normalise(url) or "", safe="")
    return [
        Route(url=f"{API}/{name}"),
        Route(url=f"https://doi.org/doiRA/{name}", absence=True),
        Route(url=url, accept="application/vnd.datacite.datacite+json"),
    ]


def pages_of(name: str) -> list[str]:
    """Return the canonical URL of what a DOI names; a study number names none, for its editions have DOIs of their own.

    >>> pages_of("10.5255/UKDA-SN-3535-6"), pages_of("3535")
    (['https://doi.org/10.5255/ukda-sn-3535-6'], [])
    """
    url = canonical(name)
    return [url] if url else []


def rank(_url: str) -> int:
    """Return how good a canonical URL is to ask for a DOI by: 0, for it has no other.

    >>> rank("https://doi.org/10.5255/ukda-sn-850565")
    0
    """
    return 0
