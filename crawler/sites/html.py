"""A page of HTML, as any server sends it -> its elements, and the schema.org Datasets that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree

from crawler import jsonld

if TYPE_CHECKING:
    from lxml.etree import _Element

Element: TypeAlias = "_Element"


def parse(body: bytes) -> Element | None:
    """Return the root element of a page, None where there is no element in it; nothing is raised.

    What is UTF-8 is read so, whatever the page says; else as it says, else as the parser guesses.
    """
    try:
        body.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None
    parser = etree.HTMLParser(encoding=encoding, recover=True, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None


def datasets(root: Element | None) -> list[dict[str, Any]]:
    """Return the schema.org Datasets that a page is about, in its order: JSON-LD nodes that no other node encloses.

    >>> datasets(parse(b'<script type="application/ld+json">{"@type": "Dataset", "name": "Roads"}</script>'))
    [{'@type': 'Dataset', 'name': 'Roads'}]
    """
    return [
        node
        for script in ([] if root is None else root.iter("script"))
        if (script.get("type") or "").strip().lower().startswith("application/ld+json")
        for node in jsonld.nodes(script.text or "", nested=False)
        if "Dataset" in jsonld.types(node)
    ]
