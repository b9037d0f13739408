"""ReShare: its JSON export and its abstract pages."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Source
from crawler.loaders import load
from crawler.sites import reshare
from crawler.sites.page import Outcome
from crawler.sites.reshare.fields import EPRINT
from tests.sites.cases import asked, cases, told
from tests.sites.mutations import damaged, mutated

CASES = cases("reshare")
HOST = "reshare.ukdataservice.ac.uk"
URL = f"https://{HOST}/857166/"
WHOLE = orjson.loads((CASES[0].parent / "json" / "page.json").read_bytes())
ADDRESS = "jane@" + "example.org"  # written apart, so that no fixture and no log holds one


def values_of(**fields: object) -> dict[str, Any]:
    page = reshare.read(URL, orjson.dumps({"eprintid": 857166, "title": "Moss"} | fields))
    return {key: value for key, value in page.found[0].values.items() if key not in {"title", "urls"}}


def test_every_outcome_of_plain_answers_has_a_case() -> None:
    outcomes = {reshare.read(*asked(case)).outcome for case in CASES}
    assert outcomes == {Outcome.RECORD, Outcome.ABSENT, Outcome.UNREADABLE}


def test_numbers_come_out_as_the_text_they_were() -> None:
    found = values_of(title=1984, keywords=[2011, "X", 2.5], date=2014, creators=[{"name": {"family": 7}}])
    assert (found["keywords"], found["date_published"]) == (["2011", "X", "2.5"], "2014")
    assert found["creators"] == [{"name": "7", "type": "Person", "orcid": None}]
    sighting = load(
        reshare.read(URL, orjson.dumps({"eprintid": 857166, "title": 1984, "date": 2014})).found[0],
        page=URL,
        fetched_at="",
    )  # fmt: skip - reads as one step
    assert (sighting.title, sighting.date_published) == ("1984", "2014")


@pytest.mark.parametrize(
    ("creators", "names"),
    [
        ([{"name": {"given": "Jane", "family": "Smith"}}], ["Jane Smith"]),
        ([{"name": {"given": None, "family": "Solo"}}], ["Solo"]),
        ({"name": {"given": "Jane"}}, ["Jane"]),
        ([{"name": {}}, {"name": None}, {}, None, 1, [], {"name": []}], []),
        ([{"name": "Smith Group"}], ["Smith Group"]),
    ],
)
def test_creators_have_names_in_parts(creators: object, names: list[str]) -> None:
    assert [each["name"] for each in values_of(creators=creators).get("creators", [])] == names


@pytest.mark.parametrize("date", ["0005-01-2019", "2019-01-0005", "spring", "2019-02-30", 5, 0, True, {}, [None]])
def test_a_date_that_is_none_is_left_out(date: object) -> None:
    assert values_of(date=date, lastmod=date, collection_dates={"date_from": date, "date_to": date}) == {}


def test_several_periods_are_one_from_the_first_to_the_last() -> None:
    periods = [{"date_from": "2010-05", "date_to": 2011}, {"date_from": 2009, "date_to": "2010-12-31"}]
    assert values_of(collection_dates=periods) == {"temporal_start": "2009", "temporal_end": "2011"}


def test_the_period_covered_goes_before_that_of_collection() -> None:
    collected = {"date_from": "2010", "date_to": "2011"}
    found = values_of(temporal_cover={"date_from": "1990"}, collection_dates=collected)
    assert found == {"temporal_start": "1990"}


def test_licence_and_access_are_those_of_the_deposited_files() -> None:
    documents = [
        {"license": "cc_by", "security": "public", "main": "guide.pdf"},
        {"license": "cc_by", "security": "validuser", "main": "data.zip"},
        {"license": "cc_public_domain", "security": "staffonly", "main": "indexcodes.txt"},
        {"license": None, "security": ["x", 1]},
        "x",
    ]
    assert values_of(documents=documents) == {"license": "cc_by", "access": "public, validuser, x, 1"}


@pytest.mark.parametrize(
    ("related", "kept"),
    [
        ("https://example.org/moss", True),
        ("https://datacatalogue.ukdataservice.ac.uk/studies/study/857166", True),
        ("https://datacatalogue.ukdataservice.ac.uk/studies/study/3535", False),
        (f"http://{HOST}/850565/", False),
        (f"http://{HOST}/id/eprint/857166", False),
        ("https://doi.org/10.1234/paper", False),
        ("10.5255/UKDA-SN-3535-6", False),
        ("See the report", False),
    ],
)
def test_related_pages_are_its_own_or_left_out(related: str, kept: object) -> None:
    for fields in ({"official_url": related}, {"related_resources": [{"type": "x", "url": related}]}):
        page = reshare.read(URL, orjson.dumps({"eprintid": 857166, "title": "Moss"} | fields))
        assert page.found[0].values["urls"] == ([URL, related] if kept else [URL])
        assert load(page.found[0], page=URL, fetched_at="").study_numbers == [857166]


def test_no_address_of_a_person_reaches_a_value() -> None:
    person = {"name": {"given": "Jane", "family": "Smith"}, "id": ADDRESS}
    eprint = WHOLE | {
        "creators": [person, {"id": ADDRESS}],
        "contributors": [person],
        "contact_details": [person | {"email": ADDRESS}],
        "contact_email": ADDRESS,
    }
    page = reshare.read(URL, orjson.dumps(eprint))
    assert page.found[0].values["creators"][0]["name"] == "Jane Smith"
    assert ADDRESS not in str(page)


def test_no_address_in_a_tag_reaches_a_value() -> None:
    names = ("creators_id", "contact_email", "contact_details_id", "contributors_id")
    tags = "".join(f'<meta name="eprints.{name}" content="{ADDRESS}">' for name in names)
    body = f'<html><meta name="eprints.eprintid" content="857166"><meta name="eprints.title" content="Moss">{tags}'
    page = reshare.read(URL, body.encode())
    assert (page.outcome, dict(page.unknown_keys)) == (Outcome.RECORD, {})
    assert ADDRESS not in str(page)


def test_both_routes_tell_the_same_fields() -> None:
    tags = [
        ("eprintid", 857166),
        ("title", "Moss"),
        ("creators_name", "Smith, Jane"),
        ("creators_name", "Solo"),
        ("date", "2014"),
        ("keywords", "A, B"),
        ("keywords", 2011),
        ("subjects", "NATURE"),
        ("doi", "10.1234/a"),
        ("collection_dates_date_from", "2010"),
        ("collection_dates_date_to", "2011"),
        ("country", "Peru"),
        ("official_url", "https://example.org/"),
        ("related_url_url", "https://example.org/a"),
        ("succeeds", 857001),
    ]  # fmt: skip - a table
    export = {
        "eprintid": 857166,
        "title": "Moss",
        "date": 2014,
        "keywords": ["A, B", 2011],
        "subjects": ["NATURE"],
        "creators": [{"name": {"given": "Jane", "family": "Smith"}}, {"name": {"family": "Solo"}}],
        "doi": "10.1234/a",
        "collection_dates": {"date_from": 2010, "date_to": 2011},
        "country": ["Peru"],
        "official_url": "https://example.org/",
        "related_url": [{"url": "https://example.org/a"}],
        "succeeds": 857001,
    }  # fmt: skip - a table
    page = "<head>" + "".join(f'<meta name="eprints.{name}" content="{value}" />' for name, value in tags)
    assert reshare.read(URL, page.encode()) == reshare.read(URL, orjson.dumps(export))


def test_an_answer_in_a_file_names_its_eprint_itself() -> None:
    for case in ("json", "html-3.3"):
        url, body = asked(CASES[0].parent / case)
        assert reshare.read("", body) == reshare.read(url, body)
    assert reshare.read("", b"<html><meta name='DC.title' content='Moss'>").outcome is Outcome.UNREADABLE


def test_text_that_is_not_utf_8_costs_that_text_only() -> None:
    _, body = asked(CASES[0].parent / "html-3.3")
    broken = body.replace(b"Natural environment", b"Natural\xff environment")
    page = reshare.read(URL, broken)
    assert page.found[0].values["keywords"][-1] == "Natural\ufffd environment"
    assert page.found[0].values["license"] == "cc_by, ukda_eul"


def test_a_byte_order_mark_is_no_part_of_an_answer() -> None:
    for case in ("json", "html-3.3"):
        url, body = asked(CASES[0].parent / case)
        assert reshare.read(url, b"\xef\xbb\xbf\n" + body) == reshare.read(url, body)


def test_an_entity_is_never_looked_up() -> None:
    body = (
        b'<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]><html><meta name="eprints.eprintid" '
        b'content="857166"><meta name="eprints.title" content="&a;"></html>'
    )
    assert reshare.read(URL, body).found[0].values["title"] == "&a;"


@pytest.mark.parametrize(
    "body",
    [
        b"<",
        b"<!DOCTYPE html>",
        b"<div class='ep_msg_warning'>" * 50_000,
        b"<h1>" * 100_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"a" * 99 + b" " * 200_000,
        b'{"eprintid":857166,"title":' + b"1" * 5000 + b"}",
        b'{"eprintid":857166,"title":"\\ud800"}',
    ],
)
def test_a_hostile_answer_is_unreadable(body: bytes) -> None:
    assert reshare.read(URL, body).outcome is Outcome.UNREADABLE


@given(mutated(CASES))
def test_an_answer_of_any_shape_is_read_without_an_exception(body: bytes) -> None:
    page = reshare.read(URL, body)
    assert all(re.fullmatch(r"reshare\..+", key, re.DOTALL) for key in page.unknown_keys)
    for found in page.found:
        assert (found.source, found.url, found.values["urls"][0]) == (Source.RESHARE, URL, URL)
        assert load(found, page=URL, fetched_at="").study_numbers
        assert found.values.keys() <= EPRINT.rows.keys()


@given(damaged(CASES) | st.binary(max_size=200))
def test_a_damaged_answer_is_read_without_an_exception(body: bytes) -> None:
    assert told(reshare.read(URL, body))["outcome"] in set(Outcome)
