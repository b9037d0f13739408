"""A page of the catalogue, as the server sends it or as a browser shows it: its JSON-LD and the labelled parts around.

The pages are drawn by a script: what the server sends may be an empty shell. A study's page holds one schema.org
Dataset once it is drawn; of the pages of files and series nobody has said what they hold, so that they are read by the
same rules, and by their heading and labelled parts where there is no Dataset.

A series is neither a study nor a dataset. It is told as what it is, by title and description alone: with its DOI it
could be taken for a study. Of it no record can be made, but its page leads to its studies.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml import etree

from crawler.flight import Problem
from crawler.identity import doi as dois
from crawler.identity import ukda
from crawler.items import Source
from crawler.records.normalise.text import line, plain_text
from crawler.sites import html
from crawler.sites.page import Found, Outcome, Page
from crawler.sites.schema_org import DATASET, pages_only
from crawler.sites.ukds.markup import markup
from crawler.sites.ukds.urls import canonical, is_file, series_url, study_of, study_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.sites.html import Element

_DESCRIPTIONS = ("abstract", "description")
_TOPICS = "main topics"
# What the text of a page says of how the data can be had, the most open first.
_ACCESS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"These data are open\b|without the requirement for registration for download/access",
        r"\bSafeguarded\b|\bSpecial Licence\b|\bEnd User Licence\b",
    )
)
# Assumed: no page that says so has been recorded. A line says it as a whole: one of a page that is out of order for a
# while, and says what may be wrong, must not take its record away.
_ABSENT = re.compile(
    r"""(?:error\W{1,3})?(?:404|410)(?:\W{1,3}(?:error|gone|(?:page\ )?not\ found))?\W*
      | (?:sorry\W{1,3})?(?:the|this)?\ ?(?:dataset|file|page|record|series|study)\b [^,;:.]{0,40} \b
        (?:not\ (?:be\ )?found | does\ not\ exist | no\ longer\ available
        | (?:has\ been|was)\ (?:deleted|removed|withdrawn))\W*""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_FOUND = re.compile(r"(?:(?:error|oops|sorry)\W{1,3})?not found\W{0,3}", re.IGNORECASE)  # of a heading, as a whole
_LONGEST_NOTICE = 100
_LONGEST_LABEL = 60
_TOLD_OF_A_SERIES = ("title", "description")


def read(url: str, body: bytes) -> Page:
    """Return what a page of HTML tells, from its canonical URL and its bytes; never raises.

    Where the URL is not known (""), its JSON-LD tells it; a page that names none of its own is of some other site.
    """
    root = html.parse(body)
    if root is None:
        return Page(outcome=Outcome.UNREADABLE, problems=[Problem(None, 0, "no HTML")])
    unknown: Counter[str] = Counter()
    nodes = html.datasets(root)
    own = _own(nodes, url)
    if nodes and not own and not _is_series(url):
        return Page(outcome=Outcome.UNREADABLE, problems=[Problem(None, 0, "the page describes another study")])
    node = own[0] if len({str(each) for each in own}) == 1 else {}
    url = url or _named(node)
    if not url:
        return Page(outcome=Outcome.UNREADABLE)
    parts = _parts(root)
    text = root.find("body")
    lines = (plain_text(markup(text)) or "").splitlines() if text is not None else []
    values = DATASET.read(node, unknown, "jsonld.")
    if not isinstance(values.get("title"), str):
        values.pop("title", None)
    values |= _around(values, parts, lines, unknown)
    links = _links(root, url)
    if "title" not in values and ("description" in values or (links and _is_series(url))):
        values |= _heading(root)
    if "title" not in values:
        return Page(outcome=_outcome(root, lines))
    if _is_series(url):
        values = {name: values[name] for name in _TOLD_OF_A_SERIES if name in values} | {"type": "series"}
    values["urls"] = [*dict.fromkeys([url, *values.get("urls", [])])]
    found = Found(source=Source.UKDS, values=values, url=url, is_part=is_file(url))
    return Page(outcome=Outcome.RECORD, found=[found], links=links, unknown_keys=unknown)


def _is_series(url: str) -> bool:
    return url.startswith(series_url(0)[:-1])


