"""Charts are images that a page can hold: no script, no style, no name of an element, and the same bytes each time."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from lxml import etree

from crawler.report.charts import Series, bars

GOOD = Series(name="answered", kind="data", values=[3, 0, 50])
BAD = Series(name="failed", kind="bad", values=[0, 4, 10])
LABELS = ["07:00", "07:01", "07:02"]


def drawn(*series: Series, labels: list[str] = LABELS, marked: tuple[int, ...] = ()) -> etree._Element:
    return etree.fromstring(bars("Requests over time", labels, series, marked))


def test_it_is_an_image_with_a_name_and_nothing_that_runs() -> None:
    chart = drawn(GOOD, BAD)
    assert (chart.get("role"), chart.get("aria-label")) == ("img", "Requests over time")
    assert {element.tag for element in chart.iter()} == {"svg", "g", "path", "text", "rect", "title"}
    names = {name for element in chart.iter() for name in element.attrib}
    assert not names & {"id", "style", "href", "onload", "onclick"}


def test_bars_stand_on_each_other_and_say_what_they_are() -> None:
    chart = drawn(GOOD, BAD)
    titles = {kind: chart.xpath(f"//g[@class='{kind}']/rect/title/text()") for kind in ("data", "bad")}
    assert titles == {
        "data": ["07:00: 3 answered", "07:02: 50 answered"],
        "bad": ["07:01: 4 failed", "07:02: 10 failed"],
    }
    (lower,), (upper,) = (chart.xpath(f"//rect[title='{title}']") for title in (titles["data"][1], titles["bad"][1]))
    assert float(upper.get("y")) + float(upper.get("height")) == pytest.approx(float(lower.get("y")), abs=0.2)
    assert float(lower.get("height")) / float(upper.get("height")) == pytest.approx(5, abs=0.2)


def test_the_scale_has_whole_numbers_and_each_once() -> None:
    for top in (1, 2, 7, 50, 1_234, 10**9):
        series = Series(name="x", kind="data", values=[top])
        scale = drawn(series, labels=["a"]).xpath("//g[contains(@class, 'y')]/g/text/text()")
        assert len(set(scale)) == len(scale) >= 2
        assert scale[0] == "0"
        assert max(int(each.replace(",", "")) for each in scale) <= top


def test_marked_labels_alone_are_shown_and_stay_within_the_chart() -> None:
    many = [f"07:{number:02d}" for number in range(60)]
    chart = drawn(Series(name="x", kind="data", values=[1] * 60), labels=many, marked=(0, 30, 59))
    texts = chart.xpath("//g[@class='axis x']/text")
    assert [(text.text, text.get("class")) for text in texts] == [("07:00", "first"), ("07:30", ""), ("07:59", "last")]


def test_nothing_to_draw_is_drawn() -> None:
    chart = drawn(Series(name="x", kind="data", values=[0, 0, 0]))
    assert chart.xpath("//rect") == []


def test_text_is_escaped() -> None:
    hostile = Series(name="</svg><script>alert(1)</script>", kind="data", values=[1])
    chart = bars('"><script>', ["<b>"], [hostile])
    assert "<script" not in chart
    assert "<b>" not in chart


def test_the_same_numbers_make_the_same_small_bytes() -> None:
    series = [Series(name="x", kind="data", values=list(range(60))), Series(name="y", kind="bad", values=[1] * 60)]
    labels = list(map(str, range(60)))
    assert bars("a", labels, series) == bars("a", labels, series)
    assert len(bars("a", labels, series)) < 20_000


def test_pygal_leaves_nothing_behind_that_python_warns_of() -> None:
    code = "import crawler.report.charts, sys; print([type(finder).__module__ for finder in sys.meta_path])"
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert "pygal" not in ran.stdout
    assert re.search("importlib", ran.stdout)
