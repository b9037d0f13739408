"""Field table of an EPrints record, as its JSON export and the `<meta>` tags of its abstract page tell it.

Both are brought to one form first: field -> list of texts, the part of a compound field under `<field>_<part>`, as
EPrints names its tags. Fields of ReCollect, the EPrints plugin for research data, have names of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.identity import ukda
from crawler.records.normalise.values import partial_date
from crawler.sites.dates import earliest, latest
from crawler.sites.reshare.urls import canonical, number_of
from crawler.sites.schema_org import dois_only, urls_only
from crawler.sites.table import Table

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

_COMPOUNDS = ("collection_dates", "collection_date", "temporal_cover", "related_url", "related_resources")
_PERIODS = ("temporal_cover", "collection_dates", "collection_date")
_RELATED = ("official_url", "related_url_url", "related_resources_url")
_MADE_BY_EPRINTS = {"lightbox.jpg", "preview.jpg", "medium.jpg", "small.jpg", "indexcodes.txt"}


def _date(text: object) -> object:
    return text if partial_date(text) else None


def _words(code: object) -> str:
    """A subject is told by its code, which is its label with underscores."""
    return str(code).replace("_", " ")


EPRINT = Table(
    rows={
        "title": ("title", "DC.title"),
        "alternate_titles": ("alt_title",),
        "description": ("abstract", "DC.description"),
        "keywords": ("keywords", ("subjects", _words), "DC.subject"),
        "creators": ("creators", "DC.creator"),
        "publisher": ("publisher", "DC.publisher"),
        "funders": ("award_funders", "funders"),
        "temporal_start": ("period_from",),
        "temporal_end": ("period_to",),
        "spatial_coverage": ("places",),
        "country_codes": ("country",),
        "languages": ("language", "documents_language", "DC.language"),
        "data_kinds": ("data_kind",),
        "license": ("documents_license",),
        "access": ("restrictions", "documents_security"),
        "date_published": (("date", _date), ("DC.date", _date)),
        "date_modified": (("lastmod", _date),),
        "urls": ("urls",),
        "dois": (("doi", dois_only),),
    },
    left_out=frozenset(
        # of the repository's own working
        {"eprintid", "rev_number", "eprint_status", "userid", "importid", "source", "dir", "datestamp", "uri", "type"}
        | {"status_changed", "metadata_visibility", "full_text_status", "fileinfo", "citation", "document_url"}
        | {"ispublished", "refereed", "date_type", "note", "suggestions", "item_issues", "item_issues_count"}
        | {"sword_depositor", "sword_slug", "edit_lock", "edit_lock_user", "edit_lock_since", "edit_lock_until"}
        # of persons who are no creators, and how to reach them
        | {"contact_email", "contact_details", "contact_details_name", "contact_details_id", "contributors"}
        | {"contributors_name", "contributors_id", "contributors_type", "contributors_orcid", "copyright_holders"}
        | {"creators_name", "creators_id", "creators_orcid", "corp_creators", "geographic_cover"}
        | {"documents", "documents_main", "id_number", "succeeds", "commentary", *_COMPOUNDS, *_RELATED}
        | {f"{field}_{part}" for field in _PERIODS for part in ("date_from", "date_to")}
        | {"related_url_type", "related_resources_type"}
        # prose that no field of a record is for
        | {"collection_method", "provenance", "legal_ethical", "grant", "projects", "bounding_box"}
        | {f"bounding_box_{side}_edge" for side in ("north", "east", "south", "west")}
        | {"DC.relation", "DC.identifier", "DC.type", "DC.format", "DC.contributor", "DC.rights"}
    ),
)


def texts(value: object) -> list[str]:
    """Return the texts of a value of the JSON export, which writes as numbers all that looks like one.

    >>> texts(["CRIMINAL JUSTICE", 2011]), texts(1984), texts({"family": "Smith"}), texts(None)
    (['CRIMINAL JUSTICE', '2011'], ['1984'], [], [])
    """
    items = value if isinstance(value, list) else [value]
    return [str(item) for item in items if isinstance(item, (str, int, float)) and not isinstance(item, bool)]


def from_json(eprint: dict[str, Any]) -> dict[str, Any]:
    """Return field -> texts from an object of the JSON export; its `creators` are name, type and ORCID iD.

    >>> flat = from_json({"date": 2014, "creators": [{"name": {"given": "Jane", "family": "Smith"}, "id": "x"}]})
    >>> flat["date"], flat["creators"]
    (['2014'], [{'name': 'Jane Smith', 'type': 'Person', 'orcid': None}])
    """
    flat: dict[str, Any] = {key: texts(value) for key, value in eprint.items()}
    for field in _COMPOUNDS:
        for part in _objects(eprint.get(field)):
            for key, value in part.items():
                flat.setdefault(f"{field}_{key}", []).extend(texts(value))
    for document in _objects(eprint.get("documents")):
        if not _MADE_BY_EPRINTS.intersection(texts(document.get("main"))):
            for key in ("license", "security", "language"):
                flat.setdefault(f"documents_{key}", []).extend(texts(document.get(key)))
    people = [(person.get("name"), texts(person.get("orcid"))) for person in _objects(eprint.get("creators"))]
    flat["creators"] = _creators([(_name(name), *orcid) for name, orcid in people], texts(eprint.get("corp_creators")))
    return flat


def from_tags(tags: dict[str, list[str]]) -> dict[str, Any]:
    """Return field -> texts from the `eprints.*` and `DC.*` tags of an abstract page, as `from_json` does.

    Which creator an ORCID iD belongs to is known only if all have one.

    >>> from_tags({"eprints.creators_name": ["Smith, Jane"], "DC.rights": ["cc_by"]})["creators"]
    [{'name': 'Jane Smith', 'type': 'Person', 'orcid': None}]
    """
    flat: dict[str, Any] = {name.removeprefix("eprints."): list(values) for name, values in tags.items()}
    if "DC.subject" in flat:  # the label of the code
        flat.pop("subjects", None)
    flat.setdefault("documents_license", flat.get("DC.rights", []))
    names, orcids = flat.get("creators_name", []), flat.get("creators_orcid", [])
    people = list(zip(names, orcids, strict=True)) if len(names) == len(orcids) else [(name,) for name in names]
    flat["creators"] = _creators([(_turned(name), *orcid) for name, *orcid in people], flat.get("corp_creators", []))
    flat["DC.creator"] = [_turned(name) for name in flat.get("DC.creator", [])]
    return flat


def read_eprint(flat: dict[str, Any], url: str, unknown: Counter[str]) -> dict[str, Any]:
    """Return record field -> value or list of values of the eprint with a canonical URL; count keys no rule knows.

    >>> from collections import Counter
    >>> url = "https://reshare.ukdataservice.ac.uk/856334/"
    >>> read_eprint({"title": ["Moss"], "official_url": ["https://doi.org/10.1234/paper"]}, url, Counter())
    {'title': 'Moss', 'urls': ['https://reshare.ukdataservice.ac.uk/856334/']}
    """
    flat = flat | {"doi": flat.get("doi") or flat.get("id_number")}
    for period in _PERIODS:
        start, end = earliest(flat.get(f"{period}_date_from", [])), latest(flat.get(f"{period}_date_to", []))
        if start or end:
            flat |= {"period_from": start, "period_to": end}
            break
    flat["places"] = _places(flat.get("geographic_cover", []), flat.get("country", []))
    for key in ("documents_license", "documents_security"):
        flat[key] = ", ".join(dict.fromkeys(filter(str.strip, flat.get(key, []))))
    related = (text for key in _RELATED for text in flat.get(key, []))
    flat["urls"] = [url, *_own_pages(related, url)]
    return EPRINT.read(flat, unknown, "reshare.")


def _places(covered: list[str], countries: list[str]) -> list[str]:
    """The places covered, and the countries that are not among them: "Norway, Sweden" names two."""
    named = {place.strip() for cover in covered for place in cover.split(",")}
    return [*dict.fromkeys(covered), *(country for country in dict.fromkeys(countries) if country not in named)]


def _own_pages(related: Iterable[str], url: str) -> list[str]:
    """Pages elsewhere: not a publication, which has a DOI, and not the page of another study."""
    pages = [page for text in related if not dois_only(text) for page in urls_only(text)]
    named = [(page, ukda.from_url(page)) for page in pages]
    return [
        page
        for page, study in named
        if canonical(page) != url and (study is None or str(study.number) == number_of(url))
    ]


def _creators(people: Iterable[tuple[str | None, ...]], organisations: Iterable[str]) -> list[dict[str, Any]]:
    persons = [{"name": name, "type": "Person", "orcid": next(iter(orcid), None)} for name, *orcid in people if name]
    return persons + [{"name": name, "type": "Organization"} for name in organisations if name.strip()]


def _name(name: object) -> str:
    if not isinstance(name, dict):
        return " ".join(texts(name))
    return " ".join(part for key in ("given", "family") for part in texts(name.get(key))).strip()


def _turned(name: str) -> str:
    """A name that a tag tells is "Family, Given"."""
    family, _, given = name.partition(", ")
    return f"{given} {family}".strip()


def _objects(value: object) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
