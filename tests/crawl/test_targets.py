"""What becomes of a URL: its routes, its one final state, and the requests that it cost."""

from __future__ import annotations

import gzip
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from sandbox.generator import Catalogue, items
from sandbox.server import serving
from sandbox.studies import part_count
from sandbox.tree import Edited
from tests.crawl.crawling import SITE, Export, asked, crawl, seen_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOST = "harmonydata.ac.uk"
SITEMAP = f"{HOST}/search/sitemap.xml"
STUDY = next(item for item in items(9) if len(item.pages) == 3 and part_count(item.index) > 1)
SECOND = next(item for item in items(9) if item.part == 0 and item.uuid != STUDY.uuid)
ROBOTS = b"User-agent: *\nAllow: /\n\nSitemap: https://harmonydata.ac.uk/search/sitemap.xml\n"


def sitemap(urls: Iterable[str], root: str = "urlset", entry: str = "url") -> bytes:
    listed = "".join(f"<{entry}><loc>{url}</loc></{entry}>" for url in urls)
    return (
        f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{root}>'.encode()
    )


def tree(*listed: str) -> Edited:
    """A generated catalogue whose sitemap lists the given pages only."""
    edited = Edited(Catalogue({}, 9))
    edited.pages[f"{HOST}/robots.txt"] = ROBOTS
    edited.pages[SITEMAP] = sitemap(url if "://" in url else f"{SITE}/{url}" for url in listed)
    return edited


def path(page: str, ending: str = "txt") -> str:
    return f"{HOST}/search/{page}.{ending}"


def crawled(served: Edited, exports: Path, *args: str) -> tuple[Export, list[str]]:
    with serving(tree=served) as mirror:
        return crawl(mirror, exports, *args), asked(mirror)


def pages_asked(requests: list[str]) -> Counter[str]:
    return Counter(url.removesuffix(".txt") for url in requests if url.startswith(("/items/", "/studies/")))


def test_one_item_is_fetched_once_under_its_three_urls(tmp_path: Path) -> None:
    export, requests = crawled(tree(*STUDY.pages), tmp_path)
    assert sum(pages_asked(requests)[f"/{page}"] for page in STUDY.pages) == 1
    assert Counter(export.states[f"/{page}"] for page in STUDY.pages) == {"stored": 1, "duplicate": 2}


def test_the_graph_is_walked_beyond_the_sitemap(tmp_path: Path) -> None:
    export, _ = crawled(tree(STUDY.pages[0]), tmp_path)
    assert max(len(record["parts"]) for record in export.records.values()) == part_count(STUDY.index)


def test_the_html_is_read_where_there_is_no_twin(tmp_path: Path) -> None:
    whole, _ = crawled(tree(STUDY.pages[0]), tmp_path / "twins")
    served = tree(STUDY.pages[0])
    for item in items(9):
        served.pages |= {path(page): None for page in item.pages}
    export, requests = crawled(served, tmp_path / "html")
    assert export.digests == whole.digests
    ledger = export.ledger[f"/{STUDY.pages[0]}"]
    assert (ledger["state"], ledger["attempts"]) == ("stored", 2)
    assert f"/{STUDY.pages[0]}" in requests


def test_the_twin_is_enough(tmp_path: Path) -> None:
    _, requests = crawled(tree(STUDY.pages[0]), tmp_path)
    assert not [url for url in requests if url.startswith("/items/") and not url.endswith(".txt")]


