"""An answer about a DOI -> what DataCite tells of it: from the REST API, or by content negotiation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from crawler import jsonld
from crawler.identity import doi
from crawler.items import Source
from crawler.sites.datacite.fields import editions, objects, read_attributes, read_node
from crawler.sites.datacite.urls import canonical
from crawler.sites.page import Found, Outcome, Page

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOM = b"\xef\xbb\xbf"
_NO_RESOURCE = b"The resource you are looking for doesn't exist"
_NO_DOI = re.compile(rb"<(?:title|h[1-3])\b[^<>]{0,200}>[^<]{0,200}\bDOI Not Found\b", re.IGNORECASE)
_DATACITE = "DataCite"
_MARKS = {"titles", "@type"}  # of what DataCite answers; all of it has one


def read(url: str, body: bytes) -> Page:
    """Return what an answer tells of the DOI that is a canonical target; never raises.

    Without a URL, as of a page in a file, it is the DOI that the answer describes.

    >>> body = b'{"data": {"attributes": {"doi": "10.1234/a", "publicationYear": 2011, "titles": [{"title": "A"}]}}}'
    >>> read("https://doi.org/10.1234/a", body).found[0].values  # doctest: +NORMALIZE_WHITESPACE
    {'title': 'A', 'date_published': 2011, 'urls': ['https://doi.org/10.1234/a'], 'dois': ['10.1234/a']}
    """
    body = body.removeprefix(_BOM).strip()
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _page_of_text(body)
    if isinstance(answer, list):
        return _page_of_agency(answer)
    if not isinstance(answer, dict):
        return Page(outcome=Outcome.UNREADABLE)
    if "errors" in answer:
        return Page(outcome=Outcome.ABSENT if any(map(_is_absence, objects(answer["errors"]))) else Outcome.UNREADABLE)
    return read_resource(url, answer.get("data", answer))


def read_resource(url: str, resource: object) -> Page:
    """Return what a resource of the REST API, the same without its envelope, or a schema.org node tells of a target.

    >>> read_resource("", {"doi": "10.1234/A", "titles": [{"title": "Roads"}]}).found[0].url
    'https://doi.org/10.1234/a'
    """
    if not isinstance(resource, dict):
        return Page(outcome=Outcome.UNREADABLE)
    attributes = resource.get("attributes", resource)
    if not isinstance(attributes, dict) or not attributes.keys() & _MARKS:
        return Page(outcome=Outcome.UNREADABLE)
    if str(attributes.get("agency") or _DATACITE).lower() != _DATACITE.lower():
        return Page(outcome=Outcome.ABSENT)  # metadata of another agency, which crosscite passes on
    own = _own(attributes) or _own(resource) or doi.normalise(url)
    if own is None or doi.normalise(url) not in {None, own}:
        return Page(outcome=Outcome.UNREADABLE)
    page = Page(outcome=Outcome.RECORD)
    read_values = read_node if jsonld.types(attributes) else read_attributes
    values = read_values(attributes, own, page.unknown_keys)
    if values.keys() <= {"urls", "dois"}:
        return Page(outcome=Outcome.UNREADABLE)
    page.found = [Found(source=Source.DATACITE, values=values, url=doi.url(own))]
    page.links = _links([*editions(attributes), *_related(resource)], page.found[0].url)
    return page


def _page_of_agency(answer: list[object]) -> Page:
    """An answer of doi.org/doiRA: the agency that registered a DOI, or that none did."""
    told = next((each for each in objects(answer) if "DOI" in each), {})
    agency = told.get("RA")
    if agency == _DATACITE:
        return Page(outcome=Outcome.NOTHING)
    if isinstance(agency, str):
        return Page(outcome=Outcome.ELSEWHERE, reason=f"registered with {agency[:40]}")
    return Page(outcome=Outcome.ABSENT if "status" in told else Outcome.UNREADABLE)


def _page_of_text(body: bytes) -> Page:
    """No JSON: nothing (204, a DOI without metadata), the words of data.crosscite.org, or a page of doi.org."""
    absent = not body or body.startswith(_NO_RESOURCE) or _NO_DOI.search(body)
    return Page(outcome=Outcome.ABSENT if absent else Outcome.UNREADABLE)


def _is_absence(error: dict[str, Any]) -> bool:
    return str(error.get("status")) == "404" or str(error.get("title")).startswith(_NO_RESOURCE.decode())


def _own(resource: dict[str, Any]) -> str | None:
    told = (resource.get(key) for key in ("doi", "id", "@id"))
    return next((name for each in told if isinstance(each, str) and (name := doi.normalise(each))), None)


def _related(resource: dict[str, Any]) -> Iterable[str]:
    """The editions that the REST API knows itself, from what their records say."""
    for relationships in objects(resource.get("relationships")):
        for name in ("versions", "versionOf"):
            for relation in objects(relationships.get(name)):
                yield from (each["id"] for each in objects(relation.get("data")) if isinstance(each.get("id"), str))


def _links(related: Iterable[str], own: str) -> list[str]:
    return [url for url in dict.fromkeys(map(canonical, related)) if url and url != own]
