"""Dates, numbers, codes and URLs, as sources write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.records.normalise import values

DATES = [
    # as written, first day, last day, as precise as it is
    ("2010", "2010-01-01", "2010-12-31", "2010"),
    (2010, "2010-01-01", "2010-12-31", "2010"),
    ("2010-02", "2010-02-01", "2010-02-28", "2010-02"),
    ("2012-2", "2012-02-01", "2012-02-29", "2012-02"),
    ("2009-06-29", "2009-06-29", "2009-06-29", "2009-06-29"),
    ("2009-06-29T00:00:00Z", "2009-06-29", "2009-06-29", "2009-06-29"),
    ("2014-04-04 14:42:58.543", "2014-04-04", "2014-04-04", "2014-04-04"),
    (" 2009-6-9 ", "2009-06-09", "2009-06-09", "2009-06-09"),
    (datetime(2020, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2019-12-31", "2019-12-31", "2019-12-31"),
    (datetime(2020, 1, 1, tzinfo=UTC), "2020-01-01", "2020-01-01", "2020-01-01"),
    ("0005-01-2019", None, None, None),
    ("2019-01-0005", None, None, None),
    ("2019-02-30", None, None, None),
    ("0000", None, None, None),
    ("12010", None, None, None),
    ("spring 2010", None, None, None),
    ("", None, None, None),
    (None, None, None, None),
    (2010.5, None, None, None),
    ("\u0662\u0660\u0661\u0660", None, None, None),
]


@pytest.mark.parametrize(("value", "first", "last", "partial"), DATES)
def test_dates(value: object, first: str | None, last: str | None, partial: str | None) -> None:
    assert values.first_day(value) == first
    assert values.last_day(value) == last
    assert values.partial_date(value) == partial


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[("11314", 11314), ("11,314", 11314), (" 7 ", 7), (0, 0), (2.0, 2), (2.5, None), (-1, None), ("-1", None)],
        *[("1e3", None), ("1,0", None), ("", None), (None, None), (True, None), (10**20, None), ("²", None)],
        ([7], None),
    ],
)
def test_counts(value: object, number: int | None) -> None:
    assert values.count(value) == number


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://example.org", ["https://example.org/"]),
        ("HTTPS://Example.ORG/Path?A=b#Frag", ["https://example.org/Path?A=b#Frag"]),
        ("https://a.example/ https://b.example/x", ["https://a.example/", "https://b.example/x"]),
        ("https://a.example/\nhttps://a.example/", ["https://a.example/"]),
        ("https://a.example/x)", ["https://a.example/x"]),
        ("https://a.example/x_(y)", ["https://a.example/x_(y)"]),
        ("https://a.example/x).", ["https://a.example/x"]),
        (
            "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=5151#!#2",
            ["https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=5151#!#2"],
        ),
        ("http://dx.doi.org/10.5255/UKDA-SN-850565", ["https://doi.org/10.5255/ukda-sn-850565"]),
        ("10.5255/UKDA-SN-850565", ["https://doi.org/10.5255/ukda-sn-850565"]),
        ("https://a.example/ doi.org/10.5255/x", ["https://a.example/"]),
        ("", []),
        ("www.example.org", []),
        ("ftp://example.org/", []),
        ("mailto:someone@example.org", []),
        ("https://someone:secret@example.org/", []),
        ("https://example.org/?to=someone%40example.org", []),
        ("https://example.org/someone@example.org", []),
        ("https://example.org/@handle", ["https://example.org/@handle"]),
        ("https://[", []),
        ("https:///path", []),
        ("See https://a.example/.", ["https://a.example/"]),
    ],
)
def test_urls(text: str, urls: list[str]) -> None:
    assert values.urls(text) == urls


def test_codes() -> None:
    assert [values.country_code(code) for code in ("gb", "UK", " de ", "XX", "GBR", "")] == ["GB", "GB", "DE"] + [
        None
    ] * 3
    assert [values.language(code) for code in ("en", "EN-gb", "en_GB", "cym", "English", "")] == [
        "en",
        "en-GB",
        "en-GB",
        "cym",
        None,
        None,
    ]
    assert values.orcid("0000-0002-1694-233X") == "0000-0002-1694-233X"
    assert values.orcid("https://orcid.org/0000-0002-1694-2330") is None
    assert values.orcid("no identifier") is None


def test_a_table_of_countries_has_each_once() -> None:
    assert len(values._COUNTRIES) == 249  # noqa: SLF001 - the number of officially assigned codes
