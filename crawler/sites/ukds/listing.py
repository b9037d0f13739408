"""What the UK Data Service lists over OAI-PMH: every study that its catalogue holds, and those that it has deleted.

There are two lists of the same studies: of their whole records, or of the headers of these alone. In the first one, a
record that is not well-formed must not cost the others on its page, nor the way on from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crawler.sites.page import Outcome, Page
from crawler.sites.ukds import oai
from crawler.sites.ukds.markup import local_name
from crawler.sites.ukds.oai import Answer
from crawler.sites.ukds.read import read_record
from crawler.sites.ukds.urls import OAI, study_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.sites.html import Element

RECORDS, IDENTIFIERS = "ListRecords", "ListIdentifiers"
_LISTS = (RECORDS, IDENTIFIERS)
_NOTHING = "noRecordsMatch"
_RECORD = re.compile(rb"<record>\s*(<header\b.*?</header>)?.*?</record>", re.DOTALL)
_WHOLE = re.compile(rb"</ListRecords>\s*</OAI-PMH>\s*\Z")


@dataclass(slots=True, kw_only=True)
class ListPage:
    """One page of a list."""

    studies: list[int] = field(default_factory=list)
    """The numbers of all studies in it, each once."""
    told: dict[int, Page] = field(default_factory=dict)
    """What the list itself tells of studies, by their numbers: sound records, and that they were deleted."""
    unread: int = 0
    """How many identifiers are no study number."""
    next_url: str | None = None
    """Where the list goes on; None at its end."""
    error: str | None = None
    """Why the page is no list, or the list is not all that the provider has to list."""


def first_page(since: str | None = None, verb: str = RECORDS) -> str:
    """Return the URL of the first page of the list of all studies, or of those changed since a time (ISO 8601).

    The provider's own dates are days in UTC, the first of them included. Raises ValueError for what is no time.

    >>> first_page("2018-02-10T00:30:00+01:00", IDENTIFIERS)
    'https://oai.ukdataservice.ac.uk/oai/provider?verb=ListIdentifiers&metadataPrefix=ddi&set=DataCollections&from=2018-02-09'
    """
    asked = {"verb": verb, "metadataPrefix": "ddi", "set": "DataCollections"}
    if since is not None:
        time = datetime.fromisoformat(since)
        time = time.astimezone(UTC) if time.tzinfo else time
        asked["from"] = time.date().isoformat()
    return f"{OAI}?{urlencode(asked)}"


def read_page(body: bytes) -> ListPage:
    """Return what a page of a list tells; never raises.

    A damaged page tells nothing but that it is: a number or a token that is cut off is another number or token.

    >>> read_page(b"<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>")
    ListPage(studies=[], told={}, unread=0, next_url=None, error=None)
    >>> read_page(b"<OAI-PMH><error code='badResumptionToken'/></OAI-PMH>").error
    'badResumptionToken'
    """
    answer = oai.parse(body)
    if answer.problems:
        answer = _mended(body) or answer
    page = ListPage(error=_error(answer))
    if page.error:
        return page
    for header in answer.headers:
        number = oai.number(header)
        if number is None:
            page.unread += 1
        else:
            page.studies.append(number)
            if oai.is_deleted(header):
                page.told[number] = Page(outcome=Outcome.GONE)
    page.studies = [*dict.fromkeys(page.studies)]
    if page.unread and not page.studies:
        page.error = "no identifier in it is a study number"
        return page
    page.told |= _told(answer)
    listed = _list(answer)
    if listed is not None:
        _go_on(page, answer, listed)
    return page


def _mended(body: bytes) -> Answer | None:
    """Return the answer without the records that are not well-formed, of which the headers stay; None for one cut off.

    What is not cut off is text between tags: a record ends at its own tag, whatever is wrong within.
    """
    end, first = _WHOLE.search(body), _RECORD.search(body)
    if end is None or first is None:
        return None
    around = body[: first.start()], end.group()

    def header_of(record: re.Match[bytes]) -> bytes:
        if not oai.parse(record.group().join(around)).problems:
            return record.group()
        return b"<record>%s</record>" % (record[1] or b"")

    mended = oai.parse(_RECORD.sub(header_of, body))
    return None if mended.problems else mended


def _told(answer: Answer) -> Iterator[tuple[int, Page]]:
    """Yield what each sound record in a list tells of the study that its header names."""
    for record in [] if answer.root is None else answer.root.iter("{*}record"):
        header = record.find("{*}header")
        number = None if header is None else oai.number(header)
        if number is not None:
            page = read_record(study_url(number), Answer(record))
            if page.outcome is Outcome.RECORD and not page.problems:
                yield number, page


def _list(answer: Answer) -> Element | None:
    root = answer.root
    return None if root is None else next((child for child in root if local_name(child) in _LISTS), None)


def _error(answer: Answer) -> str | None:
    if answer.problems:
        return answer.problems[0].what
    if answer.errors:
        return ", ".join(code for code in answer.errors if code != _NOTHING) or None
    return "no list of OAI-PMH" if _list(answer) is None else None


def _go_on(page: ListPage, answer: Answer, listed: Element) -> None:
    """A resumption token leads to the next page; an empty one, or none, ends the list (OAI-PMH 2.0, 3.5)."""
    token = listed.find("{*}resumptionToken")
    if token is None:
        return
    text = (token.text or "").strip()
    request = None if answer.root is None else answer.root.find("{*}request")
    if text and request is not None and request.get("resumptionToken") == text:
        page.error = "the list goes on where it is"
    elif text:
        page.next_url = f"{OAI}?{urlencode({'verb': local_name(listed), 'resumptionToken': text})}"
