"""What the UK Data Service lists over OAI-PMH: every study that its catalogue holds, and those that it has deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crawler.sites.ukds import oai
from crawler.sites.ukds.markup import local_name
from crawler.sites.ukds.urls import OAI, number_of

if TYPE_CHECKING:
    from crawler.sites.html import Element
    from crawler.sites.ukds.oai import Answer

_LISTS = ("ListIdentifiers", "ListRecords")
_NOTHING = "noRecordsMatch"


@dataclass(slots=True, kw_only=True)
class ListPage:
    """One page of a list."""

    studies: list[int] = field(default_factory=list)
    """Study numbers, each once."""
    deleted: list[int] = field(default_factory=list)
    """Numbers of the studies that are no longer there."""
    unread: int = 0
    """How many identifiers are no study number."""
    next_url: str | None = None
    """Where the list goes on; None at its end."""
    size: int | None = None
    """How long the whole list is, where the provider says so."""
    error: str | None = None
    """Why the page is no list, or the list is not all that the provider has to list."""


def first_page(since: str | None = None) -> str:
    """Return the URL of the first page of the list of all studies, or of those changed since a time (ISO 8601).

    The provider's own dates are days in UTC, the first of them included. Raises ValueError for what is no time.

    >>> first_page("2018-02-10T00:30:00+01:00")
    'https://oai.ukdataservice.ac.uk/oai/provider?verb=ListIdentifiers&metadataPrefix=ddi&set=DataCollections&from=2018-02-09'
    """
    asked = {"verb": _LISTS[0], "metadataPrefix": "ddi", "set": "DataCollections"}
    if since is not None:
        time = datetime.fromisoformat(since)
        time = time.astimezone(UTC) if time.tzinfo else time
        asked["from"] = time.date().isoformat()
    return f"{OAI}?{urlencode(asked)}"


def read_page(body: bytes) -> ListPage:
    """Return what a page of a list tells; never raises.

    A damaged page tells nothing but that it is: a number or a token that is cut off is another number or token.

    >>> read_page(b"<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>")
    ListPage(studies=[], deleted=[], unread=0, next_url=None, size=None, error=None)
    >>> read_page(b"<OAI-PMH><error code='badResumptionToken'/></OAI-PMH>").error
    'badResumptionToken'
    """
    answer = oai.parse(body)
    page = ListPage(error=_error(answer))
    if page.error:
        return page
    for header in answer.headers:
        number = oai.number(header)
        if number is None:
            page.unread += 1
        else:
            (page.deleted if oai.is_deleted(header) else page.studies).append(number)
    page.studies = [*dict.fromkeys(page.studies)]
    page.deleted = [*dict.fromkeys(page.deleted)]
    listed = _list(answer)
    if listed is not None:
        _go_on(page, answer, listed)
    return page


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
    page.size = number_of(token.get("completeListSize") or "")
    text = (token.text or "").strip()
    request = None if answer.root is None else answer.root.find("{*}request")
    if text and request is not None and request.get("resumptionToken") == text:
        page.error = "the list goes on where it is"
    elif text:
        page.next_url = f"{OAI}?{urlencode({'verb': local_name(listed), 'resumptionToken': text})}"
