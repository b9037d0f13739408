"""One DOI for every form in which catalogues write it, and none for what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity import doi

STUDY = "10.5255/ukda-sn-854001"

FORMS = [
    "10.5255/UKDA-SN-854001",
    "10.5255/ukda-sn-854001",
    " 10.5255/UKDA-SN-854001",
    "10.5255/UKDA-SN-854001\n",
    "\u200b10.5255/UKDA-SN-854001\ufeff",
    "\xa010.5255/UKDA-SN-854001\xa0",
    "10.5255/UKDA\u00ad-SN-854001",
    "doi:10.5255/UKDA-SN-854001",
    "doi: 10.5255/UKDA-SN-854001",
    "DOI 10.5255/UKDA-SN-854001",
    "DOI:  10.5255/UKDA-SN-854001",
    "doi : 10.5255/UKDA-SN-854001",
    "Doi/10.5255/UKDA-SN-854001",
    "doi:doi:10.5255/UKDA-SN-854001",
    "info:doi/10.5255/UKDA-SN-854001",
    "urn:doi:10.5255/UKDA-SN-854001",
    "http://doi.org/10.5255/UKDA-SN-854001",
    "https://doi.org/10.5255/UKDA-SN-854001",
    "HTTPS://DOI.ORG/10.5255/UKDA-SN-854001",
    "http://dx.doi.org/10.5255/UKDA-SN-854001",
    "https://dx.doi.org/10.5255/UKDA-SN-854001",
    "https://www.doi.org/10.5255/UKDA-SN-854001",
    "http://www.dx.doi.org/10.5255/UKDA-SN-854001",
    "https://doi.org//10.5255/UKDA-SN-854001",
    "//doi.org/10.5255/UKDA-SN-854001",
    "doi.org/10.5255/UKDA-SN-854001",
    "dx.doi.org/10.5255/UKDA-SN-854001",
    "https://doi.org/doi:10.5255/UKDA-SN-854001",
    "https://doi.org/doi: 10.5255/UKDA-SN-854001",
    "http://dx.doi.org/DOI:10.5255/UKDA-SN-854001",
    "doi:https://doi.org/10.5255/UKDA-SN-854001",
    "https://doi.org/10.5255%2FUKDA-SN-854001",
    "https://doi.org/10.5255%2fukda%2Dsn%2D854001",
    "10.5255%2FUKDA-SN-854001",
    "https%3A%2F%2Fdoi.org%2F10.5255%2FUKDA-SN-854001",
    "10.5255/UKDA-SN-854001.",
    "10.5255/UKDA-SN-854001,",
    "10.5255/UKDA-SN-854001;",
    "10.5255/UKDA-SN-854001:",
    "10.5255/UKDA-SN-854001)",
    "10.5255/UKDA-SN-854001).",
    "10.5255/UKDA-SN-854001]",
    "10.5255/UKDA-SN-854001}",
    "10.5255/UKDA-SN-854001>",
    '10.5255/UKDA-SN-854001"',
    "10.5255/UKDA-SN-854001'",
    "(10.5255/UKDA-SN-854001)",
    "<https://doi.org/10.5255/UKDA-SN-854001>",
    '"doi:10.5255/UKDA-SN-854001"',
    "[doi:10.5255/UKDA-SN-854001]",
    "10.5255/UKDA-SN-854001#x",
    "10.5255/UKDA-SN-854001?x=1",
    "https://doi.org/10.5255/UKDA-SN-854001?urlappend=a#b",
    "https://doi.org/10.5255/UKDA-SN-854001.",
]

OTHERS = {
    "10.5255/UKDA-SN-3535-6": "10.5255/ukda-sn-3535-6",
    "10.5255/UKDA-Series-2000053": "10.5255/ukda-series-2000053",
    "10.5255/UKDA\\_Series-2000053": "10.5255/ukda_series-2000053",
    "10.1594/PANGAEA.930327": "10.1594/pangaea.930327",
    "10.1000.10/123": "10.1000.10/123",
    "10.123456789/x": "10.123456789/x",
    "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O": (
        "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"
    ),
    "10.1016/0735-1097(94)90244-5": "10.1016/0735-1097(94)90244-5",
    "10.1016/S0735(94)": "10.1016/s0735(94)",
    "10.1016/S0735(94))": "10.1016/s0735(94)",
    "https://doi.org/10.1000/a%3Fb%23c": "10.1000/a?b#c",
    "https://doi.org/10.1000/100%25": "10.1000/100%",
    "https://doi.org/10.1000/ä": "10.1000/ä",
    "10.5281/zenodo.1234/file[1]": "10.5281/zenodo.1234/file[1]",
}

NONE = [
    "",
    " ",
    "10.5255",
    "10.5255/",
    "10.525/UKDA-SN-1",
    "10.1234567890/x",
    "11.5255/UKDA-SN-1",
    "doi:",
    "https://doi.org/",
    "https://doi.org/doiRA/10.5255",
    "https://example.org/10.5255/UKDA-SN-854001",
    "https://doi.org.example.org/10.5255/UKDA-SN-854001",
    "https://notdoi.org/10.5255/UKDA-SN-854001",
    "see 10.5255/UKDA-SN-854001",
    "10.5255/UKDA-SN-1 and 10.5255/UKDA-SN-2",
    "10.\u0665\u0662\u0665\u0665/UKDA-SN-1",
    "hdl:10.5255/UKDA-SN-1",
    "10,5255/UKDA-SN-854001",
    "https://reshare.ukdataservice.ac.uk/854001",
    "ukds/854001",
    "10.5255/" + "x" * 3000,
]


@pytest.mark.parametrize("text", FORMS)
def test_every_form_of_a_doi_is_that_doi(text: str) -> None:
    assert doi.normalise(text) == STUDY


@pytest.mark.parametrize(("text", "bare"), OTHERS.items())
def test_a_name_keeps_what_belongs_to_it(text: str, bare: str) -> None:
    assert doi.normalise(text) == bare


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_doi_is_none(text: str) -> None:
    assert doi.normalise(text) is None


@given(st.text(max_size=60))
def test_any_text_is_a_bare_doi_or_none(text: str) -> None:
    found = doi.normalise("10.5255/" + text)
    assert found is None or (
        found.startswith("10.5255/") and found == found.lower() and not any(map(str.isspace, found))
    )


@given(st.from_regex(r"10\.[0-9]{4,9}/[A-Za-z0-9()._:-]{0,30}[A-Za-z0-9]", fullmatch=True), st.sampled_from(range(4)))
def test_a_doi_survives_its_url_and_its_wrappings(name: str, form: int) -> None:
    wrapped = [doi.url(name), f"doi:{name}", f" DOI {name}.", f"http://dx.doi.org/{name.upper()}"][form]
    assert doi.normalise(wrapped) == name.lower()


def test_many_closing_brackets_cost_no_more_than_their_number() -> None:
    assert doi.normalise("10.5255/x" + ")" * 2000) == "10.5255/x"
