"""The envelope of OAI-PMH 2.0: bytes of an answer -> its tree, its errors and the records in it.

Names are compared without their namespaces: a damaged document may have lost the declaration of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from crawler.flight import Problem
from crawler.sites.ukds.markup import local_name
from crawler.sites.ukds.urls import number_of

if TYPE_CHECKING:
    from crawler.sites.html import Element

_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_XML = re.compile(rb"<(?:\?xml|(?:[\w.-]{1,20}:)?(?:OAI-PMH|codeBook)\b)")
_HTML = re.compile(rb"<html\b", re.IGNORECASE)
_PREFIX = re.compile(r"oai:[^:]*:")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD = 2000


@dataclass(slots=True)
class Answer:
    """An answer of the provider, as far as it could be read."""

    root: Element | None
    problems: list[Problem] = field(default_factory=list)
    """One, where the XML is not well-formed; the tree is then what could be saved of it."""

    @property
    def errors(self) -> list[str]:
        """The codes of the errors that it consists of, as OAI-PMH 2.0 (3.6) lists them."""
        if self.root is None or local_name(self.root) != "OAI-PMH":
            return []
        return [error.get("code") or "error" for error in self.root.findall("{*}error")]

    @property
    def headers(self) -> list[Element]:
        """The headers of the records in it."""
        return [] if self.root is None else [*self.root.iter("{*}header")]

    @property
    def codebook(self) -> Element | None:
        """The first DDI document in it, which may be all of it."""
        return None if self.root is None else next(self.root.iter("{*}codeBook"), None)


def is_xml(body: bytes) -> bool:
    """Tell whether a body is an XML document, well-formed or not, and no page of HTML.

    >>> is_xml(b"<?xml version='1.0'?><OAI-PMH/>"), is_xml(b"<!doctype html><html>"), is_xml(b"<?xml?><html>")
    (True, False, False)
    """
    start = _start(body)
    return _XML.match(start) is not None and _HTML.search(start[:_HEAD]) is None


def parse(body: bytes) -> Answer:
    """Return the answer that a body holds, with a problem where it is not well-formed; never raises.

    >>> parse(b"<OAI-PMH><error code='idDoesNotExist'>9</error></OAI-PMH>").errors
    ['idDoesNotExist']
    >>> [problem.what for problem in parse(b"<OAI-PMH><GetRecord></OAI-PMH>").problems]
    ['XML is not well-formed: ERR_TAG_NAME_MISMATCH']
    """
    body = _start(body)
    try:
        return Answer(etree.fromstring(body, etree.XMLParser(**_SAFE)))
    except etree.XMLSyntaxError as error:
        problem = _problem(body, error)
    try:
        return Answer(etree.fromstring(body, etree.XMLParser(recover=True, **_SAFE)), [problem])
    except etree.XMLSyntaxError:
        return Answer(None, [problem])


def is_deleted(header: Element) -> bool:
    """Tell whether a record's header says that it was deleted.

    >>> is_deleted(etree.fromstring("<header status='deleted'/>")), is_deleted(etree.fromstring("<header/>"))
    (True, False)
    """
    return bool(header.get("status") == "deleted")


def number(header: Element) -> int | None:
    """Return the study number that identifies a record: bare here, behind `oai:<repository>:` by the protocol's custom.

    >>> number(etree.fromstring("<header><identifier>oai:ukds:03535</identifier></header>"))
    3535
    """
    return number_of(_PREFIX.sub("", (header.findtext("{*}identifier") or "").strip(), count=1))


def _start(body: bytes) -> bytes:
    return body.removeprefix(_BYTE_ORDER_MARK).lstrip()


def _problem(body: bytes, error: etree.XMLSyntaxError) -> Problem:
    """Where and how the XML breaks; the parser's own text may quote the document, its type does not."""
    line, column = error.position
    behind = body.split(b"\n", max(line - 1, 0))[-1]
    last = error.error_log.last_error if error.error_log else None
    kind = last.type_name if last else "ERR_DOCUMENT_EMPTY"
    offset = min(len(body) - len(behind) + max(column - 1, 0), len(body))
    return Problem(None, offset, f"XML is not well-formed: {kind}")
