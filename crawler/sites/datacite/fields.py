"""Field tables of DataCite's metadata: its own schema 4.x as JSON, and the schema.org node that crosscite makes of it.

Where the schema gives an entry a type (a title, a date, a description, a contributor), the table's key is
`<attribute>.<type>`, so that a type that no rule knows is counted as a key is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any

from crawler.identity import doi
from crawler.records.normalise.values import orcid
from crawler.sites import schema_org
from crawler.sites.dates import earliest, latest
from crawler.sites.schema_org import dois_only, urls_only
from crawler.sites.table import Table, label

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

_TYPED = {  # attribute -> where an entry has its text, and where its type
    "titles": ("title", "titleType"),
    "descriptions": ("description", "descriptionType"),
    "dates": ("date", "dateType"),
    "contributors": ("name", "contributorType"),
}
_PLAIN = {
    "subjects": "subject",
    "fundingReferences": "funderName",
    "geoLocations": "geoLocationPlace",
    "identifiers": "identifier",
    "alternateIdentifiers": "alternateIdentifier",
}
_EDITIONS = ("IsNewVersionOf", "IsPreviousVersionOf", "HasVersion", "IsVersionOf")
_ACCESS = re.compile(
    r"^(?:open|restricted|embargoed|closed|metadata[ -]only)[ -]access$|info:eu-repo/semantics/|coar/access_right/",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"\(?:(?:unac|unal|unap|unas|unav|unkn|none|null|tba|etal)\)?", re.IGNORECASE
)  # schema, appendix 3
_CONTRIBUTORS = (
    "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution Other Producer "
    "ProjectLeader ProjectManager ProjectMember RegistrationAgency RegistrationAuthority RelatedPerson ResearchGroup "
    "Researcher RightsHolder Supervisor Translator WorkPackageLeader"
).split()


def _date(text: object) -> object:
    return earliest([schema_org.start(text)])


REST = Table(
    rows={
        "title": ("titles", "titles.TranslatedTitle", "titles.AlternativeTitle", "titles.Other"),
        "alternate_titles": (
            "titles",
            "titles.AlternativeTitle",
            "titles.Subtitle",
            "titles.TranslatedTitle",
            "titles.Other",
        ),
        "description": ("descriptions.Abstract", "descriptions"),
        "keywords": ("subjects",),
        "creators": ("creators",),
        "publisher": ("publisher",),
        "funders": ("fundingReferences", "contributors.Funder"),
        "sponsors": ("contributors.Sponsor",),
        "temporal_start": ("period_from",),
        "temporal_end": ("period_to",),
        "spatial_coverage": ("geoLocations",),
        "languages": ("language",),
        "license": ("license",),
        "access": ("access",),
        "date_published": (("dates.Issued", _date), "publicationYear"),
        "date_modified": (("dates.Updated", _date),),
        "urls": ("own_url", ("url", urls_only)),
        "dois": ("own_doi", ("identifiers", dois_only), ("alternateIdentifiers", dois_only)),
    },
    left_out=frozenset(
        {"doi", "id", "prefix", "suffix", "types", "container", "schemaVersion", "metadataVersion", "xml", "source"}
        | {"sizes", "formats", "version", "contentUrl", "relatedItems"}  # of its files, and what else they belong to
        | {"relatedIdentifiers", "rightsList"}  # read as relations, and as licence and access
        | {"isActive", "state", "reason", "agency", "providerId", "clientId"}
        # the life of the registry's own record, and how often it is used
        | {"created", "registered", "published", "updated", "viewCount", "viewsOverTime", "downloadCount"}
        | {"downloadsOverTime", "referenceCount", "citationCount", "citationsOverTime", "partCount", "partOfCount"}
        | {"versionCount", "versionOfCount"}
        | {"descriptions.Methods", "descriptions.SeriesInformation", "descriptions.TableOfContents"}
        | {"descriptions.TechnicalInfo", "descriptions.Other", "dates", "dates.Coverage", "dates.Collected"}
        | {"dates.Accepted", "dates.Available", "dates.Copyrighted", "dates.Created", "dates.Submitted"}
        | {"dates.Valid", "dates.Withdrawn", "dates.Other", "contributors"}
        | {f"contributors.{kind}" for kind in _CONTRIBUTORS}
    ),
)
# What crosscite's writer adds to schema.org's Dataset, or tells by another of its terms.
NODE = Table(
    rows=schema_org.DATASET.rows,
    left_out=schema_org.DATASET.left_out
    | {"@reverse", "provider", "schemaVersion", "version", "encodingFormat", "contentUrl", "contentSize", "editor"}
    | {"citation", "isPartOf", "hasPart", "predecessor_of", "successor_of", "periodical", "dateCreated"},
)


def read_attributes(attributes: dict[str, Any], own: str, unknown: Counter[str]) -> dict[str, Any]:
    """Return record field -> value or list of values from what DataCite tells of a bare DOI; count unknown keys.

    >>> from collections import Counter
    >>> titles = [{"title": "Roads"}, {"title": "STATS", "titleType": "AlternativeTitle"}]
    >>> values = read_attributes({"titles": titles, "publicationYear": 2011}, "10.1234/a", Counter())
    >>> values["title"], values["alternate_titles"], values["date_published"], values["dois"]
    ('Roads', ['STATS'], 2011, ['10.1234/a'])
    """
    typed = _typed(attributes)
    flat = {key: value for key, value in attributes.items() if key not in _TYPED} | typed
    for attribute, text in _PLAIN.items():
        entries = _items(attributes.get(attribute))
        flat[attribute] = [_known(each.get(text) if isinstance(each, dict) else each) for each in entries]
    for period in ("dates.Coverage", "dates.Collected"):
        told = typed[period]
        start, end = earliest(map(schema_org.start, told)), latest(map(schema_org.end, told))
        if start or end:
            flat |= {"period_from": start, "period_to": end}
            break
    flat["creators"] = list(filter(None, map(_creator, _items(attributes.get("creators")))))
    flat["publisher"] = _known(label(attributes.get("publisher")))
    rights = list(map(_right, objects(attributes.get("rightsList"))))
    flat |= {kind: [told for each, told in rights if each == kind] for kind in ("license", "access")}
    flat |= {"own_url": doi.url(own), "own_doi": own}
    return _settled(REST.read(flat, unknown, "datacite."))


def read_node(node: dict[str, Any], own: str, unknown: Counter[str]) -> dict[str, Any]:
    """Return record field -> value or list of values from crosscite's node about a bare DOI; count unknown keys.

    Its `keywords` are one text, joined by commas.

    >>> from collections import Counter
    >>> read_node({"name": "Roads", "keywords": "ACCIDENTS, ROADS"}, "10.1234/a", Counter())["keywords"]
    ['ACCIDENTS', 'ROADS']
    """
    keywords = node.get("keywords")
    split = [word.strip() for word in keywords.split(",")] if isinstance(keywords, str) else keywords
    values = NODE.read(node | {"keywords": split}, unknown, "datacite.")
    values["urls"] = [doi.url(own), *values.get("urls", [])]
    values["dois"] = [own, *values.get("dois", [])]
    return _settled(values)


def editions(attributes: dict[str, Any]) -> Iterator[str]:
    """Yield the identifiers of the other editions that DataCite's metadata, or crosscite's node, relates a DOI to.

    >>> related = {"relationType": "IsNewVersionOf", "relatedIdentifier": "10.1234/A.1", "relatedIdentifierType": "DOI"}
    >>> list(editions({"relatedIdentifiers": [related], "predecessor_of": {"@id": "https://doi.org/10.1234/a.3"}}))
    ['10.1234/A.1', 'https://doi.org/10.1234/a.3']
    """
    related = objects(attributes.get("relatedIdentifiers"))
    told = [each.get("relatedIdentifier") for each in related if each.get("relationType") in _EDITIONS]
    nodes = chain(objects(attributes.get("predecessor_of")), objects(attributes.get("successor_of")))
    for identifier in [*told, *(node.get("@id") for node in nodes)]:
        if isinstance(identifier, str):
            yield identifier


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list, or the one that stands where a list of one was taken off.

    >>> objects([{"title": "a"}, None]), objects({"title": "a"}), objects("a")
    ([{'title': 'a'}], [{'title': 'a'}], [])
    """
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def _typed(attributes: dict[str, Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for attribute, (text, kind) in _TYPED.items():
        for entry in objects(attributes.get(attribute)):
            key = f"{attribute}.{entry[kind]}" if isinstance(entry.get(kind), str) else attribute
            found[key].append(_known(entry.get(text)))
    return found


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _known(text: object) -> object:
    """The schema has codes, such as `:unav`, for what a source must tell and does not know."""
    return None if isinstance(text, str) and _UNKNOWN.fullmatch(text.strip()) else text


def _creator(entry: object) -> dict[str, Any] | None:
    """The name is kept as it is: persons have it "Family, Given", and some organisations were taken for persons."""
    if not isinstance(entry, dict):
        return {"name": entry} if _known(label(entry)) else None
    parts = [part for key in ("familyName", "givenName") if isinstance(part := entry.get(key), str)]
    name = label(entry) or ", ".join(parts)
    told = [each.get("nameIdentifier") for each in objects(entry.get("nameIdentifiers"))]
    own = next((each for each in told if isinstance(each, str) and orcid(each)), None)
    return {"name": str(name), "type": entry.get("nameType"), "orcid": own} if _known(name) else None


def _right(right: dict[str, Any]) -> tuple[str, str | None]:
    """What an entry tells: a licence, by its URL where it has one, or in words how the data can be had."""
    keys = ("rights", "rightsUri", "rightsIdentifier")
    name, url, code = (text.strip() if isinstance(text := right.get(key), str) else "" for key in keys)
    if any(map(_ACCESS.search, (name, url, code))):
        return "access", name or url or code
    return "license", url or name or code or None


def _settled(values: dict[str, Any]) -> dict[str, Any]:
    """A title is no alternative to itself."""
    others = [title for title in values.pop("alternate_titles", []) if title != values.get("title")]
    return values | {"alternate_titles": others} if others else values
