"""A small run: two records and the three targets that they rest on."""

from __future__ import annotations

from dataclasses import replace

from crawler.export.manifest import Run
from crawler.items import Catalogue, Creator, Record, Sighting, Source, SourceRef, State, Target, Variable

RUN = Run(
    run_id="run-1",
    started="2026-11-22T15:30:00Z",
    finished="2026-11-22T15:31:00Z",
    code_version="0.1.0",
    extractor_version="1",
)
MOMENT = "2026-11-22T15:30:05Z"
PAGE = "https://catalogue.example/search/items/evening-meals"


FULL = Record(
    key="doi:10.1234/meals.1",
    type="study",
    title="Evening meals in three towns",
    alternate_titles=["Meals"],
    description="What people eat.\n\nAnd when, “as they say”.",
    keywords=["food", "time use"],
    creators=[Creator(name="Depositor A", type="organisation")],
    publisher="An archive",
    funders=["A council"],
    sponsors=["A ministry"],
    temporal_start="2019-01-01",
    temporal_end="2020-12-31",
    spatial_coverage="Three towns",
    country_codes=["GB"],
    languages=["en"],
    age_min=18,
    age_max=90,
    sex="all",
    sample_size=1200,
    study_design=["cohort"],
    instruments=["A diary"],
    variables=[Variable(name="meal_1", description="First meal"), Variable(name="meal_2")],
    variable_count=2,
    data_kinds=["numeric"],
    license="CC BY 4.0",
    access="open",
    date_published="2021-03",
    date_modified="2022",
    catalogues=[Catalogue(name="A catalogue", url="https://catalogue.example/")],
    urls=["https://meals.example/"],
    dois=["10.1234/meals.1"],
    summary="Meals.",
    parts=["harmony:" + "0" * 32],
    doi="10.1234/meals.1",
    study_number=12,
    edition=1,
    superseded_by="doi:10.1234/meals.2",
    sources=[SourceRef(source=Source.HARMONY_FLIGHT, url=PAGE, fetched_at=MOMENT, digest="a" * 64)],
    provenance={"title": "harmony_flight", "doi": "harmony_jsonld"},
    conflicts={"title": {"harmony_flight": "Evening meals in three towns", "harmony_jsonld": "Meals"}},
    first_seen=MOMENT,
    last_seen=MOMENT,
    digest="b" * 64,
)


def full_record(key: str = FULL.key) -> Record:
    """Return a record with a value in every field that a study can have."""
    return replace(FULL, key=key)


def records() -> list[Record]:
    """Return a study and its part, in the order of their keys."""
    part = Record(key="harmony:" + "0" * 32, type="dataset", part_of="doi:10.1234/meals.1", digest="c" * 64)
    return [full_record(), part]


def targets() -> list[Target]:
    """Return a page, a page that is gone and a sitemap, in the order of their URLs."""
    sighting = Sighting(title="Evening meals", source=Source.HARMONY_FLIGHT, url=PAGE, page=PAGE, dois=["10.1/a"])
    return [
        Target(url=PAGE, state=State.STORED, status=200, sightings=[sighting], attempts=1),
        Target(url=PAGE + "-gone", state=State.NOT_FOUND, status=404),
        Target(url="https://catalogue.example/sitemap.xml", state=None, links=[PAGE], etag='"1"'),
    ]
