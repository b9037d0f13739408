"""DataCite's description of the DOIs of the archive: one for each edition that has a DOI, and the REST API for them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, unquote

from sandbox.exchange import JSON, Answer, conditional, tagged
from sandbox.holdings import holding
from sandbox.links import BETA, RESHARE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.exchange import Asked
    from sandbox.holdings import Holding, Holdings
    from sandbox.studies import Json

HOSTS: Final = ("api.datacite.org",)
PAGE: Final = 25
LARGEST_PAGE: Final = 1000

_DOI: Final = re.compile(r"10\.5255/ukda-sn-(?P<number>[1-9]\d{0,8})(?:-(?P<edition>[1-9]\d{0,3}))?", re.ASCII)
_SCHEMA: Final = "http://datacite.org/schema/kernel-4"
_TYPES: Final = {
    "ris": "DATA",
    "bibtex": "misc",
    "citeproc": "dataset",
    "schemaOrg": "Dataset",
    "resourceTypeGeneral": "Dataset",
}
_UNSET: Final[Json] = {
    "alternateIdentifiers": [],
    "container": {},
    "contributors": [],
    "sizes": [],
    "formats": [],
    "version": None,
    "rightsList": [],
    "contentUrl": None,
}
"""What the archive leaves empty."""

_UNKNOWN: Final = b'{"errors":[{"status":"404","title":"The resource you are looking for doesn\'t exist."}]}'


class Registered(NamedTuple):
    """An edition with a DOI of its own."""

    holding: Holding
    edition: int

    @property
    def written(self) -> str:
        """The DOI as the archive writes it."""
        return self.holding.edition_doi(self.edition)

    @property
    def doi(self) -> str:
        return self.written.lower()

    @property
    def url(self) -> str:
        number = self.holding.number
        deposit = self.holding.is_deposit
        return f"{RESHARE}/{number}/" if deposit else f"{BETA}/doi/?id={number}#!#{self.edition}"

    @property
    def year(self) -> int:
        """The year of the edition: older ones came a year earlier each."""
        return self.holding.changed.year - (self.holding.edition - self.edition)


def registered(doi: str, holdings: Holdings) -> Registered | None:
    """The edition with that DOI, in any case of letters; None if there is none. A withdrawn study keeps its DOIs."""
    match = _DOI.fullmatch(doi.lower())
    found = holdings.get(int(match["number"])) if match else None
    if match is None or found is None:
        return None
    edition = int(match["edition"] or 0)
    return Registered(found, edition) if edition in found.editions else None


def answer(asked: Asked, holdings: Holdings) -> Answer:
    """`/dois/<doi>`, a batch by `ids`, or the list of all, in pages."""
    path = unquote(asked.path)
    if path == "/dois":
        return _told(asked, 200, _list(asked, holdings))
    found = registered(path.removeprefix("/dois/"), holdings) if path.startswith("/dois/") else None
    if found is None:
        return Answer(404, {"Content-Type": JSON}, _UNKNOWN)
    return _told(asked, 200, {"data": _resource(found, asked.parameters)})


def attributes(of: Registered) -> Json:
    """The description without an envelope: `application/vnd.datacite.datacite+json`."""
    told = _attributes(of)
    return {"id": f"https://doi.org/{of.doi}", **told, "providerId": "bl", "clientId": "bl.ukda", "agency": "datacite"}


def citation(of: Registered) -> Json:
    """The description as CSL JSON: its DOI is in upper case."""
    study = of.holding
    return {
        "type": "dataset",
        "id": f"https://doi.org/{of.doi}",
        "DOI": of.doi.upper(),
        "URL": of.url,
        "title": study.title,
        "author": [{"literal": name} for name in study.makers],
        "publisher": "UK Data Service",
        "issued": {"date-parts": [[of.year]]},
    }


def schema_org(of: Registered) -> Json:
    """The description as DataCite's writer of schema.org makes it: a list of one is no list, empty keys are dropped."""
    study = of.holding
    related = [(each["relationType"], each["relatedIdentifier"].lower()) for each in _relations(of)]
    works = {
        key: _unwrapped(
            [{"@id": f"https://doi.org/{doi}", "@type": "CreativeWork"} for kind, doi in related if kind == name]
        )
        for key, name in (("predecessor_of", "IsPreviousVersionOf"), ("successor_of", "IsNewVersionOf"))
    }
    node = {
        "@context": "http://schema.org",
        "@type": "Dataset",
        "@id": f"https://doi.org/{of.doi}",
        "identifier": {"@type": "PropertyValue", "propertyID": "DOI", "value": f"https://doi.org/{of.doi}"},
        "url": of.url,
        "additionalType": "Dataset",
        "name": study.title,
        "author": _unwrapped([_author(creator) for creator in _creators(study)]),
        "description": _abstract(study),
        "keywords": ", ".join(study.keywords),
        "datePublished": str(of.year),
        "temporalCoverage": f"{study.start}/{study.end}",
        **works,
        "schemaVersion": _SCHEMA,
        "publisher": {"@type": "Organization", "name": "UK Data Service"},
        "provider": {"@type": "Organization", "name": "datacite"},
    }
    return {key: value for key, value in node.items() if value}


def _told(asked: Asked, status: int, body: Json) -> Answer:
    found = Answer(status, {"Content-Type": JSON}, json.dumps(body, ensure_ascii=False).encode())
    return conditional(asked, tagged(found, weak=True))


