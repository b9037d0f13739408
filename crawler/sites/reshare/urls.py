"""Forms of ReShare's URLs: those of an eprint, never of its documents and files.

Rules: EPrints 3, `Apache/Rewrite.pm` and `Apache/CRUD.pm`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.identity import ukda
from crawler.sites.page import Route

HOST = "reshare.ukdataservice.ac.uk"

_EPRINT = re.compile(
    r"""/(?: (?:id/eprint/|archive/)? 0*([1-9][0-9]{3,8}) /?
           | cgi/export/eprint/ 0*([1-9][0-9]{3,8}) /[^/]+/[^/]+ )""",
    re.VERBOSE,
)
_DEPOSITED = range(850_000, 860_000)  # the curated studies have numbers of four digits


def canonical(url: str) -> str | None:
    """Return the canonical URL of the eprint that a URL names in any form, or None when it names none.

    >>> canonical("http://reshare.ukdataservice.ac.uk/id/eprint/0856334")
    'https://reshare.ukdataservice.ac.uk/856334/'
    >>> canonical("https://reshare.ukdataservice.ac.uk/cgi/export/eprint/856334/JSON/reshare-eprint-856334.js")
    'https://reshare.ukdataservice.ac.uk/856334/'
    >>> canonical("https://reshare.ukdataservice.ac.uk/856334/1/data.zip") is None
    True
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:  # an IPv6 literal or a port that is none
        return None
    eprint = _EPRINT.fullmatch(parts.path)
    if parts.scheme not in {"http", "https"} or host != HOST or port not in {None, 80, 443} or eprint is None:
        return None
    return f"https://{HOST}/{eprint[1] or eprint[2]}/"


def number_of(url: str) -> str:
    """Return the digits of the eprint's number in a canonical URL.

    >>> number_of("https://reshare.ukdataservice.ac.uk/856334/")
    '856334'
    """
    return url.rstrip("/").rpartition("/")[2]


def routes(url: str) -> list[Route]:
    """Return the ways to ask for a canonical target: the JSON export at the eprint's URI, then its abstract page.

    The links to exports on the page lead below /cgi/, which EPrints disallows in its robots.txt; the URI itself
    answers with the same export when asked for JSON.

    >>> [(route.url, route.accept) for route in routes("https://reshare.ukdataservice.ac.uk/856334/")]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('https://reshare.ukdataservice.ac.uk/id/eprint/856334', 'application/json'),
     ('https://reshare.ukdataservice.ac.uk/856334/', 'text/html')]
    """
    uri = f"https://{HOST}/id/eprint/{number_of(url)}"
    return [Route(url=uri, accept="application/json"), Route(url=url, accept="text/html")]


def pages_of(name: str) -> list[str]:
    """Return the canonical URL of the eprint that a study number, a DOI or a URL names, if it is one of ReShare.

    >>> pages_of("856334"), pages_of("10.5255/UKDA-SN-3535-6")
    (['https://reshare.ukdataservice.ac.uk/856334/'], [])
    """
    name = name.strip()
    study = ukda.from_url(name)
    number = study.number if study else int(name) if re.fullmatch("[0-9]{1,9}", name) else 0
    return [f"https://{HOST}/{number}/"] if number in _DEPOSITED else []


def rank(_url: str) -> int:
    """Return how good a canonical URL is to ask for an eprint by: 0, for it has no other.

    >>> rank("https://reshare.ukdataservice.ac.uk/856334/")
    0
    """
    return 0
