"""What the UK Data Service lists over OAI-PMH, page by page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.page import Outcome, Page
from crawler.sites.ukds import ListPage, first_page, read_page
from crawler.sites.ukds.urls import OAI

START = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<?xml-stylesheet type='text/xsl' href='oai2.xsl' ?>\n\n\n"
GOES_ON = "3/6/7/ddi/null/2017-01-01/null"


def page(content: str, request: str = "") -> bytes:
    namespace = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
    asked = f'<request verb="ListIdentifiers"{request}>{OAI}</request>'
    return f"{START}<OAI-PMH {namespace}>{asked}{content}</OAI-PMH>".encode()


def header(identifier: str, status: str = "") -> str:
    return f"<header{status}><identifier>{identifier}</identifier><datestamp>2017-05-02T08:31:32Z</datestamp></header>"


DELETED = ' status="deleted"'
FIRST = page(
    f"<ListIdentifiers>{header('6684')}{header('850229')}{header('1031', DELETED)}{header('6684')}"
    f'<resumptionToken completeListSize="7" cursor="0">{GOES_ON}</resumptionToken></ListIdentifiers>'
)


@pytest.mark.parametrize(
    ("since", "day"),
    [
        ("2017-01-01", "2017-01-01"),
        ("2017-01-01T23:30:00Z", "2017-01-01"),
        ("2017-01-01T23:30:00-01:00", "2017-01-02"),
        ("2017-01-01T00:30:00", "2017-01-01"),
    ],
)
def test_a_list_begins_on_a_day_in_utc(since: str, day: str) -> None:
    asked = parse_qs(urlsplit(first_page(since)).query)
    assert asked == {"verb": ["ListRecords"], "metadataPrefix": ["ddi"], "set": ["DataCollections"], "from": [day]}


def test_a_list_of_all_has_no_beginning() -> None:
    assert first_page() == f"{OAI}?verb=ListRecords&metadataPrefix=ddi&set=DataCollections"


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        first_page("yesterday")


def test_a_page_and_where_the_list_goes_on() -> None:
    assert read_page(FIRST) == ListPage(
        studies=[6684, 850229, 1031],
        told={1031: Page(outcome=Outcome.GONE)},
        next_url=f"{OAI}?verb=ListIdentifiers&resumptionToken=3%2F6%2F7%2Fddi%2Fnull%2F2017-01-01%2Fnull",
    )


def test_a_list_of_whole_records_goes_on_as_one() -> None:
    records = f"<record>{header('6684')}<metadata/></record><resumptionToken>a b&amp;c</resumptionToken>"
    assert read_page(page(f"<ListRecords>{records}</ListRecords>")) == ListPage(
        studies=[6684], next_url=f"{OAI}?verb=ListRecords&resumptionToken=a+b%26c"
    )


def record(number: str, *, named: str = "", title: str = "<titl>Roads</titl>", status: str = "") -> str:
    citation = f"<titlStmt>{title}<IDNo agency='UKDA'>{named or number}</IDNo></titlStmt>"
    codebook = f"<codeBook><stdyDscr><citation>{citation}</citation></stdyDscr></codeBook>"
    return f"<record>{header(number, status)}<metadata>{'' if status else codebook}</metadata></record>"


def test_a_list_of_records_tells_the_studies_that_it_lists() -> None:
    records = record("6684") + record("1031", status=DELETED) + record("7777")
    told = read_page(page(f"<ListRecords>{records}</ListRecords>")).told
    assert {number: each.outcome for number, each in told.items()} == {
        6684: Outcome.RECORD,
        1031: Outcome.GONE,
        7777: Outcome.RECORD,
    }
    assert [found.values["title"] for found in told[7777].found] == ["Roads"]
    assert told[7777].found[0].url == "https://datacatalogue.ukdataservice.ac.uk/studies/study/7777"


@pytest.mark.parametrize("wrong", ["<abstract><p>a</abstract>", "a & b", "<br>", "&nbsp;", "\x0b"])
def test_a_record_that_is_not_well_formed_costs_no_other(wrong: str) -> None:
    broken = record("7777").replace("<titl>", f"{wrong}<titl>")
    goes_on = "<resumptionToken>next</resumptionToken>"
    made = read_page(page(f"<ListRecords>{record('1')}{broken}{record('2')}{goes_on}</ListRecords>"))
    assert (made.studies, [*made.told], made.error) == ([1, 7777, 2], [1, 2], None)
    assert made.next_url == f"{OAI}?verb=ListRecords&resumptionToken=next"


def test_a_record_whose_header_is_broken_leaves_the_list_unread() -> None:
    broken = record("7777").replace("</identifier>", "</identifer>")
    made = read_page(page(f"<ListRecords>{record('1')}{broken}</ListRecords>"))
    assert (made.studies, made.told, made.error) == ([], {}, "XML is not well-formed: ERR_TAG_NAME_MISMATCH")


@pytest.mark.parametrize("unsound", [record("6684", named="7777"), record("6684", title=""), record("x")])
def test_a_record_that_is_not_sound_is_not_told(unsound: str) -> None:
    told = read_page(page(f"<ListRecords>{unsound}{record('1')}</ListRecords>"))
    assert [*told.told] == [1]


@pytest.mark.parametrize(
    "token",
    [
        '<resumptionToken completeListSize="3" cursor="0"></resumptionToken>',
        "<resumptionToken> \n </resumptionToken>",
        "<resumptionToken/>",
        "",
    ],
)
def test_an_empty_token_or_none_ends_the_list(token: str) -> None:
    body = page(f"<ListIdentifiers>{header('6684')}{token}</ListIdentifiers>")
    assert read_page(body) == ListPage(studies=[6684])


def test_a_token_that_leads_to_its_own_page_is_an_error() -> None:
    token = f"<ListIdentifiers>{header('1')}<resumptionToken>{GOES_ON}</resumptionToken></ListIdentifiers>"
    told = read_page(page(token, f' resumptionToken="{GOES_ON}"'))
    assert (told.studies, told.next_url, told.error) == ([1], None, "the list goes on where it is")
    assert read_page(page(token, ' resumptionToken="3/3/7/ddi/null/2017-01-01/null"')).next_url


@pytest.mark.parametrize(
    ("identifier", "number"),
    [("6684", 6684), (" 06684\n", 6684), ("oai:oai.ukdataservice.ac.uk:6684", 6684), ("oai:x:y", None), ("", None)],
)
def test_an_identifier_is_a_number(identifier: str, number: int | None) -> None:
    told = read_page(page(f"<ListIdentifiers>{header('1')}{header(identifier)}</ListIdentifiers>"))
    assert (told.studies, told.unread) == (([1, number], 0) if number else ([1], 1))


def test_a_list_of_what_is_no_study_is_an_error() -> None:
    goes_on = "<resumptionToken>next</resumptionToken>"
    told = read_page(page(f"<ListIdentifiers>{header('a:b')}{header('a:c')}{goes_on}</ListIdentifiers>"))
    assert told == ListPage(unread=2, error="no identifier in it is a study number")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (page('<error code="noRecordsMatch">Nothing since then</error>'), None),
        (page('<error code="badResumptionToken"/>'), "badResumptionToken"),
        (page('<error code="badArgument"/><error code="badVerb"/>'), "badArgument, badVerb"),
        (page("<error>Something else</error>"), "error"),
        (page(f"<GetRecord><record>{header('1')}</record></GetRecord>"), "no list of OAI-PMH"),
        (b"<html><body>Down for maintenance</body></html>", "no list of OAI-PMH"),
        (b"", "XML is not well-formed: ERR_DOCUMENT_EMPTY"),
        (FIRST[:-20], "XML is not well-formed: ERR_TAG_NAME_MISMATCH"),
    ],
)
def test_what_is_no_list_is_an_error_and_tells_nothing_else(body: bytes, error: str | None) -> None:
    assert read_page(body) == ListPage(error=error)


@given(st.integers(0, len(FIRST) - 1))
def test_a_page_that_is_cut_off_names_no_study_by_half_a_number(end: int) -> None:
    told = read_page(FIRST[:end])
    assert (told.studies, told.told, told.next_url) == ([], {}, None)
    assert told.error


@given(st.integers(0, len(FIRST)), st.binary(max_size=3), st.integers(0, 40))
def test_a_damaged_page_is_read_without_an_exception(at: int, inserted: bytes, cut: int) -> None:
    told = read_page(FIRST[:at] + inserted + FIRST[at + cut :])
    assert told.next_url is None or told.next_url.startswith(f"{OAI}?verb=List")


@given(st.binary(max_size=100))
def test_any_bytes_are_read_without_an_exception(body: bytes) -> None:
    assert read_page(body).error
