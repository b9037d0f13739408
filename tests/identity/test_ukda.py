"""Study numbers and editions in every URL and DOI that names them."""

import pytest

from crawler.identity.ukda import Study, file_of, from_doi, from_url

DOIS = {
    "10.5255/ukda-sn-3535-6": Study(3535, 6),
    "10.5255/ukda-sn-6614-20": Study(6614, 20),
    "10.5255/ukda-sn-6926-0": Study(6926, 0),
    "10.5255/ukda-sn-850565": Study(850565, 0),
    "10.5255/ukda-sn-0033-1": Study(33, 1),
    "10.5255/ukda-sn-854243-2": Study(854243, 2),
    "10.5255/ukda-series-2000053": None,
    "10.5255/ukda-sn-3535-6a": None,
    "10.5255/ukda-sn-": None,
    "10.5255/ukda-sn-3535-6-1": None,
    "10.1594/pangaea.930327": None,
}

URLS = {
    "https://discover.ukdataservice.ac.uk/catalogue/?sn=5592&type=Data%20catalogue": Study(5592),
    "https://discover.ukdataservice.ac.uk/catalogue/?type=data%20Catalogue&sn=5592": Study(5592),
    "http://discover.ukdataservice.ac.uk/catalogue?SN=5592": Study(5592),
    "https://discover.ukdataservice.ac.uk/doi/?sn=5592#3": Study(5592, 3),  # assumed
    "https://beta.ukdataservice.ac.uk/datacatalogue/studies/study?id=6614": Study(6614),
    "https://beta.ukdataservice.ac.uk/datacatalogue/studies/study?id=6614#!/details": Study(6614),
    "https://beta.ukdataservice.ac.uk/datacatalogue/studies/study/?id=856334#!/access-data": Study(856334),
    "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=5151#!#2": Study(5151, 2),
    "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=8676#1": Study(8676, 1),
    "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=8741#0": Study(8741, 0),
    "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=8741": Study(8741),
    "https://beta.ukdataservice.ac.uk/Umbraco/Surface/Discover/GetDownload?studyNumber=8613&fileName=a.zip": Study(
        8613
    ),
    "https://datacatalogue.ukdataservice.ac.uk/studies/study/9263": Study(9263),
    "https://datacatalogue.ukdataservice.ac.uk/studies/study/9263#doi": Study(9263),
    "https://datacatalogue.ukdataservice.ac.uk/studies/study/9263/": Study(9263),
    "HTTPS://DataCatalogue.UKDataService.ac.uk/studies/study/9263": Study(9263),
    "https://datacatalogue.ukdataservice.ac.uk/studies/study?id=8666": Study(8666),
    "https://reshare.ukdataservice.ac.uk/856334": Study(856334),
    "https://reshare.ukdataservice.ac.uk/856334/": Study(856334),
    "http://reshare.ukdataservice.ac.uk/0856334/": Study(856334),
    "https://reshare.ukdataservice.ac.uk/id/eprint/856334": Study(856334),
    "https://reshare.ukdataservice.ac.uk/archive/856334": Study(856334),
    "https://reshare.ukdataservice.ac.uk/cgi/export/eprint/856334/JSON/reshare-eprint-856334.js": Study(856334),
    "https://reshare.ukdataservice.ac.uk/856334/1/file.zip": Study(856334),
    "https://doc.ukdataservice.ac.uk/doc/9085/read9085.htm": Study(9085),
    "http://nesstar.ukdataservice.ac.uk/webview/index.jsp?v=2&mode=documentation&submode=abstract"
    "&study=http://nesstar.ukdataservice.ac.uk:80/obj/fStudy/3535&top=yes": Study(3535),
    "https://doi.org/10.5255/UKDA-SN-3535-6": Study(3535, 6),
    "http://dx.doi.org/10.5255/UKDA-SN-850565": Study(850565, 0),
    "10.5255/UKDA-SN-850565": Study(850565, 0),
    # not a study
    "https://datacatalogue.ukdataservice.ac.uk/series/series/200001": None,
    "https://datacatalogue.ukdataservice.ac.uk/series/series/200006?id=200006": None,
    "https://beta.ukdataservice.ac.uk/datacatalogue/series/series?id=2000053": None,
    "https://beta.ukdataservice.ac.uk/datacatalogue/studies?Search=qualitative": None,
    "https://datacatalogue.ukdataservice.ac.uk/datasets/dataset/6b2a2558-2917-72a1-ab0e-97c9bae1e35d": None,
    "https://datacatalogue.ukdataservice.ac.uk/searchresults?search=a&sort=0&tab=0": None,
    "https://datacatalogue.ukdataservice.ac.uk/856334": None,
    "https://reshare.ukdataservice.ac.uk/studies/study/9263": None,
    "https://reshare.ukdataservice.ac.uk/id/document/3760839": None,
    "https://reshare.ukdataservice.ac.uk/id/file/1001": None,
    "https://example.org/studies/study/9263": None,
    "https://ukdataservice.ac.uk.example.org/studies/study/9263": None,
    "https://doi.org/10.5255/UKDA-Series-2000053": None,
    f"https://datacatalogue.ukdataservice.ac.uk/studies/study/{'1' * 5000}": None,
    f"https://reshare.ukdataservice.ac.uk/{'1' * 5000}/": None,
    f"https://doc.ukdataservice.ac.uk/doc/{'1' * 5000}/": None,
    "https://[": None,
    "": None,
}


@pytest.mark.parametrize(("doi", "study"), DOIS.items())
def test_study_and_edition_of_a_doi(doi: str, study: Study | None) -> None:
    assert from_doi(doi) == study


@pytest.mark.parametrize(("url", "study"), URLS.items())
def test_study_and_edition_of_a_url(url: str, study: Study | None) -> None:
    assert from_url(url) == study


def test_file_pages() -> None:
    page = "https://datacatalogue.ukdataservice.ac.uk/datasets/dataset/"
    assert file_of(page + "6b2a2558-2917-72a1-ab0e-97c9bae1e35d") == "6b2a2558291772a1ab0e97c9bae1e35d"
    assert file_of(page + "6B2A2558291772A1AB0E97C9BAE1E35D#x") == "6b2a2558291772a1ab0e97c9bae1e35d"
    assert not file_of(page)
    assert not file_of("https://datacatalogue.ukdataservice.ac.uk/studies/study/9263")
    assert not file_of("https://example.org/datasets/dataset/6b2a2558-2917-72a1-ab0e-97c9bae1e35d")
