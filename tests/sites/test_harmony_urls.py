"""Forms of the catalogue's URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.harmony.urls import (
    HOST,
    LONGEST_SLUG,
    canonical,
    item_url,
    name_of,
    own_name,
    redirected,
    routes,
    uuid_of,
)
from crawler.sites.page import Route

ITEM = f"https://{HOST}/search/items/moss"
STUDY = f"https://{HOST}/search/studies/moss"
UUID = "6b2a2558291772a1ab0e97c9bae1e35d"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (ITEM, ITEM),
        (STUDY, STUDY),
        (f"{ITEM}.html", ITEM),
        (f"{ITEM}.txt", ITEM),
        (f"{ITEM}?view=drawer#variables", ITEM),
        (f"  {ITEM}\n", ITEM),
        (f"http://{HOST.upper()}:80/search/items/moss", ITEM),
        (f"https://{HOST}:443/search/items/moss", ITEM),
        (f"{STUDY}/", f"{STUDY}/"),
        (f"{STUDY}/index.html", f"{STUDY}/"),
        (f"{STUDY}/index.txt", f"{STUDY}/"),
        (f"{ITEM}-%C3%A9", f"{ITEM}-%C3%A9"),
        (f"{ITEM}-\u00e9", f"{ITEM}-%C3%A9"),
        (f"https://{HOST}/search/items/Moss_And%20Lichen", f"https://{HOST}/search/items/Moss_And%20Lichen"),
    ],
)
def test_every_form_of_a_page_has_one_canonical_url(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/",
        f"https://{HOST}/search/",
        f"https://{HOST}/search/items",
        f"https://{HOST}/search/items/",
        f"https://{HOST}/search/items/index.txt",
        f"https://{HOST}/search/studies/index.html",
        f"{ITEM}/__next._full.txt",
        f"https://{HOST}/search/saves/moss",
        f"https://{HOST}/items/moss",
        f"https://www.{HOST}.example/search/items/moss",
        f"https://{HOST}:8443/search/items/moss",
        "ftp://harmonydata.ac.uk/search/items/moss",
        "https://[harmonydata.ac.uk/search/items/moss",
        "https://harmonydata.ac.uk:port/search/items/moss",
        "mailto:moss",
        "",
    ],
)
def test_other_urls_are_out_of_scope(url: str) -> None:
    assert canonical(url) is None


def test_the_stream_is_asked_for_before_the_html() -> None:
    drawn = Route(url=ITEM, browser=True)
    assert routes(ITEM) == [Route(url=f"{ITEM}.txt"), Route(url=ITEM), drawn]
    assert [route.url for route in routes(f"{STUDY}/")] == [f"{STUDY}/index.txt", f"{STUDY}/", f"{STUDY}/"]


@pytest.mark.parametrize("page", [ITEM, STUDY, f"{STUDY}/"])
def test_every_route_of_a_page_is_that_page(page: str) -> None:
    assert {canonical(route.url) for route in routes(page)} == {page}


def test_a_name_is_a_uuid_or_a_slug() -> None:
    assert name_of(ITEM) == "moss"
    assert name_of(f"https://{HOST}/search/items/{UUID.upper()}") == UUID
    assert name_of(f"{ITEM}%20and%20lichen") == "moss and lichen"
    assert uuid_of("6B2A2558-2917-72A1-AB0E-97C9BAE1E35D") == UUID
    assert uuid_of(UUID[:-1]) is uuid_of(None) is uuid_of(7) is None


def test_an_item_is_named_by_its_uuid_where_its_slug_is_missing_or_too_long() -> None:
    longest = "s" * LONGEST_SLUG
    assert item_url(UUID, longest).endswith(longest)
    assert item_url(UUID, longest + "s").endswith(UUID)
    assert item_url(None, longest + "s").endswith(longest + "s")
    assert item_url(UUID, None).endswith(UUID)
    assert item_url(None, "half \ud83d").endswith("half%20%3F")


@given(st.text(st.characters(), min_size=1, max_size=40))
def test_a_canonical_url_is_its_own_canonical_url(slug: str) -> None:
    url = canonical(item_url(None, slug))
    assert url is None or canonical(url) == url


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (ITEM, "moss"),
        (f"{STUDY}/", "moss"),
        ("https://discoverynext.vercel.app/items/moss", "moss"),
        ("http://localhost:3000/studies/moss", "moss"),
        ("https://www.example.org/studies/moss", None),
        ("https://datacatalogue.ukdataservice.ac.uk/studies/study/6614", None),
        ("https://[", None),
        (None, None),
    ],
)
def test_the_catalogue_is_known_on_the_hosts_of_its_trials(url: object, name: str | None) -> None:
    assert own_name(url) == name


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/items/moss", ITEM),
        ("/studies/moss/", f"{STUDY}/"),
        ("/search/items/moss.html", ITEM),
        ("moss", ITEM),
        ("./moss", ITEM),
        (f"http://{HOST}/items/moss?from=uuid", ITEM),
        ("//harmonydata.ac.uk/items/moss", ITEM),
        ("https://elsewhere.example/items/moss", "https://elsewhere.example/items/moss"),
        ("https://[", None),
        ("/search/about", f"https://{HOST}/search/about"),
    ],
)
def test_a_stub_leads_where_the_host_serves_the_page(target: str, expected: str | None) -> None:
    assert redirected(f"https://{HOST}/search/items/{UUID}", target) == expected
