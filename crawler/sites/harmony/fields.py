"""Field tables of the Harmony catalogue's own objects, in both of the forms that its pages have carried.

A *search result* is what the catalogue's API answers: a schema.org Dataset in `dataset_schema`, and in `extra_data`
what that has no term for. *Detail props* are what the pages of the first deployments made of a search result.
Zero stands for "not known" in its years and counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crawler.sites import schema_org
from crawler.sites.schema_org import dois_only, end, pages_only, positive, start, urls_only
from crawler.sites.table import Table

if TYPE_CHECKING:
    from collections import Counter

_NO_UPPER_AGE = {"0", "999"}
_CODES = re.compile(r"[A-Z]{2}(?:\s*,\s*[A-Z]{2})*")
_AGES = re.compile(r"(?P<min>\d+|null) *(?:\+|- *(?P<max>\d+|null)) *years")
# What the first deployments show where a name is missing.
_NAMELESS = {"Untitled Study", "Untitled Dataset", "Unknown Publisher", "Funding Organization", "Data Catalog"}


def _named(thing: object) -> object:
    return None if (thing.get("name") if isinstance(thing, dict) else thing) in _NAMELESS else thing


def _own_type(text: object) -> object:
    """`resourceType` falls back to schema.org's `@type`, which is `Dataset` for a study too."""
    return None if text == "Dataset" else text


def _countries(text: object) -> list[str]:
    """`geographicCoverage` is a list of codes where the catalogue has codes, prose where it has none."""
    return re.split(r"\s*,\s*", text) if isinstance(text, str) and _CODES.fullmatch(text) else []


def _places(text: object) -> object:
    return None if _countries(text) else text


def _youngest(text: object) -> str | None:
    ages = _AGES.fullmatch(str(text))
    return ages["min"] if ages and ages["min"] != "null" else None


def _oldest(text: object) -> str | None:
    ages = _AGES.fullmatch(str(text))
    return ages["max"] if ages and ages["max"] not in {"null", None} else None


SEARCH_RESULT = Table(
    rows={
        "type": ("extra_data.resource_type",),
        "title": ("dataset_schema.name", "extra_data.name"),
        "alternate_titles": ("dataset_schema.alternateName", "extra_data.name"),
        "description": ("dataset_schema.description", "extra_data.description"),
        "keywords": ("dataset_schema.keywords", "extra_data.keywords"),
        "creators": ("dataset_schema.creator",),
        "publisher": ("dataset_schema.publisher",),
        "funders": ("dataset_schema.funder",),
        "sponsors": ("dataset_schema.sponsor",),
        "temporal_start": (("dataset_schema.temporalCoverage", start), ("extra_data.start_year", positive)),
        "temporal_end": (("dataset_schema.temporalCoverage", end), ("extra_data.end_year", positive)),
        "spatial_coverage": ("dataset_schema.spatialCoverage", "extra_data.geographic_coverage"),
        "country_codes": ("extra_data.country_codes",),
        "languages": ("extra_data.language_codes", "dataset_schema.inLanguage"),
        "age_min": ("extra_data.age_lower",),
        "age_max": ("extra_data.age_upper",),
        "sex": ("extra_data.sex",),
        "sample_size": (("extra_data.sample_size", positive), ("dataset_schema.size", positive)),
        "study_design": ("extra_data.study_design",),
        "instruments": ("extra_data.instruments",),
        "variables": ("dataset_schema.variableMeasured",),
        "variable_count": (
            ("extra_data.num_variables", positive),
            ("extra_data.number_of_variables", positive),
            ("dataset_schema.number_of_variables", positive),
        ),
        "license": ("dataset_schema.license",),
        "access": ("extra_data.data_access", "dataset_schema.conditionsOfAccess"),
        "date_published": ("dataset_schema.datePublished",),
        "date_modified": ("dataset_schema.dateModified",),
        "catalogues": ("dataset_schema.includedInDataCatalog",),
        "urls": (
            ("dataset_schema.url", urls_only),
            ("extra_data.urls", urls_only),
            ("dataset_schema.sameAs", urls_only),
            ("dataset_schema.identifier", pages_only),
            ("extra_data.data_access", urls_only),
        ),
        "dois": (
            ("dataset_schema.identifier", dois_only),
            ("extra_data.dois", dois_only),
            ("dataset_schema.url", dois_only),
            ("extra_data.urls", dois_only),
        ),
        "summary": ("extra_data.ai_summary",),
    },
    left_out=frozenset(
        {"distance", "score", "cosine_similarity", "match_type", "hasFreeAccess", "hasCohortsAvailable", "image"}
        | {"variables_which_matched", "datasets_which_matched"}  # of a search that nobody made
        | {"parent", "ancestors", "child_datasets", "num_descendant_variables"}  # read as relations
        | {f"dataset_schema.{key}" for key in schema_org.DATASET.left_out}
        | {"extra_data.uuid", "extra_data.slug", "extra_data.top_level_ancestor_uuid", "extra_data.harmony_id"}
        | {"extra_data.source", "extra_data.duration_years", "extra_data.num_sweeps"}
        | {"extra_data.genetic_data_collected"}
    ),
)

