"""The catalogue's API, and the script of the pages that ask it because their build had no record for them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from sandbox.generator import CLIENT, PAGES, Catalogue, committed
from sandbox.holdings import COMMITTED
from sandbox.hosts.lookup import HOSTS
from sandbox.search_result import search_result
from sandbox.server import serving
from sandbox.studies import item
from tests.sandbox.asking import ask, told

API = f"https://{HOSTS[0]}/discover/lookup"
BUILDS = sorted(folder.name for folder in PAGES.iterdir() if folder.is_dir())
EXPECTED = json.loads((PAGES / "expected.json").read_bytes())
UNFILLED = [path for path, row in EXPECTED.items() if "initial-data-null" in row["oddities"]]
LANTERNS = "lantern-festivals-and-belonging-2018"


def looked_up(name: str) -> Any:  # noqa: ANN401 - JSON of any shape
    answer = told(f"{API}?uuid={name}")
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert answer.headers["Content-Type"].startswith("application/json")
    (results,) = json.loads(answer.body).values()
    return results


def scripts(catalogue: Catalogue, path: str) -> list[str]:
    """Return the files of the scripts that a page starts."""
    page = (catalogue.get(f"{path}.html") or b"").decode()
    return [f"harmonydata.ac.uk{unquote(source)}" for source in re.findall(r'<script\b[^>]*? src="([^"]+)"', page)]


@pytest.mark.parametrize("path", [path for path, row in EXPECTED.items() if row["uuid"]])
def test_the_items_of_the_committed_pages_are_known_by_both_names(path: str) -> None:
    uuid, slug = EXPECTED[path]["uuid"], EXPECTED[path]["slug"]
    (result,) = looked_up(slug)
    assert looked_up(uuid) == [result]
    assert (result["extra_data"]["uuid"], result["extra_data"]["slug"]) == (uuid, slug)
    assert {"dataset_schema", "extra_data", "distance", "score", "parent"} <= result.keys()


def test_the_item_without_a_record_on_its_page_is_the_one_that_the_archive_holds() -> None:
    assert [EXPECTED[path]["slug"] for path in UNFILLED] == [LANTERNS]
    (result,) = looked_up(LANTERNS)
    held = COMMITTED[9906]
    assert (result["dataset_schema"]["name"], result["extra_data"]["uuid"]) == (held["name"], held["uuid"])


@pytest.mark.parametrize("of", [item(5), item(4), item(3, 1)])
def test_generated_items_are_known_by_both_names(of: Any) -> None:  # noqa: ANN401 - an item
    assert looked_up(of.uuid) == looked_up(of.slug) == [search_result(of)]


@pytest.mark.parametrize("name", ["", "x", "umbrella-stands-of-the-edwardian-hallway", item(60).slug, "0" * 32])
def test_of_what_is_not_known_the_list_is_empty(name: str) -> None:
    assert looked_up(name) == []


def test_the_api_has_nothing_else() -> None:
    assert told(API.replace("lookup", "search")).status == 404
    assert told(API).body == b'{"results": []}'


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("path", UNFILLED)
def test_the_scripts_of_a_page_without_a_record_are_ours(build: str, path: str) -> None:
    catalogue = Catalogue(committed(build), 0, build)
    named = scripts(catalogue, path)
    assert named
    assert {catalogue.get(script) for script in named} == {CLIENT.read_bytes()}
    assert catalogue.get(named[0].replace(".js", "-other.js")) is None


@pytest.mark.parametrize("build", BUILDS)
def test_the_scripts_of_generated_pages_are_not_there(build: str) -> None:
    catalogue = Catalogue(committed(build), 8, build)
    named = {script for index in range(8) for page in item(index).pages
             for script in scripts(catalogue, f"harmonydata.ac.uk/search/{page}")}  # fmt: skip
    assert named
    assert [script for script in named if catalogue.get(script) is not None] == []


def test_scripts_and_answers_are_served() -> None:
    catalogue = Catalogue(committed("next-15.5.29"), 1, "next-15.5.29")
    (chunk,) = (each for each in scripts(catalogue, UNFILLED[0]) if "[slug]" in each)
    with serving(scale=1, build="next-15.5.29") as url:
        script = ask(url, chunk.replace("[slug]", "%5Bslug%5D"))
        assert (script.status, script.body) == (200, CLIENT.read_bytes())
        assert script.headers["Content-Type"].startswith("application/javascript")
        found = ask(url, f"{HOSTS[0]}/discover/lookup?uuid={LANTERNS}")
        assert json.loads(found.body)["results"][0]["extra_data"]["slug"] == LANTERNS
        assert ask(url, f"{HOSTS[0]}/discover/lookup", "POST").status == 405
