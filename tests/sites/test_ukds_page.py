"""Pages of the catalogue, as the server sends them and as a browser shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import InvalidSighting, UnidentifiedRecord
from crawler.loaders import load
from crawler.records.validate import validate
from crawler.sites import ukds
from crawler.sites.page import Outcome, Page
from crawler.sites.ukds.urls import file_url, series_url, study_url
from crawler.spiders.links import elsewhere

CASES = Path(__file__).with_name("ukds")
DRAWN = (CASES / "page-study" / "page.html").read_bytes()
SHELL = (CASES / "page-shell" / "page.html").read_bytes()
URL = study_url(8132)
FILE = file_url("6b2a2558291772a1ab0e97c9bae1e35d")
SERIES = series_url(200006)
SCRIPT = '<script src="/static/js/main.js"></script>'


def page(content: str, *nodes: dict[str, Any], url: str = URL) -> Page:
    blocks = "".join(f'<script type="application/ld+json">{orjson.dumps(node).decode()}</script>' for node in nodes)
    return ukds.read(url, f"<!doctype html><html><body>{blocks}<div id='root'>{content}</div></body></html>".encode())


def dataset(**keys: object) -> dict[str, Any]:
    return {"@type": "Dataset", "name": "Bees"} | keys


def accordion(label: str, content: str) -> str:
    summary = f'<div class="css-1 MuiAccordionSummary-root"><p class="MuiAccordionSummary-content">{label}</p></div>'
    return f'<div class="MuiAccordion-root">{summary}<div class="MuiAccordionDetails-root">{content}</div></div>'


def values(content: str, *nodes: dict[str, Any], url: str = URL) -> dict[str, Any]:
    (found,) = page(content, *nodes, url=url).found
    return found.values


@pytest.mark.parametrize(
    "identity",
    [
        {"@id": "10.5255/UKDA-SN-8132-1"},
        {"@id": "https://doi.org/10.5255/UKDA-SN-8132-1"},
        {"identifier": {"@type": "PropertyValue", "value": "10.5255/UKDA-SN-8132-1"}},
        {"url": "https://beta.ukdataservice.ac.uk/datacatalogue/studies/study?id=8132"},
        {},
    ],
)
def test_the_dataset_of_a_study_is_known_by_its_number_or_by_being_alone(identity: dict[str, Any]) -> None:
    other = dataset(**{"@id": "10.5255/UKDA-SN-8133-1"}, name="Wasps")
    assert values("", dataset(**identity))["title"] == "Bees"
    assert values("", other, dataset(**identity))["title"] == "Bees"


@pytest.mark.parametrize(
    "nodes",
    [
        [dataset(**{"@id": "10.5255/UKDA-SN-8133-1"})],
        [dataset(url=study_url(8133)), dataset(url=study_url(8134))],
    ],
)
def test_a_page_that_describes_another_study_tells_nothing(nodes: list[dict[str, Any]]) -> None:
    found = page(f"<h1>Bees</h1>{accordion('Abstract', 'Bees were counted.')}", *nodes)
    assert (found.outcome, found.found) == (Outcome.UNREADABLE, [])
    assert [problem.what for problem in found.problems] == ["the page describes another study"]


def test_of_several_datasets_that_name_nothing_none_is_taken() -> None:
    assert page("", dataset(name="Bees"), dataset(name="Wasps")).outcome is Outcome.UNREADABLE
    assert page("", dataset(), dataset()).outcome is Outcome.RECORD


def test_a_page_of_no_known_url_tells_its_own() -> None:
    (found,) = page("", dataset(**{"@id": "10.5255/UKDA-SN-8132-1"}), url="").found
    assert (found.url, found.values["urls"]) == (URL, [URL])
    (found,) = page("", dataset(**{"@id": "10.5255/UKDA-SN-8132-1"}, url=FILE), url="").found
    assert (found.url, found.is_part) == (FILE, True)


@pytest.mark.parametrize("node", [dataset(), dataset(**{"@id": "10.5255/UKDA-SN-8132-1"}, url="https://example.org/1")])
def test_a_page_of_no_known_url_that_names_no_page_of_the_service_is_of_another_site(node: dict[str, Any]) -> None:
    assert page("<h1>Bees</h1>", node, url="") == Page(outcome=Outcome.UNREADABLE)


def test_a_file_is_a_part_and_may_name_its_study() -> None:
    (found,) = page("", dataset(**{"@id": "10.5255/UKDA-SN-8132-1"}), url=FILE).found
    assert (found.url, found.is_part, found.values["urls"]) == (FILE, True, [FILE])
    assert not page("", dataset()).found[0].is_part


@pytest.mark.parametrize("label", ["Main topics", "MAIN TOPICS", " Main <b>topics</b> "])
def test_main_topics_are_the_end_of_the_description(label: str) -> None:
    topics = accordion(label, "<p>Bees,</p><p>banks</p>")
    told = load(page(topics, dataset(description="Counted.")).found[0], page=URL, fetched_at="")
    assert told.description == "Counted.\n\nMain topics:\n\nBees,\n\nbanks"


def test_the_abstract_on_the_page_stands_in_for_a_missing_description_only() -> None:
    abstract = accordion("Abstract", "On the page.")
    assert values(abstract, dataset(description="In JSON-LD."))["description"] == "In JSON-LD."
    assert values(abstract, dataset())["description"] == "On the page."


def test_labels_that_no_rule_knows_are_counted() -> None:
    content = accordion("Weather", "Dry.") + accordion("Main topics", "Bees") + accordion("", "a") + accordion("b", "")
    assert page(content, dataset(sky="blue")).unknown_keys == {"page.weather": 1, "jsonld.sky": 1}


@pytest.mark.parametrize(
    ("content", "access"),
    [
        ("<p>These data are <b>open</b>.</p><p>Safeguarded</p>", "These data are open."),
        ("<p>Safeguarded</p><p>These data are open.</p>", "These data are open."),
        (
            "<div>Yours without the requirement for registration for download/access.<br>Thanks.</div>",
            "Yours without the requirement for registration for download/access.",
        ),
        ("<li>Access is under the End User Licence.</li>", "Access is under the End User Licence."),
        ("<span>Special Licence</span>", "Special Licence"),
        ("<button>register / login</button>", None),
        ("<script>var a = 'Safeguarded'</script><style>.Safeguarded {}</style>", None),
    ],
)
def test_access_is_what_the_page_says_of_it(content: str, access: str | None) -> None:
    assert values(content, dataset()).get("access") == access
    assert values(content, dataset(conditionsOfAccess="Ask."))["access"] == "Ask."


@pytest.mark.parametrize("url", [URL, FILE, series_url(200006)])
def test_a_heading_is_a_title_beside_a_description_only(url: str) -> None:
    abstract = accordion("Abstract", "Counted.")
    assert values(f"<h1> </h1><h1>Bees</h1>{abstract}", url=url)["title"] == "Bees"
    assert values(f"<h1>Bees</h1>{abstract}", {"@type": "Dataset", "keywords": "BEES"}, url=url)["title"] == "Bees"
    assert page("<h1>Something went wrong</h1>", url=url).outcome is Outcome.UNREADABLE
    assert page(f"<h1>Something went wrong</h1>{SCRIPT}", url=url).outcome is Outcome.UNREADABLE
    assert page(abstract, url=url).outcome is Outcome.UNREADABLE


def test_files_are_the_only_links_and_of_a_study_only() -> None:
    names = [
        "/datasets/dataset/6b2a2558291772a1ab0e97c9bae1e35d",
        FILE,
        study_url(1),
        "/series/series/200006",
        "#doi",
        "",
    ]
    links = "".join(f'<a href="{name}">a</a>' for name in names) + "<a>b</a>"
    assert page(links, dataset()).links == [FILE]
    assert page(links, dataset(), url=FILE).links == []


def test_a_series_leads_to_its_studies_in_any_form_and_to_nothing_else() -> None:
    names = ["/studies/study/8132", "/studies/study?id=8132#details", study_url(9), FILE, SERIES, "/searchresults", "#"]
    links = "".join(f'<a href="{name}">a</a>' for name in names)
    assert page(f"<h1>Insects</h1>{links}", url=SERIES).links == [URL, study_url(9)]


@pytest.mark.parametrize(
    ("content", "nodes"),
    [
        (f"<h1>Insects</h1>{accordion('Abstract', 'Counted.')}", []),
        (f"<h1>Insects</h1>{accordion('Description', 'Counted.')}<p>These data are open.</p>", []),
        ("", [dataset(**{"@id": "10.5255/UKDA-Series-200006"}, name="Insects", description="Counted.")]),
        ("", [dataset(name="Insects", description="Counted.", keywords=["BEES"], creator=["An Institute"])]),
        (
            f"<h1>Insects</h1>{accordion('Abstract', 'Counted.')}",
            [dataset(**{"@id": "10.5255/UKDA-SN-8132-1"}), dataset(**{"@id": "10.5255/UKDA-SN-8133-1"}, name="Wasps")],
        ),
        (f"<h1>Insects</h1>{accordion('Abstract', 'Counted.')}", [dataset(url=URL, description="Of one study.")]),
    ],
)
def test_a_series_is_told_by_title_and_description_alone(content: str, nodes: list[dict[str, Any]]) -> None:
    expected = {"type": "series", "title": "Insects", "description": "Counted.", "urls": [SERIES]}
    assert values(content, *nodes, url=SERIES) == expected


def test_no_record_is_made_of_a_series() -> None:
    node = dataset(**{"@id": "10.5255/UKDA-Series-200006"}, url=URL, identifier=["10.5255/UKDA-SN-8132-1"])
    for nodes in ([], [node], [dataset(**{"@id": "10.5255/UKDA-Series-200006"})]):
        (found,) = page(f"<h1>Bees</h1>{accordion('Abstract', f'See {URL}.')}", *nodes, url=SERIES).found
        sighting = load(found, page=SERIES, fetched_at="")
        assert elsewhere([sighting]) == [SERIES]
        with pytest.raises(UnidentifiedRecord):
            validate(sighting)
        with pytest.raises(InvalidSighting):
            validate(replace(sighting, dois=["10.5255/ukda-series-200006"]))


def test_a_heading_is_the_title_of_a_series_beside_its_studies_too() -> None:
    link = f'<a href="{URL}">Bees</a>'
    assert values(f"<h1>Insects</h1>{link}", url=SERIES)["title"] == "Insects"
    assert page(link, url=SERIES).outcome is Outcome.UNREADABLE
    assert page(f'<h1>Bees</h1><a href="{FILE}">a</a>', url=URL).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize("url", [URL, FILE, series_url(200006)])
def test_a_shell_is_for_a_browser(url: str) -> None:
    assert ukds.read(url, SHELL).outcome is Outcome.CLIENT_RENDERED
    assert page(SCRIPT, {"@type": "WebSite", "name": "Catalogue"}, url=url).outcome is Outcome.CLIENT_RENDERED


@pytest.mark.parametrize(  # assumed: none has been recorded
    ("content", "outcome"),
    [
        ("<h1>404</h1>", Outcome.ABSENT),
        ("<h1>Error 404</h1>", Outcome.ABSENT),
        ("<h1>410 Gone</h1>", Outcome.ABSENT),
        ("<h1>404 - Not Found</h1>", Outcome.ABSENT),
        ("<p>Study not found</p>", Outcome.ABSENT),
        ("<p>This record has been withdrawn.</p>", Outcome.ABSENT),
        ("<p>The dataset you ask for does not exist</p>", Outcome.ABSENT),
        ("<p>The study could not be found.</p>", Outcome.ABSENT),
        ("<h1>Not found</h1>", Outcome.ABSENT),
        ("<h2>Sorry: <b>not found</b>!</h2>", Outcome.ABSENT),
        ("<h1>Bees</h1><p>Not found</p>", Outcome.UNREADABLE),
        ("<h1>Not found in Wales</h1>", Outcome.UNREADABLE),
        ("<p>The server could not be found</p>", Outcome.UNREADABLE),
        ("<p>404 files</p>", Outcome.UNREADABLE),
        ("<p>Your cookies were deleted</p>", Outcome.UNREADABLE),
        ("<p>The server was not found</p>", Outcome.UNREADABLE),
        (f"<p>{'word ' * 30}study not found</p>", Outcome.UNREADABLE),
        ("<h1>Out of order</h1><p>The page that you want could not be found just now</p>", Outcome.UNREADABLE),
        ("<p>This page is no longer available to your browser; it needs JavaScript</p>", Outcome.UNREADABLE),
        ("<p>The study was removed from its series in 2010</p>", Outcome.UNREADABLE),
        ("<p>Cookies: 404, gone</p>", Outcome.UNREADABLE),
    ],
)
def test_a_page_that_says_that_there_is_none(content: str, outcome: Outcome) -> None:
    for url in (URL, FILE, SERIES):
        assert page(content + SCRIPT * ("<h" in content), url=url).outcome is outcome
    assert page(content, dataset()).outcome is Outcome.RECORD


@pytest.mark.parametrize("body", [b"", b" ", b"\0", b"<!-- -->", b"{}", b'{"a": 1}', b"\xff\xfe<\0h\0"])
def test_what_is_no_page_is_unreadable(body: bytes) -> None:
    assert ukds.read(URL, body).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("encoding", "meta"),
    [("utf-8", '<meta charset="utf-8">'), ("utf-8", ""), ("iso-8859-1", '<meta charset="iso-8859-1">')],
)
def test_text_is_read_in_its_encoding(encoding: str, meta: str) -> None:
    name = "Caf\u00e9s"
    content = f"<h1>{name}</h1>{accordion('Abstract', name)}"
    body = f"<html><head>{meta}</head><body>{content}</body></html>"
    assert ukds.read(URL, body.encode(encoding)).found[0].values["title"] == name


@given(
    st.integers(0, len(DRAWN)),
    st.sampled_from([b"", b"<", b'"', b"<div>", b"</script>", b"<!--", b"\0", b"\xff", b"<table><p>"]),
    st.integers(0, 60),
)
def test_a_damaged_page_is_read_without_an_exception(at: int, inserted: bytes, cut: int) -> None:
    found = ukds.read(URL, DRAWN[:at] + inserted + DRAWN[at + cut :])
    assert (found.outcome is Outcome.RECORD) == bool(found.found)
    for each in found.found:
        assert each.url == URL
        assert load(each, page=URL, fetched_at="").study_numbers == [8132]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 3000)
    | st.sampled_from(["", "Bees", "10.5255/UKDA-SN-8132-1", "http://["]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "@id", "@type"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = st.sampled_from(["@id", "name", "url", "identifier", "description", "keywords", "creator", "license", "weather"])


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_a_dataset_of_any_shape_is_read_without_an_exception(node: dict[str, Any]) -> None:
    for found in page("<h1>Bees</h1>", node | {"@type": "Dataset"}).found:
        assert load(found, page=URL, fetched_at="").title


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(body: bytes) -> None:
    assert ukds.read(URL, body).outcome is not Outcome.RECORD
