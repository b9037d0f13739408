"""Whoever follows docs/adding-a-site.md has a site that is crawled, in a project that holds together."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.server import serving
from sandbox.tree import Edited, Folder
from tests.conftest import ROOT
from tests.crawl import small
from tests.crawl.crawling import Export
from tests.docs.documents import ADDING, blocks
from tests.docs.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = {"crawler/sites/northern.py": 59, "crawler/spiders/northern.py": 29}
HOST = "data.northern.example"
FIRST = "night-trains-2019"


@dataclass(slots=True)
class Followed:
    """What a reader has who has followed the document, and the tree that the site is served from."""

    reader: Reader
    site: Edited

    def crawl(self, spider: str, *args: str) -> Export:
        """Crawl into a folder that the document does not know."""
        command = (".venv/bin/scrapy", "crawl", spider, "-s", "DOWNLOAD_DELAY=0", *args)
        ran = self.reader.execute(*command, EXPORT_URI="build/more")
        assert ran.returncode == 0, ran.stderr
        return Export(self.reader.project / "build/more")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    project = tmp_path_factory.mktemp("adding") / "project"
    site = Edited(Folder(project / "build/mirror"))
    with serving(tree=site) as mirror:
        reader = Reader(project, {"MIRROR": mirror}, {"http://127.0.0.1:8765/": mirror})
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", project / ".mypy_cache")  # from nothing, mypy takes a minute
        reader.follow(ADDING)
        yield Followed(reader, site)


def test_the_site_is_one_short_module_and_one_short_spider(followed: Followed) -> None:
    for name, most in MOST_LINES.items():
        (block,) = (block for block in blocks(ADDING.read_text()) if block.file == name)
        assert len(block.code.splitlines()) <= most
        assert (followed.reader.project / name).read_text() == block.code, "the linters mended it"


def test_the_page_is_a_case_and_the_documents_know_the_site(followed: Followed) -> None:
    named = "northern or canonical or source or spider or reads or exist or rate"
    documents = [f"tests/docs/{name}.py" for name in ("test_tables", "test_shell", "test_names")]
    command = (".venv/bin/pytest", "-q", "-k", named, "tests/sites/test_cases.py", "crawler/sites", *documents)
    ran = followed.reader.execute(*command)
    assert ran.returncode == 0, ran.stdout
    expected = json.loads((followed.reader.project / "tests/sites/northern/dataset/expected.json").read_text())
    assert (expected["outcome"], [found["source"] for found in expected["found"]]) == ("record", ["northern"])


def test_a_whole_crawl_tells_each_page_and_counts_what_a_redeployed_one_has_anew(followed: Followed) -> None:
    (first,) = (block.code for block in blocks(ADDING.read_text(), "html"))
    listed = {
        FIRST: first,
        "ferries-1998": first.replace("nda-417", "NDA-12").replace(FIRST, "ferries-1998").replace("sleep", "sail"),
        "redeployed": first.replace("nda-417", "nda-13").replace(FIRST, "redeployed").replace("keywords", "keyWords"),
        "without-doi": first.replace("https://doi.org/10.5072/nda-417", "#dataset").replace(FIRST, "without-doi"),
        "another": first,
        "no-data": "<!doctype html><h1>Soon</h1>",
        "gone": None,
    }
    for name, page in listed.items():
        followed.site.pages[f"{HOST}/datasets/{name}"] = page.encode() if page else None
    urls = "".join(f"<url><loc>https://{HOST}/datasets/{name}</loc></url>" for name in listed)
    followed.site.pages[f"{HOST}/sitemap.xml"] = f"<urlset>{urls}</urlset>".encode()
    export = followed.crawl("northern", "-a", "follow=none", "-s", "GATE_MAX_FAILED=0.5")
    assert set(export.records) == {"doi:10.5072/nda-417", "doi:10.5072/nda-12", "doi:10.5072/nda-13"}
    assert {url.rpartition("/")[2]: state for url, state in export.states.items() if HOST in url} == {
        FIRST: "stored",
        "ferries-1998": "stored",
        "redeployed": "stored",
        "without-doi": "invalid",
        "another": "parse_failed",
        "no-data": "parse_failed",
        "gone": "not_found",
    }
    assert export.stats["site/northern/unknown_key/jsonld.keyWords"] == 1
    assert [key for key in export.stats if key.startswith("site/northern/unknown_key/")] == [
        "site/northern/unknown_key/jsonld.keyWords"
    ]


def test_a_record_of_the_catalogue_is_joined_through_its_doi_and_outlives_a_run_of_the_site(followed: Followed) -> None:
    joined, own = small.result("trains", doi="10.5072/NDA-417"), small.result("study", doi=small.doi(1))
    joined["dataset_schema"]["url"] = [f"http://{HOST}/datasets/{FIRST}"]
    followed.site.pages |= {
        small.SITEMAP: small.sitemap("trains", "study"),
        small.path("trains"): small.page(joined),
        small.path("study"): small.page(own),
    }
    before = followed.crawl("harmony", "-a", "follow=northern")
    record = before.records["doi:10.5072/nda-417"]
    assert {source["source"] for source in record["sources"]} == {"northern", "harmony_flight"}
    assert (record["title"], record["provenance"]["title"]) == ("Night trains and sleep, 2019", "northern")
    followed.site.pages[f"{HOST}/sitemap.xml"] = (
        f"<urlset><url><loc>https://{HOST}/datasets/{FIRST}</loc></url></urlset>".encode()
    )
    for name in ("another", "no-data"):
        followed.site.pages[f"{HOST}/datasets/{name}"] = None
    after = followed.crawl("northern", "-a", "follow=none")
    assert after.manifest["incomplete"] == []
    assert after.digests == before.digests
