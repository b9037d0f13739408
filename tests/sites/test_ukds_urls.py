"""Forms of the UK Data Service's URLs, and the ways to its targets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.ukds import BROWSER_HOSTS, HOSTS, canonical, pages_of, rank, routes
from crawler.sites.ukds.urls import HOST, OAI, file_url, series_url, study_url

UUID = "6b2a2558-2917-72a1-ab0e-97c9bae1e35d"
BETA = "https://beta.ukdataservice.ac.uk/datacatalogue"
TARGETS = [study_url(3535), study_url(850565), file_url(UUID), series_url(200006), series_url(2000053)]

FORMS = {
    # of a study
    "https://discover.ukdataservice.ac.uk/catalogue/?sn=5592&type=Data%20catalogue": study_url(5592),
    "https://discover.ukdataservice.ac.uk/catalogue/?sn=5592&type=Data catalogue": study_url(5592),
    "http://discover.ukdataservice.ac.uk/catalogue?type=data%20Catalogue&sn=05592": study_url(5592),
    "https://discover.ukdataservice.ac.uk/doi/?sn=5592#3": study_url(5592),  # assumed
    f"{BETA}/studies/study?id=6614": study_url(6614),
    f"{BETA}/studies/study?id=6614#!/details": study_url(6614),
    f"{BETA}/studies/study/?id=6614#!/access-data": study_url(6614),
    f"{BETA}/doi/?id=5151#!#2": study_url(5151),
    f"{BETA}/doi/?id=8676#1": study_url(8676),
    f"{BETA}/doi/?id=8741#0": study_url(8741),
    f"https://{HOST}/studies/study/9263": study_url(9263),
    f"https://{HOST}/studies/study/9263#access-data": study_url(9263),
    f"https://{HOST}/studies/study/0009263/": study_url(9263),
    f"https://{HOST}/studies/study/9263?tab=1": study_url(9263),
    f"https://{HOST}/studies/study?id=8666": study_url(8666),
    f"https://{HOST}/studies/study/850565": study_url(850565),
    f"https://{HOST}/studies/study/9263)": study_url(9263),
    f"https://{HOST}/studies/study?id=8666).": study_url(8666),
    f"  http://{HOST.upper()}:80/studies/study/9263\n": study_url(9263),
    f"https://{HOST}:443/studies/study/9263": study_url(9263),
    "https://doc.ukdataservice.ac.uk/doc/9085/read9085.htm": study_url(9085),
    "http://nesstar.ukdataservice.ac.uk/webview/index.jsp?v=2&mode=documentation&submode=abstract"
    "&study=http://nesstar.ukdataservice.ac.uk:80/obj/fStudy/3535&top=yes": study_url(3535),
    f"{OAI}?verb=GetRecord&metadataPrefix=ddi&identifier=6684": study_url(6684),
    "https://oai.ukdataservice.ac.uk:8443/oai/provider?verb=GetRecord&identifier=6684&metadataPrefix=ddi": study_url(
        6684
    ),
    # of a series; nothing says that beta's 2000053 and 200053 are the same
    f"{BETA}/series/series?id=2000053": series_url(2000053),
    f"{BETA}/series/series?id=2000053#!/faqs": series_url(2000053),
    f"https://{HOST}/series/series/200001": series_url(200001),
    f"https://{HOST}/series/series/200001#abstract": series_url(200001),
    f"https://{HOST}/series/series/200006?id=200006": series_url(200006),
    f"https://{HOST}/series/series/200006/)": series_url(200006),
    # of a file
    f"https://{HOST}/datasets/dataset/{UUID}": file_url(UUID),
    f"http://{HOST}/datasets/dataset/{UUID.upper()}/": file_url(UUID),
    f"https://{HOST}/datasets/dataset/{UUID.replace('-', '')}#variables": file_url(UUID),
}
OTHERS = [
    "",
    "studies/study/9263",
    "https://[",
    f"https://{HOST}",
    f"https://{HOST}/",
    f"https://{HOST}/studies/study/",
    f"https://{HOST}/studies/study/0",
    f"https://{HOST}/studies/study/12a",
    f"https://{HOST}/studies/study/{'1' * 5000}",
    f"https://{HOST}/series/series/{'1' * 5000}",
    f"https://{HOST}/series/series/",
    f"https://{HOST}/series/series?id=0",
    f"https://{HOST}/searchresults?search=qualitative+data&sort=0&tab=0",
    f"https://{HOST}/856334",
    f"https://{HOST}/datasets/dataset/{UUID}0",
    f"https://{HOST}/datasets/dataset/{UUID[:-1]}",
    f"https://beta.ukdataservice.ac.uk/datasets/dataset/{UUID}",
    f"https://{HOST}:8080/studies/study/9263",
    f"https://{HOST}:8443/studies/study/9263",
    f"https://{HOST}:port/studies/study/9263",
    f"https://someone@{HOST}/studies/study/9263",
    f"ftp://{HOST}/studies/study/9263",
    f"https://{HOST}.example.org/studies/study/9263",
    "https://example.org/studies/study/9263",
    "https://www.ukdataservice.ac.uk/studies/study/9263",
    f"{BETA}/studies?Search=qualitative",
    "https://beta.ukdataservice.ac.uk/Umbraco/Surface/Discover/GetDownload?studyNumber=8613&fileName=8613csv_V1.zip",
    "https://reshare.ukdataservice.ac.uk/856334/",
    "https://reshare.ukdataservice.ac.uk/id/eprint/856334",
    "https://doi.org/10.5255/UKDA-SN-3535-6",
    "10.5255/UKDA-SN-3535-6",
    OAI,
    f"{OAI}?verb=ListIdentifiers&metadataPrefix=ddi&set=DataCollections",
    f"{OAI}?verb=ListMetadataFormats&identifier=6684",
    f"{OAI}?verb=GetRecord&metadataPrefix=ddi",
    "https://oai.ukdataservice.ac.uk:9443/oai/provider?verb=GetRecord&identifier=6684",
    "https://id.appsync-api.eu-west-2.amazonaws.com/graphql",
]


@pytest.mark.parametrize(("url", "expected"), FORMS.items())
def test_every_form_names_its_target(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize("url", OTHERS, ids=lambda url: url[:80])
def test_other_urls_name_nothing(url: str) -> None:
    assert canonical(url) is None


@pytest.mark.parametrize("target", TARGETS)
def test_every_route_is_of_its_target_and_goes_to_a_known_host(target: str) -> None:
    found = routes(target)
    assert {canonical(route.url) for route in found} == {target}
    assert all(route.url.split("/")[2] in HOSTS for route in found)
    assert len({(route.url, route.browser) for route in found}) == len(found)


def test_a_study_is_asked_for_over_oai_first_and_in_a_browser_last() -> None:
    target = study_url(6684)
    record, page, drawn = routes(target)
    assert record.url == f"{OAI}?verb=GetRecord&metadataPrefix=ddi&identifier=6684"
    assert (page.url, page.accept) == (target, "text/html")
    assert (drawn.url, drawn.browser) == (f"{target}#details", True)
    assert [record.browser, page.browser] == [False, False]


@pytest.mark.parametrize("target", [file_url(UUID), series_url(200006)])
def test_files_and_series_have_a_page_only(target: str) -> None:
    assert [(route.url, route.browser) for route in routes(target)] == [(target, False), (target, True)]


def test_the_page_may_call_itself_and_its_endpoint() -> None:
    assert HOST in BROWSER_HOSTS
    assert [host for host in BROWSER_HOSTS if host.startswith(".")] == [".appsync-api.eu-west-2.amazonaws.com"]


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("3535", [study_url(3535)]),
        (" 03535", [study_url(3535)]),
        ("856334", [study_url(856334)]),
        ("10.5255/UKDA-SN-3535-6", [study_url(3535)]),
        ("https://doi.org/10.5255/ukda-sn-850565", [study_url(850565)]),
        ("10.5255/UKDA-Series-2000053", [series_url(2000053)]),
        (UUID.replace("-", "").upper(), [file_url(UUID)]),
        (f"{BETA}/studies/study?id=6614", [study_url(6614)]),
        ("10.5255/UKDA-SN-0", []),
        ("10.1594/pangaea.930327", []),
        ("a-study", []),
        ("", []),
        ("0", []),
        ("1234567890", []),
    ],
)
def test_what_a_name_stands_for(name: str, pages: list[str]) -> None:
    assert pages_of(name) == pages
    assert {rank(page) for page in pages} <= {0, 1}


PIECES = st.sampled_from(
    [
        *FORMS,
        *OTHERS,
        "https://",
        f"https://{HOST}",
        "/studies/study/",
        "?id=",
        "#",
        ":80",
        "[",
        "%",
        "\ud83d",
        "0",
        "1",
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=5).map("".join))
def test_canonical_never_raises_and_is_idempotent(url: str) -> None:
    target = canonical(url)
    assert target is None or canonical(target) == target
    assert all(canonical(page) == page for page in pages_of(url))
