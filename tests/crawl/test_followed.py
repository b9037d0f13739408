"""The crawl of the catalogue and of all that it links to: the records that come of it, and what is asked for them."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pyarrow.parquet as pq
import pytest

from sandbox import links
from sandbox.server import serving
from sandbox.studies import Era, item, study_number
from tests.crawl.crawling import BROWSER, FAST, Ended, Export, crawl, scrapy, seen_by

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = (*BROWSER, "-s", "BROWSER_TIMEOUT=2")
"""How long a page is waited for that never shows a record."""
DATACATALOGUE = "https://datacatalogue.ukdataservice.ac.uk"
STUDIES = 60
"""The first 60 studies show every form of a link."""
EXPECTED = sorted(Path(__file__).with_name("expected").glob("*.json"))
WHERE_AND_WHEN = {"sources", "first_seen", "last_seen", "digest"}
LONG = 160
FIRST_SERIES = 200_001
ROBOTS = "https://harmonydata.ac.uk/robots.txt"
"""Asked for its sitemaps, and for what it allows."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A crawl of 60 studies, another one of the same, and what each asked for."""

    first: Export
    ended: Ended
    seen: list[dict[str, Any]]
    second: Export

    @property
    def urls(self) -> list[str]:
        return [each["url"] for each in self.seen]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Crawl the catalogue twice, with all that it links to."""
    exports = tmp_path_factory.mktemp("followed")
    with serving(scale=STUDIES) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, *SHORT, mirror=mirror, exports=exports)
        assert ended.code == 0, ended.log
        first, seen = Export(exports), seen_by(mirror)
        return Followed(first, ended, seen, crawl(mirror, exports, *SHORT))


def short(value: Any, field: str = "") -> Any:  # noqa: ANN401 - JSON of any shape
    """A value as an expectation has it: without what is absent, of long texts and of variables the start and length."""
    if isinstance(value, str) and value.startswith(("[{", '["')):
        return short(orjson.loads(value), field)  # a list in a conflict
    if isinstance(value, str) and len(value) > LONG:
        return {"starts": value[:60], "length": len(value)}
    if isinstance(value, dict):
        return {key: short(each, key) for key, each in value.items() if each not in (None, [], {})}
    if isinstance(value, list):
        each = [short(each) for each in value]
        return {"count": len(each), "first": each[0]} if field == "variables" else each
    return value


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.stem)
def test_a_record_is_what_its_sources_say(followed: Followed, file: Path) -> None:
    """The expectations follow from what the sandbox holds, not from what a crawl made of it."""
    expected = orjson.loads(file.read_bytes())
    record = short(followed.first.records[expected["key"]])
    assert {name: value for name, value in record.items() if name not in WHERE_AND_WHEN} == expected


def test_there_are_expectations() -> None:
    assert len(EXPECTED) > 20


def canonical_links(index: int) -> set[str]:
    """The targets beside the catalogue that the page of a study names, in whatever form it does."""
    study, number = item(index), study_number(index)
    urls, dois = links.urls(study), links.doi_forms(study)
    found = {f"{DATACATALOGUE}/studies/study/{number}"}
    if study.era is Era.E2:
        found.add(f"https://reshare.ukdataservice.ac.uk/{number}/")
    if dois:
        found.add(f"https://doi.org/{links.doi(number, links.edition(index)).lower()}")
    if any("/series/series" in url for url in urls):
        found.add(f"{DATACATALOGUE}/series/series/{links.series(index)}")
    found |= {
        f"https://doi.org/{links.doi(number, int(edition)).lower()}"
        for url in urls
        for edition in re.findall(r"/doi/\?id=\d+(?:#!)?#(\d+)", url)
    }
    if any("UKDA-Series" in doi for doi in dois):
        found.add(f"https://doi.org/10.5255/ukda-series-{links.series(index)}")
    return found


@pytest.mark.parametrize("index", range(STUDIES))
def test_every_form_of_a_link_leads_to_one_target(followed: Followed, index: int) -> None:
    known = followed.first.targets
    page = next(f"/{page}" for page in item(index).pages if f"/{page}" in known)
    targets = [link for link in known[page]["links"] if "harmonydata" not in link]
    assert {target for target in targets if "/datasets/" not in target} == canonical_links(index)
    assert {followed.first.states[target] for target in targets} <= {
        "stored",
        "not_found",
        "duplicate",
        "invalid",
    }  # a series


def test_every_form_is_among_them() -> None:
    shown = {url for index in range(STUDIES) for url in links.urls(item(index))}
    forms = [*links.CURATED_PAGES, *links.RESHARE_PAGES]
    assert all(any(url.startswith(form.partition("{")[0]) for url in shown) for form in forms)


def drawn(seen: list[dict[str, Any]]) -> set[str]:
    """The pages that were opened in a browser, which asks for a page once more."""
    counts = Counter(each["url"] for each in seen if each["method"] == "GET")
    return {url for url, count in counts.items() if count > 1 and not url.endswith(("/robots.txt", "/main.js"))}


def test_no_target_is_asked_for_twice(followed: Followed) -> None:
    counts = Counter(each["url"] for each in followed.seen if each["method"] == "GET")
    opened = drawn(followed.seen)
    assert {url: count for url, count in counts.items() if count > 1 + (url in {*opened, ROBOTS})} == {}
    records = Counter(url.rpartition("identifier=")[2] for url in followed.urls if "GetRecord" in url)
    assert max(records.values()) == 1
    assert len({doi.lower() for doi in followed.urls if "/dois/" in doi}) == sum(
        "/dois/" in doi for doi in followed.urls
    )


def test_a_browser_is_for_what_no_plain_answer_holds(followed: Followed) -> None:
    opened = drawn(followed.seen)
    assert opened == {
        "https://harmonydata.ac.uk/search/items/lantern-festivals-and-belonging-2018",  # built without its data
        *(f"{DATACATALOGUE}/studies/study/{number}" for number in (1000009, 1000013, 9997)),  # no sound OAI record
        *(f"{DATACATALOGUE}/series/series/{number}" for number in (FIRST_SERIES, FIRST_SERIES + 1)),
    }
    assert len(opened) < 0.05 * len(followed.seen)


def test_what_is_never_asked_for(followed: Followed) -> None:
    assert {urlsplit(url).netloc for url in followed.urls} == {
        *("harmonydata.ac.uk", "datacatalogue.ukdataservice.ac.uk", "oai.ukdataservice.ac.uk"),
        *("reshare.ukdataservice.ac.uk", "api.datacite.org", "sandbox.appsync-api.eu-west-2.amazonaws.com"),
        *("harmonydataweaviate.azureedge.net", "doi.org", "data.crosscite.org"),
    }
    assert not [url for url in followed.urls if "/cgi/" in url or "GetDownload" in url or "/datasets/dataset/" in url]
    reshare = {urlsplit(url).path for url in followed.urls if "//reshare." in url}
    assert all(re.fullmatch(r"/robots\.txt|/id/eprint/[1-9]\d+|/[1-9]\d+/", path) for path in reshare)


def test_pages_of_files_that_the_catalogue_tells_are_duplicates(followed: Followed) -> None:
    files = {url: row for url, row in followed.first.ledger.items() if "/datasets/dataset/" in url}
    assert len(files) > 100
    assert {(row["state"], row["attempts"]) for row in files.values()} == {("duplicate", 0)}


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    """All that an export holds, as text."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            yield path, str(pq.read_table(path).to_pylist())
        else:
            body = path.read_bytes()
            yield path, (gzip.decompress(body) if path.suffix == ".gz" else body).decode()


def test_no_address_reaches_the_export_or_the_log(followed: Followed) -> None:
    assert not [path for path, text in texts(followed.first.folder) if "@example" in text]
    assert "@example" not in followed.ended.log


def test_a_dataset_and_its_study_share_a_doi_and_are_two_records(followed: Followed) -> None:
    records = followed.first.records
    pairs = [(part, records[part["part_of"]]) for part in records.values() if part["part_of"]]
    pairs = [(part, study) for part, study in pairs if study["doi"]]
    assert len(pairs) > 100
    assert all(part["doi"] == study["doi"] and part["key"] in study["parts"] for part, study in pairs)


def test_an_unchanged_site_changes_nothing(followed: Followed) -> None:
    assert followed.second.commit["number"] == 2
    assert followed.second.changes == []
    assert followed.second.digests == followed.first.digests