def _list(asked: Asked, holdings: Holdings) -> Json:
    """A page of a batch or of all DOIs; of a batch, unknown ones are left out without a word."""
    told = asked.parameters
    if "ids" in told:
        found = [each for doi in told["ids"].split(",") if (each := registered(doi.strip(), holdings))]
    else:
        found = list(_all(holdings)) if told.get("client-id", "bl.ukda") == "bl.ukda" else []
    size = min(_number(told.get("page[size]"), PAGE), LARGEST_PAGE)
    number = max(_number(told.get("page[number]"), 1), 1)
    pages = -(-len(found) // size) if size else 0
    links = {"self": f"https://api.datacite.org/dois?{asked.query}"}
    if number < pages:
        kept = [(name, value) for name, value in asked.pairs if name != "page[number]"]
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in [*kept, ("page[number]", str(number + 1))])
        links["next"] = f"https://api.datacite.org/dois?{query}"
    shown = found[(number - 1) * size : number * size]
    meta = {"total": len(found), "totalPages": pages, "page": number}
    return {"data": [_resource(each, told) for each in shown], "meta": meta, "links": links}


def _all(holdings: Holdings) -> Iterator[Registered]:
    """The DOIs of the generated studies; those of the committed pages are told to who asks for them."""
    for index in range(holdings.scale):
        yield from (Registered(holding(index), edition) for edition in holding(index).editions)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,6}", text) else otherwise


def _resource(of: Registered, parameters: dict[str, str]) -> Json:
    told = _attributes(of)
    if parameters.get("publisher") == "true":
        told["publisher"] = {"name": told["publisher"]}
    if fields := parameters.get("fields[dois]"):
        told = {name: told[name] for name in fields.split(",") if name in told}
    return {
        "id": of.doi,
        "type": "dois",
        "attributes": told,
        "relationships": {
            "client": {"data": {"id": "bl.ukda", "type": "clients"}},
            "provider": {"data": {"id": "bl", "type": "providers"}},
            "versions": {"data": []},
            "versionOf": {"data": []},
        },
    }


def _attributes(of: Registered) -> dict[str, Any]:
    study = of.holding
    prefix, _, suffix = of.doi.partition("/")
    titles = [{"title": study.title}]
    if study.index % 2:
        titles.append({"title": study.title.partition(",")[0], "titleType": "AlternativeTitle"})
    return _UNSET | {
        "doi": of.doi,
        "prefix": prefix,
        "suffix": suffix,
        "identifiers": [{"identifier": f"https://doi.org/{of.doi}", "identifierType": "DOI"}],
        "creators": _creators(study),
        "titles": titles,
        "publisher": "UK Data Service",
        "publicationYear": of.year,
        "subjects": [{"subject": word} for word in study.keywords],
        "dates": [
            {"date": str(of.year), "dateType": "Issued"},
            {"date": f"{study.start}/{study.end}", "dateType": "Coverage"},
        ],
        "language": "en" if study.index % 3 else None,
        "types": _TYPES,
        "relatedIdentifiers": _relations(of),
        "descriptions": [{"description": _abstract(study), "descriptionType": "Abstract"}],
        "geoLocations": [{"geoLocationPlace": study.place}] if study.place else [],
        "fundingReferences": [{"funderName": study.funder}] if study.index % 2 else [],
        "url": of.url,
        "schemaVersion": _SCHEMA,
        "isActive": True,
        "state": "findable",
        "created": f"{of.year}-01-02T03:04:05.000Z",
        "registered": f"{of.year}-01-02T03:04:05.000Z",
        "published": str(of.year),
        "updated": f"{study.changed:%Y-%m-%dT%H:%M:%S.000Z}",
    }


def _creators(study: Holding) -> list[Json]:
    """The makers; of an organisation with a comma in its name the registry makes a person, as it does."""
    told: list[Json] = []
    for name in study.makers:
        family, comma, given = name.partition(", ")
        person = {"nameType": "Personal", "givenName": given, "familyName": family} if comma else {}
        kind = person or ({"nameType": "Organizational"} if study.index % 2 else {})
        told.append({"name": name, **kind, "affiliation": [], "nameIdentifiers": []})
    return told


def _author(creator: Json) -> Json:
    if "givenName" not in creator:
        return {"name": creator["name"], "@type": "Organization"}
    given, family = creator["givenName"], creator["familyName"]
    return {"name": f"{given} {family}", "givenName": given, "familyName": family, "@type": "Person"}


def _relations(of: Registered) -> list[Json]:
    """Links to the neighbouring editions; of some studies the newest says which versions it has, assumed."""
    study, editions = of.holding, of.holding.editions
    if study.index % 6 == 3:  # noqa: PLR2004 - any remainder does
        newest = of.edition == editions[-1]
        others = editions[:-1] if newest else editions[-1:]
        pairs = [("HasVersion" if newest else "IsVersionOf", edition) for edition in others]
    else:
        place = editions.index(of.edition)
        pairs = [("IsNewVersionOf", edition) for edition in editions[max(place - 1, 0) : place]]
        pairs += [("IsPreviousVersionOf", edition) for edition in editions[place + 1 : place + 2]]
    return [
        {"relationType": kind, "relatedIdentifier": study.edition_doi(edition), "relatedIdentifierType": "DOI"}
        for kind, edition in pairs
    ]


def _abstract(study: Holding) -> str:
    """The start of the abstract: the registry was told no more."""
    return study.abstract.partition("\n\n")[0][:500].strip()


def _unwrapped(values: list[Json]) -> Json | list[Json] | None:
    """A list of one as its element, as the writer has it."""
    return values[0] if len(values) == 1 else values or None
