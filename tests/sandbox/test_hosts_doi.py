"""The DOI resolvers and DataCite: who answers what for which type, and how editions hang together."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.holdings import holding
from tests.sandbox.asking import told

CURATED = "10.5255/UKDA-SN-1000005-14"
DEPOSIT = "10.5255/UKDA-SN-85000004"
LANDING = "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=1000005#!#14"
METADATA = "https://data.crosscite.org/10.5255%2FUKDA-SN-1000005-14"
LD = "application/ld+json"
REST = "https://api.datacite.org/dois"


@pytest.mark.parametrize(
    ("url", "accept", "status", "location"),
    [
        (f"https://doi.org/{CURATED}", None, 302, LANDING),
        (f"https://doi.org/{CURATED}", "text/html", 302, LANDING),
        (f"https://doi.org/{CURATED}", "*/*", 302, LANDING),
        (f"https://doi.org/{CURATED}", "image/png", 302, LANDING),
        (f"https://doi.org/{CURATED.lower()}", None, 302, LANDING),
        (f"https://doi.org/{CURATED.replace('/', '%2F')}", None, 302, LANDING),
        (f"https://doi.org/doi:{CURATED}", None, 302, LANDING),
        (f"https://doi.org/{CURATED}", LD, 302, METADATA),
        (f"https://doi.org/{CURATED}", f"text/html, {LD};q=0.1", 302, METADATA),
        (f"https://doi.org/{CURATED.lower()}", "text/turtle", 302, METADATA.replace("UKDA-SN", "ukda-sn")),
        (f"https://doi.org/{DEPOSIT}", None, 302, "https://reshare.ukdataservice.ac.uk/85000004/"),
        ("https://doi.org/10.5255/ukda-sn-85000012-2", None, 302, "https://reshare.ukdataservice.ac.uk/85000012/"),
        (
            "https://doi.org/10.5255/UKDA-Series-200001",
            None,
            302,
            "https://datacatalogue.ukdataservice.ac.uk/series/series/200001",
        ),
        ("https://doi.org/10.5255/UKDA-SN-1000005", None, 404, None),  # a curated study has no DOI without an edition
        ("https://doi.org/10.5255/UKDA-SN-1000005-11", None, 404, None),
        ("https://doi.org/10.5255/UKDA-SN-1000005-15", LD, 404, None),
        ("https://doi.org/10.5255/UKDA-SN-85000004-1", None, 404, None),
        ("https://doi.org/10.5255/UKDA-Series-999999", None, 404, None),
        ("https://doi.org/", None, 404, None),
        (f"https://dx.doi.org/{CURATED}", None, 302, f"https://doi.org/{CURATED}"),
        (f"https://www.doi.org/{CURATED}?x=1", None, 301, f"https://doi.org/{CURATED}?x=1"),
        (METADATA, LD, 200, None),
        (METADATA, "application/vnd.datacite.datacite+json", 200, None),
        (f"https://data.crosscite.org/{LD}/{CURATED}", None, 200, None),
        (METADATA, "text/html", 302, LANDING),
        (METADATA, None, 302, LANDING),
        (METADATA, "text/turtle", 406, None),
        ("https://data.crosscite.org/10.5255/UKDA-Series-200001", LD, 204, None),
        ("https://data.crosscite.org/10.5255/nothing", LD, 404, None),
        (f"{REST}/{CURATED}", None, 200, None),
        (f"{REST}/{quote(CURATED.lower(), safe='')}", None, 200, None),
        (f"{REST}/10.5255/nothing", None, 404, None),
        ("https://api.datacite.org/", None, 404, None),
    ],
)
def test_statuses_and_redirects(url: str, accept: str | None, status: int, location: str | None) -> None:
    answer = told(url, **({} if accept is None else {"Accept": accept}))
    assert (answer.status, answer.headers.get("Location")) == (status, location)
    if "//doi.org" in url and status == 302:
        assert answer.headers["Vary"] == "Accept"


def body(url: str, **headers: str) -> Any:  # noqa: ANN401 - JSON of any shape
    return json.loads(told(url, **headers).body)


def test_a_lost_doi_has_a_long_page() -> None:
    answer = told("https://doi.org/10.5255/nothing")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"Error: DOI Not Found" in answer.body
    assert 8_000 < len(answer.body) < 15_000
    assert told("https://data.crosscite.org/10.5255/nothing").body == b"The resource you are looking for doesn't exist."
    lost = {"errors": [{"status": "404", "title": "The resource you are looking for doesn't exist."}]}
    assert body(f"{REST}/10.5255/nothing") == lost


def test_agencies_are_told_in_the_order_asked_for() -> None:
    told_of = body(f"https://doi.org/doiRA/10.5255/nothing,{CURATED}")
    assert told_of == [{"DOI": "10.5255/nothing", "status": "DOI does not exist"}, {"DOI": CURATED, "RA": "DataCite"}]
    assert body("https://doi.org/doiRA/10.1371/journal.x") == [{"DOI": "10.1371/journal.x", "RA": "Crossref"}]
    assert body("https://doi.org/ra/10.5255") == [{"DOI": "10.5255", "RA": "DataCite"}]


def test_handles_and_locations() -> None:
    handle = body(f"https://doi.org/api/handles/{CURATED}?type=URL")
    assert (handle["responseCode"], handle["values"][0]["data"]["value"]) == (1, LANDING)
    missing = told("https://doi.org/api/handles/10.5255/nothing")
    assert (missing.status, json.loads(missing.body)["responseCode"]) == (404, 100)
    locations = told(f"https://doi.org/{CURATED}?action=showurls").body.decode()
    assert 'http_role="conneg"' in locations
    assert "https://data.crosscite.org/{hdl}" in locations


@pytest.mark.parametrize("url", [METADATA, f"{REST}/{CURATED}"])
def test_what_the_client_has_is_not_sent_again(url: str) -> None:
    tag = told(url, Accept=LD).headers["ETag"]
    assert tag.startswith('W/"')
    assert told(url, Accept=LD, If_None_Match=tag).status == 304
    assert told(url, Accept=LD, If_None_Match='W/"other"').status == 200


def test_schema_org_is_written_as_datacite_writes_it() -> None:
    node = body(METADATA, Accept=LD)
    of = holding(5)
    assert (node["@context"], node["@id"]) == ("http://schema.org", "https://doi.org/10.5255/ukda-sn-1000005-14")
    assert node["keywords"] == ", ".join(of.keywords)
    assert node["successor_of"]["@id"] == "https://doi.org/10.5255/ukda-sn-1000005-13"
    assert "predecessor_of" not in node
    single = next(index for index in range(60) if len(holding(index).makers) == 1)
    name = quote(holding(single).doi, safe="")
    assert isinstance(body(f"https://data.crosscite.org/{name}", Accept=LD)["author"], dict)
    assert isinstance(node["author"], list)


def test_an_organisation_with_a_comma_is_split_as_a_person() -> None:
    index = next(index for index in range(60) if any(", " in name for name in holding(index).makers))
    creators = body(f"{REST}/{holding(index).doi}")["data"]["attributes"]["creators"]
    split = next(creator for creator in creators if ", " in creator["name"])
    assert split["nameType"] == "Personal"
    assert split["name"] == f"{split['familyName']}, {split['givenName']}"


def test_the_rest_api_tells_a_doi() -> None:
    data = body(f"{REST}/{CURATED}")["data"]
    assert (data["id"], data["type"]) == (CURATED.lower(), "dois")
    assert data["attributes"]["publisher"] == "UK Data Service"
    named = body(f"{REST}/{CURATED}?publisher=true")["data"]["attributes"]["publisher"]
    assert named == {"name": "UK Data Service"}
    flat = body(METADATA, Accept="application/vnd.datacite.datacite+json")
    assert (flat["id"], flat["titles"]) == (f"https://doi.org/{CURATED.lower()}", data["attributes"]["titles"])
    assert body(METADATA, Accept="application/vnd.citationstyles.csl+json")["DOI"] == CURATED.upper()


def test_a_batch_has_pages_and_leaves_out_what_is_unknown() -> None:
    ids = [doi for index in range(40) for doi in (holding(index).doi, "10.5255/nothing")]
    first = body(f"{REST}?ids={','.join(ids)}")
    assert (len(first["data"]), first["meta"]) == (25, {"total": 40, "totalPages": 2, "page": 1})
    second = body(first["links"]["next"])
    assert "next" not in second["links"]
    found = [each["id"] for each in first["data"] + second["data"]]
    assert found == [holding(index).doi.lower() for index in range(40)]
    whole = body(f"{REST}?ids={','.join(ids)}&page[size]=1000&fields[dois]=doi,titles")
    assert [each["id"] for each in whole["data"]] == found
    assert {tuple(each["attributes"]) for each in whole["data"]} == {("doi", "titles")}


def test_the_list_of_the_archive_is_walked_to_its_end() -> None:
    url, found = f"{REST}?client-id=bl.ukda&page[size]=50&page[number]=1", []
    while url:
        page = body(url)
        found += [each["id"] for each in page["data"]]
        url = page["links"].get("next")
    editions = [holding(index).edition_doi(each).lower() for index in range(60) for each in holding(index).editions]
    assert found == editions
    assert body(f"{REST}?client-id=other")["data"] == []


@pytest.mark.parametrize("index", range(24))
def test_editions_name_each_other(index: int) -> None:
    of = holding(index)
    relations = {
        edition: {
            each["relatedIdentifier"]: each["relationType"]
            for each in body(f"{REST}/{of.edition_doi(edition)}")["data"]["attributes"]["relatedIdentifiers"]
        }
        for edition in of.editions
    }
    opposite = {"IsNewVersionOf": "IsPreviousVersionOf", "HasVersion": "IsVersionOf"}
    opposite |= {other: name for name, other in opposite.items()}
    for edition, named in relations.items():
        for other in of.editions:
            if (kind := named.get(of.edition_doi(other))) is not None:
                assert relations[other][of.edition_doi(edition)] == opposite[kind]
    if len(of.editions) > 1:
        newest, pair = relations[of.edition], {"HasVersion"} if index % 6 == 3 else {"IsNewVersionOf"}
        assert set(newest.values()) == pair
