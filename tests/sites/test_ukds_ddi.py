"""DDI documents: what the archive's own habits mean."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Description
from crawler.loaders import load
from crawler.sites import ukds
from crawler.sites.ukds import ddi
from crawler.sites.ukds.urls import study_url

URL = study_url(7777)


def document(parts: str = "", citation: str = "", prolog: str = "") -> bytes:
    titles = '<titlStmt><titl>Moss</titl><IDNo agency="UKDA">7777</IDNo></titlStmt>'
    return f"{prolog}<codeBook><stdyDscr><citation>{titles}{citation}</citation>{parts}</stdyDscr></codeBook>".encode()


def read(parts: str = "", citation: str = "") -> dict[str, Any]:
    (found,) = ukds.read(URL, document(parts, citation)).found
    return {name: value for name, value in found.values.items() if name not in {"title", "urls"}}


def summary(content: str, keywords: str = "") -> dict[str, Any]:
    return read(f"<stdyInfo><subject>{keywords}</subject><sumDscr>{content}</sumDscr></stdyInfo>")


def test_the_table_tells_fields_of_the_record() -> None:
    assert ddi.CODEBOOK.rows.keys() <= {field.name for field in fields(Description)}


def test_the_title_is_that_of_the_study() -> None:
    document_title = b"<docDscr><citation><titlStmt><titl>RECORD</titl></titlStmt></citation></docDscr>"
    (found,) = ukds.read(URL, document().replace(b"<codeBook>", b"<codeBook>" + document_title)).found
    assert found.values["title"] == "Moss"


PARTS = [("start", 2005), ("end", 2006), ("start", 2001), ("end", 2002)]


@pytest.mark.parametrize(
    ("content", "start", "end"),
    [
        (
            (
                '<timePrd date="1870-01-01T00:00:00Z" event="start">1870</timePrd>'
                '<timePrd date="1973-01-01T00:00:00Z" event="end">1973</timePrd>'
            ),
            "1870-01-01",
            "1973-12-31",
        ),
        (
            (
                '<timePrd date="2009-06-01T00:00:00Z" event="start">June 2009</timePrd>'
                '<timePrd date="2009-09-01 00:00:00.000" event="end">September 2009</timePrd>'
            ),
            "2009-06-01",
            "2009-09-30",
        ),
        (
            (
                '<timePrd date="2009-06-02 00:00:00.000" event="start">02 June 2009</timePrd>'
                '<timePrd date="2009-09-03 12:00:00.000" event="end">03 September 2009</timePrd>'
            ),
            "2009-06-02",
            "2009-09-03",
        ),
        ('<timePrd event="single" date="2009-06-02T00:00:00Z">2 June 2009</timePrd>', "2009-06-02", "2009-06-02"),
        ("<timePrd>1851 - 1911</timePrd>", "1851-01-01", "1911-12-31"),
        # of several parts, and in any order, the first day and the last
        ("".join(f'<timePrd event="{each}">{year}</timePrd>' for each, year in PARTS), "2001-01-01", "2006-12-31"),
        ("<timePrd>2005 - 2006</timePrd><timePrd>2001 - 2002</timePrd>", "2001-01-01", "2006-12-31"),
        ("<timePrd>1911</timePrd>", "1911-01-01", "1911-12-31"),
        ("<timePrd>Since the war</timePrd>", None, None),
        # when data were collected stands in for the period covered, and never for one end of it
        (
            (
                '<collDate date="2009-01-01T00:00:00Z" event="start">2009</collDate>'
                '<collDate date="2014-01-01T00:00:00Z" event="end">2014</collDate>'
            ),
            "2009-01-01",
            "2014-12-31",
        ),
        ("<timePrd>Since the war</timePrd><collDate>2009 - 2014</collDate>", "2009-01-01", "2014-12-31"),
        (
            (
                '<timePrd date="1870-01-01T00:00:00Z" event="start">1870</timePrd>'
                '<collDate date="2014-01-01T00:00:00Z" event="end">2014</collDate>'
            ),
            "1870-01-01",
            None,
        ),
        ("<collDate>There were two rounds: June - August 2009 and later.</collDate>", None, None),
    ],
)
def test_the_period(content: str, start: str | None, end: str | None) -> None:
    (found,) = ukds.read(URL, document(f"<stdyInfo><sumDscr>{content}</sumDscr></stdyInfo>")).found
    sighting = load(found, page=URL, fetched_at="")
    assert (sighting.temporal_start, sighting.temporal_end) == (start, end)


@pytest.mark.parametrize(
    ("years", "start", "end"),
    [
        ("<keyword>1922</keyword><keyword>1920</keyword><keyword>1921</keyword>", "1920", "1922"),
        ('<keyword vocab="YEAR">1851-1911</keyword>', "1851", "1911"),
        ("<keyword>2009</keyword>", "2009", "2009"),
    ],
)
def test_years_are_no_keywords_but_tell_the_period_where_nothing_else_does(years: str, start: str, end: str) -> None:
    keywords = f'{years}<keyword vocab="GEO">Wales</keyword><keyword>CENSUS 1911</keyword><topcClas>History</topcClas>'
    named = {"keywords": ["Wales", "CENSUS 1911", "History"]}
    assert summary("", keywords) == named | {"temporal_start": start, "temporal_end": end}
    assert summary("<timePrd>1700 - 1701</timePrd>", keywords) == named | {
        "temporal_start": "1700",
        "temporal_end": "1701",
    }


def test_abstracts_are_one_description_in_order() -> None:
    abstracts = "<abstract>&lt;p&gt;One.&lt;/p&gt;</abstract><abstract><P>Two <i>a</i></P></abstract><abstract/>"
    assert read(f"<stdyInfo>{abstracts}</stdyInfo>") == {"description": "<p>One.</p>\n\n<p>Two a</p>"}


def test_white_space_is_that_of_html_but_for_blank_lines() -> None:
    assert read("<stdyInfo><abstract>\n One\n  two.\n \n Three.\t</abstract></stdyInfo>") == {
        "description": "One two.\n\nThree."
    }


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("<specPerm>Open</specPerm>", {"access": "Open"}),
        (
            "<specPerm>Open</specPerm><restrctn>None.</restrctn><conditions>Under CC BY 4.0</conditions>",
            {"access": "Open\n\nNone.", "license": "Under CC BY 4.0"},
        ),
        ("<conditions>restrictedAccess</conditions>", {}),
        ("<restrctn>Ask.</restrctn><conditions>See <restrctn/>\n</conditions>", {"access": "Ask."}),
        ("<conditions>The depositor must agree.</conditions>", {"access": "The depositor must agree."}),
        ("<conditions>End User Licence Agreement</conditions>", {"license": "End User Licence Agreement"}),
        ("<contact>Some Office, 01234 567890</contact><disclaimer>None.</disclaimer>", {}),
    ],
)
def test_access_and_licence(use: str, expected: dict[str, str]) -> None:
    assert read(f"<dataAccs><useStmt>{use}</useStmt></dataAccs>") == expected


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        ("6,708 cases", {"sample_size": "6,708"}),
        ("412 Respondents.", {"sample_size": "412"}),
        ("453 (recordings)", {}),
        ("1851: 20,610 cases; 1911: 36,353 cases.", {}),
        ("Some cases", {}),
    ],
)
def test_the_number_of_cases_is_the_size_of_the_sample(deviation: str, expected: dict[str, str]) -> None:
    assert read(f"<method><dataColl><deviat>{deviation}</deviat></dataColl></method>") == expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://dx.doi.org/10.5255/UKDA-SN-7777-1", {"dois": ["http://dx.doi.org/10.5255/UKDA-SN-7777-1"]}),
        ("https://reshare.ukdataservice.ac.uk/850229", {}),
        ("in the cellar", {}),
        ("", {}),
    ],
)
def test_what_holdings_name(uri: str, expected: dict[str, Any]) -> None:
    page = ukds.read(URL, document(citation=f'<holdings URI="{uri}"/>'))
    assert {name: page.found[0].values[name] for name in expected} == expected
    assert page.found[0].values["urls"] == [URL, *([uri] if "reshare" in uri else [])]


def test_elements_that_no_rule_knows_are_counted_by_their_paths() -> None:
    weather = "<weather>dry <y>at times</y></weather><weather/><sky><x>a</x><x>b</x></sky>"
    parts = f"<method><dataColl>{weather}</dataColl></method><notes> </notes>"
    page = ukds.read(
        URL,
        document(parts, "<serStmt><serName>Mosses</serName></serStmt><distStmt><contact>Office</contact></distStmt>"),
    )
    assert page.unknown_keys == {
        "ddi.stdyDscr/method/dataColl/weather": 1,
        "ddi.stdyDscr/method/dataColl/sky/x": 1,
        "ddi.stdyDscr/citation/serStmt/serName": 1,
    }


TAGS = sorted(
    {
        step
        for keys in ddi.CODEBOOK.rows.values()
        for key in keys
        for step in (key if isinstance(key, str) else key[0]).partition("[")[0].split("/")
    }
)
TREES = st.recursive(
    st.sampled_from(
        ["", " ", "2009", "1851 - 1911", "10.5255/UKDA-SN-7777-1", "7777", "<br/>", "&lt;p&gt;", "&nbsp;", "a b"]
    ),
    lambda inner: st.builds(
        lambda name, attribute, content: f"<{name} {attribute}>{''.join(content)}</{name}>",
        st.sampled_from([*TAGS, "contact", "P", "weather"]),
        st.sampled_from(["", 'event="start"', 'event="" date=""', 'date="2009"', 'URI="http://["', 'agency="UKDA"']),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(TREES, TREES)
def test_a_document_of_any_shape_is_read_without_an_exception(parts: str, citation: str) -> None:
    page = ukds.read(URL, document(parts, citation))
    assert all(found.url == URL for found in page.found)
