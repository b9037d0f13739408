"""The page: one small file that needs nothing else, the same for the same facts, and safe whatever the sources say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import html

from crawler.items import State
from crawler.records.gate import Verdict
from crawler.report.facts import Facts, Outcome
from crawler.report.gather import gather
from crawler.report.page import page
from crawler.report.words import STATES
from tests.export.crawled import Kept
from tests.report import made, runs

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 500_000
RUNS: dict[str, Callable[[], Kept]] = {
    "published": runs.published,
    "refused": runs.refused,
    "stopped": runs.failed,
    "killed": lambda: runs.failed(""),
    "unknown": Kept,
}
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture(params=RUNS)
def facts(request: pytest.FixtureRequest) -> Facts:
    """Return the facts of a run, one for each way to end."""
    name: str = request.param
    return gather(RUNS[name](), "run-2")


def parsed(facts: Facts) -> html.HtmlElement:
    return html.document_fromstring(page(facts).decode())


def text_of(facts: Facts, path: str = "//main") -> str:
    return " ".join(" ".join(parsed(facts).xpath(f"{path}//text()")).split())


def test_it_needs_nothing_else(facts: Facts) -> None:
    root = parsed(facts)
    assert root.xpath("//script | //iframe | //object | //img | //form | //*[@src or @style]") == []
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    linked = root.xpath("//*[not(self::a)]/@href")
    assert [each.partition(",")[0] for each in linked] == ["data:image/svg+xml"]
    assert "url(" not in (style := "".join(root.xpath("//style/text()")))
    assert "@import" not in style


def test_what_names_something_else_in_it_finds_that(facts: Facts) -> None:
    root = parsed(facts)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(root.xpath("//@aria-labelledby")) <= set(ids)
    assert {target for target in root.xpath("//a/@href") if target.startswith("#")} <= {f"#{id_}" for id_ in ids}


def test_each_table_has_a_caption_and_heads_and_stands_in_a_region_for_the_keyboard(facts: Facts) -> None:
    root = parsed(facts)
    for table in root.xpath("//table"):
        assert len(table.xpath("caption")) == 1
        assert table.xpath("thead/tr/th[@scope='col']")
        assert len(table.xpath("tbody/tr[not(@class='more')]")) == len(table.xpath("tbody/tr/th[@scope='row']"))
        (region,) = table.xpath("parent::div[@role='group' and @tabindex='0']/@aria-labelledby")
        assert region == table.xpath("caption/@id")[0]
    assert all(chart.get("role") == "img" and chart.get("aria-label") for chart in root.xpath("//figure/svg"))


def test_the_verdict_comes_first() -> None:
    said = {name: text_of(gather(make(), "run-2"), "//main/*[1]") for name, make in RUNS.items()}
    assert said["published"].startswith("Published 3 records are what readers have had since")
    assert said["refused"].startswith(
        "Refused by the gate shrink: 0.666667 of the previous snapshot's records are gone"
    )
    assert "scrapy publish run-2 --accept shrink" in said["refused"]
    assert said["stopped"].startswith("Failed The last process was stopped by a signal.")
    assert "scrapy crawl SPIDER -a run_id=run-2" in said["stopped"]
    assert said["killed"].startswith("Failed The last process left no word: it was killed, or is still at work.")
    assert "Readers still have run run-1" in said["killed"]
    assert said["unknown"].startswith("Failed No process has left a word of it.")
    assert "Nothing has been published yet" in said["unknown"]


def test_what_can_only_be_mended_is_not_offered_to_be_accepted() -> None:
    refused = gather(runs.refused(), "run-2")
    assert refused.snapshot is not None
    gate = [Verdict(name="ledger", passed=False, value=3, limit=4, setting="")]
    snapshot = replace(refused.snapshot, manifest=replace(refused.snapshot.manifest, gate=gate))
    said = text_of(replace(refused, snapshot=snapshot), "//main/*[1]")
    assert "3 targets ended in a state, 4 were discovered" in said
    assert "--accept" not in said


def test_a_crawl_that_ended_well_and_was_not_published_can_be() -> None:
    facts = gather(runs.failed("finished"), "run-2")
    assert "what it found was not published" in text_of(facts)
    assert "scrapy publish run-2" in text_of(facts)


def test_what_is_worth_a_look_is_said_beside_any_verdict() -> None:
    said = text_of(made.facts(text="odd", hosts=1), "//main/*[1]")
    for remark in (
        "Too many targets of ukds failed: all that was read there before is kept",
        "The log has 300 messages of the level ERROR",
        "Could not be read: odd.",
        "And 292 more could not be read",
        "nothing has left for not being found: odd; odd; odd; odd; odd; odd; odd; odd, and 292 more",
    ):
        assert remark in said
    few = replace(gather(runs.failed(), "run-2"), batches=400, read=37)
    assert "Read from the last 37 of 400 batches in the log" in text_of(few)


def test_the_numbers_stand_where_one_looks_for_them() -> None:
    facts = gather(runs.published(), "run-2")
    assert text_of(facts, "//dl[@class='tiles']") == (
        "Records 3 ±0 since the run before Added 1 1 updated, 1 withdrawn Targets 4 3 told what they hold "
        "Failed 1 25.0% of the targets Requests 3 300 B received Took 0 s"
    )
    assert "sex (33.3%, now 0%)" in text_of(facts, "//section[h2/@id='fill']")
    assert "title 1 1 ±0" in text_of(facts, "//table[caption/@id='conflicts-table']/tbody")
    assert "fetch_failed HTTP 503 1" in text_of(facts, "//table[caption/@id='failures-table']/tbody")
    assert "harmonydata.ac.uk 3 1 33.3% 300 B" in text_of(facts, "//table[caption/@id='hosts-table']/tbody")


def test_hostile_text_stays_text() -> None:
    body = page(made.facts(text=f'{SCRIPT}" onmouseover="alert(1)', url=f"javascript:alert(1)//{SCRIPT}", hosts=1))
    root = html.document_fromstring(body.decode())
    assert root.xpath("//script | //*[@onmouseover]") == []
    assert not [href for href in root.xpath("//a/@href") if not href.startswith("#")]
    assert "javascript:alert(1)//<script>" in root.text_content()


def test_only_pages_of_the_web_are_linked_and_no_long_ones() -> None:
    urls = ["https://example.org/a", "http://[", "data:text/html,x", f"https://example.org/{'a' * 250}"]
    linked = [parsed(made.facts(url=url, text="x", hosts=1)).xpath("//a[@rel='noreferrer']/@href") for url in urls]
    assert [set(hrefs) for hrefs in linked] == [{"https://example.org/a"}, set(), set(), set()]


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize(
    ("text", "url"),
    [
        (made.LONG, made.URL),
        ('"' * 2_000, f"https://example.org/?{'&' * 225}"),
        ("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 2_000, made.URL),
    ],
    ids=["long", "escaped", "of many bytes"],
)
def test_it_is_small_whatever_the_run_is(outcome: Outcome, text: str, url: str) -> None:
    assert len(page(made.facts(outcome, text=text, url=url))) < LARGEST


def test_hosts_beyond_those_shown_are_one() -> None:
    rows = parsed(made.facts(text="x")).xpath("//table[caption/@id='hosts-table']/tbody/tr")
    assert len(rows) == 41
    assert rows[-1].text_content().startswith("160 other hosts")


def test_the_same_facts_make_the_same_bytes(facts: Facts) -> None:
    assert page(facts) == page(facts)


def test_every_state_has_words() -> None:
    assert STATES.keys() == set(State)
