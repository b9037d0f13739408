"""DDI Codebook 2.5, as the UK Data Service writes it: which element tells which field of a record.

An element is known by its path below `codeBook`, without namespaces; of a date that begins or ends a period, the event
follows in brackets. The first `titl` of a document is the document's own title, not the study's. Three generations are
in use: HTML in texts is escaped or stands there as elements of the DDI namespace, and dates have a `T` or a blank.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crawler.identity import doi as dois
from crawler.identity import ukda
from crawler.records.normalise.values import first_day, last_day
from crawler.sites import schema_org
from crawler.sites.schema_org import dois_only, pages_only
from crawler.sites.table import Table
from crawler.sites.ukds.markup import local_name, markup
from crawler.sites.ukds.urls import number_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from crawler.sites.html import Element

_CITATION = "stdyDscr/citation"
_TITLES = f"{_CITATION}/titlStmt"
_SUBJECT = "stdyDscr/stdyInfo/subject"
_KEYWORD = f"{_SUBJECT}/keyword"
_ABSTRACT = "stdyDscr/stdyInfo/abstract"
_SUMMARY = "stdyDscr/stdyInfo/sumDscr"
_PERIOD, _COLLECTED = f"{_SUMMARY}/timePrd", f"{_SUMMARY}/collDate"
_COLLECTION = "stdyDscr/method/dataColl"
_USE = "stdyDscr/dataAccs/useStmt"
_ACCESS, _SPAN = "access", "years"  # put together of several elements

_YEARS = re.compile(r"[0-9]{4}(?:\s*[-\u2013/]\s*[0-9]{4})?")
_YEAR = re.compile(r"[0-9]{4}")
_MONTH = re.compile(r"[^\W\d]+\.? [0-9]{4}")
_LICENCE = re.compile(r"licen[cs]e|creative commons|\bcc[ -](?:by|0)\b", re.IGNORECASE)
_CASES = re.compile(r"([0-9][0-9,]*) (?:cases|individuals|participants|persons|respondents)", re.IGNORECASE)


def _subject(keyword: str) -> str | None:
    """A keyword that is a year or a span of years is no subject, but tells the period where nothing else does.

    Of the oldest records every year covered is one.
    """
    return None if _YEARS.fullmatch(keyword.strip()) else keyword


def _beginning(period: str) -> object:
    start = schema_org.start(period)
    return start if first_day(start) else None


def _ending(period: str) -> object:
    end = schema_org.end(period)
    return end if last_day(end) else None


def _licence(conditions: str) -> str | None:
    return conditions if _LICENCE.search(conditions) else None


def _cases(deviation: str) -> str | None:
    """The number of units, which stands where DDI has deviations from the sample design."""
    match = _CASES.fullmatch(deviation.strip().rstrip("."))
    return match[1] if match else None


CODEBOOK = Table(
    rows={
        "title": (f"{_TITLES}/titl",),
        "alternate_titles": (f"{_TITLES}/altTitl", f"{_TITLES}/parTitl", f"{_TITLES}/subTitl"),
        "description": (_ABSTRACT,),
        "keywords": ((_KEYWORD, _subject), f"{_SUBJECT}/topcClas"),
        "creators": (f"{_CITATION}/rspStmt/AuthEnty",),
        "publisher": (f"{_CITATION}/distStmt/distrbtr",),
        "funders": (f"{_CITATION}/prodStmt/fundAg",),
        "temporal_start": (
            *(f"{_PERIOD}[start]", f"{_PERIOD}[single]", (_PERIOD, _beginning)),
            *(f"{_COLLECTED}[start]", f"{_COLLECTED}[single]", (_COLLECTED, _beginning), (_SPAN, _beginning)),
        ),
        "temporal_end": (
            *(f"{_PERIOD}[end]", f"{_PERIOD}[single]", (_PERIOD, _ending)),
            *(f"{_COLLECTED}[end]", f"{_COLLECTED}[single]", (_COLLECTED, _ending), (_SPAN, _ending)),
        ),
        "spatial_coverage": (f"{_SUMMARY}/nation", f"{_SUMMARY}/geogCover"),
        "sample_size": ((f"{_COLLECTION}/deviat", _cases),),
        "study_design": (f"{_COLLECTION}/timeMeth",),
        "data_kinds": (f"{_SUMMARY}/dataKind",),
        "license": ((f"{_USE}/conditions", _licence),),
        "access": (_ACCESS,),
        "date_published": (f"{_CITATION}/distStmt/distDate",),
        "date_modified": (f"{_CITATION}/verStmt/version",),
        "urls": ((f"{_CITATION}/holdings", pages_only),),
        "dois": ((f"{_TITLES}/IDNo", dois_only), (f"{_CITATION}/holdings", dois_only)),
    },
    left_out=frozenset({f"{_USE}/specPerm", f"{_USE}/restrctn"}),  # read as access
)

# Left out with all that is in them: the document itself, its files and variables, other studies and publications, and
# what the record has no field for: who deposited the data and when, how they were collected, what they were drawn from.
_LEFT_OUT = frozenset(
    {"docDscr", "fileDscr", "dataDscr", "otherMat", "stdyDscr/othrStdyMat", "stdyDscr/dataAccs/setAvail"}
    | {f"{_CITATION}/rspStmt/othId", f"{_CITATION}/prodStmt/copyright", f"{_CITATION}/prodStmt/grantNo"}
    | {f"{_CITATION}/distStmt/depositr", f"{_CITATION}/distStmt/depDate"}
    | {f"{_SUMMARY}/geogUnit", f"{_SUMMARY}/anlyUnit", f"{_SUMMARY}/universe", f"{_USE}/disclaimer"}
    | {f"{_COLLECTION}/{name}" for name in ("dataCollector", "sampProc", "collMode", "sources", "weight", "cleanOps")}
)
_PERSONAL = "contact"  # never read, wherever it is
_READ = frozenset(
    (key if isinstance(key, str) else key[0]).partition("[")[0] for keys in CODEBOOK.rows.values() for key in keys
).union(CODEBOOK.left_out)


def read(codebook: Element, unknown: Counter[str]) -> dict[str, Any]:
    """Return record field -> value or list of values from a DDI document; count the elements that no rule knows.

    >>> from collections import Counter
    >>> from lxml import etree
    >>> titles = "<titl>Roads, 2010</titl><IDNo agency='datacite'>10.5255/UKDA-SN-1-1</IDNo><weather>dry</weather>"
    >>> document = f"<codeBook><stdyDscr><citation><titlStmt>{titles}</titlStmt></citation></stdyDscr></codeBook>"
    >>> unknown = Counter()
    >>> read(etree.fromstring(document), unknown), list(unknown)
    ({'title': 'Roads, 2010', 'dois': ['10.5255/UKDA-SN-1-1']}, ['ddi.stdyDscr/citation/titlStmt/weather'])
    """
    source: dict[str, list[str]] = {}
    for path, text in _texts(codebook):
        source.setdefault(path, []).append(text)
    if _ABSTRACT in source:
        source[_ABSTRACT] = ["\n\n".join(source[_ABSTRACT])]
    if access := [*_access(source)]:
        source[_ACCESS] = ["\n\n".join(access)]
    if years := sorted(_YEAR.findall(" ".join(filter(_YEARS.fullmatch, source.get(_KEYWORD, []))))):
        source[_SPAN] = [f"{years[0]}/{years[-1]}"]
    if _tells_period(source):
        for key in [key for key in source if key.startswith(_COLLECTED)]:
            del source[key]
    return CODEBOOK.read(source, unknown, "ddi.")


def study_number(codebook: Element) -> int | None:
    """Return the study number that a DDI document gives as its own, by itself or in the study's DOI.

    >>> from lxml import etree
    >>> titles = "<titlStmt><IDNo agency='datacite'>10.5255/UKDA-SN-6684-1</IDNo></titlStmt>"
    >>> study_number(etree.fromstring(f"<codeBook><stdyDscr><citation>{titles}</citation></stdyDscr></codeBook>"))
    6684
    """
    found: list[int] = []
    study = _study(codebook)
    for identifier in () if study is None else study.iterfind("{*}citation/{*}titlStmt/{*}IDNo"):
        text = markup(identifier)
        named = ukda.from_doi(dois.normalise(text) or "")
        if (identifier.get("agency") or "").upper() == "UKDA" and (number := number_of(text)):
            return number
        found += [named.number] if named else []
    return found[0] if found else None


def _study(codebook: Element) -> Element | None:
    """The description of the study: where an end tag before it is missing, it is no child of the document."""
    return next(codebook.iter("{*}stdyDscr"), None)


def _texts(codebook: Element) -> Iterator[tuple[str, str]]:
    """The path of each element that tells something, and what it tells; an unknown one is one that has text itself."""
    study = _study(codebook)
    todo = [(child, "") for child in reversed(codebook) if child is not study]
    todo += [] if study is None else [(study, "")]
    while todo:
        element, above = todo.pop()
        name = local_name(element)
        path = f"{above}{name}"
        if not name or name == _PERSONAL or path in _LEFT_OUT:
            continue
        if path in _READ:
            text = _told(element, name)
            event = element.get("event") if path in {_PERIOD, _COLLECTED} else None
            path += f"[{event}]" if event else ""
        else:
            text = (element.text or "").strip()
            if not text:
                todo += [(child, f"{path}/") for child in reversed(element)]
        if text:
            yield path, text


def _told(element: Element, name: str) -> str:
    if name == "holdings":
        return element.get("URI") or ""
    text = markup(element)
    date: str | None = element.get("date")
    if date is None:
        return text
    if _YEAR.fullmatch(text):  # the attribute has a day even where no more than the year is known
        return text
    return date[: len("2011-01")] if _MONTH.fullmatch(text) else date


def _access(source: dict[str, list[str]]) -> Iterator[str]:
    """How the data can be had. Conditions are prose, a licence, or a code or pointer of one word that says no more."""
    yield from source.get(f"{_USE}/specPerm", [])
    yield from source.get(f"{_USE}/restrctn", [])
    for conditions in source.get(f"{_USE}/conditions", []):
        if len(conditions.split()) > 1 and not _licence(conditions):
            yield conditions


def _tells_period(source: dict[str, list[str]]) -> bool:
    """Tell whether the period covered is known; if so, the time in which data were collected is of no consequence."""
    told = [text for key, texts in source.items() if key.startswith(_PERIOD) for text in texts]
    return any(_beginning(text) or _ending(text) for text in told)
