"""The DOI registry: what DataCite answers, and what comes of it beside what others say."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity.keys import identify
from crawler.items import Record, Source
from crawler.loaders import load
from crawler.records.merge import merge
from crawler.sites import datacite, reshare
from crawler.sites.datacite.fields import NODE, REST
from crawler.sites.page import Outcome
from tests.sites.cases import asked, cases, told
from tests.sites.mutations import damaged, mutated

CASES = cases("datacite")
DOI = "10.5255/ukda-sn-6926-1"
URL = f"https://doi.org/{DOI}"


def answer(case: str) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads((CASES[0].parent / case / "page.json").read_bytes())
    return decoded


def values_of(**attributes: object) -> dict[str, Any]:
    page = datacite.read(URL, orjson.dumps({"doi": DOI, "titles": [{"title": "Roads"}]} | attributes))
    return {key: value for key, value in page.found[0].values.items() if key not in {"title", "urls", "dois"}}


def links_of(*related: dict[str, Any]) -> list[str]:
    return datacite.read(URL, orjson.dumps({"titles": [{"title": "Roads"}], "relatedIdentifiers": related})).links


def test_a_batch_is_read_as_its_dois_are_alone() -> None:
    resources = [answer(case)["data"] for case in ("rest-rich", "rest-concept")]
    pages = datacite.read_batch(orjson.dumps({"data": [*resources, None, {}, {"attributes": 1}], "meta": {"total": 2}}))
    concept = "https://doi.org/10.5255/ukda-sn-6926"
    assert list(pages) == [URL, concept]
    assert pages[URL] == datacite.read(*asked(CASES[0].parent / "rest-rich"))
    assert pages[concept] == datacite.read(*asked(CASES[0].parent / "rest-concept"))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'{"data": 1}', b'{"errors": []}', b'{"data": {"id": "x"}}'])
def test_an_answer_that_is_no_batch_has_no_pages(body: bytes) -> None:
    assert datacite.read_batch(body) == {}


@pytest.mark.parametrize("relation", ["IsNewVersionOf", "IsPreviousVersionOf", "HasVersion", "IsVersionOf"])
def test_other_editions_are_targets(relation: str) -> None:
    other = {"relationType": relation, "relatedIdentifier": "10.5255/UKDA-SN-6926-2", "relatedIdentifierType": "DOI"}
    assert links_of(other) == ["https://doi.org/10.5255/ukda-sn-6926-2"]
    assert links_of(other | {"relatedIdentifier": DOI.upper()}) == []


@pytest.mark.parametrize("relation", ["IsCitedBy", "IsPartOf", "HasPart", "IsSupplementTo", "IsIdenticalTo", None, []])
def test_what_is_no_edition_is_not_followed(relation: object) -> None:
    assert links_of({"relationType": relation, "relatedIdentifier": "10.1234/a", "relatedIdentifierType": "DOI"}) == []


def test_the_own_doi_is_the_first_and_names_the_edition() -> None:
    others = [{"alternateIdentifier": "10.1234/A", "alternateIdentifierType": "DOI"}, {"alternateIdentifier": "SN 1"}]
    page = datacite.read(URL, orjson.dumps({"titles": [{"title": "Roads"}], "alternateIdentifiers": others}))
    sighting = load(page.found[0], page=URL, fetched_at="")
    assert sighting.dois == [DOI, "10.1234/a"]
    (identity,) = identify([sighting])
    assert identity is not None
    assert (identity.key, identity.study_number, identity.edition) == (f"doi:{DOI}", 6926, 1)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([("2009-05-01/2010-04-30", "Collected")], ("2009-05-01", "2010-04-30")),
        ([("2009-05-01", "Collected"), ("2010-04-30", "Collected")], ("2009-05-01", "2010-04-30")),
        ([("2011", "Collected")], ("2011", "2011")),
        ([("1998/..", "Coverage"), ("2009/2010", "Collected")], ("1998", None)),
        ([("spring", "Coverage"), ("2009", "Collected")], ("2009", "2009")),
        ([(2009, "Collected")], (2009, 2009)),
        ([("2009", "Valid"), ("2010", None), (None, "Coverage"), ([], "Collected")], (None, None)),
    ],
)
def test_the_period_covered(dates: list[tuple[object, object]], expected: tuple[object, object]) -> None:
    found = values_of(dates=[{"date": date, "dateType": kind} for date, kind in dates])
    assert (found.get("temporal_start"), found.get("temporal_end")) == expected


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (
            {"rights": "CC BY 4.0", "rightsUri": "https://creativecommons.org/licenses/by/4.0/"},
            {"license": "https://creativecommons.org/licenses/by/4.0/"},
        ),
        ({"rights": "End User Licence"}, {"license": "End User Licence"}),
        ({"rightsIdentifier": "cc-by-4.0", "rightsIdentifierScheme": "SPDX"}, {"license": "cc-by-4.0"}),
        ({"rights": "Restricted Access"}, {"access": "Restricted Access"}),
        ({"rightsUri": "info:eu-repo/semantics/openAccess"}, {"access": "info:eu-repo/semantics/openAccess"}),
        ({"rights": "open access", "rightsUri": "http://purl.org/coar/access_right/c_abf2"}, {"access": "open access"}),
        ({"rights": "Licence for open access to data"}, {"license": "Licence for open access to data"}),
        ({"rights": None, "rightsUri": []}, {}),
    ],
)  # fmt: skip - a table
def test_rights_are_a_licence_or_access(right: dict[str, Any], expected: dict[str, str]) -> None:
    assert values_of(rightsList=[right]) == values_of(rightsList=[{}, right]) == expected


@pytest.mark.parametrize(
    ("publisher", "expected"),
    [
        ("UK Data Service", "UK Data Service"),
        ({"name": "UK Data Service", "lang": "en"}, "UK Data Service"),
        (":unav", None),
        ("(:none)", None),
        ({}, None),
        (None, None),
    ],
)  # fmt: skip - a table
def test_a_publisher_is_a_name_an_object_or_unknown(publisher: object, expected: str | None) -> None:
    assert values_of(publisher=publisher).get("publisher") == expected


def test_the_resource_type_says_nothing_of_ours() -> None:
    assert "type" not in REST.rows
    assert "type" not in NODE.rows
    assert values_of(types={"resourceTypeGeneral": "Dataset"}) == {}


@pytest.mark.parametrize("missing", ["titles", "creators", "dates", "descriptions", "subjects", "rightsList"])
@pytest.mark.parametrize("value", [None, "", [], {}, [None], [[]], 0, True, [1], "x"])
def test_an_attribute_of_another_shape_costs_itself_only(missing: str, value: object) -> None:
    attributes = answer("rest-rich")["data"]["attributes"]
    page = datacite.read(URL, orjson.dumps(attributes | {missing: value}))
    assert page.outcome is Outcome.RECORD
    assert page.found[0].values["publisher"] == "UK Data Service"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'[{"DOI": "10.1234/a", "RA": "DataCite"}]', Outcome.NOTHING),
        (b'[{"DOI": "10.1234/a", "RA": "mEDRA"}]', Outcome.ELSEWHERE),
        (b'[{"DOI": "10.1234/a", "RA": null}]', Outcome.UNREADABLE),
        (b'[{"DOI": "10.1234/a", "status": "DOI does not exist"}]', Outcome.ABSENT),
        (b"[]", Outcome.UNREADABLE),
        (b"[1]", Outcome.UNREADABLE),
        (b"null", Outcome.UNREADABLE),
        (b'{"data": null}', Outcome.UNREADABLE),
        (b'{"data": []}', Outcome.UNREADABLE),
        (b'{"errors": [1, {"status": 404}]}', Outcome.ABSENT),
        (b'{"titles": []}', Outcome.UNREADABLE),
        (b"[" * 100_000, Outcome.UNREADABLE),
        (b'{"data":' * 100_000, Outcome.UNREADABLE),
        (b"<title>" * 100_000, Outcome.UNREADABLE),
        (b"\xef\xbb\xbf \n", Outcome.ABSENT),
    ],
)
def test_answers_without_a_record(body: bytes, outcome: Outcome) -> None:
    assert datacite.read(URL, body).outcome is outcome


def test_an_answer_in_a_file_names_its_doi_itself() -> None:
    for case in ("rest-rich", "conneg", "ld-json"):
        url, body = asked(CASES[0].parent / case)
        assert datacite.read("", body) == datacite.read(url, body)


@given(mutated(CASES))
def test_an_answer_of_any_shape_is_read_without_an_exception(body: bytes) -> None:
    page = datacite.read(URL, body)
    assert all(key.startswith("datacite.") for key in page.unknown_keys)
    for found in page.found:
        assert (found.source, found.url, found.values["urls"][0]) == (Source.DATACITE, URL, URL)
        assert load(found, page=URL, fetched_at="").dois[0] == DOI
        assert found.values.keys() <= REST.rows.keys() | NODE.rows.keys()
    assert URL not in page.links
    assert [datacite.canonical(link) for link in page.links] == page.links


@given(damaged(CASES) | st.binary(max_size=200))
def test_a_damaged_answer_is_read_without_an_exception(body: bytes) -> None:
    assert told(datacite.read(URL, body))["outcome"] in set(Outcome)


def records(*asked_and_answered: tuple[Any, str, dict[str, Any]]) -> dict[str, Record]:
    found = [site.read(url, orjson.dumps(body)).found[0] for site, url, body in asked_and_answered]
    sightings = [load(each, page=each.url, fetched_at="2026-01-01T00:00:00Z") for each in found]
    known = list(zip(identify(sightings), sightings, strict=True))
    keys = {identity.key: identity for identity, _ in known if identity}
    return {
        key: merge(identity, [sighting for each, sighting in known if each and each.key == key])
        for key, identity in keys.items()
    }


def test_reshare_and_the_registry_make_one_record() -> None:
    attributes = answer("rest")["data"]["attributes"]
    name = "10.5255/ukda-sn-857166"
    landing = "https://reshare.ukdataservice.ac.uk/857166/"
    registered = attributes | {"doi": name, "identifiers": [], "url": landing}
    deposited = orjson.loads((CASES[0].parent.parent / "reshare" / "json" / "page.json").read_bytes())
    made = records((datacite, f"https://doi.org/{name}", registered), (reshare, landing, deposited))
    (record,) = made.values()
    assert (record.key, record.study_number, record.edition, record.type) == (f"doi:{name}", 857166, 0, "study")
    pages = {f"https://doi.org/{name}", landing, "https://example.org/moss", "https://example.org/moss/project"}
    assert set(record.urls) == pages
    assert (record.provenance["title"], record.provenance["temporal_start"]) == ("datacite", "reshare")
    assert (record.keywords, record.languages) == (["2011", "MOSS", "NATURAL ENVIRONMENT", "ROADS"], ["en"])
    assert record.conflicts["title"] == {"datacite": "Roads and verges, 2010", "reshare": deposited["title"]}


def test_an_older_edition_is_a_record_of_its_own() -> None:
    attributes = answer("rest")["data"]["attributes"]
    editions = [f"10.5255/ukda-sn-6926-{edition}" for edition in (1, 2)]
    made = records(
        *[(datacite, f"https://doi.org/{name}", attributes | {"doi": name, "identifiers": []}) for name in editions]
    )
    assert {key: record.superseded_by for key, record in made.items()} == {
        f"doi:{editions[0]}": f"doi:{editions[1]}",
        f"doi:{editions[1]}": None,
    }
