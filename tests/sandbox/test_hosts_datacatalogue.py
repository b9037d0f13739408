"""The data catalogue: a shell whose script asks an API, and the portals that lead to it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.holdings import holding, only_as_page, withdrawn
from sandbox.hosts.datacatalogue import API_HOSTS, KEY, SCRIPT
from sandbox.links import file_uuid
from sandbox.studies import item, part_count
from tests.sandbox.asking import told

SITE = "https://datacatalogue.ukdataservice.ac.uk"
BETA = "https://beta.ukdataservice.ac.uk"
DISCOVER = "https://discover.ukdataservice.ac.uk"
API = f"https://{API_HOSTS[0]}/graphql"
STUDY = f"{SITE}/studies/study/1000005"


def asked(query: str, name: str, **headers: str) -> Any:  # noqa: ANN401 - JSON of any shape
    """Ask the API as the page's script does."""
    body = json.dumps({"query": f"query {query}($Id: String) {{ {query}(Id: $Id) }}", "variables": {"Id": name}})
    answer = told(API, 60, "POST", body.encode(), **({"x_api_key": KEY} | headers))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return json.loads(answer.body)


@pytest.mark.parametrize(
    "path",
    ["/studies/study/1000005", "/studies/study?id=1000005", "/studies/study/9", "/series/series/200001", "/", "/any"],
)
def test_every_page_is_a_shell(path: str) -> None:
    answer = told(SITE + path)
    assert answer.status == 200
    assert b'<div id="root"></div>' in answer.body
    assert b'src="/static/js/main.js"' in answer.body
    assert b"ld+json" not in answer.body
    assert told(SITE + path, If_None_Match=answer.headers["ETag"]).status == 304


def test_few_studies_carry_their_json_ld_already() -> None:
    shells = {index: told(f"{SITE}/studies/study/{holding(index).number}").body for index in range(60)}
    carrying = [index for index, body in shells.items() if b"ld+json" in body]
    assert carrying == [21, 54]
    assert [only_as_page(index) for index in carrying] == [False, True]
    block = re.findall(rb'<script type="application/ld\+json">(.*?)</script>', shells[21])
    assert [json.loads(found)["name"] for found in block] == [holding(21).title]


def test_the_script_and_robots_are_files() -> None:
    script = told(f"{SITE}/static/js/main.js")
    assert script.body == SCRIPT.read_bytes()
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert f'"{API}"' in script.body.decode()
    assert f'"{KEY}"' in script.body.decode()
    assert told(f"{SITE}/robots.txt").body.startswith(b"User-agent: *\n")


@pytest.mark.parametrize("index", range(60))
def test_the_api_tells_what_the_archive_holds(index: int) -> None:
    of = holding(index)
    found = asked("getStudyItem", str(of.number))["data"]["getStudyItem"]
    if withdrawn(index):
        assert found is None
        return
    assert (found["FriendlyId"], found["Title"], found["DOI"]) == (str(of.number), of.title, of.doi)
    node = found["JsonLd"]
    assert node["@id"].removeprefix("https://doi.org/") == of.doi
    assert node["description"].startswith("<p>")
    assert len(found["Links"]) == part_count(index) + (not of.is_deposit)


def test_both_forms_of_ids_and_creators_occur() -> None:
    nodes = [asked("getStudyItem", str(holding(index).number))["data"]["getStudyItem"] for index in range(1, 6)]
    assert {node["JsonLd"]["@id"].startswith("https:") for node in nodes} == {True, False}
    assert {type(node["JsonLd"]["creator"][0]) for node in nodes} == {str, dict}


def test_files_and_series_are_told() -> None:
    file = item(3, 1)
    found = asked("getDatasetItem", str(file_uuid(file)))["data"]["getDatasetItem"]
    assert (found["Title"], found["JsonLd"]["@id"]) == (file.name, holding(3).doi)
    assert found["Links"] == [{"Title": holding(3).title, "Uri": f"{SITE}/studies/study/1000003"}]
    series = asked("getSeriesItem", "200002")["data"]["getSeriesItem"]
    members = [holding(index) for index in range(40, 60) if index % 4 and not withdrawn(index)]
    assert [link["Uri"] for link in series["Links"]] == [f"{SITE}/studies/study/{each.number}" for each in members]
    assert "JsonLd" not in series
    other = asked("getSeriesItem", "200001")["data"]["getSeriesItem"]
    assert (other["JsonLd"]["@id"], other["JsonLd"]["name"]) == ("10.5255/UKDA-Series-200001", other["Title"])


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("getStudyItem", "1000060"),
        ("getStudyItem", "x"),
        ("getStudyItem", "1000006"),
        ("getDatasetItem", "x"),
        ("getDatasetItem", "6b2a2558-2917-72a1-ab0e-97c9bae1e35d"),
        ("getDatasetItem", str(file_uuid(item(3)))),
        ("getDatasetItem", str(file_uuid(item(6, 1)))),
        ("getSeriesItem", "200003"),
        ("getSeriesItem", "1"),
        ("getSeriesItem", "x"),
    ],
)
def test_what_is_unknown_is_null(query: str, name: str) -> None:
    assert asked(query, name) == {"data": {query: None}}


def test_what_the_api_refuses() -> None:
    assert told(API, 60, "POST", b"{}").status == 401
    for body in (b"", b"[]", b"{}", b'{"query":"x","variables":{}}', b'{"query":1,"variables":{}}', b"\xff"):
        assert told(API, 60, "POST", body, x_api_key=KEY).status == 400, body
    assert "errors" in asked("getOtherItem", "1")
    assert told(API.replace("graphql", "other"), 60, "POST", x_api_key=KEY).status == 404
    allowed = told(API, 60, "OPTIONS")
    assert (allowed.status, allowed.headers["Access-Control-Allow-Headers"]) == (204, "content-type, x-api-key")


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (f"{BETA}/datacatalogue/studies/study?id=1000005", STUDY),
        (f"{BETA}/datacatalogue/studies/study/?ID=1000005", STUDY),
        (f"{BETA}/datacatalogue/doi/?id=1000005", f"{STUDY}#doi"),
        (f"{BETA}/datacatalogue/series/series?id=200001", f"{SITE}/series/series/200001"),
        (f"{BETA}/datacatalogue/studies?Search=qualitative", f"{SITE}/searchresults?search=qualitative"),
        (f"{DISCOVER}/catalogue/?sn=1000005&type=Data%20catalogue", STUDY),
        (f"{DISCOVER}/catalogue/?sn=1000005&type=data%20catalogue", STUDY),
        (f"{DISCOVER}/catalogue/?sn=200001&type=Series", f"{SITE}/series/series/200001"),
        (f"{DISCOVER}/doi/?id=1000005", f"{STUDY}#doi"),
    ],
)
def test_old_portals_lead_to_the_new_one(url: str, location: str) -> None:
    answer = told(url)
    assert (answer.status, answer.headers["Location"]) == (302, location)


@pytest.mark.parametrize("url", [f"{BETA}/", f"{BETA}/datacatalogue/studies/study?id=x", f"{BETA}/robots.txt"])
def test_old_portals_have_nothing_else(url: str) -> None:
    assert told(url).status == 404
