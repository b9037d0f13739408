"""The archive's data catalogue: pages that a script fills, the API that it asks, and the portals before this one.

Of the real site the names of fields and classes, the URL forms and the JSON-LD of a rendered page are on record. The
markup of the shell, the queries for files and series, robots.txt and what the older portals answer are assumed.
"""

from __future__ import annotations

import json
import re
import uuid
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.exchange import HTML, JSON, TEXT, Answer, conditional, moved, page, tagged
from sandbox.holdings import holding
from sandbox.links import CATALOGUE, file_uuid, item_uuid
from sandbox.search_result import search_result
from sandbox.studies import find

if TYPE_CHECKING:
    from sandbox.exchange import Asked
    from sandbox.holdings import Holding, Holdings
    from sandbox.studies import Item, Json

HOSTS: Final = ("datacatalogue.ukdataservice.ac.uk",)
API_HOSTS: Final = ("sandbox.appsync-api.eu-west-2.amazonaws.com",)
OLD_HOSTS: Final = ("beta.ukdataservice.ac.uk", "discover.ukdataservice.ac.uk")

KEY: Final = "da2-assumed"
SCRIPT: Final = Path(__file__).with_name("main.js")
ROBOTS: Final = b"User-agent: *\nDisallow: /searchresults\n"  # assumed: the real file is not on record

_LICENCES: Final = {
    "open": "These data are open: they can be had without the requirement for registration for download/access.",
    "safeguarded": "The Data Collection is available to registered users subject to the End User Licence Agreement.",
    "controlled": "The Data Collection needs a Special Licence: users register / login and then apply.",
}
_ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}


def answer(asked: Asked, holdings: Holdings) -> Answer:
    """The shell for every address, as a site of one page has it; the script and robots.txt are files."""
    if asked.path == "/robots.txt":
        found = Answer(200, {"Content-Type": TEXT}, ROBOTS)
    elif asked.path == "/static/js/main.js":
        found = Answer(200, {"Content-Type": "application/javascript; charset=utf-8"}, SCRIPT.read_bytes())
    else:
        found = Answer(200, {"Content-Type": HTML}, _shell(asked.path, holdings).encode())
    return conditional(asked, tagged(found))


def old_portal(asked: Asked, _: Holdings) -> Answer:
    """A redirect to the page of the data catalogue that took the place of an old one; assumed."""
    parameters = {name.lower(): value for name, value in asked.pairs}
    path = asked.path.rstrip("/").removeprefix("/datacatalogue")
    number = parameters.get("id") or parameters.get("sn") or ""
    kinds = {"/studies/study": "studies/study", "/doi": "studies/study", "/series/series": "series/series"}
    if path == "/catalogue":
        kinds[path] = "series/series" if parameters.get("type", "").lower() == "series" else "studies/study"
    if path in kinds and number.isdecimal():
        return moved(f"{CATALOGUE}/{kinds[path]}/{number}" + "#doi" * (path == "/doi"))
    if path == "/studies":
        return moved(f"{CATALOGUE}/searchresults?search={parameters.get('search', '')}")
    return page("Not here", "There is no such page.", 404)


def api(asked: Asked, holdings: Holdings) -> Answer:
    """The GraphQL API, as far as the page's script asks it; a browser may ask first whether it may."""
    headers = {"Content-Type": JSON, **_ANY_ORIGIN}
    if asked.method == "OPTIONS":
        allowed = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "content-type, x-api-key"}
        return Answer(204, {**_ANY_ORIGIN, **allowed})
    if asked.path != "/graphql":
        return Answer(404, headers, b"{}")
    if asked.headers.get("x-api-key") != KEY:
        return Answer(401, headers, _error("UnauthorizedException", "Valid authorization header not provided."))
    try:
        told = json.loads(asked.body)
        query = re.findall(r"\bget[A-Za-z]+Item\b", told["query"])[0]
        name = str(next(iter(told["variables"].values())))
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration):
        return Answer(400, headers, _error("MalformedHttpRequestException", "The request is no query."))
    if query not in _QUERIES:
        return Answer(200, headers, _error("ValidationError", f"Field {query!r} in type 'Query' is undefined"))
    return Answer(200, headers, json.dumps({"data": {query: _QUERIES[query](name, holdings)}}).encode())


def json_ld(of: Holding) -> Json:
    """The JSON-LD of a study's page: the DOI is bare or a URL, creators are objects or texts."""
    makers = [of.person, *of.makers]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": of.doi if of.index % 2 else f"https://doi.org/{of.doi}",
        "name": of.title,
        "description": _abstract(of),
        "keywords": [*of.keywords],
        "license": _LICENCES[of.access],
        "creator": makers if of.index % 3 == 0 else [{"@type": "Person", "name": name} for name in makers],
    }


