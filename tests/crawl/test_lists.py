"""Lists of targets, sitemaps and those of OAI-PMH, that lead elsewhere or back to where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawl.crawling import FAST, Export, scrapy
from tests.crawl.lists import FIRST, NEXT, ROBOTS, listed, sitemap
from tests.crawl.sites import sites
from tests.servers.scripted import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SITEMAP = "harmonydata.ac.uk/search/sitemap.xml"
ELSEWHERE = "harmonydata.ac.uk/elsewhere.xml"


def to(url: str) -> Answer:
    return Answer(301, headers={"Location": f"https://{url}"})


def crawled(spider: str, answers: Mapping[str, list[Answer]], exports: Path) -> tuple[Export, list[str]]:
    """Crawl what is listed; return the export and the lists that were asked for. Nothing is behind what they list."""
    with sites(answers) as served:
        given = ("-a", "follow=none", "-s", "GATE_MAX_FAILED=1", "-s", "GATE_MIN_RECORDS=0")
        ended = scrapy("crawl", spider, *FAST, *given, mirror=served.mirror, exports=exports)
        assert ended.code == 0, ended.log
        return Export(exports), [path for path in served.asked() if path in answers]


@pytest.mark.parametrize("leads_to", [{"a": "a"}, {"a": "b", "b": "a"}], ids=["itself", "an earlier one"])
def test_a_token_that_leads_back_ends_a_list_that_is_not_whole(tmp_path: Path, leads_to: dict[str, str]) -> None:
    answers = {}
    for verb in ("ListRecords", "ListIdentifiers"):
        answers[FIRST.format(verb)] = [listed(verb, "a", 101)]
        for number, token in enumerate(leads_to, 102):
            answers[NEXT.format(verb, token)] = [listed(verb, leads_to[token], number)]
    export, asked = crawled("ukds", answers, tmp_path)
    assert len(asked) == 2 * (1 + len(leads_to))
    assert {"101", "102"} <= {url.rpartition("/")[2] for url in export.ledger}
    assert "the list goes on with what it had" in export.manifest["incomplete"]
    _, again = crawled("ukds", answers, tmp_path)
    assert again == asked  # and not from the day of the first run on


def test_new_tokens_for_what_was_listed_end_it_too(tmp_path: Path) -> None:
    tokens = range(20)
    answers = {FIRST.format(verb): [listed(verb, "0", 101)] for verb in ("ListRecords", "ListIdentifiers")}
    for verb in ("ListRecords", "ListIdentifiers"):
        answers |= {NEXT.format(verb, token): [listed(verb, str(token + 1), 101)] for token in tokens}
    export, asked = crawled("ukds", answers, tmp_path)
    assert len(asked) == 4
    assert "the list goes on with what it had" in export.manifest["incomplete"]


def test_an_identifier_that_is_no_study_number_is_counted(tmp_path: Path) -> None:
    export, _ = crawled("ukds", {FIRST.format("ListRecords"): [listed("ListRecords", "", "a:b", 101, "a:c")]}, tmp_path)
    assert export.stats["pages/problems"] == 2
    assert [url.rpartition("/")[2] for url in export.ledger] == ["101"]


def test_what_could_not_be_read_is_listed_again(tmp_path: Path) -> None:
    answers = {FIRST.format("ListRecords"): [listed("ListRecords", "", 101)]}
    export, asked = crawled("ukds", answers, tmp_path)
    assert [row["state"] for row in export.ledger.values()] == ["parse_failed"]
    assert crawled("ukds", answers, tmp_path)[1] == asked == [*answers]


def test_a_list_that_has_moved_is_read_where_it_is(tmp_path: Path) -> None:
    moved = FIRST.format("ListRecords").replace("provider?", "provider/?")
    answers = {FIRST.format("ListRecords"): [to(moved)], moved: [listed("ListRecords", "", 101)]}
    export, asked = crawled("ukds", answers, tmp_path)
    assert asked == [*answers]
    assert len(export.ledger) == 1


@pytest.mark.parametrize(
    "answers",
    [
        {ROBOTS: [Answer(404)], SITEMAP: [to(ELSEWHERE)], ELSEWHERE: [sitemap("roads")]},
        {ROBOTS: [to("harmonydata.ac.uk/search/robots.txt")], SITEMAP: [sitemap("roads")]},
    ],
    ids=["sitemap", "robots.txt"],
)
def test_a_sitemap_that_has_moved_is_read_where_it_is(tmp_path: Path, answers: dict[str, list[Answer]]) -> None:
    export, asked = crawled("harmony", answers, tmp_path)
    assert {*asked} == {*answers}
    assert {*export.ledger} == {"/items/roads"}


def test_a_sitemap_that_is_redirected_to_itself_has_failed(tmp_path: Path) -> None:
    answers = {ROBOTS: [Answer(404)], SITEMAP: [to(SITEMAP)]}
    export, asked = crawled("harmony", answers, tmp_path)
    assert asked.count(SITEMAP) == 6
    assert "HTTP 301, and no sitemap" in export.manifest["incomplete"]
