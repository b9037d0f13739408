"""The archive's OAI-PMH repository: the protocol, its lists to their ends, and three generations of records."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

from sandbox.holdings import FAKE_ADDRESS, holding, only_as_page, withdrawn
from tests.sandbox.asking import told

PROVIDER = "https://oai.ukdataservice.ac.uk/oai/provider"
NAMES = {"o": "http://www.openarchives.org/OAI/2.0/", "d": "ddi:codebook:2_5"}
STRICT = etree.XMLParser(resolve_entities=False, no_network=True)
BROKEN = 13
"""The study whose record is not well-formed."""


def answered(query: str, scale: int = 60) -> Any:  # noqa: ANN401 - lxml has no types
    """Return the answer's root; the answer to anything is a page."""
    answer = told(f"{PROVIDER}?{query}", scale)
    assert answer.status == 200
    return etree.fromstring(answer.body, STRICT)


def texts(root: Any, path: str) -> list[str]:  # noqa: ANN401 - likewise
    return ["".join(found.itertext()) for found in root.iterfind(path, NAMES)]


def record(index: int) -> Any:  # noqa: ANN401 - likewise
    return answered(f"verb=GetRecord&metadataPrefix=ddi&identifier={holding(index).number}")


def walked(verb: str, scale: int, more: str = "") -> list[bytes]:
    """Return the answers of a list, from the first to the one whose token is empty."""
    query, bodies = f"verb={verb}&metadataPrefix=ddi{more}", []
    while query:
        body = told(f"{PROVIDER}?{query}", scale).body
        bodies.append(body)
        token = re.search(rb"<resumptionToken [^>]*>([^<]*)</resumptionToken>", body)
        assert token is not None
        query = f"verb={verb}&resumptionToken={token[1].decode()}" if token[1] else ""
    return bodies


def identifiers(bodies: list[bytes]) -> list[int]:
    return [int(name) for body in bodies for name in re.findall(rb"<identifier>(\d+)</identifier>", body)]