def _own(nodes: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    """The nodes that can be the page's own: on a study's page the first of its number, else all that name no other.

    A file's page may name the study that the file is a part of; what names a study on the page of a series is that
    study, for a series has no number of that kind.
    """
    number = study_of(url)
    if number is None and not _is_series(url):
        return nodes
    named = [(node, _numbers(node)) for node in nodes]
    own = [node for node, numbers in named if number in numbers]
    return own[:1] or [node for node, numbers in named if not numbers]


def _named(node: dict[str, Any]) -> str:
    """The page that a node says it is the Dataset of, "" where it names none of the UK Data Service."""
    if pages := pages_only(node.get("url")):  # which on another site's page may stand beside a study's DOI
        return canonical(pages[0]) or ""
    return next((study_url(number) for number in _numbers(node)), "")


def _numbers(node: dict[str, Any]) -> set[int]:
    """The studies that a node's own identifiers name."""
    values = DATASET.read({key: node[key] for key in ("@id", "identifier", "url") if key in node}, Counter())
    named = [ukda.from_doi(dois.normalise(doi) or "") for doi in values.get("dois", [])]
    named += [ukda.from_url(page) for page in values.get("urls", [])]
    return {study.number for study in named if study}


def _parts(root: Element) -> dict[str, str]:
    """Label in lower case -> content, for each of the page's accordions (of the React library MUI)."""
    parts: dict[str, str] = {}
    label = ""
    walker = etree.iterwalk(root, events=("start",))
    for _, element in walker:
        kind = element.get("class") or ""
        if "MuiAccordionSummary" in kind:
            label = (line(markup(element)) or "").lower()
            walker.skip_subtree()
        elif "MuiAccordionDetails" in kind:
            if label and (content := markup(element)):
                parts.setdefault(label, content)
            walker.skip_subtree()
    return parts


def _around(values: dict[str, Any], parts: dict[str, str], lines: list[str], unknown: Counter[str]) -> dict[str, str]:
    """What the page around the JSON-LD tells beyond it: the topics of a study, and how the data can be had."""
    for label in parts.keys() - {*_DESCRIPTIONS, _TOPICS}:
        unknown[f"page.{label[:_LONGEST_LABEL]}"] += 1
    description, topics = values.get("description"), parts.get(_TOPICS)
    if not isinstance(description, str):
        description = next((parts[label] for label in _DESCRIPTIONS if label in parts), "")
    told = [description, f"<p>Main topics:</p>{topics}" if topics else ""]
    access = (text for words in _ACCESS for text in lines if words.search(text))
    around = {"description": "\n\n".join(filter(None, told)), "access": values.get("access") or next(access, "")}
    return {name: text for name, text in around.items() if text}


def _heading(root: Element) -> dict[str, str]:
    title = next((text for heading in root.iter("h1") if (text := line(markup(heading)))), None)
    return {"title": title} if title else {}


def _links(root: Element, url: str) -> list[str]:
    """The pages of a study's files, which nothing but the study's page leads to; of a series, those of its studies."""
    series = _is_series(url)
    if study_of(url) is None and not series:
        return []
    wanted: Callable[[str], object] = study_of if series else is_file
    found = (canonical(_joined(url, link.get("href") or "")) for link in root.iter("a"))
    return [*dict.fromkeys(page for page in found if page and wanted(page))]


def _joined(url: str, href: str) -> str:
    try:
        return urljoin(url, href)
    except ValueError:  # an IPv6 literal that is none
        return ""


def _outcome(root: Element, lines: list[str]) -> Outcome:
    """What a page without a record is: one that says that there is none, a shell for a script to fill, or neither."""
    if any(_ABSENT.fullmatch(each) for each in lines if len(each) <= _LONGEST_NOTICE):
        return Outcome.ABSENT
    headings = (line(markup(heading)) or "" for heading in root.iter("h1", "h2"))
    if any(_NOT_FOUND.fullmatch(heading) for heading in headings):
        return Outcome.ABSENT
    drawn = next(root.iter("h1"), None) is not None
    scripted = any(script.get("src") for script in root.iter("script"))
    return Outcome.CLIENT_RENDERED if scripted and not drawn else Outcome.UNREADABLE