def test_a_damaged_twin_sends_to_the_html(tmp_path: Path) -> None:
    whole, _ = crawled(tree(STUDY.pages[0]), tmp_path / "whole")
    served = tree(STUDY.pages[0])
    body = served.get(path(STUDY.pages[0]))
    assert body is not None
    served.pages[path(STUDY.pages[0])] = body[: len(body) // 2]
    export, _ = crawled(served, tmp_path / "cut")
    assert export.digests == whole.digests
    assert export.ledger[f"/{STUDY.pages[0]}"]["attempts"] == 2


def test_robots_are_obeyed(tmp_path: Path) -> None:
    served = tree(STUDY.pages[0], SECOND.pages[0])
    served.pages[f"{HOST}/robots.txt"] = ROBOTS.replace(b"Allow: /", f"Disallow: /search/{SECOND.pages[0]}".encode())
    export, requests = crawled(served, tmp_path)
    assert export.states[f"/{SECOND.pages[0]}"] == "denied_by_robots"
    assert not [url for url in requests if SECOND.pages[0] in url]


def test_a_crawl_delay_is_kept(tmp_path: Path) -> None:
    served = tree(*(item.pages[0] for item in items(9)))
    served.pages[f"{HOST}/robots.txt"] = b"User-agent: *\nCrawl-delay: 0.4\n\n" + ROBOTS
    with serving(tree=served) as mirror:
        crawl(mirror, tmp_path, "-a", "limit=3")
        starts = [seen["start"] for seen in seen_by(mirror) if not seen["url"].endswith("robots.txt")]
    assert len(starts) == 4
    assert all(later - sooner > 0.38 for sooner, later in pairwise(starts))  # 20 ms for the way to the server


@pytest.mark.parametrize("gone", [True, False])
def test_a_page_that_is_not_there_is_not_found(tmp_path: Path, *, gone: bool) -> None:
    served = tree(STUDY.pages[0], "items/no-such-study")
    if not gone:
        served.pages[path("items/no-such-study", "html")] = b"<title>Dataset Not Found</title>"
    export, _ = crawled(served, tmp_path)
    assert export.states["/items/no-such-study"] == "not_found"


def test_a_page_without_a_record_is_a_failure_to_parse(tmp_path: Path) -> None:
    served = tree(STUDY.pages[0], "items/other")
    served.pages[path("items/other", "html")] = b"<title>Under maintenance</title>"
    export, _ = crawled(served, tmp_path, "-s", "GATE_MAX_FAILED=1")
    assert export.states["/items/other"] == "parse_failed"


def test_a_redirect_ends_its_target_and_makes_another(tmp_path: Path) -> None:
    body = tree().get(path(STUDY.pages[0], "html"))
    served = tree(SECOND.pages[0], "studies/moved")
    served.pages[f"{HOST}/search/studies/moved/index.html"] = body
    export, _ = crawled(served, tmp_path)
    assert export.states["/studies/moved"] == "redirected"
    assert export.states["/studies/moved/"] == "stored"


def test_a_script_that_redirects_is_followed(tmp_path: Path) -> None:
    served = tree("items/" + "0" * 32)
    stub = f"<script>window.location.replace('/{STUDY.pages[0]}')</script>"
    served.pages[path("items/" + "0" * 32, "html")] = stub.encode()
    export, _ = crawled(served, tmp_path)
    assert export.states["/items/" + "0" * 32] == "redirected"
    assert export.states[f"/{STUDY.pages[0]}"] == "stored"


def test_sitemap_indexes_zipped_sitemaps_and_loops(tmp_path: Path) -> None:
    served = tree()
    parts = [f"{SITE}/sitemap.xml", f"{SITE}/one.xml.gz", f"{SITE}/broken.xml", f"{SITE}/missing.xml"]
    served.pages[SITEMAP] = sitemap(parts, "sitemapindex", "sitemap")
    served.pages[f"{HOST}/search/one.xml.gz"] = gzip.compress(sitemap([f"{SITE}/{STUDY.pages[0]}"]))
    served.pages[f"{HOST}/search/broken.xml"] = b"no sitemap at all"
    export, requests = crawled(served, tmp_path)
    assert export.states[f"/{STUDY.pages[0]}"] == "stored"
    assert export.stats["sitemaps/failed"] == 2
    assert requests.count("/sitemap.xml") == 1


def test_the_known_sitemaps_do_where_there_is_no_robots_txt(tmp_path: Path) -> None:
    served = tree(STUDY.pages[0])
    served.pages[f"{HOST}/robots.txt"] = None
    export, _ = crawled(served, tmp_path)
    assert export.states[f"/{STUDY.pages[0]}"] == "stored"


def test_what_is_no_page_of_the_catalogue_is_out_of_scope(tmp_path: Path) -> None:
    others = [f"{SITE}/browse", f"{SITE}/studies/a/b", "https://harmonydata.ac.uk/en/" + "0" * 32]
    others += ["https://example.org/search/items/x", "https://example.org/search/studies/x"]
    export, requests = crawled(tree(STUDY.pages[0], *others), tmp_path)
    states = export.states
    assert {states[url.removeprefix(SITE)] for url in others} == {"out_of_scope"}
    assert not {url.removeprefix(SITE) for url in others} & {url.removesuffix(".txt") for url in requests}


def test_a_child_is_asked_for_where_another_page_needs_it(tmp_path: Path) -> None:
    """A study that tells a dataset in full spares its page, whichever comes first, unless a sitemap lists it."""
    study = next(item for item in items(60) if item.part == 0 and item.era.name == "E3" and part_count(item.index))
    child = next(item for item in items(60) if item.index == study.index and item.part)
    served = Edited(Catalogue({}, 60))
    served.pages[f"{HOST}/robots.txt"] = ROBOTS
    for listed, state in ((study.pages[:1], "duplicate"), ([child.pages[0], study.pages[0]], "stored")):
        served.pages[SITEMAP] = sitemap(f"{SITE}/{page}" for page in listed)
        export, _ = crawled(served, tmp_path / state)
        assert export.states[f"/{child.pages[0]}"] == state


def test_a_page_that_cannot_be_stored_costs_no_other(tmp_path: Path) -> None:
    served = tree(STUDY.pages[0], "items/odd")
    schema = rb'{"name":"\ud83d odd","identifier":["10.5255/UKDA-SN-7-\ud83d"]}'
    extra = rb'{"slug":"odd","we\ud800ird":1,"resource_type":"collection"}'
    record = b'{"dataset_schema":%b,"extra_data":%b}' % (schema, extra)
    served.pages[path("items/odd")] = b'0:["$","p",null,{"x":%b}]\n' % record
    export, _ = crawled(served, tmp_path, "-s", "EXPORT_BATCH_ITEMS=2")
    assert export.states["/items/odd"] == "stored"
    assert export.states[f"/{STUDY.pages[0]}"] == "stored"
    assert export.stats["site/harmony/unknown_key/resource_type=collection"] == 1


def test_odd_entries_of_a_sitemap_cost_themselves_alone(tmp_path: Path) -> None:
    served = tree()
    served.pages[SITEMAP] = sitemap(["http://[", "", "one.xml", "cut.xml.gz"], "sitemapindex", "sitemap")
    served.pages[f"{HOST}/search/one.xml"] = sitemap(["http://[", "", f"/search/{STUDY.pages[0]}"])
    served.pages[f"{HOST}/search/cut.xml.gz"] = gzip.compress(sitemap([]))[:12]
    export, _ = crawled(served, tmp_path)
    assert export.states[f"/{STUDY.pages[0]}"] == "stored"
    assert export.stats["sitemaps/failed"] == 1


def test_a_run_of_some_items_follows_where_they_have_moved_to(tmp_path: Path) -> None:
    served = tree()
    stub = f"<script>window.location.replace('/{STUDY.pages[0]}')</script>"
    served.pages[path("items/" + "0" * 32, "html")] = stub.encode()
    export, _ = crawled(served, tmp_path, "-a", "items=" + "0" * 32)
    assert export.states[f"/{STUDY.pages[0]}"] == "stored"


def test_a_limit_leaves_the_rest_not_attempted(tmp_path: Path) -> None:
    export, requests = crawled(tree(*(item.pages[0] for item in items(9))), tmp_path, "-a", "limit=2")
    assert len(pages_asked(requests)) == 2
    assert list(export.states.values()).count("stored") == 2
    assert {"stored", "not_attempted"} <= set(export.states.values()) <= {"stored", "not_attempted", "duplicate"}


def test_a_run_of_some_items_asks_for_these_and_what_they_lead_to_elsewhere(tmp_path: Path) -> None:
    names = [page.removeprefix("items/") for page in (STUDY.pages[0], SECOND.pages[0])]
    export, requests = crawled(tree(), tmp_path, "-a", f"items={','.join(names)}")
    assert set(pages_asked(requests)) == {f"/items/{name}" for name in names}
    stored = {url for url, state in export.states.items() if state == "stored"}
    assert {url for url in stored if url.startswith("/")} == set(pages_asked(requests))
    assert {urlsplit(url).netloc for url in stored} == {
        *("", "doi.org", "reshare.ukdataservice.ac.uk", "datacatalogue.ukdataservice.ac.uk")
    }


def test_redrive_asks_again_for_what_was_not_found(tmp_path: Path) -> None:
    served = tree(STUDY.pages[0], SECOND.pages[0])
    missing = {path(SECOND.pages[0], ending): None for ending in ("txt", "html")}
    served.pages |= missing
    with serving(tree=served) as mirror:
        assert crawl(mirror, tmp_path).states[f"/{SECOND.pages[0]}"] == "not_found"
        for name in missing:
            del served.pages[name]
        before = len(asked(mirror))
        again = crawl(mirror, tmp_path, "-a", "redrive=not_found")
        assert set(pages_asked(asked(mirror)[before:])) == {f"/{SECOND.pages[0]}"}
    assert again.states[f"/{SECOND.pages[0]}"] == "stored"


def test_one_honest_user_agent_on_every_request(tmp_path: Path) -> None:
    with serving(tree=tree(STUDY.pages[0])) as mirror:
        crawl(mirror, tmp_path)
        assert {seen["user_agent"] for seen in seen_by(mirror)} == {"study-crawler/0.1.0 (+a test)"}
