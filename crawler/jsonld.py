"""JSON-LD text, as pages carry it, -> a flat list of its nodes."""

from __future__ import annotations

import re
from html import unescape
from json import JSONDecoder
from typing import Any

import orjson

_OPENING = re.compile(r"\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[|\ufeff|\s)*")
_DECODER = JSONDecoder(strict=False)  # accepts raw line breaks in a string, which writers of templates leave there


_TRANSPARENT = {"@graph", "mainEntity"}


def nodes(text: str | bytes, *, nested: bool = True) -> list[dict[str, Any]]:
    r"""Return the nodes of a JSON-LD text in document order, those inside lists, `@graph` and other nodes included.

    Without the nested ones, only those that a page is about: no other node encloses them, but as its main entity.

    A node is an object with an `@type`, or one that nothing but a list or `@graph` encloses. Comment and CDATA marks
    around the JSON, HTML entities in place of its quotes, raw line breaks in its strings and anything behind it are
    put up with: JSON-LD 1.1 ("Embedding JSON-LD in HTML Documents") allows none of them, and pages have them all. Text
    without JSON has no nodes; nothing is raised.

    >>> [node["name"] for node in nodes('<!-- {"@graph": [{"@type": "Dataset", "name": "a"}, {"name": "b"}]} -->')]
    ['a', 'b']
    >>> [node["@type"] for node in nodes('{"@type": "Dataset", "publisher": {"@type": "Organization"}};')]
    ['Dataset', 'Organization']
    >>> nodes("{&quot;@type&quot;: &quot;Dataset&quot;}"), nodes("none")
    ([{'@type': 'Dataset'}], [])
    """
    found: list[dict[str, Any]] = []
    todo: list[tuple[Any, bool]] = [(_load(text), True)]
    while todo:
        value, outermost = todo.pop()
        if isinstance(value, list):
            todo += [(each, outermost) for each in reversed(value)]
        elif isinstance(value, dict):
            graph = value.get("@graph")
            if (nested and "@type" in value) or (outermost and graph is None):
                found.append(value)
            todo += [
                (each, outermost and key in _TRANSPARENT)
                for key, each in reversed(value.items())
                if isinstance(each, (dict, list))
            ]
    return found


def types(node: dict[str, Any]) -> set[str]:
    """Return the local names of a node's types.

    >>> sorted(types({"@type": ["http://schema.org/Dataset", "dcat:Dataset", "Report"]}))
    ['Dataset', 'Report']
    """
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {re.split(r"[/#:]", kind)[-1] for kind in kinds if isinstance(kind, str)}


def _load(text: str | bytes) -> Any:  # noqa: ANN401 - decoded JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    for candidate in (text, unescape(text)):
        start = _OPENING.match(candidate)
        try:
            return _DECODER.raw_decode(candidate, start.end() if start else 0)[0]
        except (ValueError, RecursionError):  # of JSON, or of an integer with thousands of digits
            continue
    return None
