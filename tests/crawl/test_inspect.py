"""`scrapy inspect`: one page as the crawler sees it, from a file and from a URL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.generator import committed
from sandbox.server import serving
from tests.conftest import ROOT
from tests.crawl.crawling import SITE, scrapy

if TYPE_CHECKING:
    from pathlib import Path

REAL = ROOT.parent / "shared/fixtures/harmony-item.flight.txt"
STUDY = "search/items/harbour-towns-ageing-panel-1998-2014"
real_page = pytest.mark.skipif(not REAL.exists(), reason="the recorded page is not beside the checkout")


def inspected(*args: str, exports: Path, mirror: str = "http://127.0.0.1:9/") -> dict[str, Any]:
    ended = scrapy("inspect", *args, "--json", exports=exports, mirror=mirror)
    assert ended.code == 0, ended.log
    told: dict[str, Any] = json.loads(ended.out)
    return told


@real_page
def test_the_real_page(tmp_path: Path) -> None:
    told = inspected(str(REAL), exports=tmp_path)
    record = told["record"]
    assert [sighting["source"] for sighting in told["sightings"]] == ["harmony_flight", "harmony_jsonld"]
    assert (record["key"], record["study_number"]) == ("doi:10.5255/ukda-sn-856334", 856334)
    assert (record["temporal_start"], record["temporal_end"]) == ("2020-05-01", "2022-01-31")
    assert (len(record["keywords"]), len(record["urls"])) == (4, 3)
    assert {len(values["description"].encode()) for values in told["source_values"]} == {5407}
    assert (told["other_records"], told["unknown_keys"], told["problems"]) == ([], {}, [])


@real_page
def test_the_real_page_as_a_person_reads_it(tmp_path: Path) -> None:
    text = scrapy("inspect", str(REAL), exports=tmp_path).out
    for part in (
        "record doi:10.5255/ukda-sn-856334",
        "856334  [",
        "(5,407 UTF-8 bytes in the source)",
        "urls              3: ",
    ):
        assert part in text
    assert "unknown keys: none" in text
    assert "problems: none" in text


def test_a_url_is_fetched_as_the_crawl_would_and_nothing_is_published(tmp_path: Path) -> None:
    with serving(scale=1) as mirror:
        told = inspected(f"https://harmonydata.ac.uk/{STUDY}.html?x=1", mirror=mirror, exports=tmp_path)
    assert told["url"] == f"https://harmonydata.ac.uk/{STUDY}"
    assert told["record"]["title"]
    assert not list(tmp_path.iterdir())


def test_the_html_is_shown_where_there_is_no_twin(tmp_path: Path) -> None:
    body = committed("next-16.4.6").get(f"harmonydata.ac.uk/{STUDY}.html")
    assert body is not None
    with serving(tree={f"harmonydata.ac.uk/{STUDY}.html": body}) as mirror:
        assert inspected(f"https://harmonydata.ac.uk/{STUDY}", mirror=mirror, exports=tmp_path)["record"]


def test_a_file_that_is_no_page_of_any_site(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Nothing to see")
    ended = scrapy("inspect", str(tmp_path / "a.html"), exports=tmp_path)
    assert (ended.code, ended.out.splitlines()[0]) == (0, f"{tmp_path}/a.html: no site knows this page")


def test_wrong_use(tmp_path: Path) -> None:
    for args, code, line in [
        ((), 2, "name one URL of a source, or one file that holds a page"),
        (("no-such-file",), 2, "no-such-file: No such file or directory; name a URL of a source, or a file"),
        (
            ("https://example.org/x",),
            2,
            "https://example.org/x is no page of a study or dataset; give one of harmonydata.ac.uk, ",
        ),
        (("-L", "LOUD", "no-such-file"), 2, "LOG_LEVEL='LOUD' is no level; accepted are CRITICAL, "),
        (("-s", "MIRROR=nonsense", f"{SITE}/items/x"), 2, "MIRROR='nonsense'"),
        ((f"{SITE}/items/x",), 1, f"{SITE}/items/x gave no page; run again with --loglevel INFO to see why"),
    ]:
        ended = scrapy("inspect", *args, exports=tmp_path)
        assert (ended.code, line in ended.error) == (code, True), ended.log


def test_half_a_pair_in_a_key_is_shown_as_such(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = r'{"@type": "Dataset", "name": "Roads", "url": "https://harmonydata.ac.uk/search/items/a", "odd\ud800": 1}'
    page.write_text(f'<html><script type="application/ld+json">{told}</script>')
    shown, as_json = (scrapy("inspect", *option, str(page), exports=tmp_path) for option in ([], ["--json"]))
    assert r"unknown keys: jsonld.odd\ud800 (1)" in shown.out
    assert json.loads(as_json.out)["unknown_keys"] == {"jsonld.odd\ud800": 1}
