"""The sources tell of the same studies: they agree on number, DOI and title, and differ where real ones do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from lxml import etree

from crawler.identity import doi as dois
from crawler.identity import ukda
from sandbox import links
from sandbox.holdings import holding, only_as_page, withdrawn
from sandbox.hosts.datacatalogue import json_ld
from sandbox.search_result import search_result
from sandbox.studies import item
from tests.sandbox.asking import told

if TYPE_CHECKING:
    from sandbox.holdings import Holding

STUDIES = [holding(index) for index in range(60)]
DDI = "{ddi:codebook:2_5}"
MALFORMED = 13
CATALOGUE = "https://datacatalogue.ukdataservice.ac.uk"
BETA = "https://beta.ukdataservice.ac.uk/datacatalogue"
RESHARE = "https://reshare.ukdataservice.ac.uk"
DOWNLOAD = "https://beta.ukdataservice.ac.uk/Umbraco/Surface/Discover/GetDownload"
NESSTAR = "http://nesstar.ukdataservice.ac.uk"
FORMS = (
    "",
    *(f"{BETA}/studies/study?id=…{tab}" for tab in ("", "#!/details", "#!/documentation", "#!/access-data")),
    *(f"{BETA}/doi/?id=…{edition}" for edition in ("#!#…", "#…", "#0")),
    *(f"{BETA}/series/series?id=…{tab}" for tab in ("", "#!/faqs", "#!/access-data")),
    f"{BETA}/studies?Search=qualitative",
    f"{DOWNLOAD}?studyNumber=…&fileName=…csv_HEX_V1.zip",
    *(f"https://discover.ukdataservice.ac.uk/catalogue/?sn=…&type={kind}%20catalogue" for kind in ("Data", "data")),
    *(f"{CATALOGUE}/studies/study/…{tab}" for tab in ("", "#details", "#doi", "#access-data", ")")),
    f"{CATALOGUE}/studies/study?id=…",
    *(f"{CATALOGUE}/series/series/…{tab}" for tab in ("", "#abstract", "#access-data", "?id=…")),
    f"{CATALOGUE}/searchresults?search=qualitative+data&sort=0&tab=0",
    "https://doc.ukdataservice.ac.uk/doc/…/read….htm",
    f"{NESSTAR}/webview/index.jsp?v=2&mode=documentation&submode=abstract&study={NESSTAR}:80/obj/fStudy/…&top=yes",
    f"{BETA}/studies/study?id=… {CATALOGUE}/studies/study/…",
    *(
        f"{RESHARE}/{path}"
        for path in ("…", "…/", "0…/", "id/eprint/…", "archive/…", "id/document/…", "id/file/…", "…/)")
    ),
    "http://reshare.ukdataservice.ac.uk/id/eprint/…",
    f"{RESHARE}/cgi/export/eprint/…/JSON/reshare-eprint-….js",
    f"{RESHARE}/…/1/…_documentation.zip",
    f"{RESHARE}/… {BETA}/studies/study?id=…",
    "https://doi.org/10.5255/UKDA-SN-…-…",
    "http://dx.doi.org/10.5255/UKDA-SN-…",
)
"""Every form that the catalogue's links to the archive have had; … is a number."""


def by_oai(of: Holding) -> tuple[int, str, str]:
    url = f"https://oai.ukdataservice.ac.uk/oai/provider?verb=GetRecord&metadataPrefix=ddi&identifier={of.number}"
    study = etree.fromstring(told(url).body).find(f".//{DDI}stdyDscr")
    number, doi = (each.text for each in study.iter(f"{DDI}IDNo"))
    return int(number), doi.lower(), study.findtext(f".//{DDI}titl")


def by_reshare(of: Holding) -> tuple[int, str, str]:
    url = f"https://reshare.ukdataservice.ac.uk/id/eprint/{of.number}"
    export = json.loads(told(url, Accept="application/json").body)
    return export["eprintid"], export["doi"].lower(), export["title"]


def by_page(of: Holding) -> tuple[int, str, str]:
    node = json_ld(of)
    return of.number, node["@id"].removeprefix("https://doi.org/").lower(), node["name"]


def by_datacite(of: Holding) -> tuple[int, str, str]:
    told_of = json.loads(told(f"https://api.datacite.org/dois/{quote(of.doi)}").body)["data"]["attributes"]
    study = ukda.from_doi(told_of["doi"])
    assert study is not None
    return study.number, told_of["doi"], told_of["titles"][0]["title"]


@pytest.mark.parametrize("of", STUDIES, ids=lambda of: str(of.number))
def test_number_doi_and_title_agree(of: Holding) -> None:
    expected = (of.number, of.doi.lower(), search_result(of.study)["dataset_schema"]["name"])
    assert by_page(of) == expected
    assert by_datacite(of) == expected
    if of.is_deposit and not withdrawn(of.index):
        assert by_reshare(of) == expected
    if not (only_as_page(of.index) or withdrawn(of.index) or of.index == MALFORMED):
        assert by_oai(of) == expected


def known(of: Holding) -> set[str]:
    """Return the DOIs that the catalogue gives a study, in one spelling; those of series left out."""
    found = map(dois.normalise, search_result(of.study)["extra_data"]["dois"])
    return {doi for doi in found if doi is not None and "-series-" not in doi}


def test_the_catalogue_knows_one_edition_which_may_be_an_older_one() -> None:
    editions = [(known(of), of) for of in STUDIES]
    assert {len(found) for found, _ in editions} == {0, 1}
    older = [of.index for found, of in editions if found and of.doi.lower() not in found]
    assert older == [5, 12, 17, 29, 36, 41, 53]
    assert all(found <= {of.edition_doi(each).lower() for each in of.editions} for found, of in editions)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_url_occurs(form: str) -> None:
    pattern = re.compile(re.escape(form).replace("…", "[0-9]+").replace("HEX", "[0-9A-F]+"))
    assert any(pattern.fullmatch(url) for of in STUDIES for url in links.urls(of.study))


def test_the_access_to_data_is_a_text_a_url_or_two() -> None:
    told_of = [search_result(of.study)["extra_data"]["data_access"] for of in STUDIES]
    assert {min(text.count("https://"), 2) for text in told_of} == {0, 1, 2}
    assert any(text.endswith("#!/access-data") for text in told_of)
    assert any(" https://" in text for text in told_of)


def test_every_form_of_doi_occurs() -> None:
    written = {doi for of in STUDIES for doi in search_result(of.study)["extra_data"]["dois"]}
    for start in ("doi: 10", "DOI 10", " 10", "https://www.doi.org/10", "https://doi.org/doi:10", "HTTPS://DOI.ORG/10"):
        assert any(doi.startswith(start) for doi in written), start
    for end in (".", ")", "#x", "?x=1"):
        assert any(doi.endswith(end) for doi in written), end
    for part in ("%2F", "ukda-sn", "UKDA-Series-"):
        assert any(part in doi for doi in written), part
    assert "" in written


def test_every_study_is_found_by_what_the_catalogue_says() -> None:
    for of in STUDIES:
        urls: list[Any] = search_result(of.study)["extra_data"]["urls"]
        numbers = {study.number for url in urls if (study := ukda.from_url(url)) is not None}
        assert of.number in numbers
        assert numbers == {of.number}


def test_files_are_not_named_as_the_catalogue_names_them() -> None:
    file = item(3, 1)
    assert links.file_uuid(file).hex != file.uuid
    assert ukda.file_of(links.urls(file)[0])
