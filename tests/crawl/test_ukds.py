"""`scrapy crawl ukds`: the studies that the UK Data Service lists, or those that are named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.generator import Catalogue
from sandbox.holdings import holding, only_as_page, withdrawn
from sandbox.hosts import oai
from sandbox.server import serving
from tests.crawl.crawling import FAST, Export, asked, crawl, scrapy

if TYPE_CHECKING:
    from pathlib import Path

STUDIES = 23
LISTED = [index for index in range(STUDIES) if not only_as_page(index)]
DELETED = {index for index in LISTED if withdrawn(index)}
MALFORMED = {13}
"""The study whose record is not well-formed."""
RUN = ("-a", "run_id=one")
PAGE = 10
"""How many headers a page of the sandbox's lists has."""
OAI = f"{oai.HOSTS[0]}{oai.PATH}"
TARGET = "https://datacatalogue.ukdataservice.ac.uk/studies/study/{}"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run published, and what it asked for."""

    export: Export
    urls: list[str]

    @property
    def lists(self) -> list[dict[str, str]]:
        """The arguments of its requests for pages of a list."""
        queries = [parse_qs(urlsplit(url).query) for url in self.urls if "verb=List" in url]
        return [{name: values[0] for name, values in query.items()} for query in queries]

    @property
    def studies(self) -> set[int]:
        """The numbers of the studies whose records it asked for."""
        return {int(url.rpartition("identifier=")[2]) for url in self.urls if "verb=GetRecord" in url}


def run(mirror: str, exports: Path, *args: str) -> Run:
    before = len(asked(mirror))
    ended = scrapy("crawl", "ukds", *FAST, *args, mirror=mirror, exports=exports)
    assert ended.code == 0, ended.log
    return Run(Export(exports), asked(mirror)[before:])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Return the first run over an empty export, the next one, and one that is to list everything again."""
    exports = tmp_path_factory.mktemp("ukds")
    with serving(tree=Catalogue({}, STUDIES)) as mirror:
        return {name: run(mirror, exports, *args) for name, *args in [("first",), ("next",), ("full", "-a", "full=1")]}


@pytest.fixture(scope="module")
def after_harmony(tmp_path_factory: pytest.TempPathFactory) -> tuple[Export, Run]:
    """Return a crawl of the catalogue alone, and a run of all that the UK Data Service lists after it."""
    exports = tmp_path_factory.mktemp("after")
    with serving(tree=Catalogue({}, STUDIES)) as mirror:
        return crawl(mirror, exports, "-a", "follow=none"), run(mirror, exports, "-a", "full=1")


def numbers(indexes: set[int] | list[int]) -> set[int]:
    return {holding(index).number for index in indexes}


def test_named_studies_are_a_partial_run(tmp_path: Path) -> None:
    with serving(tree=Catalogue({}, STUDIES)) as mirror:
        made = run(mirror, tmp_path, "-a", "studies=1000001,85000004, 1000006")
    assert (made.studies, made.lists) == ({1000001, 85000004, 1000006}, [])
    assert made.export.manifest["incomplete"][0] == "a partial run"
    states = {url: state for url, state in made.export.states.items() if "/studies/study/" in url}
    told = {1000001: "stored", 85000004: "stored", 1000006: "not_found"}
    assert states == {TARGET.format(number): state for number, state in told.items()}
    dois = {of.edition_doi(edition).lower() for of in (holding(1), holding(4)) for edition in of.editions}
    assert {record["doi"] for record in made.export.records.values()} == dois
    assert "https://reshare.ukdataservice.ac.uk/85000004/" in made.export.states


