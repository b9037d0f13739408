"""Snapshots, each with the key of every sighting in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.items import Sighting

A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
FILE_PAGE = "https://datacatalogue.ukdataservice.ac.uk/datasets/dataset/6b2a2558-2917-72a1-ab0e-97c9bae1e35d"


def sn(number: int, edition: int | None = None) -> str:
    return f"10.5255/ukda-sn-{number}" + ("" if edition is None else f"-{edition}")


def harmony(uuid: str | None = None, slug: str | None = None, **values: object) -> Sighting:
    source = str(values.pop("source", "harmony_flight"))
    return Sighting(source=source, uuid=uuid, slug=slug, **values)  # type: ignore[arg-type] # a table of fields


def elsewhere(source: str, *dois: str, **values: object) -> Sighting:
    return Sighting(source=source, dois=list(dois), **values)  # type: ignore[arg-type] # a table of fields


@dataclass
class Case:
    """A snapshot, and what its sightings' identities must say, in the same order."""

    name: str
    sightings: list[Sighting]
    keys: list[str | None]
    part_of: list[str | None] = field(default_factory=list)
    doi: list[str | None] = field(default_factory=list)
    edition: list[int | None] = field(default_factory=list)
    superseded_by: list[str | None] = field(default_factory=list)
    study_number: list[int | None] = field(default_factory=list)


