"""An element of XML or HTML -> its text, with the HTML in it that shapes paragraphs and without any other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml.etree import Entity

if TYPE_CHECKING:
    from crawler.sites.html import Element

_BLOCKS = frozenset(
    "address article blockquote dd div dl dt h1 h2 h3 h4 h5 h6 li ol p pre section table tbody td th thead tr "
    "ul".split()
)
_BREAKS = frozenset({"br", "hr"})
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg"})
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n")


def local_name(element: Element) -> str:
    """Return an element's name without its namespace, "" for a comment, an instruction or an entity.

    >>> from lxml import etree
    >>> local_name(etree.fromstring("<a:titl xmlns:a='ddi:codebook:2_5'/>")), local_name(etree.Comment("a"))
    ('titl', '')
    """
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def markup(element: Element) -> str:
    r"""Return the text in an element, where paragraphs and line breaks are the only HTML that is left of its children.

    HTML that stands in the text itself, as in XML that has it escaped, stays. White space is that of HTML, but for
    blank lines, which separate paragraphs.

    >>> from lxml import etree
    >>> markup(etree.fromstring("<abstract>\n <P a='b'>Aims</P>of\n the <i>survey</i>&lt;br&gt;<br/>end</abstract>"))
    '<p>Aims</p>of the survey<br><br>end'
    """
    pieces = [element.text or ""]
    todo: list[Element | str] = [*reversed(element)]
    while todo:
        node = todo.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        todo.append(node.tail or "")
        if node.tag is Entity:  # one of HTML's, which XML does not know
            pieces.append(node.text)
        name = local_name(node).lower()
        if not name or name in _UNSEEN:
            continue
        if name in _BREAKS:
            pieces.append("<br>")
        elif name in _BLOCKS:
            pieces.append(f"<{name}>")
            todo.append(f"</{name}>")
        pieces.append(node.text or "")
        todo += reversed(node)
    paragraphs = (" ".join(each.split()) for each in _BLANK_LINES.split("".join(pieces)))
    return "\n\n".join(filter(None, paragraphs))
