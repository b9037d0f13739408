"""Forms of the UK Data Service's URLs: three generations of its catalogue, and what names a study beside them.

A target is a study, one data file of a study, or a series of studies; its canonical URL is today's catalogue page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from crawler.identity import doi, ukda
from crawler.records.normalise.values import urls
from crawler.sites.page import Route

if TYPE_CHECKING:
    from urllib.parse import SplitResult

HOST = "datacatalogue.ukdataservice.ac.uk"
OAI_HOST = "oai.ukdataservice.ac.uk"
OAI = f"https://{OAI_HOST}/oai/provider"
"""Base URL of the OAI-PMH provider."""
HOSTS = (HOST, OAI_HOST)
BROWSER_HOSTS = (HOST, ".appsync-api.eu-west-2.amazonaws.com")
"""Hosts that the catalogue's own script calls. A leading dot stands for every host below: the first label of a
GraphQL endpoint on AWS AppSync is an identifier that changes when the endpoint is made anew."""

_OF_STUDIES = {HOST, *(f"{name}.ukdataservice.ac.uk" for name in ("beta", "discover", "doc", "nesstar"))}
_OF_SERIES = {HOST, "beta.ukdataservice.ac.uk"}
_PORTS = {None, 80, 443}
_OAI_PORTS = _PORTS | {8443}
_SERIES = re.compile(r"(?:/datacatalogue)?/series/series(?:/0*([1-9][0-9]{0,8}))?/?")
_FILE = re.compile(r"/datasets/dataset/([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})/?", re.IGNORECASE)
_NUMBER = re.compile(r"0*([1-9][0-9]{0,8})")
_SERIES_DOI = re.compile(r"10\.5255/ukda-series-0*([1-9][0-9]{0,8})")
_UUID_PARTS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))


def canonical(url: str) -> str | None:
    """Return the canonical URL of the study, file or series that a URL names in any form, or None when it names none.

    DOIs and ReShare's URLs belong to other sites; a search names nothing, and a download is never asked for.

    >>> canonical("https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=5151#!#2")
    'https://datacatalogue.ukdataservice.ac.uk/studies/study/5151'
    >>> canonical("https://datacatalogue.ukdataservice.ac.uk/series/series/200006?id=200006#abstract")
    'https://datacatalogue.ukdataservice.ac.uk/series/series/200006'
    >>> canonical("https://reshare.ukdataservice.ac.uk/856334/"), canonical("https://doi.org/10.5255/UKDA-SN-1")
    (None, None)
    """
    try:
        parts = urlsplit(next(iter(urls(url)), ""))
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a port that is none
        return None
    if host == OAI_HOST:
        return _of_oai(parts.query) if port in _OAI_PORTS else None
    return _of_catalogue(host, parts) if port in _PORTS else None


def _of_catalogue(host: str, parts: SplitResult) -> str | None:
    if host == HOST and (file := _FILE.fullmatch(parts.path)):
        return file_url(file[1])
    if host in _OF_SERIES and (series := _series(parts)):
        return series_url(series)
    if host in _OF_STUDIES and not parts.path.endswith("/GetDownload"):
        study = ukda.from_url(parts.geturl())
        return study_url(study.number) if study and study.number else None
    return None


def _series(parts: SplitResult) -> int | None:
    match = _SERIES.fullmatch(parts.path)
    if match is None:
        return None
    return int(match[1]) if match[1] else number_of(_parameter(parts.query, "id"))


def _of_oai(query: str) -> str | None:
    number = number_of(_parameter(query, "identifier")) if _parameter(query, "verb") == "GetRecord" else None
    return study_url(number) if number else None


def _parameter(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0]


def number_of(text: str) -> int | None:
    """Return the study or series number that a text is, None for any other text.

    >>> number_of("03535"), number_of("0"), number_of("3535a")
    (3535, None, None)
    """
    match = _NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else None


def study_url(number: int) -> str:
    """Return the canonical URL of a study."""
    return f"https://{HOST}/studies/study/{number}"


def series_url(number: int) -> str:
    """Return the canonical URL of a series."""
    return f"https://{HOST}/series/series/{number}"


def file_url(uuid: str) -> str:
    """Return the canonical URL of a data file, from its uuid with or without dashes.

    >>> file_url("6B2A2558291772A1AB0E97C9BAE1E35D")
    'https://datacatalogue.ukdataservice.ac.uk/datasets/dataset/6b2a2558-2917-72a1-ab0e-97c9bae1e35d'
    """
    digits = uuid.replace("-", "").lower()
    return f"https://{HOST}/datasets/dataset/" + "-".join(digits[start:end] for start, end in _UUID_PARTS)


def study_of(url: str) -> int | None:
    """Return the number of the study whose canonical URL this is, None for a file, a series or anything else.

    >>> study_of("https://datacatalogue.ukdataservice.ac.uk/studies/study/3535")
    3535
    """
    return number_of(url.removeprefix(study_url(0)[:-1]))


def is_file(url: str) -> bool:
    """Tell whether a canonical URL is the page of a data file."""
    return ukda.file_of(url) is not None


def routes(url: str) -> list[Route]:
    """Return the ways to ask for a canonical target, in order: its OAI-PMH record, its page, its page in a browser.

    Only a study has an OAI-PMH record. The page of a study shows its abstract behind `#details` only.

    >>> [route.url for route in routes("https://datacatalogue.ukdataservice.ac.uk/studies/study/6684")][0]
    'https://oai.ukdataservice.ac.uk/oai/provider?verb=GetRecord&metadataPrefix=ddi&identifier=6684'
    """
    number = study_of(url)
    page = Route(url=url, accept="text/html")
    if number is None:
        return [page, Route(url=url, browser=True)]
    record = Route(url=f"{OAI}?verb=GetRecord&metadataPrefix=ddi&identifier={number}")
    return [record, page, Route(url=f"{url}#details", browser=True)]


def pages_of(name: str) -> list[str]:
    """Return the canonical URL of the target that a study number, a DOI, a file's uuid or a URL names, in a list.

    >>> pages_of("3535") == pages_of("10.5255/UKDA-SN-3535-6")
    True
    >>> pages_of("10.5255/UKDA-Series-200006"), pages_of("a-study")
    (['https://datacatalogue.ukdataservice.ac.uk/series/series/200006'], [])
    """
    if number := number_of(name):
        return [study_url(number)]
    if (bare := doi.normalise(name)) is not None:
        study, series = ukda.from_doi(bare), _SERIES_DOI.fullmatch(bare)
        if study is not None and study.number:
            return [study_url(study.number)]
        return [series_url(int(series[1]))] if series else []
    page = canonical(name) or canonical(f"https://{HOST}/datasets/dataset/{name}")
    return [page] if page else []


def rank(url: str) -> int:
    """Return how good a canonical URL is to ask for an item by: 1 for the page of a file, 0 for any other.

    The catalogue tells most files in full, and their pages add nothing to that.

    >>> rank("https://datacatalogue.ukdataservice.ac.uk/studies/study/3535"), rank(file_url("0" * 32))
    (0, 1)
    """
    return int(is_file(url))