def _error(kind: str, text: str) -> bytes:
    return json.dumps({"errors": [{"errorType": kind, "message": text}]}).encode()


def _shell(path: str, holdings: Holdings) -> str:
    """The page before its script ran; that of few studies holds the JSON-LD already, assumed."""
    match = re.fullmatch(r"/studies/study/([1-9][0-9]{0,8})/?", path)
    found = _study(match[1], holdings) if match else None
    block = ""
    if found is not None and found.index % 90 in {21, 54}:
        told = json.dumps(json_ld(found)).replace("<", "\\u003c")
        block = f'<script type="application/ld+json">{told}</script>'
    return (
        f'<!doctype html><html lang="en"><head><title>UK Data Service Data Catalogue</title>{block}</head>'
        '<body><div id="root"></div><script src="/static/js/main.js"></script></body></html>\n'
    )


def _study(name: str, holdings: Holdings) -> Holding | None:
    found = holdings.get(int(name)) if re.fullmatch("[1-9][0-9]{0,8}", name) else None
    return found if found is not None and found.has_page else None


def _abstract(of: Holding) -> str:
    text = escape(of.abstract, quote=False).replace("\n\n", "<br><br>")
    return f"<p>Copyright of this abstract: the sandbox and its depositors.</p>{text}<br><br>"


def _study_item(name: str, holdings: Holdings) -> Json | None:
    found = _study(name, holdings)
    if found is None:
        return None
    log = [
        {"ChangeLogText": f"Edition {edition}: a table was mended.", "DoiIdentifierName": found.edition_doi(edition)}
        for edition in reversed(found.editions)
    ]
    series = [{"Title": "Series", "Uri": f"{CATALOGUE}/series/series/{found.series}"}] if found.series else []
    return {
        "Title": found.title,
        "FriendlyId": str(found.number),
        "Id": str(file_uuid(found.study)),
        "DOI": found.doi,
        "Abstract": _abstract(found),
        "MainTopics": "<br>".join(found.main_topics),
        "TypeOfAccess": found.access,
        "AccessCondition": f"<p>{_LICENCES[found.access]}</p>",
        "AccessText": _LICENCES[found.access],
        "KindOfData": [*found.kinds],
        "Embargoed": False,
        "ChangeLog": log,
        "Datasets": [{"Id": str(file_uuid(file)), "Title": file.name} for file in found.files],
        "Links": series + [_link(file) for file in found.files],
        "JsonLd": json_ld(found),
    }


def _link(file: Item) -> Json:
    return {"Title": file.name, "Uri": f"{CATALOGUE}/datasets/dataset/{file_uuid(file)}"}


def _dataset_item(name: str, holdings: Holdings) -> Json | None:
    """The page of a data file; assumed, as no rendered one is on record."""
    try:
        file = find(item_uuid(uuid.UUID(name)), holdings.scale)
    except ValueError:
        return None
    if file is None or file.part == 0 or not holding(file.index).has_page:
        return None
    study = holding(file.index)
    schema: dict[str, Any] = search_result(file)["dataset_schema"]
    return {
        "Title": file.name,
        "Id": name,
        "Abstract": f"<p>{escape(schema['description'])}</p>",
        "AccessCondition": f"<p>{_LICENCES[study.access]}</p>",
        "AccessText": _LICENCES[study.access],
        "Links": [{"Title": study.title, "Uri": f"{CATALOGUE}/studies/study/{study.number}"}],
        "JsonLd": json_ld(study) | {"name": file.name, "description": schema["description"]},
    }


def _series_item(name: str, holdings: Holdings) -> Json | None:
    """The page of a series, every other one with JSON-LD; assumed, as no rendered one is on record."""
    studies = holdings.in_series(int(name)) if re.fullmatch("[1-9][0-9]{0,8}", name) else []
    studies = [each for each in studies if each.has_page]
    if not studies:
        return None
    links = [{"Title": each.title, "Uri": f"{CATALOGUE}/studies/study/{each.number}"} for each in studies]
    title, abstract = f"Series {name}", "<p>Studies with much in common.</p>"
    node = {"@context": "https://schema.org", "@type": "Dataset", "@id": f"10.5255/UKDA-Series-{name}", "name": title}
    told = {"Title": title, "FriendlyId": name, "Abstract": abstract, "Links": links}
    return told | ({"JsonLd": node | {"description": abstract}} if int(name) % 2 else {})


_QUERIES: Final = {"getStudyItem": _study_item, "getDatasetItem": _dataset_item, "getSeriesItem": _series_item}