DETAIL_KEYS = ("title", "topics", "allVariables", "additionalLinks")
"""Keys that all detail props have; a source without catalogues has no `dataCatalogs` either."""
DETAIL_PROPS = Table(
    rows={
        "type": (("resourceType", _own_type),),
        "title": (("title", _named),),
        "description": ("description",),
        "keywords": ("topics",),
        "publisher": (("publisher", _named),),
        "funders": (("funders", _named),),
        "temporal_start": (("temporalCoverage", start),),
        "temporal_end": (("temporalCoverage", end),),
        "spatial_coverage": (("geographicCoverage", _places),),
        "country_codes": (("geographicCoverage", _countries),),
        "age_min": (("ageCoverage", _youngest),),
        "age_max": (("ageCoverage", _oldest),),
        "sample_size": (("sampleSize", positive),),
        "study_design": ("studyDesign",),
        "instruments": ("instruments",),
        "variables": ("allVariables", "matchedVariables"),
        "catalogues": (("dataCatalogs", _named),),
        "urls": (("additionalLinks", urls_only),),
        "dois": (("additionalLinks", dois_only),),
        "summary": ("aiSummary",),
    },
    left_out=frozenset({"image", "dataOwner", "child_datasets"}),
)


def read_search_result(result: dict[str, Any], unknown: Counter[str]) -> dict[str, Any]:
    """Return record field -> value or list of values from a search result; count the keys that no rule knows.

    >>> from collections import Counter
    >>> schema = {"name": "Roads, 2010", "identifier": ["10.5255/UKDA-SN-1-1"]}
    >>> read_search_result({"dataset_schema": schema, "extra_data": {"start_year": 2010, "end_year": 0}}, Counter())
    {'title': 'Roads, 2010', 'temporal_start': 2010, 'dois': ['10.5255/UKDA-SN-1-1']}
    """
    flat = {key: value for key, value in result.items() if key not in {"dataset_schema", "extra_data"}}
    for part in ("dataset_schema", "extra_data"):
        flat |= {f"{part}.{key}": value for key, value in result[part].items()}
    return _settled(SEARCH_RESULT.read(flat, unknown), unknown)


def read_detail_props(props: dict[str, Any], unknown: Counter[str]) -> dict[str, Any]:
    """Return record field -> value or list of values from detail props; count the keys that no rule knows.

    >>> from collections import Counter
    >>> read_detail_props({"title": "Roads", "geographicCoverage": "GB, IE", "ageCoverage": "16+ years"}, Counter())
    {'title': 'Roads', 'country_codes': ['GB', 'IE'], 'age_min': '16'}
    """
    return _settled(DETAIL_PROPS.read(props, unknown, "detail."), unknown)


def _settled(values: dict[str, Any], unknown: Counter[str]) -> dict[str, Any]:
    """A type that is none is counted, as a key would be.

    An age range of 0 to 999, or to 0, is that of a source without one; a title is no alternative to itself.
    """
    kind = str(values.get("type", "study")).lower()
    if kind not in {"study", "dataset"}:
        unknown[f"resource_type={kind}"] += 1
        del values["type"]
    if str(values.get("age_max")) in _NO_UPPER_AGE:
        del values["age_max"]
        if str(values.get("age_min")) == "0":
            del values["age_min"]
    others = [title for title in values.pop("alternate_titles", []) if title != values.get("title")]
    return values | {"alternate_titles": others} if others else values