CASES = [
    Case("a study with one DOI", [harmony(A, dois=[sn(7, 2)])], [f"doi:{sn(7, 2)}"], edition=[2], study_number=[7]),
    Case("a ReShare DOI has no suffix", [harmony(A, dois=[sn(850565)])], ["doi:10.5255/ukda-sn-850565"], edition=[0]),
    Case("a DOI of another registry", [harmony(A, dois=["10.1594/x.1"])], ["doi:10.1594/x.1"], study_number=[None]),
    Case(
        "a series is no study", [harmony(A, dois=["10.5255/ukda-series-2000053"])], ["doi:10.5255/ukda-series-2000053"]
    ),
    Case("editions of one study", [harmony(A, dois=[sn(7, 2), sn(7, 10), sn(7)])], [f"doi:{sn(7, 10)}"], edition=[10]),
    Case(
        "87 identifiers",
        [harmony(A, dois=[sn(6000 + number, 1) for number in range(87)])],
        [f"harmony:{A}"],
        doi=[None],
        study_number=[None],
    ),
    Case("an edition and a foreign DOI", [harmony(A, dois=[sn(7, 2), "10.1594/x.1"])], [f"harmony:{A}"], doi=[None]),
    Case("several DOIs, known by slug alone", [harmony(slug="s", dois=[sn(7), sn(8)])], ["harmony:s"]),
    Case("a uuid and no DOI", [harmony(A)], [f"harmony:{A}"], doi=[None]),
    Case("a slug and no DOI", [harmony(slug="s")], ["harmony:s"]),
    Case("nothing to go by", [harmony()], [None]),
    Case("nothing to go by, elsewhere", [elsewhere("ukds")], [None]),
    Case(
        "no DOI, one study number in its URLs, no edition declared anywhere",
        [harmony(A, study_numbers=[7])],
        ["ukda:7"],
        doi=[None],
        study_number=[7],
        edition=[None],
    ),
    Case(
        "no DOI, but another sighting declares the study's edition",
        [harmony(A, study_numbers=[7]), elsewhere("datacite", sn(7, 3))],
        [f"doi:{sn(7, 3)}"] * 2,
    ),
    Case("no DOI, several study numbers", [harmony(A, study_numbers=[7, 8])], [f"harmony:{A}"], study_number=[None]),
    # what all sightings of one item say holds for the item
    Case("one item by uuid", [harmony(A, dois=[sn(7, 1)]), harmony(A)], [f"doi:{sn(7, 1)}"] * 2),
    Case(
        "one item by the uuid of its slug",
        [harmony(slug="s", dois=[sn(7, 1)]), harmony(A, "s"), harmony(A)],
        [f"doi:{sn(7, 1)}"] * 3,
    ),
    Case(
        "two DOIs on two pages of one item",
        [harmony(slug="s", dois=[sn(7)]), harmony(A, "s", dois=[sn(8)])],
        [f"harmony:{A}"] * 2,
    ),
    Case(
        "two items with one DOI are one record",
        [harmony(A, dois=[sn(7, 1)]), harmony(B, dois=[sn(7, 1)])],
        [f"doi:{sn(7, 1)}"] * 2,
    ),
    Case(
        "two items with two editions of one study are one record",
        [harmony(A, dois=[sn(7, 1)]), harmony(B, dois=[sn(7, 2)])],
        [f"doi:{sn(7, 2)}"] * 2,
    ),
    # rule 1: children
    Case(
        "a study and its files share one DOI",
        [
            harmony(A, dois=[sn(7, 2)]),
            harmony(B, ancestors=[A], dois=[sn(7, 2)]),
            harmony(C, ancestors=[A], dois=[sn(7, 2)]),
        ],
        [f"doi:{sn(7, 2)}", f"harmony:{B}", f"harmony:{C}"],
        part_of=[None, f"doi:{sn(7, 2)}", f"doi:{sn(7, 2)}"],
        doi=[sn(7, 2)] * 3,
        edition=[2] * 3,
    ),
    Case(
        "JSON-LD on a child's page names the study's DOI",
        [
            harmony(A, dois=[sn(7, 2)]),
            harmony(B, ancestors=[A]),
            harmony(B, source="harmony_jsonld", dois=[sn(7, 2)], ancestors=[A]),
        ],
        [f"doi:{sn(7, 2)}", f"harmony:{B}", f"harmony:{B}"],
    ),
    Case(
        "a child known only from its study's list",
        [harmony(A, dois=[sn(7, 2)], children=[B]), harmony(B, type="dataset", dois=[sn(7, 2)])],
        [f"doi:{sn(7, 2)}", f"harmony:{B}"],
        part_of=[None, f"doi:{sn(7, 2)}"],
    ),
    Case(
        "a child listed by its slug, known by its uuid",
        [harmony(A, "study", dois=[sn(7, 2)], children=["file"]), harmony(B, "file", dois=[sn(7, 2)])],
        [f"doi:{sn(7, 2)}", f"harmony:{B}"],
        part_of=[None, f"doi:{sn(7, 2)}"],
    ),
    Case(
        "a child known by slug alone",
        [harmony(A, dois=[sn(7, 2)]), harmony(slug="file", ancestors=[A], dois=[sn(7, 2)])],
        [f"doi:{sn(7, 2)}", "harmony:file"],
    ),
    Case(
        "a nested child is a part of the study, not of the dataset between",
        [harmony(A, dois=[sn(7, 2)]), harmony(B, ancestors=[A]), harmony(C, ancestors=[B, A])],
        [f"doi:{sn(7, 2)}", f"harmony:{B}", f"harmony:{C}"],
        part_of=[None, f"doi:{sn(7, 2)}", f"doi:{sn(7, 2)}"],
        doi=[sn(7, 2)] * 3,
    ),
    Case(
        "a nested child whose page names its parent only",
        [harmony(A, dois=[sn(7, 2)]), harmony(B, ancestors=[A]), harmony(C, ancestors=[B])],
        [f"doi:{sn(7, 2)}", f"harmony:{B}", f"harmony:{C}"],
        part_of=[None, f"doi:{sn(7, 2)}", f"doi:{sn(7, 2)}"],
    ),
    Case(
        "a nested child listed by a dataset that is a child itself",
        [harmony(A, dois=[sn(7, 2)]), harmony(B, ancestors=[A], children=[C]), harmony(C)],
        [f"doi:{sn(7, 2)}", f"harmony:{B}", f"harmony:{C}"],
        part_of=[None, f"doi:{sn(7, 2)}", f"doi:{sn(7, 2)}"],
    ),
    Case(
        "a child whose study was not seen",
        [harmony(B, ancestors=[A], dois=[sn(7, 2)])],
        [f"harmony:{B}"],
        part_of=[None],
        doi=[sn(7, 2)],
        study_number=[7],
    ),
    Case(
        "a child whose named ancestor was not seen, but the study of its DOI was",
        [harmony(B, ancestors=[D], dois=[sn(7, 2)]), harmony(A, dois=[sn(7, 1)])],
        [f"harmony:{B}", f"doi:{sn(7, 2)}"],
        part_of=[f"doi:{sn(7, 2)}", None],
    ),
    Case(
        "a child of something that has no name does not swallow its study",
        [harmony(B, is_part=True, dois=[sn(7, 2)]), harmony(A, dois=[sn(7, 2)])],
        [f"harmony:{B}", f"doi:{sn(7, 2)}"],
        part_of=[f"doi:{sn(7, 2)}", None],
    ),
    Case(
        "a file page of the UK Data Service makes a dataset a child",
        [harmony(B, type="dataset", urls=[FILE_PAGE], dois=[sn(7, 2)]), harmony(A, type="study", dois=[sn(7, 2)])],
        [f"harmony:{B}", f"doi:{sn(7, 2)}"],
        part_of=[f"doi:{sn(7, 2)}", None],
    ),
    Case(
        "a file page among the links of a study does not",
        [
            harmony(A, type="study", urls=[FILE_PAGE], dois=[sn(7, 2)]),
            harmony(A, source="harmony_jsonld", urls=[FILE_PAGE]),
        ],
        [f"doi:{sn(7, 2)}"] * 2,
    ),
    Case(
        "a child of a study with 87 identifiers keeps its own DOI",
        [
            harmony(A, dois=[sn(6000 + number, 1) for number in range(87)]),
            harmony(B, ancestors=[A], dois=[sn(6001, 1)]),
        ],
        [f"harmony:{A}", f"harmony:{B}"],
        part_of=[None, f"harmony:{A}"],
        doi=[None, sn(6001, 1)],
        study_number=[None, 6001],
    ),
    Case(
        "its study's list makes a standalone dataset with a DOI a child",
        [harmony(A, children=[B]), harmony(B, dois=["10.1594/x.1"])],
        [f"harmony:{A}", f"harmony:{B}"],
        doi=[None, "10.1594/x.1"],
    ),
    Case("its own uuid among its ancestors means nothing", [harmony(A, ancestors=[A], dois=[sn(7)])], [f"doi:{sn(7)}"]),
    Case("nor among its children", [harmony(A, children=[A], dois=[sn(7)])], [f"doi:{sn(7)}"]),
    Case(
        "nor its own slug",
        [harmony(A, "s", ancestors=["s"], dois=[sn(7)])],
        [f"doi:{sn(7)}"],
    ),
    Case(
        "two items that are parts of each other",
        [harmony(A, ancestors=[B]), harmony(B, ancestors=[A])],
        [f"harmony:{A}", f"harmony:{B}"],
        part_of=[f"harmony:{B}", f"harmony:{A}"],
    ),
    # editions
    Case(
        "everybody but DataCite describes the study: its newest edition",
        [
            harmony(A, dois=[sn(7, 1)]),
            elsewhere("ukds", sn(7, 2)),
            elsewhere("reshare", sn(7)),
            elsewhere("datacite", sn(7, 3)),
        ],
        [f"doi:{sn(7, 3)}"] * 4,
        edition=[3] * 4,
    ),
    Case(
        "an older edition at DataCite is a record of its own",
        [elsewhere("datacite", sn(7, 2)), elsewhere("datacite", sn(7, 10)), harmony(A, dois=[sn(7, 2)])],
        [f"doi:{sn(7, 2)}", f"doi:{sn(7, 10)}", f"doi:{sn(7, 10)}"],
        edition=[2, 10, 10],
        superseded_by=[f"doi:{sn(7, 10)}", None, None],
    ),
    Case(
        "a child's DOI declares an edition too",
        [harmony(A, dois=[sn(7, 1)]), harmony(B, ancestors=[A], dois=[sn(7, 4)])],
        [f"doi:{sn(7, 4)}", f"harmony:{B}"],
        doi=[sn(7, 4)] * 2,
    ),
    Case(
        "no suffix and -0 are one edition",
        [elsewhere("datacite", sn(7)), elsewhere("datacite", sn(7, 0)), harmony(A, dois=[sn(7, 0)])],
        [f"doi:{sn(7)}"] * 3,
        superseded_by=[None] * 3,
    ),
    Case(
        "an edition is declared by a study with several DOIs as well",
        [harmony(A, dois=[sn(7, 5), sn(8, 1)]), elsewhere("ukds", sn(7, 2))],
        [f"harmony:{A}", f"doi:{sn(7, 5)}"],
    ),
    # elsewhere
    Case("a page of UKDS without a DOI", [elsewhere("ukds", study_numbers=[7])], ["ukda:7"]),
    Case("a DOI that DataCite knows and nobody else", [elsewhere("datacite", "10.1594/x.1")], ["doi:10.1594/x.1"]),
    Case(
        "a page of ReShare joins the study of its number",
        [elsewhere("reshare", study_numbers=[850565]), harmony(A, dois=[sn(850565)])],
        ["doi:10.5255/ukda-sn-850565"] * 2,
    ),
]
