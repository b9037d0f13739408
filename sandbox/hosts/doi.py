"""The DOI resolvers: `doi.org` with its older names, and DataCite's content negotiation at `data.crosscite.org`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from sandbox.exchange import HTML, TEXT, Answer, conditional, moved, page, tagged
from sandbox.hosts.datacite import Registered, attributes, citation, registered, schema_org
from sandbox.links import BETA, CATALOGUE, RESHARE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.exchange import Asked
    from sandbox.holdings import Holdings
    from sandbox.studies import Json

HOSTS: Final = ("doi.org",)
OLD_HOSTS: Final = ("dx.doi.org", "www.doi.org")
NEGOTIATION_HOSTS: Final = ("data.crosscite.org",)

NEGOTIATION: Final = "https://data.crosscite.org"
_HEADERS: Final = {"Cache-Control": "max-age=0, private, must-revalidate", "Vary": "Accept-Encoding, Origin"}
WRITERS: Final[dict[str, Callable[[Registered], Json]]] = {
    "application/vnd.schemaorg.ld+json": schema_org,
    "application/ld+json": schema_org,
    "application/vnd.datacite.datacite+json": attributes,
    "application/vnd.citationstyles.csl+json": citation,
}
"""The types that the sandbox can write."""

OTHER_TYPES: Final = (
    "application/vnd.datacite.datacite+xml",
    "application/rdf+xml",
    "text/turtle",
    "application/x-bibtex",
    "text/x-bibliography",
    "application/vnd.codemeta.ld+json",
    "application/x-research-info-systems",
    "application/vnd.jats+xml",
)
"""Further types that DataCite knows."""

_LOST: Final = page("Error: DOI Not Found", "This DOI cannot be found. " + "It may be new, or mistyped. " * 350, 404)
AGENCIES: Final = {"10.5255": "DataCite", "10.1371": "Crossref"}
"""Prefixes that are registered, and with whom. Of names with the others' the sandbox knows no more than that."""
_SERIES: Final = re.compile(r"10\.5255/ukda-series-(\d{1,9})", re.ASCII)


def answer(asked: Asked, holdings: Holdings) -> Answer:
    """The resolver: a redirect to the landing page, or to the metadata if a type of metadata is asked for."""
    path = unquote(asked.path.removeprefix("/"))
    if path.startswith(("doiRA/", "ra/")):
        return _agencies(path.partition("/")[2], holdings)
    if path.startswith("api/handles/"):
        return _handle(path.removeprefix("api/handles/"), holdings)
    doi = re.sub(r"^doi:\s*", "", path, flags=re.IGNORECASE)
    target = landing(doi, holdings)
    if target is None:
        return _LOST
    if asked.parameters.get("action") == "showurls":
        return Answer(200, {"Content-Type": "text/xml; charset=utf-8"}, _locations(target).encode())
    # assumed: any type of metadata in the header diverts, whatever its weight
    diverted = any(kind in WRITERS or kind in OTHER_TYPES for kind in asked.accepted)
    return moved(f"{NEGOTIATION}/{quote(doi, safe='')}" if diverted else target, Vary="Accept")


def older(asked: Asked, _: Holdings) -> Answer:
    """A resolver under an older name: one more hop."""
    query = f"?{asked.query}" if asked.query else ""
    return moved(f"https://doi.org{asked.path}{query}", 301 if asked.host == "www.doi.org" else 302)


def negotiation(asked: Asked, holdings: Holdings) -> Answer:
    """The metadata of a DOI, in the type that the header or the address names."""
    path = unquote(asked.path.removeprefix("/"))
    link = re.match(r"(?P<type>(?:application|text)/[\w.+-]+)/(?P<doi>10\..+)", path)
    doi, accepted = (link["doi"], [link["type"]]) if link else (path, asked.accepted)
    target, found = landing(doi, holdings), registered(doi, holdings)
    if target is None:
        return Answer(404, {"Content-Type": TEXT}, b"The resource you are looking for doesn't exist.")
    if found is None:
        return Answer(204, _HEADERS)
    kind = next((each for each in accepted if each in WRITERS), None)
    if kind is None:
        if any(each in {"text/html", "*/*"} for each in accepted):
            return moved(target, Vary="Accept")
        return Answer(406, {"Content-Type": HTML}, b"<p>The sandbox does not write this type.</p>")  # assumed
    body = json.dumps(WRITERS[kind](found), ensure_ascii=False).encode()
    headers = _HEADERS | {"Content-Type": f"{kind}; charset=utf-8", "X-Request-Id": f"sandbox-{found.holding.number}"}
    return conditional(asked, tagged(Answer(200, headers, body), weak=True))


def landing(doi: str, holdings: Holdings) -> str | None:
    """The page that a DOI leads to: a curated study's names the edition in its fragment.

    The DOI of a series has a page and no metadata, assumed.
    """
    series = _SERIES.fullmatch(doi.lower())
    if series is not None and holdings.in_series(int(series[1])):
        return f"{CATALOGUE}/series/series/{series[1]}"
    found = registered(doi, holdings)
    if found is None:
        return None
    number = found.holding.number
    if found.holding.is_deposit:
        return f"{RESHARE}/{number}/"
    return f"{BETA}/doi/?id={number}#!#{found.edition}"


def _locations(target: str) -> str:
    template = f'href_template="{NEGOTIATION}/{{hdl}}"'
    legacy = f'<location mode="legacy" weight="1.0" href="{target}"/>'
    return f'<locations>{legacy}<location weight="0" http_role="conneg" href="{NEGOTIATION}/" {template}/></locations>'


def _agencies(names: str, holdings: Holdings) -> Answer:
    """Who registered each of some DOIs or prefixes, in the order asked for."""
    told = []
    for name in names.split(","):
        prefix = name.partition("/")[0]
        own = AGENCIES.get(prefix) == "DataCite"
        known = name == prefix or not own or landing(name, holdings) is not None
        agency = AGENCIES.get(prefix) if known else None
        told.append({"DOI": name} | ({"RA": agency} if agency else {"status": "DOI does not exist"}))
    return Answer(200, {"Content-Type": "application/json;charset=utf-8"}, json.dumps(told).encode())


def _handle(doi: str, holdings: Holdings) -> Answer:
    target = landing(doi, holdings)
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    if target is None:
        return Answer(404, headers, json.dumps({"responseCode": 100, "handle": doi}).encode())
    value = {"index": 1, "type": "URL", "data": {"format": "string", "value": target}}
    return Answer(200, headers, json.dumps({"responseCode": 1, "handle": doi, "values": [value]}).encode())
