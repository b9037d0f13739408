"""Whole pages: the real one, those that real Next.js builds, and damaged ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Source
from crawler.sites import harmony
from crawler.sites.page import Outcome

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "fixtures" / "harmony-item.flight.txt"
PAGES = ROOT / "sandbox" / "pages"
URL = "https://harmonydata.ac.uk/search/items/moss"
CASE = (Path(__file__).with_name("harmony") / "e2-study" / "page.txt").read_bytes()
# The first two eras have no uuid in their props.
WITHOUT_UUID = {"E0", "E1", "E1j"}
OUTCOMES = {
    "record": Outcome.RECORD,
    "redirect": Outcome.REDIRECT,
    "absent": Outcome.ABSENT,
    "browser": Outcome.CLIENT_RENDERED,
}


def built() -> list[Any]:
    listed = PAGES / "expected.json"
    names = orjson.loads(listed.read_bytes()) if listed.exists() else {}
    pages = [(page, names[page.relative_to(build).with_suffix("").as_posix()]) for build, page in _pages(names)]
    return [pytest.param(page, told, id=page.relative_to(PAGES).as_posix()) for page, told in pages]


def _pages(names: dict[str, Any]) -> list[tuple[Path, Path]]:
    builds = sorted(PAGES.glob("next-*"))
    pages = [
        (build, (build / name).with_name(Path(name).name + ext))
        for build in builds
        for name in names
        for ext in (".txt", ".html")
    ]
    return [(build, page) for build, page in pages if page.exists()]


@pytest.mark.skipif(not REAL.exists(), reason="the real page is not beside the checkout")
def test_the_real_page_gives_two_descriptions_and_leaves_nothing_unknown() -> None:
    body = REAL.read_bytes()
    slug = orjson.loads(body.partition(b'"c":')[2].partition(b',"i":')[0])[2]
    url = f"https://harmonydata.ac.uk/search/items/{slug}"
    page = harmony.read(url, body)
    assert (page.outcome, page.links, page.told, page.problems, dict(page.unknown_keys)) == (
        Outcome.RECORD,
        [],
        [],
        [],
        {},
    )
    flight, jsonld = page.found
    assert (flight.source, jsonld.source) == (Source.HARMONY_FLIGHT, Source.HARMONY_JSONLD)
    for found in page.found:
        assert (found.url, found.slug, found.uuid, found.embedded) == (url, slug, None, False)
        assert len(found.values["description"].encode()) == 5407
        assert (found.values["temporal_start"], found.values["temporal_end"]) == ("2020-05-01", "2022-01-31")
        assert len(found.values["keywords"]) == 4
        assert found.values["dois"] == ["http://dx.doi.org/10.5255/UKDA-SN-856334"]
    assert flight.values["type"] == "dataset"
    assert len(flight.values["urls"]) == 3


@pytest.mark.parametrize(("path", "told"), built())
def test_every_built_page_is_read(path: Path, told: dict[str, Any]) -> None:
    url = harmony.canonical("https://" + path.relative_to(PAGES).as_posix().partition("/")[2])
    assert url is not None
    page = harmony.read(url, path.read_bytes())
    assert (page.outcome, page.problems) == (OUTCOMES[told["kind"]], [])
    if page.outcome is Outcome.RECORD:
        own = page.found[0]
        assert (own.source, own.embedded, own.slug) == (Source.HARMONY_FLIGHT, False, told["slug"])
        assert own.uuid == told["uuid"] or (own.uuid is None and told["era"] in WITHOUT_UUID)
        assert {found.slug for found in page.found if not found.embedded} == {told["slug"]}
        assert own.url not in page.links
    if page.outcome is Outcome.REDIRECT:
        assert page.redirect == f"https://harmonydata.ac.uk/search/items/{told['slug']}"


@pytest.mark.parametrize(("path", "told"), built())
def test_a_built_page_and_its_twin_tell_the_same(path: Path, told: dict[str, Any]) -> None:
    del told
    other = path.with_suffix(".html" if path.suffix == ".txt" else ".txt")
    url = harmony.canonical("https://" + path.relative_to(PAGES).as_posix().partition("/")[2])
    assert url is not None
    assert harmony.read(url, path.read_bytes()) == harmony.read(url, other.read_bytes())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3000) | st.sampled_from(["", "study", "2009..", "10.1/a", "http://a/"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "url", "@type"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = ("name", "url", "identifier", "temporalCoverage", "creator", "keywords", "slug", "uuid", "age_upper", "urls")
OBJECTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
RELATIVES = st.lists(st.fixed_dictionaries({"dataset_schema": OBJECTS, "extra_data": OBJECTS}), max_size=2) | VALUES
RESULTS = st.fixed_dictionaries(
    {"dataset_schema": OBJECTS | VALUES, "extra_data": OBJECTS | VALUES},
    optional={"child_datasets": RELATIVES, "ancestors": RELATIVES, "parent": VALUES},
)


@given(RESULTS)
def test_a_record_of_any_shape_is_read_without_an_exception(result: dict[str, Any]) -> None:
    page = harmony.read(
        URL,
        b"0:" + orjson.dumps({"a": result, "title": 1, "topics": 2, "allVariables": 3, "additionalLinks": 4}) + b"\n",
    )
    assert page.outcome in Outcome
    assert all(found.uuid or found.slug for found in page.found)


@given(st.integers(0, len(CASE)), st.binary(max_size=3))
def test_a_damaged_page_is_read_without_an_exception(at: int, inserted: bytes) -> None:
    page = harmony.read(URL, CASE[:at] + inserted + CASE[at + 1 :])
    assert page.outcome in Outcome


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(body: bytes) -> None:
    assert harmony.read(URL, body).outcome in Outcome


def test_what_a_browser_would_fetch_beside_a_record_is_of_no_consequence() -> None:
    record = {"dataset_schema": {"name": "Moss"}, "extra_data": {"slug": "moss"}}
    page = harmony.read(URL, b"0:" + orjson.dumps([{"initialData": None}, {"study": record}]) + b"\n")
    assert page.outcome is Outcome.RECORD


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (URL, [(None, "moss")]),
        (f"https://harmonydata.ac.uk/search/items/{'0' * 32}", [("0" * 32, None)]),
        ("https://example.org/moss", []),
        (None, []),
    ],
)
def test_json_ld_in_a_file_names_the_item_or_is_of_another_site(url: str | None, named: list[Any]) -> None:
    node = orjson.dumps({"@type": "Dataset", "name": "Moss", "url": url})
    page = harmony.read("", b'<!doctype html><script type="application/ld+json">' + node + b"</script>")
    assert [(found.uuid, found.slug) for found in page.found] == named
    assert page.outcome is (Outcome.RECORD if named else Outcome.UNREADABLE)
