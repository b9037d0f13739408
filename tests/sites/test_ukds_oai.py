"""OAI-PMH answers: those without a record, those of another one, and what damage costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.loaders import load
from crawler.sites import ukds
from crawler.sites.page import Outcome, Page
from crawler.sites.ukds import oai
from tests.sites.test_ukds_ddi import URL, document

CASE = (Path(__file__).with_name("ukds") / "oai-2019" / "page.xml").read_bytes()


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        ('<error code="idDoesNotExist">No</error>', Outcome.ABSENT),
        ('<error code="cannotDisseminateFormat">No items in this format</error>', Outcome.ABSENT),
        ('<error code="badArgument">What?</error>', Outcome.UNREADABLE),
        ("<error>What?</error>", Outcome.UNREADABLE),
        ("<GetRecord/>", Outcome.UNREADABLE),
        (
            '<GetRecord><record><header status="deleted"><identifier>7777</identifier></header></record></GetRecord>',
            Outcome.GONE,
        ),
        (
            '<GetRecord><record><header status="deleted"><identifier>777</identifier></header></record></GetRecord>',
            Outcome.UNREADABLE,
        ),
        (
            "<GetRecord><record><header><identifier>7777</identifier></header><metadata/></record></GetRecord>",
            Outcome.UNREADABLE,
        ),
    ],
)
def test_answers_without_a_document(content: str, outcome: Outcome) -> None:
    body = f'<?xml version="1.0"?>\n\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{content}</OAI-PMH>'
    assert ukds.read(URL, body.encode()).outcome is outcome


def test_a_damaged_answer_deletes_nothing() -> None:
    body = b'<OAI-PMH><GetRecord><record><header status="deleted"><identifier>7777</identifier></header></record>'
    assert ukds.read(URL, body).outcome is Outcome.UNREADABLE
    assert ukds.read(URL, b'<OAI-PMH><error code="idDoesNotExist">').outcome is Outcome.UNREADABLE


def test_other_errors_are_named() -> None:
    page = ukds.read(URL, b'<OAI-PMH><error code="badVerb">someone@example.org</error></OAI-PMH>')
    assert [problem.what for problem in page.problems] == ["OAI-PMH error badVerb"]


@pytest.mark.parametrize(
    "titles",
    [
        "<titl>Moss</titl>",
        '<titl>Moss</titl><IDNo agency="UKDA">7778</IDNo>',
        '<titl>Moss</titl><IDNo agency="UKDA">77</IDNo><IDNo agency="datacite">10.5255/UKDA-SN-7777-1</IDNo>',
        '<IDNo agency="UKDA">7777</IDNo>',
        '<titl> </titl><IDNo agency="UKDA">7777</IDNo>',
    ],
)
def test_a_record_without_a_title_or_of_another_study_is_none(titles: str) -> None:
    body = f"<codeBook><stdyDscr><citation><titlStmt>{titles}</titlStmt></citation></stdyDscr></codeBook>".encode()
    page = ukds.read(URL, body)
    assert (page.outcome, page.found, len(page.problems)) == (Outcome.UNREADABLE, [], 1)


@pytest.mark.parametrize(
    "identifier", ['agency="ukda">07777', 'agency="datacite">10.5255/UKDA-SN-7777-1', ">10.5255/ukda-sn-7777"]
)
def test_a_study_is_named_by_its_number_or_its_doi(identifier: str) -> None:
    titles = f"<titlStmt><titl>Moss</titl><IDNo {identifier}</IDNo></titlStmt>".replace("<IDNo >", "<IDNo>")
    body = f"<codeBook><stdyDscr><citation>{titles}</citation></stdyDscr></codeBook>".encode()
    assert [found.url for found in ukds.read(URL, body).found] == [URL]
    assert [found.url for found in ukds.read("", body).found] == [URL]


def test_entities_are_not_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("lichen")
    entities = f'<!ENTITY moss "sphagnum"><!ENTITY file SYSTEM "{secret.as_uri()}">'
    prolog = f'<?xml version="1.0"?><!DOCTYPE codeBook [{entities}]>'
    (found,) = ukds.read(URL, document("<stdyInfo><abstract>a &moss; &file; b</abstract></stdyInfo>", "", prolog)).found
    assert found.values["description"] == "a &moss; &file; b"


def test_a_bomb_of_entities_costs_its_text_only() -> None:
    levels = "".join(f'<!ENTITY l{level + 1} "{f"&l{level};" * 10}">' for level in range(12))
    prolog = f'<?xml version="1.0"?><!DOCTYPE codeBook [<!ENTITY l0 "sphagnum">{levels}]>'
    page = ukds.read(URL, document("<stdyInfo><abstract>a &l12; b</abstract></stdyInfo>", "", prolog))
    assert len(repr(page)) < 1000
    assert "sphagnum" not in repr(page)


def test_an_entity_of_html_costs_a_problem_and_is_kept() -> None:
    page = ukds.read(URL, document("<stdyInfo><abstract>high&nbsp;water</abstract></stdyInfo>"))
    assert [problem.what for problem in page.problems] == ["XML is not well-formed: ERR_UNDECLARED_ENTITY"]
    assert load(page.found[0], page=URL, fetched_at="").description == "high water"


def test_what_is_xml_is_told_by_how_it_begins() -> None:
    start = b'\xef\xbb\xbf \n<?xml version="1.0" encoding="UTF-8" ?><?xml-stylesheet href="oai2.xsl"?>\n\n\n'
    for body in (start + document(), document(), b" <oai:OAI-PMH xmlns:oai='a'/>"):
        assert oai.is_xml(body)
    assert ukds.read(URL, start + document()).outcome is Outcome.RECORD
    for body in (b"<!doctype html><codeBook>", b"<?xml version='1.0'?><!DOCTYPE html><HTML lang='en'>", b"", b"{}"):
        assert not oai.is_xml(body)


def test_a_problem_says_where_it_is() -> None:
    body = b"<codeBook>\n<stdyDscr>\n <titl></stdyDscr></codeBook>"
    assert body[oai.parse(body).problems[0].offset :].startswith(b"</codeBook>")


def sound(page: Page) -> None:
    assert page.outcome in Outcome
    assert (page.outcome is Outcome.RECORD) == bool(page.found)
    for found in page.found:
        assert found.url == URL
        assert found.values["title"]
        assert load(found, page=URL, fetched_at="").study_numbers == [7777]


@given(
    st.integers(0, len(CASE)),
    st.sampled_from([b"", b"<", b">", b"&", b"</titl>", b"<titl>", b"\0", b"\xff", b"7"]),
    st.integers(0, 60),
)
def test_a_damaged_document_is_read_without_an_exception(at: int, inserted: bytes, cut: int) -> None:
    sound(ukds.read(URL, CASE[:at] + inserted + CASE[at + cut :]))


@given(st.integers(0, len(CASE)))
def test_a_document_that_is_cut_off_is_never_without_a_problem(end: int) -> None:
    page = ukds.read(URL, CASE[:end])
    sound(page)
    assert page.problems or page.outcome is Outcome.UNREADABLE or not CASE[end:].strip()
