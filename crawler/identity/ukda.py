"""UK Data Archive study numbers and editions, from every form of DOI and URL that names one.

A study's DOI is `10.5255/UKDA-SN-<number>[-<edition>]`; the archive mints the next edition on a high-impact change.
URLs of the discovery portals, ReShare, Nesstar and the documentation server carry the number only, but for the landing
page of the `beta` portal, which carries the edition in its fragment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from crawler.identity import doi as dois

_DOI = re.compile(r"10\.5255/ukda-sn-0*([0-9]{1,9})(?:-([0-9]{1,4}))?")
_HOST = re.compile(r"(?:[\w-]+\.)*ukdataservice\.ac\.uk")
_PATHS = re.compile(
    r"""/(?:
        (?:datacatalogue/)?studies/study/0*(?P<study>[0-9]{1,9})
      | (?:id/eprint/|archive/|cgi/export/eprint/)?0*(?P<eprint>[0-9]{4,9})
      | doc/0*(?P<doc>[0-9]{1,9})
    )(?:/|$)""",
    re.VERBOSE,
)
_QUERIES = {  # parameter that holds a study number -> ends of the paths where it does
    "sn": ("/catalogue", "/doi"),
    "id": ("/studies/study", "/doi"),
    "studynumber": ("/GetDownload",),
    "study": ("/webview/index.jsp",),
}
_FILE_PAGE = re.compile(
    r"https?://datacatalogue\.ukdataservice\.ac\.uk/datasets/dataset/([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Study:
    """A study number, and the edition where the DOI or URL carries one (a DOI without suffix names edition 0)."""

    number: int
    edition: int | None = None


def from_doi(doi: str) -> Study | None:
    """Return the study and edition that a bare lower-case DOI names, or None for any other DOI.

    >>> from_doi("10.5255/ukda-sn-3535-6"), from_doi("10.5255/ukda-sn-850565")
    (Study(number=3535, edition=6), Study(number=850565, edition=0))
    >>> from_doi("10.5255/ukda-series-2000053") is None
    True
    """
    match = _DOI.fullmatch(doi)
    return Study(int(match[1]), int(match[2] or 0)) if match else None


def to_doi(study: Study) -> str:
    """Return the bare DOI of an edition of a study.

    >>> to_doi(Study(3535, 6)), to_doi(Study(850565, 0))
    ('10.5255/ukda-sn-3535-6', '10.5255/ukda-sn-850565')
    """
    return f"10.5255/ukda-sn-{study.number}" + (f"-{study.edition}" if study.edition else "")


@lru_cache(maxsize=1 << 12)  # a study, its files and its JSON-LD name the same few
def from_url(url: str) -> Study | None:
    """Return the study that a URL of the UK Data Service, of ReShare or of a DOI resolver names, or None.

    >>> from_url("https://datacatalogue.ukdataservice.ac.uk/studies/study/9263#details")
    Study(number=9263, edition=None)
    >>> from_url("https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=5151#!#2")
    Study(number=5151, edition=2)
    >>> from_url("https://reshare.ukdataservice.ac.uk/0856334/")
    Study(number=856334, edition=None)
    >>> from_url("https://datacatalogue.ukdataservice.ac.uk/series/series/200001") is None
    True
    """
    if (doi := dois.normalise(url)) is not None:
        return from_doi(doi)
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:  # an IPv6 literal that is none
        return None
    if not _HOST.fullmatch(host):
        return None
    return _from_query(parts.path, parts.query, parts.fragment) or _from_path(host, parts.path)


def file_of(url: str) -> str | None:
    """Return the uuid (32 hex digits) of the data file whose page a URL is, or None.

    >>> file_of("https://datacatalogue.ukdataservice.ac.uk/datasets/dataset/6b2a2558-2917-72a1-ab0e-97c9bae1e35d")
    '6b2a2558291772a1ab0e97c9bae1e35d'
    >>> file_of("https://datacatalogue.ukdataservice.ac.uk/studies/study/3535") is None
    True
    """
    page = _FILE_PAGE.match(url)
    return page[1].replace("-", "").lower() if page else None


def _from_query(path: str, query: str, fragment: str) -> Study | None:
    path = path.rstrip("/")
    for name, values in parse_qs(query, keep_blank_values=False).items():
        if not path.endswith(_QUERIES.get(name.lower(), ("?",))):  # no path holds a "?"
            continue
        number = re.search(r"(?:^|/fStudy/)0*([0-9]{1,9})$", values[0].strip())
        if number is None:
            continue
        edition = re.fullmatch(r"(?:!#)?([0-9]{1,4})", fragment) if path.endswith("/doi") else None
        return Study(int(number[1]), int(edition[1]) if edition else None)
    return None


def _from_path(host: str, path: str) -> Study | None:
    match = _PATHS.match(path)
    if match is None:
        return None
    kind = match.lastgroup or ""
    if (kind == "eprint") != host.startswith("reshare."):  # /856334 is a study on ReShare only
        return None
    if kind == "doc" and not host.startswith("doc."):
        return None
    return Study(int(match[kind]))
