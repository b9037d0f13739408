"""An answer of ReShare -> the eprint that it describes: the JSON export, or the abstract page."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson
from lxml import etree

from crawler.items import Source
from crawler.sites.page import Found, Outcome, Page
from crawler.sites.reshare.fields import from_json, from_tags, read_eprint, texts
from crawler.sites.reshare.urls import HOST, canonical, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOM = b"\xef\xbb\xbf"
_CALLBACK = re.compile(rb"[\w$.]{1,100}\s*\(", re.ASCII)
_TAGS = ("eprints.", "DC.")


def read(url: str, body: bytes) -> Page:
    """Return what an answer tells of the eprint with a canonical URL, as JSON or as its abstract page; never raises.

    Without a URL, as of a page in a file, it is the eprint that the answer names.

    >>> body = b'{"eprintid": 856334, "title": 1984, "eprint_status": "archive"}'
    >>> read("https://reshare.ukdataservice.ac.uk/856334/", body).found[0].values["title"]
    '1984'
    """
    body = body.removeprefix(_BOM).strip()
    if body.startswith(b"<"):
        return _from_html(url, body)
    for eprint in _json(body):
        own = _own(url, texts(eprint.get("eprintid")))
        if own:
            return _page(own, from_json(eprint), ())
    return Page(outcome=Outcome.UNREADABLE)


def _own(url: str, numbers: list[str]) -> str | None:
    """The canonical URL of the eprint with a number, None where that is another than the one asked for."""
    own = canonical(f"https://{HOST}/{numbers[0]}/") if numbers else None
    return own if url in {"", own} else None


def _json(body: bytes) -> list[dict[str, Any]]:
    """The objects of an export, which is one object or a list, and for a query with `callback` a call with it."""
    call = _CALLBACK.match(body)
    if call:
        body = body.rstrip(b"; \t\r\n").removesuffix(b")")[call.end() :]
    try:
        export = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    return [each for each in (export if isinstance(export, list) else [export]) if isinstance(each, dict)]


def _from_html(url: str, body: bytes) -> Page:
    root = _parsed(body)
    if root is None:
        return Page(outcome=Outcome.UNREADABLE)
    tags: dict[str, list[str]] = defaultdict(list)
    for tag in root.iter("meta"):
        name, content = tag.get("name", ""), tag.get("content", "")
        if name.startswith(_TAGS) and content.strip():
            tags[name].append(content)
    if not tags:
        return Page(outcome=Outcome.UNREADABLE)  # that there is no such eprint, the status says
    own = _own(url, tags.get("eprints.eprintid") or [number_of(url)])
    if own is None:
        return Page(outcome=Outcome.UNREADABLE)
    banner = root.find(".//*[@class='ep_msg_warning']")  # says that there is a later version, and links to it
    return _page(own, from_tags(tags), () if banner is None else (link.get("href", "") for link in banner.iter("a")))


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - lxml has no type information
    """The root element of a page, which EPrints writes in UTF-8."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:  # nothing but a doctype
        return None


def _page(url: str, flat: dict[str, Any], banner: Iterable[str]) -> Page:
    if flat.get("eprint_status") == ["deletion"]:
        return Page(outcome=Outcome.ABSENT)
    page = Page(outcome=Outcome.RECORD)
    values = read_eprint(flat, url, page.unknown_keys)
    if values.keys() <= {"urls"}:
        return Page(outcome=Outcome.UNREADABLE)
    page.found = [Found(source=Source.RESHARE, values=values, url=url)]
    others = [*(f"https://{HOST}/{number}/" for number in flat.get("succeeds", [])), *banner]
    page.links = [each for each in dict.fromkeys(map(canonical, others)) if each and each != url]
    return page
