"""Forms of ReShare's URLs."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites import reshare

HOST = "reshare.ukdataservice.ac.uk"
URL = f"https://{HOST}/857166/"


@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/857166",
        f"https://{HOST}/857166/",
        f"https://{HOST}/0857166/",
        f"https://{HOST}/id/eprint/857166",
        f"https://{HOST}/id/eprint/0857166/",
        f"https://{HOST}/archive/857166",
        f"https://{HOST}/archive/00857166/",
        f"https://{HOST}/cgi/export/eprint/857166/JSON/reshare-eprint-857166.js",
        f"http://{HOST}:80/cgi/export/eprint/857166/DC/reshare-eprint-857166.txt",
        f" HTTP://{HOST.upper()}:443/857166/?x=1#top\n",
    ],
)
def test_every_form_of_an_eprint_has_one_canonical_url(url: str) -> None:
    assert reshare.canonical(url) == URL


@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/857166/1/data.zip",
        f"https://{HOST}/857166/3/nofile/",
        f"https://{HOST}/id/document/3760839",
        f"https://{HOST}/id/file/1001",
        f"https://{HOST}/id/eprint/857166/contents",
        f"https://{HOST}/cgi/search/simple/export_reshare_JSON.js?output=JSON",
        f"https://{HOST}/cgi/export/857166",
        f"https://{HOST}/cgi/export/eprint/857166/",
        f"https://{HOST}/cgi/export/eprint/857166/JSON/1/data.zip",
        f"https://{HOST}/",
        f"https://{HOST}/0/",
        f"https://{HOST}/857166x/",
        f"https://{HOST}/8571660000000/",
        f"https://{HOST}/\u0668\u0665\u0667\u0661\u0666\u0666/",
        f"https://{HOST}:8080/857166/",
        f"ftp://{HOST}/857166/",
        "https://beta.ukdataservice.ac.uk/857166/",
        f"https://{HOST}:x/857166/",
        "https://[/857166/",
        "857166",
        "",
    ],
)
def test_what_is_no_eprint_has_none(url: str) -> None:
    assert reshare.canonical(url) is None


@given(
    st.text()
    | st.from_regex(r"https?://reshare\.ukdataservice\.ac\.uk/(id/eprint/|archive/|cgi/export/eprint/)?[0-9]{1,12}/?.*")
)
def test_a_canonical_url_is_its_own(url: str) -> None:
    canonical = reshare.canonical(url)
    assert canonical is None or reshare.canonical(canonical) == canonical
    assert canonical is None or all(
        urlsplit(route.url).hostname in reshare.HOSTS for route in reshare.routes(canonical)
    )


def test_no_route_leads_below_cgi_or_to_a_file_and_each_names_the_target() -> None:
    routes = reshare.routes(URL)
    assert [(route.accept, route.browser) for route in routes] == [("application/json", False), ("text/html", False)]
    assert {reshare.canonical(route.url) for route in routes} == {URL}
    assert not any("/cgi/" in route.url for route in routes)


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("857166", [URL]),
        (" 0857166", [URL]),
        ("10.5255/UKDA-SN-857166", [URL]),
        (f"http://{HOST}/id/eprint/857166", [URL]),
        ("3535", []),
        ("10.5255/UKDA-SN-3535-6", []),
        ("10.1234/857166", []),
        ("moss", []),
        ("9" * 5000, []),
    ],
)
def test_a_study_number_of_reshare_has_a_page_there(name: str, pages: list[str]) -> None:
    assert reshare.pages_of(name) == pages
