"""A Harmony page -> the descriptions on it, the targets it leads to, and what kind of page it is."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from crawler import flight, jsonld
from crawler.items import Source
from crawler.sites.harmony.fields import DETAIL_KEYS
from crawler.sites.harmony.items import (
    Items,
    Name,
    describes,
    is_result,
    name_in,
    own_of,
    without_own_page,
)
from crawler.sites.harmony.urls import canonical, item_url, name_of, own_name, redirected, uuid_of
from crawler.sites.page import Found, Outcome, Page
from crawler.sites.schema_org import DATASET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.flight import Payload

_LD_TAG = re.compile(
    rb"""<script\b(?=[^<>]*\btype\s*=\s*["']?application/ld\+json\b)[^<>]*>""", re.IGNORECASE
)  # its end is looked for apart from it: one pattern for both would look through the page again for every tag
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_LOCATION = re.compile(
    r"""\blocation(?:\.href)?\s*(?:=|\.\s*(?:replace|assign)\s*\()\s*(["'`])(?P<url>(?i:https?:/|\.{0,2})/[^"'`\s]+)\1"""
    r"""|NEXT_REDIRECT;(?:replace|push);(?P<digest>[^;]+);"""
)
_NOT_FOUND = re.compile(rb"(?:Dataset|Study) Not Found|<title>\s*404\b|NEXT_NOT_FOUND|NEXT_HTTP_ERROR_FALLBACK;404")


def read(url: str, body: bytes) -> Page:
    """Return what a page tells, from its canonical URL and the bytes of its `.txt` twin or its HTML; never raises.

    All that a page carries describes one item: its JSON-LD takes the identity of the record beside it, for on the page
    of a dataset it may name the DOI of the study. Where the URL is not known (""), its record or its JSON-LD names the
    item; JSON-LD that names none of the catalogue is of some other site.
    """
    payload = flight.decode(body)
    results = [each for each in payload.find_objects("dataset_schema", "extra_data") if _is_search_result(each)]
    props = list(payload.find_objects(*DETAIL_KEYS))
    own = own_of(results, props, url)
    name = _name(own, name_of(url))
    node = _own_node(payload, body, name)
    if node is not None and name.slug is None and (known := own_name(node.get("url"))):
        if uuid_of(known):
            name.uuid = name.uuid or known
        else:
            name.slug = known
    if not str(name):
        node = None
    items = Items(Counter())
    items.gather(own, name, results)
    _add_node(items, node, name)
    page = Page(
        outcome=Outcome.RECORD,
        found=items.found,
        links=list(items.links),
        told=list(items.told),
        unknown_keys=items.unknown,
        problems=[*payload.problems_met, *items.problems],
    )
    if all(found.embedded for found in items.found):
        page.problems = [*payload.problems, *items.problems]
        page.outcome, page.redirect = _outcome(url, payload, body)
    return page


def _is_search_result(value: dict[str, Any]) -> bool:
    return is_result(value) and isinstance(value["dataset_schema"], dict)


def _name(own: dict[str, Any] | None, in_url: str) -> Name:
    """What the page's item is known by: from its record, else from the page's URL."""
    name = name_in(own) if own is not None and is_result(own) else Name(None, None)
    if uuid_of(in_url):
        name.uuid = name.uuid or in_url
    else:
        name.slug = name.slug or in_url or None  # of a page whose URL is not known, its record or JSON-LD may tell it
    return name


def _own_node(payload: Payload, body: bytes, name: Name) -> dict[str, Any] | None:
    """The JSON-LD Dataset of the page: the one whose URL names the page's item, else the only one of no other item."""
    datasets = [node for node in _nodes(payload, body) if "Dataset" in jsonld.types(node)]
    named = [node for node in datasets if (known := own_name(node.get("url"))) and name.matches(known)]
    unnamed = [node for node in datasets if not _names_another(node, name)]
    if named:
        return named[0]
    return unnamed[0] if len({str(node) for node in unnamed}) == 1 else None


def _names_another(node: dict[str, Any], name: Name) -> bool:
    """Tell whether a node's URL is the page of another item; a slug says nothing of an item known by uuid alone."""
    known = own_name(node.get("url"))
    ours = name.uuid if uuid_of(known) else name.slug
    return known is not None and ours is not None and known != ours


def _nodes(payload: Payload, body: bytes) -> Iterator[dict[str, Any]]:
    """The JSON-LD nodes in the stream (a text row, a prop, a script that Next.js starts early) and in HTML tags."""
    for text in payload.texts('"@type"'):
        yield from jsonld.nodes(text, nested=False)
    if _MARKUP.match(body):
        lower = body.lower()
        for tag in _LD_TAG.finditer(body):
            end = lower.find(b"</script", tag.end())
            if end < 0:
                break
            yield from jsonld.nodes(body[tag.end() : end], nested=False)


def _add_node(items: Items, node: dict[str, Any] | None, name: Name) -> None:
    """Add the JSON-LD description of the page's item behind the one of its record."""
    values = DATASET.read(node, items.unknown, "jsonld.") if node else {}
    if not describes(values):
        return
    own = next((found for found in items.found if not found.embedded), None)
    items.found.insert(
        1 if own else 0,
        Found(
            source=Source.HARMONY_JSONLD,
            values=without_own_page(values, name),
            url=item_url(name.uuid, name.slug),
            uuid=name.uuid,
            slug=name.slug,
            ancestors=list(own.ancestors) if own else [],
            is_part=own.is_part if own else False,
        ),
    )


def _redirect(url: str, payload: Payload, body: bytes) -> str | None:
    """Where a script on the page, or React's own redirect, sends a browser to."""
    texts = [*payload.texts("location"), *payload.texts("NEXT_REDIRECT"), body.decode("utf-8", "replace")]
    for text in texts:
        for match in _LOCATION.finditer(text):
            target = redirected(url, match["url"] or match["digest"])
            if target and target != url and canonical(target):  # elsewhere leads a link "back", not the item
                return target
    return None


def _outcome(url: str, payload: Payload, body: bytes) -> tuple[Outcome, str | None]:
    """What a page without a record of its own is, and where it sends a browser to if that is what it does."""
    if any(each["initialData"] is None for each in payload.find_objects("initialData")):
        return Outcome.CLIENT_RENDERED, None
    if _NOT_FOUND.search(body):
        return Outcome.ABSENT, None
    redirect = _redirect(url, payload, body)
    return (Outcome.REDIRECT, redirect) if redirect else (Outcome.UNREADABLE, None)
