"""The sites beside the catalogue know what its committed pages name: every study number and DOI, and the titles."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from crawler.identity import ukda
from sandbox.holdings import COMMITTED, Holdings, Standing, holding
from sandbox.hosts.datacatalogue import API_HOSTS, KEY
from sandbox.hosts.oai import PATH
from tests.sandbox.asking import MODIFIED, told
from tests.sandbox.test_agreement import by_datacite, by_oai, by_page, by_reshare

PAGES = Path(__file__).parents[2] / "sandbox" / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_bytes())
STREAMS = {
    (build.name, path): (build / f"{path}.txt").read_text(encoding="utf-8")
    for build in sorted(PAGES.iterdir())
    if build.is_dir()
    for path in EXPECTED
}
WITHDRAWN, REGISTERED = 9989, 9997
NUMBERS = tuple(sorted(COMMITTED))
SHOWN = [number for number in NUMBERS if number not in {WITHDRAWN, REGISTERED}]


def holdings(scale: int = 0) -> Holdings:
    return Holdings(scale, MODIFIED)


def held(number: int) -> Any:  # noqa: ANN401 - a holding, which is there
    return holdings().get(number)


def dois(stream: str) -> set[str]:
    return set(re.findall(r"10\.5255/UKDA-SN-[0-9]+(?:-[0-9]+)?", stream))


def numbers(stream: str) -> set[int]:
    """Return the study numbers that a page names, by DOI or by URL."""
    urls = re.findall(r'https?://[^\s"\\]+', stream)
    found = [*map(ukda.from_url, urls), *(ukda.from_doi(doi.lower()) for doi in dois(stream))]
    return {study.number for study in found if study is not None}


def titles() -> list[tuple[str, int, str]]:
    """Return every page that tells one study by its own title: its path, the study's number, the title."""
    found = []
    for (_, path), stream in STREAMS.items():
        named = numbers(stream)
        title = re.search(r'"(?:name|title)":("(?:[^"\\]|\\.)+"),"description":', stream)
        if title and len(named) == 1 and "child" not in EXPECTED[path]["oddities"]:
            found.append((path, *named, json.loads(title[1]).replace("$$", "$", 1)))
    return sorted(set(found))


def shown(number: int) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return what the data catalogue's page of a study shows."""
    asked = {"query": "query { getStudyItem }", "variables": {"FriendlyId": str(number)}}
    answer = told(f"https://{API_HOSTS[0]}/graphql", 60, "POST", json.dumps(asked).encode(), x_api_key=KEY)
    return json.loads(answer.body)["data"]["getStudyItem"]


def record(number: int) -> bytes:
    return told(f"https://oai.ukdataservice.ac.uk{PATH}?verb=GetRecord&metadataPrefix=ddi&identifier={number}").body


def oai(number: int) -> Any:  # noqa: ANN401 - lxml has no types
    return etree.fromstring(record(number))


def unknown(number: int) -> bool:
    return b'<error code="idDoesNotExist">' in record(number)


def test_every_number_of_the_pages_is_held() -> None:
    named = set().union(*map(numbers, STREAMS.values()))
    assert len(named) > 90
    assert named == set(NUMBERS) - {9906}  # its page was built without data


@pytest.mark.parametrize("doi", sorted(set().union(*map(dois, STREAMS.values()))))
def test_every_doi_of_the_pages_is_registered(doi: str) -> None:
    assert told(f"https://doi.org/{doi}").status == 302
    assert told(f"https://data.crosscite.org/{doi}", Accept="application/ld+json").status == 200
    answer = told(f"https://api.datacite.org/dois/{doi}")
    assert (answer.status, json.loads(answer.body)["data"]["id"]) == (200, doi.lower())


def test_the_newest_edition_is_the_one_that_the_pages_name() -> None:
    named: dict[int, set[int]] = {}
    for doi in set().union(*map(dois, STREAMS.values())):
        study = ukda.from_doi(doi.lower())
        assert study is not None
        named.setdefault(study.number, set()).add(study.edition or 0)
    assert {number: max(editions) for number, editions in named.items()} == {
        number: held(number).edition for number in named
    }
    assert named[9903] == {1, 3}


@pytest.mark.parametrize(("path", "number", "title"), titles())
def test_the_title_of_a_page_is_the_title_at_every_site(path: str, number: int, title: str) -> None:
    assert held(number).study.slug == EXPECTED[path]["slug"]
    for site in (by_datacite, by_page, by_oai, *([by_reshare] if held(number).is_deposit else [])):
        assert site(held(number))[2] == title, site.__name__


def test_the_merged_study_has_the_name_of_a_member_and_the_others_have_their_own() -> None:
    merged = next(path for path, row in EXPECTED.items() if "merged-study" in row["oddities"])
    members = numbers(STREAMS["next-16.4.6", merged])
    names = {number: held(number).title for number in members}
    assert len(set(names.values())) == len(members) == 87
    named = [
        number for number, name in names.items() if f'"name":{json.dumps(name)},' in STREAMS["next-16.4.6", merged]
    ]
    assert named == [min(members)]


@pytest.mark.parametrize("number", SHOWN)
def test_the_sites_tell_alike(number: int) -> None:
    of = held(number)
    expected = (number, of.doi.lower(), of.title)
    sites = (by_datacite, by_page, by_oai, *([by_reshare] if of.is_deposit else []))
    assert [site(of) for site in sites] == [expected] * len(sites)
    found = shown(number)
    assert (found["FriendlyId"], found["Title"], found["DOI"]) == (str(number), of.title, of.doi)


def test_a_related_study_is_one_that_the_sites_know() -> None:
    for number in SHOWN:
        related = oai(number).xpath("string(//*[local-name()='relStdy'])").split()
        assert not related or int(related[0]) in COMMITTED


def test_one_is_withdrawn_and_one_is_only_registered() -> None:
    standings = {number: held(number).standing for number in NUMBERS}
    assert {number: standing for number, standing in standings.items() if standing is not Standing.HELD} == {
        WITHDRAWN: Standing.WITHDRAWN,
        REGISTERED: Standing.REGISTERED,
    }
    assert oai(WITHDRAWN).xpath("//*[local-name()='header']/@status") == ["deleted"]
    assert unknown(REGISTERED)
    for number in (WITHDRAWN, REGISTERED):
        assert shown(number) is None
        assert by_datacite(held(number)) == (number, held(number).doi.lower(), held(number).title)


def test_few_of_all_the_studies_that_the_catalogue_names_are_unknown_to_the_archive() -> None:
    generated = [holding(index).number for index in range(60)]
    named = {*generated, *set().union(*map(numbers, STREAMS.values()))}
    assert sorted(filter(unknown, named)) == sorted([REGISTERED, *(holding(index).number for index in (9, 54))])


@pytest.mark.parametrize("scale", [0, 1, 60])
def test_they_are_held_at_every_scale(scale: int) -> None:
    assert [holdings(scale).get(number) for number in NUMBERS] == [held(number) for number in NUMBERS]


def test_texts_are_plain() -> None:
    texts = [text for number in NUMBERS for text in (held(number).abstract, *held(number).keywords)]
    assert all(texts)
    assert not [text for text in texts if re.search(r"<|&\w+;|&#", text)]
