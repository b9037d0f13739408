"""The answer of any route to a target of the UK Data Service -> what it tells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawler.flight import Problem
from crawler.items import Source
from crawler.sites.page import Found, Outcome, Page
from crawler.sites.ukds import ddi, oai, page
from crawler.sites.ukds.urls import study_of, study_url

if TYPE_CHECKING:
    from crawler.sites.ukds.oai import Answer

_NO_SUCH_RECORD = {"idDoesNotExist", "cannotDisseminateFormat"}


def read(url: str, body: bytes) -> Page:
    """Return what an answer tells, from the canonical URL of its target and its bytes; never raises.

    An OAI-PMH answer or a DDI document is told from a page of HTML by how it begins. Where the URL is not known (""),
    a DDI document tells it.
    """
    return read_record(url, oai.parse(body)) if oai.is_xml(body) else page.read(url, body)


def read_record(url: str, answer: Answer) -> Page:
    """Return what an OAI-PMH answer, or one record of it, tells of the study that a canonical URL names.

    A DDI document counts only if it names the study that was asked for, above all where the XML is damaged.
    """
    asked = study_of(url)
    codebook = answer.codebook
    if codebook is None:
        return Page(outcome=_outcome(asked, answer), problems=[*answer.problems, *_errors(answer)])
    number = ddi.study_number(codebook)
    unknown: Counter[str] = Counter()
    values = ddi.read(codebook, unknown)
    if number is None or (asked and number != asked):
        return _unsound(answer, "the record does not name the study asked for")
    if "title" not in values:
        return _unsound(answer, "the record has no title")
    own = study_url(number)
    values["urls"] = [*dict.fromkeys([own, *values.get("urls", [])])]
    found = Found(source=Source.UKDS, values=values, url=own)
    return Page(outcome=Outcome.RECORD, found=[found], unknown_keys=unknown, problems=answer.problems)


def _unsound(answer: Answer, what: str) -> Page:
    return Page(outcome=Outcome.UNREADABLE, problems=[*answer.problems, Problem(None, 0, what)])


def _outcome(asked: int | None, answer: Answer) -> Outcome:
    """What an answer without a document is; a damaged one may have lost it."""
    deleted = {oai.number(header) for header in answer.headers if oai.is_deleted(header)}
    if answer.problems:
        return Outcome.UNREADABLE
    if asked in deleted:
        return Outcome.GONE
    return Outcome.ABSENT if _NO_SUCH_RECORD.intersection(answer.errors) else Outcome.UNREADABLE


def _errors(answer: Answer) -> list[Problem]:
    """The codes of errors that say nothing of the record itself."""
    return [Problem(None, 0, f"OAI-PMH error {code[:40]}") for code in answer.errors if code not in _NO_SUCH_RECORD]
