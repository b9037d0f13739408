"""What a link leads to: editions of a study, DOIs of other registries, and pages that lie too deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.generator import Catalogue
from sandbox.holdings import holding
from sandbox.server import serving
from sandbox.tree import Edited
from tests.crawl import small
from tests.crawl.crawling import Export, asked, crawl

if TYPE_CHECKING:
    from pathlib import Path

STUDIES = 3
STUDY = holding(1)
BETA = "https://beta.ukdataservice.ac.uk/datacatalogue/doi/"
REST, DOI = "https://api.datacite.org/dois", "https://doi.org"
DEEP = "https://harmonydata.ac.uk/search/items"


def crawled(exports: Path, served: Edited, *args: str) -> tuple[Export, list[str]]:
    with serving(tree=served) as mirror:
        return crawl(mirror, exports, *args), asked(mirror)


def catalogue(**schema: object) -> Edited:
    """A catalogue of one page, beside what the other sources hold of a few studies."""
    page = small.result("study")
    page["dataset_schema"] |= schema
    served = Edited(Catalogue({}, STUDIES))
    served.pages |= {small.SITEMAP: small.sitemap("study"), small.path("study"): small.page(page)}
    return served


@pytest.mark.parametrize("fragment", ["#!#1", "#1"])
def test_the_landing_page_of_an_edition_leads_to_the_edition(tmp_path: Path, fragment: str) -> None:
    edition = STUDY.editions[0]
    url = f"{BETA}?id={STUDY.number}{fragment.replace('1', str(edition))}"
    export, _ = crawled(tmp_path, catalogue(url=[url]))
    doi = f"{DOI}/{STUDY.edition_doi(edition).lower()}"
    assert export.states[doi] == "stored"
    assert doi in export.targets["/items/study"]["links"]


@pytest.mark.parametrize(
    ("doi", "state", "reason"),
    [
        ("10.1371/journal.x", "out_of_scope", "registered with Crossref"),
        ("10.5255/nothing", "not_found", "the page says so"),
    ],
)
def test_a_doi_that_datacite_does_not_know_is_looked_up(tmp_path: Path, doi: str, state: str, reason: str) -> None:
    export, urls = crawled(tmp_path, catalogue(identifier=[doi]))
    row = export.ledger[f"{DOI}/{doi}"]
    assert (row["state"], row["reason"], row["attempts"]) == (state, reason, 2)
    name = doi.replace("/", "%2F")
    assert [url for url in urls if doi in url or name in url] == [f"{REST}/{name}", f"{DOI}/doiRA/{name}"]


def test_where_nobody_can_be_asked_whose_it_is_a_doi_is_not_found(tmp_path: Path) -> None:
    served = catalogue(identifier=["10.1371/journal.x"])
    served.pages["doi.org/robots.txt"] = b"User-agent: *\nDisallow: /doiRA\n"
    export, _ = crawled(tmp_path, served)
    row = export.ledger[f"{DOI}/10.1371/journal.x"]
    assert (row["state"], row["reason"]) == ("not_found", "HTTP 404")


def chain(length: int) -> Edited:
    """A catalogue that lists the first of a chain of items, each of which names the next as its part."""
    served = Edited(Catalogue({}, 0))
    served.pages[small.SITEMAP] = small.sitemap("link-0")
    for number in range(length):
        stub = {"dataset_schema": {}, "extra_data": small.result(f"link-{number + 1}")["extra_data"]}
        child = [stub] if number + 1 < length else []
        served.pages[small.path(f"link-{number}")] = small.page(small.result(f"link-{number}", *child))
    return served


def test_what_lies_too_deep_is_left_and_said_to_be(tmp_path: Path) -> None:
    export, urls = crawled(tmp_path, chain(5), "-s", "DEPTH_LIMIT=2")
    rows = {url: (row["state"], row["reason"]) for url, row in export.ledger.items()}
    assert [url for url, (state, _) in rows.items() if state == "stored"] == [f"/items/link-{n}" for n in range(3)]
    reason = "links from where the run began: 3, at most 2 (DEPTH_LIMIT)"
    assert rows["/items/link-3"] == ("not_attempted", reason)
    assert "/items/link-3.txt" not in urls


def test_depth_is_counted_on_where_a_run_is_resumed(tmp_path: Path) -> None:
    run = ("-a", "run_id=one")
    with serving(tree=chain(5)) as mirror:
        stopped = ("-s", "DEPTH_LIMIT=2", "-s", "CLOSESPIDER_PAGECOUNT=4", "-s", "CONCURRENT_REQUESTS=1")
        with pytest.raises(AssertionError, match="closespider_pagecount"):
            crawl(mirror, tmp_path, *run, *stopped)
        export = crawl(mirror, tmp_path, *run, "-s", "DEPTH_LIMIT=3")
        urls = asked(mirror)
    assert [url for url, state in export.states.items() if state == "stored"] == [f"/items/link-{n}" for n in range(4)]
    assert export.states["/items/link-4"] == "not_attempted"
    assert len([url for url in urls if url == "/items/link-0.txt"]) == 1
