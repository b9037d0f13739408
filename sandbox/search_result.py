"""The records of generated items, in the shape in which the catalogue's API gives them to a page."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sandbox.draws import Draws
from sandbox.links import access_url, doi_forms, study_url, urls
from sandbox.studies import WORDS, Era, Item, Json, item, part_count, study_number, subject, years

VARIABLES: Final = [
    {"name": f"{wave}_{name}", "description": text} for wave in "abcdef" for name, text in WORDS["variables"]
]
"""The variables that records tell: the first ones, so a study with more is told in part, as in the catalogue."""


@lru_cache(maxsize=256)
def search_result(of: Item) -> Json:
    """The record of an item without its relatives."""
    return {
        "dataset_schema": _dataset_schema(of),
        "extra_data": _extra_data(of),
        "distance": 0,
        "score": 0,
        "parent": {},
    }


def initial_data(of: Item) -> Json:
    """The record with its relatives, as eras E3 to E5 hand it to the page."""
    data = search_result(of)
    parts = [] if of.part else [item(of.index, part) for part in range(1, part_count(of.index) + 1)]
    if of.era is Era.E3:
        return data | {"child_datasets": [search_result(part) for part in parts]}
    return data | {
        "ancestors": [search_result(item(of.index)) | {"ancestors": []}] if of.part else [],
        "child_datasets": [_stub(part) for part in parts],
        "num_descendant_variables": sum(_num_variables(part) for part in parts),
    }


def json_ld(of: Item) -> Json:
    """The schema.org description that era E2 puts beside the record; what the record lacks is left out."""
    draws = Draws(f"json-ld {of.index}")
    schema, extra = search_result(of)["dataset_schema"], search_result(of)["extra_data"]
    node = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": schema["name"],
        "description": schema["description"],
        "url": f"https://harmonydata.ac.uk/search/items/{of.slug}",
        "identifier": schema["identifier"],
        "keywords": schema["keywords"],
        "temporalCoverage": schema["temporalCoverage"],
        "spatialCoverage": extra["geographic_coverage"],
        "publisher": {"@type": "Organization", "name": "UK Data Service"} if draws.below(2) else None,
        "creator": schema["creator"],
        "dateModified": f"{years(of.index)[1] + 1}-0{1 + draws.below(9)}-1{draws.below(10)}",
        "license": "https://creativecommons.org/licenses/by/4.0/" if draws.below(2) else None,
    }
    return {key: value for key, value in node.items() if value}


def _dataset_schema(of: Item) -> Json:
    draws = Draws(f"schema {of.index}.{of.part}")
    start, end = years(of.index)
    midnight = "" if of.era is Era.E2 else "T00:00:00Z"
    variables = VARIABLES[: _num_variables(of)]
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": of.name,
        "description": _description(of),
        "url": urls(of),
        "keywords": draws.some(WORDS["keywords"], draws.below(12)),
        "identifier": doi_forms(of),
        "variableMeasured": variables,
        "includedInDataCatalog": [{"@type": "DataCatalog", "name": "UK Data Service", "url": study_url(of)}],
        "sponsor": _organisations(Draws(f"sponsor {of.index}").some(WORDS["funders"], 1)),
        "creator": _organisations(_makers(of)),
        "temporalCoverage": f"{start}-01-01{midnight}/{end}-12-31{midnight}",
        "size": str(_sample_size(of)),
        "number_of_variables": len(variables),
    }


def _extra_data(of: Item) -> Json:
    draws = Draws(f"extra {of.index}.{of.part}")
    start, end = years(of.index)
    _, place, country_codes = subject(of.index)
    kind = "dataset" if of.part else "study"
    old = of.era is Era.E2
    data = {
        "uuid": of.uuid,
        "slug": of.slug,
        "harmony_id": f"ukds/{study_number(of.index) if old else of.slug}",
        "source": ["ukds"],
        "resource_type": kind,
        "name": of.name,
        "urls": urls(of),
        "dois": doi_forms(of),
        "data_access": draws.one([*WORDS["access"], access_url(of), f"{access_url(of)} {study_url(of)}"]),
        "start_year": start,
        "end_year": end,
        "duration_years": end - start,
        "num_sweeps": 1 + draws.below(21) if end > start else 1,
        "num_variables": _num_variables(of) or None,
        "sample_size": _sample_size(of),
        "sex": draws.one(("all", "all", "female", "male")),
        "country_codes": country_codes,
        "language_codes": ["en"],
        "geographic_coverage": place,
        "genetic_data_collected": draws.below(8) == 0,
        "study_design": draws.one(WORDS["designs"]),
        "instruments": [],
        "ai_summary": draws.one((None, None, "", f"Describes {of.name} in a sentence.")),
    }
    return data if old or of.era is Era.E3 else data | {"top_level_ancestor_uuid": item(of.index).uuid}


def _stub(of: Item) -> Json:
    start, end = years(of.index)
    return {
        "dataset_schema": {},
        "extra_data": {
            "end_year": end,
            "resource_type": "dataset",
            "slug": of.slug,
            "num_variables": _num_variables(of),
            "start_year": start,
            "name": of.name,
            "uuid": of.uuid,
        },
        "distance": 0,
        "score": 0,
        "parent": {},
        "ancestors": [],
    }


def _description(of: Item) -> str:
    draws = Draws(f"description {of.index}.{of.part}")
    start, end = years(of.index)
    count = 1 + draws.below(5) if of.part else 5 + draws.below(20)
    text = draws.one((" ", " ", "\n\n")).join(draws.some(WORDS["sentences"], count))
    return text.format(
        topic=subject(of.index)[0].lower(),
        start=start,
        end=end,
        size=_sample_size(of),
        maker=_makers(of)[0],
    )


def _num_variables(of: Item) -> int:
    return Draws(f"variables {of.index}.{of.part}").below(45 if of.part else 150)


def _organisations(names: list[str]) -> list[Json]:
    return [{"@type": "Organization", "name": name} for name in names]


def _makers(of: Item) -> list[str]:
    draws = Draws(f"makers {of.index}")
    return draws.some(WORDS["organisations"], 1 + draws.below(2))


def _sample_size(of: Item) -> int:
    return 40 + Draws(f"size {of.index}").below(20_000)
