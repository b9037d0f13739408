"""Forms of a DOI, and the URLs that ask for one or for many."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity import doi
from crawler.sites import datacite

URL = "https://doi.org/10.5255/ukda-sn-6926-1"


@pytest.mark.parametrize(
    "url",
    [
        "https://doi.org/10.5255/UKDA-SN-6926-1",
        "http://dx.doi.org/10.5255/UKDA-SN-6926-1",
        "https://www.doi.org/10.5255/UKDA-SN-6926-1",
        "HTTPS://DOI.ORG/10.5255/UKDA-SN-6926-1",
        "https://doi.org/10.5255%2FUKDA-SN-6926-1",
        "https://doi.org/doi:10.5255/UKDA-SN-6926-1",
        "https://doi.org/10.5255/UKDA-SN-6926-1?x=1#top",
        "info:doi/10.5255/UKDA-SN-6926-1",
        "doi: 10.5255/UKDA-SN-6926-1",
        "DOI 10.5255/UKDA-SN-6926-1.",
        " 10.5255/ukda-sn-6926-1",
        "https://api.datacite.org/dois/10.5255%2Fukda-sn-6926-1",
        "https://data.crosscite.org/10.5255%2FUKDA-SN-6926-1",
        "https://data.crosscite.org/application/vnd.datacite.datacite+json/10.5255/ukda-sn-6926-1",
    ],
)
def test_every_form_of_a_doi_has_one_canonical_url(url: str) -> None:
    assert datacite.canonical(url) == URL


@pytest.mark.parametrize(
    "url",
    [
        "https://doi.org/",
        "https://doi.org/10.5255",
        "https://doi.org/doiRA/10.5255/UKDA-SN-6926-1",
        "https://doi.org/api/handles/10.5255/UKDA-SN-6926-1",
        "https://example.org/10.5255/UKDA-SN-6926-1",
        "https://api.datacite.org/dois?ids=10.5255/UKDA-SN-6926-1",
        "https://example.org/?to=https://data.crosscite.org/10.5255/UKDA-SN-6926-1",
        "10.5255/UKDA-SN-1 10.5255/UKDA-SN-2",
        "https://reshare.ukdataservice.ac.uk/857166/",
        "6926",
        "",
        "10.1234/" + "\u00e9" * 1000,
    ],
)
def test_what_is_no_doi_has_none(url: str) -> None:
    assert datacite.canonical(url) is None


@given(
    st.text() | st.from_regex(r"(https?://(dx\.)?doi\.org/|doi:|https://data\.crosscite\.org/)?10\.[0-9]{4}/.{1,30}")
)
def test_a_canonical_url_is_its_own_and_its_routes_lead_to_known_hosts(url: str) -> None:
    canonical = datacite.canonical(url)
    if canonical is not None:
        assert datacite.canonical(canonical) == canonical
        assert datacite.pages_of(url) == [canonical]
        routes = datacite.routes(canonical)
        assert {urlsplit(route.url).hostname for route in routes} <= set(datacite.HOSTS)
        assert {datacite.canonical(route.url) for route in routes if not route.absence} == {canonical}


def test_content_negotiation_asks_for_datacites_own_format() -> None:
    api, agency, negotiated = datacite.routes("https://doi.org/10.1234/a%23b%2Fc")
    assert (api.url, api.accept) == ("https://api.datacite.org/dois/10.1234%2Fa%23b%2Fc", None)
    assert (agency.url, agency.accept) == ("https://doi.org/doiRA/10.1234%2Fa%23b%2Fc", None)
    assert negotiated.accept == "application/vnd.datacite.datacite+json"


DOIS = st.text("abc123-_;()<>%?#&,\u00e9", min_size=1, max_size=60).map(
    lambda suffix: doi.normalise(f"10.1234/x{suffix}x")
)


TARGETS = st.lists(DOIS.filter(bool).map(lambda name: doi.url(name or "")), max_size=60)


@given(TARGETS)
def test_a_batch_asks_for_each_doi_once_and_stays_short(urls: list[str]) -> None:
    batches = list(datacite.batches(urls))
    assert sorted(url for batch in batches for url in batch) == sorted(urls)
    for batch in batches:
        if len(batch) > 1:
            asked_for = datacite.batch_url(batch)
            query = parse_qs(urlsplit(asked_for).query)
            assert query["ids"][0].split(",") == [doi.normalise(url) for url in batch]
            assert (query["page[size]"], len(batch) <= datacite.BATCH) == ([str(len(batch))], True)
            assert len(asked_for) <= 2000


def test_long_dois_make_smaller_batches_and_the_longest_goes_alone() -> None:
    long = [f"https://doi.org/10.1234/{n}{'x' * 600}" for n in range(5)]
    longest = f"https://doi.org/10.1234/{'x' * 2000}"
    assert [len(batch) for batch in datacite.batches([*long, longest])] == [3, 1, 2]