@pytest.mark.parametrize("scale", [1, 9, 10, 11, 60, 333])
@pytest.mark.parametrize("verb", ["ListIdentifiers", "ListRecords"])
def test_a_list_ends_and_has_every_study_once(verb: str, scale: int) -> None:
    bodies = walked(verb, scale)
    listed = [holding(index).number for index in range(scale) if not only_as_page(index)]
    assert identifiers(bodies) == listed
    assert len(bodies) == -(-len(listed) // 10)
    sizes = {int(size) for body in bodies for size in re.findall(rb'completeListSize="(\d+)"', body)}
    assert sizes == {len(listed)}


def test_few_studies_are_in_no_list() -> None:
    numbers = set(identifiers(walked("ListIdentifiers", 450)))
    missing = [index for index in range(450) if holding(index).number not in numbers]
    assert len(missing) == 10
    assert len([index for index in missing if index < 60]) == 2


@pytest.mark.parametrize(
    ("start", "until"),
    [("2019-01-01", None), (None, "2019-01-01"), ("2018-03-01", "2018-09-30"), ("2019-01-01T00:00:00Z", None)],
)
def test_a_list_is_confined_by_dates(start: str | None, until: str | None) -> None:
    more = (f"&from={start}" if start else "") + (f"&until={until}" if until else "")
    bodies = walked("ListIdentifiers", 60, more)
    stamps = [f"{holding(index).changed:%Y-%m-%dT%H:%M:%SZ}" for index in range(60) if not only_as_page(index)]
    wanted = [each for each in stamps if (start or "") <= each and each[: len(until or "")] <= (until or "")]
    listed = [stamp.decode() for body in bodies for stamp in re.findall(rb"<datestamp>(.+?)</datestamp>", body)]
    assert listed == wanted
    assert 0 < len(listed) < len(stamps)


def test_a_day_holds_its_last_second() -> None:
    day = f"{holding(1).changed:%Y-%m-%d}"
    assert identifiers(walked("ListIdentifiers", 60, f"&from={day}&until={day}")) == [holding(1).number]


def test_a_token_has_the_real_form() -> None:
    body = told(f"{PROVIDER}?verb=ListIdentifiers&metadataPrefix=ddi&from=2018-01-01").body.decode()
    assert re.search(r'cursor="0">0/10/\d+/ddi/null/2018-01-01/null</resumptionToken>', body)
    assert '<resumptionToken completeListSize="1" cursor="0"></resumptionToken>' in walked("ListRecords", 1)[0].decode()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=GetRecord&identifier=1000001", "badArgument"),
        ("verb=GetRecord&metadataPrefix=ddi", "badArgument"),
        ("verb=Identify&metadataPrefix=ddi", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ddi&metadataPrefix=ddi", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ddi&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ddi&from=2018-01-01&until=2018-01-01T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ddi&resumptionToken=0/10/58/ddi/null/null/null", "badArgument"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=0/10/57/ddi/null/null/null", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=1/11/58/ddi/null/null/null", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=50/60/58/ddi/null/null/null", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=ddi&from=2030-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=ddi&set=Other", "noRecordsMatch"),
        ("verb=GetRecord&metadataPrefix=ddi&identifier=9999999", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=ddi&identifier=1000009", "idDoesNotExist"),  # has a page only
        ("verb=GetRecord&metadataPrefix=ddi&identifier=oai:ukda:1000001", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=1", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=ddiff&identifier=1000001", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc", "cannotDisseminateFormat"),
    ],
)
def test_what_is_wrong_is_named_in_a_page(query: str, code: str) -> None:
    root = answered(query)
    assert [error.get("code") for error in root.iterfind("o:error", NAMES)] == [code]


def test_the_repository_describes_itself() -> None:
    assert texts(answered("verb=Identify"), "o:Identify/o:deletedRecord") == ["persistent"]
    assert texts(answered("verb=ListSets"), ".//o:setSpec") == ["DataCollections"]
    assert texts(answered("verb=ListMetadataFormats&identifier=1000001"), ".//o:metadataPrefix") == ["ddi"]
    root = etree.fromstring(told("https://oai.ukdataservice.ac.uk:8443/oai/provider?verb=Identify").body, STRICT)
    assert texts(root, "o:request") == ["https://oai.ukdataservice.ac.uk:8443/oai/provider"]
    assert told("https://oai.ukdataservice.ac.uk/robots.txt").status == 404


def test_a_page_starts_as_the_real_ones() -> None:
    body = told(f"{PROVIDER}?verb=Identify").body
    start = b"<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<?xml-stylesheet type='text/xsl' href='oai2.xsl' ?>\n\n"
    assert body.startswith(start)


def test_a_withdrawn_study_is_a_deleted_record() -> None:
    for index in filter(withdrawn, range(60)):
        root = record(index)
        assert [header.get("status") for header in root.iterfind(".//o:header", NAMES)] == ["deleted"]
        assert root.find(".//o:metadata", NAMES) is None


def test_one_record_is_not_well_formed() -> None:
    broken = []
    for index in range(60):
        try:
            etree.fromstring(
                told(f"{PROVIDER}?verb=GetRecord&metadataPrefix=ddi&identifier={holding(index).number}").body
            )
        except etree.XMLSyntaxError:
            broken.append(index)
    assert broken == [BROKEN]


def test_three_generations_tell_alike_in_their_own_ways() -> None:
    roots = {index % 3: record(index) for index in (3, 4, 5)}
    holders = [root.find(".//d:holdings", NAMES).get("URI").rpartition("/10.")[0] for _, root in sorted(roots.items())]
    assert holders == ["http://dx.doi.org", "http://doi.org", "http://doi.org"]
    versions = [texts(root, ".//d:version")[0] for _, root in sorted(roots.items())]
    assert versions == ["5h", "1", "14th Edition"]
    years = [text for text in texts(roots[0], ".//d:keyword") if text.isdecimal()]
    assert years == [str(year) for year in range(holding(3).start, holding(3).end + 1)]
    assert roots[1].find(".//d:collDate", NAMES).get("date") is None
    assert len(texts(roots[1], ".//d:abstract")) == 2
    assert "<br>" in texts(roots[1], ".//d:abstract")[1]
    assert [child.tag for child in roots[2].find(".//d:abstract", NAMES)][:2] == [
        "{ddi:codebook:2_5}P",
        "{ddi:codebook:2_5}br",
    ]
    assert {word.get("vocab") for word in roots[2].iterfind(".//d:keyword", NAMES)} == {"HASSET", "YEAR", "GEO"}
    assert re.fullmatch(r"[\d-]{10} [\d:]{8}\.\d{3}", roots[2].find(".//d:distDate", NAMES).get("date"))


@pytest.mark.parametrize("index", range(60))
def test_the_title_of_a_record_is_not_its_first(index: int) -> None:
    if index != BROKEN and not only_as_page(index) and not withdrawn(index):
        of, root = holding(index), record(index)
        number = f"DDI2.5 XML CODEBOOK RECORD FOR STUDY NUMBER {of.number}"
        assert texts(root, ".//d:titl") == [number, of.title]
        assert texts(root, ".//d:IDNo") == [str(of.number), of.doi]


def test_every_contact_is_the_fake_one() -> None:
    body = b"".join(walked("ListRecords", 60)).decode()
    addresses = set(re.findall(r"[\w.+-]+@[\w.-]+\w", body))
    assert addresses == {FAKE_ADDRESS}
