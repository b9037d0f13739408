"""Charts as SVG to be put into a page: pygal draws them, and the page's own style sheet colours them.

What pygal adds for a page of its own is left out: its script, its style sheet, what both need, and the day of the year.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pygal
from lxml import etree
from markupsafe import Markup
from pygal.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# pygal leaves a finder of plug-ins behind, which Python warns of (3.11) or passes by (3.12) at every import after it.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

_WIDTH, _HEIGHT = 320, 112
"""In units of which one is a pixel on the narrowest screen, so that the labels can be read there."""
_LABELS = 11
_WIDE = 10
"""As many bars are each as wide as a short label."""
_STYLE = Style(font_family="inherit", label_font_size=_LABELS, major_label_font_size=_LABELS)
_DECIMALS = re.compile(r"\d+\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers to draw, one for each label of the chart."""

    name: str
    """What a number of it is called where the pointer rests."""
    kind: str
    """The class by which the style sheet knows it."""
    values: Sequence[int]


def bars(
    summary: str,
    labels: Sequence[str],
    series: Sequence[Series],
    marked: Sequence[int] = (),
    as_text: Callable[[float], str] = "{:,.0f}".format,
) -> Markup:
    """Return stacked bars; `summary` is what a screen reader says of them.

    `marked` are the numbers of the labels that are shown, all by default.

    >>> chart = bars("Records by run", ["5 May", "6 May"], [Series(name="records", kind="good", values=[7, 9])])
    >>> "6 May: 9 records" in chart, "<script" in chart, "<style" in chart
    (True, False, False)
    """
    columns = zip(*(each.values for each in series), strict=True)
    chart = pygal.StackedBar(
        width=_WIDTH,
        height=_HEIGHT,
        style=_STYLE,
        css=[],
        js=[],
        no_prefix=True,
        show_legend=False,
        margin=4,
        margin_right=8,
        spacing=2,
        min_scale=1,
        max_scale=3,
        order_min=0,  # nothing that is drawn has fractions
        range=(0, max(1, *map(sum, columns))),
        value_formatter=as_text,
        x_labels=list(map(str, range(len(labels)))),  # pygal tells labels apart by their text
        classes=("chart",),
    )
    for each in series:
        chart.add(each.name, list(each.values))
    return _cleaned(chart.render_tree(), summary, labels, series, marked or range(len(labels)))


def _cleaned(
    root: etree._Element, summary: str, labels: Sequence[str], series: Sequence[Series], marked: Sequence[int]
) -> Markup:
    """Return what pygal drew as an image with a name: the axes, and bars that say what they are."""
    plot = root.find("g/g[@class='plot']")
    root[:] = [plot]
    del root.attrib["id"]
    root.attrib.update({"role": "img", "aria-label": summary})
    plot.remove(plot.find("rect[@class='background']"))
    for unit in plot.iterfind("g[@class='axis y always_show']/g"):
        unit.remove(unit.find("title"))
    _mark(plot.find("g[@class='axis x']"), labels, marked)
    for told, drawn in zip(series, plot.findall("g/g[@class='bars']/.."), strict=True):
        drawn.attrib["class"] = told.kind
        drawn[:] = list(_named(drawn[0], told, labels))
    for each in plot.iter():
        for name, value in each.attrib.items():
            each.attrib[name] = _DECIMALS.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value)
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 - lxml has escaped every text in it


def _mark(axis: etree._Element, labels: Sequence[str], marked: Sequence[int]) -> None:
    """Leave an axis the labels that are shown; those of the outer bars stay within the chart, where bars are narrow."""
    texts = [unit.find("text") for unit in axis.iterfind("g")]
    for number in marked:
        texts[number].text = labels[number]
    axis[:] = [texts[number] for number in marked]
    if len(labels) > _WIDE:
        axis[0].attrib["class"], axis[-1].attrib["class"] = "first", "last"


def _named(bars: etree._Element, series: Series, labels: Sequence[str]) -> Iterator[etree._Element]:
    """Yield the bars that have a height, with what they stand for."""
    for bar in bars:
        rect = bar.find("rect")
        if float(rect.attrib["height"]):
            for name in ("rx", "ry", "class"):
                del rect.attrib[name]
            label = labels[int(bar.findtext("desc[@class='x_label']"))]
            etree.SubElement(rect, "title").text = f"{label}: {bar.findtext('desc')} {series.name}"
            yield rect
