"""The merge: which source has the first word on each field, and the laws that any set of sightings obeys."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from itertools import permutations
from random import Random  # noqa: TC003 - hypothesis reads the annotation
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity.keys import Identity, identify
from crawler.items import Catalogue, Creator, Description, Record, Sighting, Source, Variable
from crawler.records.merge import UNDIGESTED, UNIONS, digest, merge, record_digest

UUID = "a" * 32
IDENTITY = Identity(key=f"harmony:{UUID}", group=f"harmony:{UUID}")


def said(source: str, **values: Any) -> Sighting:  # noqa: ANN401 - a table of fields
    sighting = Sighting(source=source, uuid=UUID, url=f"https://example.org/{source}", **values)
    return replace(sighting, digest=digest(sighting))


@dataclass
class Case:
    """What sources say, and what the record has of it."""

    name: str
    sightings: list[Sighting]
    values: dict[str, Any]
    provenance: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, dict[str, str]] = field(default_factory=dict)


ORDER = ["datacite", "ukds", "reshare", "harmony_jsonld", "harmony_flight"]
RANKING = [
    Case(
        f"{high} before {low}",
        [said(low, title="low"), said(high, title="high")],
        {"title": "high"},
        {"title": high},
        {"title": {high: "high", low: "low"}},
    )
    for index, high in enumerate(ORDER)
    for low in ORDER[index + 1 :]
]

CASES = [
    *RANKING,
    Case("the one that has a value", [said("datacite"), said("ukds", sex="all")], {"sex": "all"}, {"sex": "ukds"}),
    Case("an empty list is no value", [said("datacite", funders=[]), said("ukds", funders=["A"])], {"funders": ["A"]}),
    Case("zero is a value", [said("datacite", sample_size=0), said("ukds")], {"sample_size": 0}),
    Case("agreement is no conflict", [said("datacite", title="T"), said("ukds", title="T")], {"title": "T"}),
    Case(
        "sources disagree on a number",
        [said("ukds", sample_size=4), said("harmony_flight", sample_size=5)],
        {"sample_size": 4},
        conflicts={"sample_size": {"ukds": "4", "harmony_flight": "5"}},
    ),
    Case(
        "three sources, two opinions",
        [said("datacite", title="T"), said("ukds", title="T"), said("reshare", title="U")],
        {"title": "T"},
        conflicts={"title": {"datacite": "T", "ukds": "T", "reshare": "U"}},
    ),
    Case(
        "a list that is no union comes whole",
        [
            said("ukds", creators=[Creator(name="B"), Creator(name="A")]),
            said("harmony_flight", creators=[Creator(name="C")]),
        ],
        {"creators": [Creator(name="B"), Creator(name="A")]},
        {"creators": "ukds"},
        {
            "creators": {
                "ukds": '[{"name":"B","orcid":null,"type":null},{"name":"A","orcid":null,"type":null}]',
                "harmony_flight": '[{"name":"C","orcid":null,"type":null}]',
            }
        },
    ),
    Case(
        "variables keep their order",
        [said("harmony_flight", variables=[Variable(name="b"), Variable(name="a")])],
        {"variables": [Variable(name="b"), Variable(name="a")]},
    ),
    Case(
        "unions are sorted",
        [said("harmony_flight", urls=["https://b/", "https://a/"]), said("ukds", urls=["https://c/", "https://a/"])],
        {"urls": ["https://a/", "https://b/", "https://c/"]},
        {"urls": "ukds"},
    ),
    Case(
        "keywords are unique regardless of case, in the spelling of the highest rank",
        [said("harmony_flight", keywords=["pregnancy", "AGE"]), said("ukds", keywords=["PREGNANCY"])],
        {"keywords": ["AGE", "PREGNANCY"]},
        {"keywords": "ukds"},
    ),
    Case(
        "catalogues",
        [
            said("harmony_flight", catalogues=[Catalogue(name="B"), Catalogue(name="A", url="https://a/")]),
            said("harmony_jsonld", catalogues=[Catalogue(name="B")]),
        ],
        {"catalogues": [Catalogue(name="A", url="https://a/"), Catalogue(name="B")]},
    ),
    Case(
        "the type comes from the catalogue alone",
        [said("datacite", type="study"), said("harmony_jsonld", type="study"), said("harmony_flight", type="dataset")],
        {"type": "dataset"},
        {"type": "harmony_flight"},
    ),
    Case("what no catalogue page names is a study", [said("datacite", type="dataset")], {"type": "study"}),
    Case(
        "the own page before a mention on another",
        [
            said("harmony_flight", title="mention", embedded=True, date_modified="2026"),
            said("harmony_flight", title="own", date_modified="2020"),
        ],
        {"title": "own"},
    ),
    Case(
        "then the newer declared date of modification",
        [
            said("harmony_flight", title="a", date_modified="2020-05"),
            said("harmony_flight", title="b", date_modified="2020-06-01"),
            said("harmony_flight", title="0"),
        ],
        {"title": "b", "date_modified": "2020-06-01"},
    ),
    Case(
        "then the smaller canonical JSON, not the time of fetching",
        [
            said("harmony_flight", title="b", fetched_at="2026-01-02T00:00:00Z"),
            said("harmony_flight", title="a", fetched_at="2026-01-01T00:00:00Z"),
        ],
        {"title": "a"},
    ),
    Case(
        "a source that disagrees with itself is no conflict",
        [said("ukds", title="a"), said("ukds", title="b")],
        {"title": "a"},
    ),
    Case(
        "seen from the first to the last time",
        [
            said("ukds", fetched_at="2026-01-02T00:00:00Z"),
            said("reshare", fetched_at="2026-01-01T00:00:00Z"),
        ],
        {"first_seen": "2026-01-01T00:00:00Z", "last_seen": "2026-01-02T00:00:00Z"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_merge(case: Case) -> None:
    record = merge(IDENTITY, case.sightings)
    assert {name: getattr(record, name) for name in case.values} == case.values
    assert record.provenance.items() >= case.provenance.items()
    assert record.conflicts == case.conflicts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_order_of_sightings_is_of_no_consequence(case: Case) -> None:
    expected = merge(IDENTITY, case.sightings)
    for order in permutations(case.sightings):
        assert merge(IDENTITY, order) == expected


def test_what_identity_tells_has_the_source_that_carries_it() -> None:
    study = said("harmony_flight", dois=["10.5255/ukda-sn-7-1"], children=["b" * 32])
    jsonld = said("harmony_jsonld", dois=["10.5255/ukda-sn-7-2"])
    (identity, _) = identify([study, jsonld])
    assert identity is not None
    record = merge(identity, [study, jsonld], ["harmony:b"])
    assert (record.doi, record.edition, record.study_number) == ("10.5255/ukda-sn-7-2", 2, 7)
    assert record.provenance == {
        "type": "harmony_jsonld",
        "dois": "harmony_jsonld",
        "doi": "harmony_jsonld",
        "edition": "harmony_jsonld",
        "study_number": "harmony_jsonld",
        "parts": "harmony_flight",
    }


_text = st.sampled_from([None, "a", "b", "A"])
_texts = st.lists(st.sampled_from(["a", "A", "b", "c"]), max_size=3)
_sightings = st.lists(
    st.builds(
        said,
        st.sampled_from(ORDER),
        title=_text,
        description=_text,
        type=st.sampled_from([None, "study", "dataset"]),
        keywords=_texts,
        urls=_texts,
        funders=_texts,
        dois=_texts,
        sample_size=st.sampled_from([None, 0, 7]),
        date_modified=st.sampled_from([None, "2020", "2021-05"]),
        embedded=st.booleans(),
        fetched_at=st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
        catalogues=st.lists(st.builds(Catalogue, name=st.sampled_from(["a", "b"])), max_size=2),
    ),
    min_size=1,
    max_size=5,
)


@given(_sightings, st.randoms())
def test_law_commutative(sightings: list[Sighting], random: Random) -> None:
    shuffled = list(sightings)
    random.shuffle(shuffled)
    assert merge(IDENTITY, shuffled) == merge(IDENTITY, sightings)


@given(_sightings)
def test_law_idempotent(sightings: list[Sighting]) -> None:
    assert merge(IDENTITY, sightings + sightings) == merge(IDENTITY, sightings)


@given(_sightings)
def test_law_time_of_fetching_never_decides(sightings: list[Sighting]) -> None:
    later = [
        replace(sighting, fetched_at="2027-01-01T00:00:00Z", page="https://example.org/other") for sighting in sightings
    ]
    assert merge(IDENTITY, later).digest == merge(IDENTITY, sightings).digest


@given(_sightings)
def test_law_nothing_is_invented_and_every_value_has_its_source(sightings: list[Sighting]) -> None:
    record = merge(IDENTITY, sightings)
    for name in (each.name for each in fields(Description)):
        value = getattr(record, name)
        if name == "type":
            continue
        if value is None or value == []:
            assert all(not getattr(sighting, name) and getattr(sighting, name) != 0 for sighting in sightings)
            assert name not in record.provenance
            continue
        source = record.provenance[name]
        told = [getattr(sighting, name) for sighting in sightings if sighting.source == source]
        if name in UNIONS:
            assert all(any(each in getattr(sighting, name) for sighting in sightings) for each in value)
        else:
            assert value in told


@given(_sightings)
def test_law_a_conflict_is_between_sources(sightings: list[Sighting]) -> None:
    for name, opinions in merge(IDENTITY, sightings).conflicts.items():
        assert name not in UNIONS
        assert len(set(opinions.values())) > 1
        assert set(opinions) <= {sighting.source for sighting in sightings}


def test_the_digest_covers_every_field_that_is_content() -> None:
    sample: dict[str, Any] = {"str": "x", "int": 1, "list": ["x"], "dict": {"x": "y"}}
    before = merge(IDENTITY, [said("ukds")])
    for each in fields(Record):
        kind = next(kind for kind in sample if kind in str(each.type).removeprefix("Annotated["))
        changed = replace(before, **{each.name: sample[kind]})
        assert (record_digest(changed) != before.digest) == (each.name not in UNDIGESTED), each.name


def test_the_sources_rank_as_they_are_listed() -> None:
    assert list(Source) == ORDER