def test_without_numbers_the_list_is_walked_by_its_tokens(runs: dict[str, Run]) -> None:
    first = runs["first"]
    assert first.lists[0] == {"metadataPrefix": "ddi", "set": "DataCollections", "verb": "ListRecords"}
    assert len(first.lists) == -(-len(LISTED) // PAGE)
    assert all(query.keys() == {"verb", "resumptionToken"} for query in first.lists[1:])


def test_a_study_that_the_list_tells_is_not_asked_for(runs: dict[str, Run]) -> None:
    first = runs["first"]
    rows = {number: first.export.ledger[TARGET.format(number)] for number in numbers(LISTED)}
    assert first.studies == numbers(MALFORMED)
    assert {number for number, row in rows.items() if row["state"] == "not_found"} == numbers(DELETED)
    assert {row["state"] for number, row in rows.items() if number not in numbers(DELETED)} == {"stored"}
    assert {row["attempts"] for number, row in rows.items() if number not in numbers(MALFORMED)} == {1}


def test_where_the_list_of_records_breaks_off_that_of_identifiers_tells_the_same(
    tmp_path: Path, runs: dict[str, Run]
) -> None:
    with serving(tree=Catalogue({}, STUDIES), faults=[f"500:1@{OAI}?verb=ListRecords&resumptionToken"]) as mirror:
        broken = run(mirror, tmp_path, "-s", "RETRY_TIMES=0")
    identifiers = ["ListIdentifiers"] * -(-len(LISTED) // PAGE)
    assert [query["verb"] for query in broken.lists] == ["ListRecords", "ListRecords", *identifiers]
    assert broken.studies == numbers(LISTED[PAGE:]) - numbers(DELETED)
    assert broken.export.digests == runs["first"].export.digests
    assert {*broken.export.manifest["incomplete"]} == {*runs["first"].export.manifest["incomplete"]}


def test_the_limit_holds_for_what_the_list_tells_too(tmp_path: Path) -> None:
    with serving(tree=Catalogue({}, STUDIES)) as mirror:
        made = run(mirror, tmp_path, "-a", "limit=5")
    assert sum(bool(row["attempts"]) for row in made.export.ledger.values()) == 5


def test_a_resumed_run_reads_the_list_again_and_keeps_what_it_had(tmp_path: Path, runs: dict[str, Run]) -> None:
    with serving(tree=Catalogue({}, STUDIES)) as mirror:
        ended = scrapy("crawl", "ukds", *FAST, *RUN, "-s", "CLOSESPIDER_ITEMCOUNT=8", mirror=mirror, exports=tmp_path)
        assert ended.code == 1, ended.log
        assert (tmp_path / "v1/log/one").exists()
        made = run(mirror, tmp_path, *RUN)
    assert made.export.digests == runs["first"].export.digests
    assert made.export.states == runs["first"].export.states


def test_the_next_run_asks_what_changed_since_the_last(runs: dict[str, Run]) -> None:
    started = runs["first"].export.manifest["started"][: len("2026-11-22")]
    assert [query.get("from") for query in runs["next"].lists] == [started]
    assert runs["next"].studies == numbers(LISTED) - numbers(DELETED)  # the list tells none: all are asked for again
    assert runs["next"].export.commit["number"] == 2
    assert runs["next"].export.changes == []


def test_full_lists_everything_again(runs: dict[str, Run]) -> None:
    assert [query.get("from") for query in runs["full"].lists] == [None] * len(runs["first"].lists)
    assert runs["full"].export.changes == []
    assert runs["full"].export.digests == runs["first"].export.digests


def test_what_the_catalogue_told_is_not_withdrawn(after_harmony: tuple[Export, Run]) -> None:
    before, after = after_harmony
    flight = [record for record in before.records.values() if record["provenance"]["title"].startswith("harmony")]
    assert len(flight) == len(before.records) > STUDIES
    withdrawn = [change for change in after.export.changes if change["change"] == "withdrawn"]
    assert all(change["replaced_by"] for change in withdrawn)
    told = before.manifest["counts"]["sightings"]["harmony_flight"]
    assert after.export.manifest["counts"]["sightings"]["harmony_flight"] == told
    assert sum(after.export.manifest["carried"].values()) > STUDIES


@pytest.mark.parametrize(
    "before", [("harmony", "-a", "follow=none"), ("ukds", "-a", "studies=1000001"), ("ukds", "-a", "limit=1")]
)
def test_the_first_run_after_one_that_did_not_read_all_lists_everything(
    tmp_path: Path, before: tuple[str, ...]
) -> None:
    with serving(tree=Catalogue({}, 3)) as mirror:
        assert scrapy("crawl", *before, *FAST, mirror=mirror, exports=tmp_path).code == 0
        made = run(mirror, tmp_path)
    assert [query.get("from") for query in made.lists] == [None]
    assert {made.export.states[TARGET.format(number)] for number in numbers([0, 1, 2])} <= {"stored", "unchanged"}
