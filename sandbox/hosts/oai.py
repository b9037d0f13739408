"""`oai.ukdataservice.ac.uk`: the archive's OAI-PMH 2.0 repository.

Identifiers are bare study numbers, the answer to every list ends with a resumption token (empty at the end), and a
study that was withdrawn stays as a deleted record.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.exchange import TEXT, Answer
from sandbox.holdings import Standing, changed, holding, only_as_page
from sandbox.hosts.ddi import code_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.exchange import Asked
    from sandbox.holdings import Holding, Holdings

HOSTS: Final = ("oai.ukdataservice.ac.uk", "oai.ukdataservice.ac.uk:8443")
PATH: Final = "/oai/provider"
SET: Final = "DataCollections"
PREFIX: Final = "ddi"
PAGE: Final = 10
"""Records in an answer; assumed."""

_NAMES: Final = "http://www.openarchives.org/OAI/2.0/"
_LIST: Final = ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"})
ARGUMENTS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}
"""Of each verb, the arguments that it needs and the ones that it may have."""

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
_TOKEN: Final = re.compile(
    rf"(?P<page>\d+)/(?P<next>\d+)/(?P<total>\d+)/{PREFIX}/(?P<set>null|{SET})/(?P<from>[^/]+)/(?P<until>[^/]+)",
    re.ASCII,
)


class ProtocolError(Exception):
    """Raised where the protocol answers with an error: its code and what it says."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Window(NamedTuple):
    """What a list is confined to; None is anything."""

    start: str | None
    until: str | None
    set: str | None


def answer(asked: Asked, holdings: Holdings) -> Answer:
    """The repository's answer; an error of the protocol is a page like any other."""
    if asked.path != PATH:
        return Answer(404, {"Content-Type": TEXT}, b"Not here.\n")  # assumed: robots.txt as well
    arguments = asked.parameters
    try:
        content = _content(asked, arguments, holdings)
    except ProtocolError as error:
        content = f'<error code="{error.code}">{escape(str(error))}</error>'
        if error.code in {"badVerb", "badArgument"}:
            arguments = {}
    told = "".join(f' {name}="{escape(value)}"' for name, value in arguments.items())
    body = (
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<?xml-stylesheet type='text/xsl' href='oai2.xsl' ?>\n\n\n\n\n"
        f'<OAI-PMH xmlns="{_NAMES}"\n         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n'
        f'         xsi:schemaLocation="{_NAMES}\n {_NAMES}OAI-PMH.xsd">\n\n'
        f"  <responseDate>{holdings.modified:%Y-%m-%dT%H:%M:%SZ}</responseDate>\n\n"
        f"  <request{told}>https://{asked.host}{PATH}</request>\n\n{content}\n\n</OAI-PMH>\n"
    )
    return Answer(200, {"Content-Type": "text/xml;charset=UTF-8"}, body.encode())  # the type is assumed


def _content(asked: Asked, arguments: dict[str, str], holdings: Holdings) -> str:
    verb = arguments.get("verb", "")
    if verb not in ARGUMENTS:
        raise ProtocolError("badVerb", f"Illegal OAI verb {verb!r}")
    _check(verb, asked.pairs)
    prefix = arguments.get("metadataPrefix", PREFIX)
    if prefix != PREFIX:  # oai_dc is assumed to be refused: no recorded answer has it
        raise ProtocolError("cannotDisseminateFormat", f"This repository has no items available in format '{prefix}'")
    if verb == "GetRecord":
        return f"<GetRecord>{_record(_known(arguments['identifier'], holdings))}</GetRecord>"
    if verb in {"ListIdentifiers", "ListRecords"}:
        return _listed(verb, arguments, holdings.scale)
    if "resumptionToken" in arguments:
        raise ProtocolError("badResumptionToken", "There is no such token")
    if "identifier" in arguments:
        _known(arguments["identifier"], holdings)
    return _about(verb, asked.host)


def _about(verb: str, host: str) -> str:
    """What the repository says of itself; assumed, but for the names of set and format."""
    if verb == "ListSets":
        return f"<ListSets><set><setSpec>{SET}</setSpec><setName>Data Collections</setName></set></ListSets>"
    if verb == "ListMetadataFormats":
        names = "ddi:codebook:2_5"
        schema = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
        told = f"<metadataPrefix>{PREFIX}</metadataPrefix><schema>{schema}</schema>"
        namespace = f"<metadataNamespace>{names}</metadataNamespace>"
        return f"<ListMetadataFormats><metadataFormat>{told}{namespace}</metadataFormat></ListMetadataFormats>"
    return (
        f"<Identify><repositoryName>Sandbox of a data archive</repositoryName><baseURL>https://{host}{PATH}</baseURL>"
        "<protocolVersion>2.0</protocolVersion><adminEmail>someone@example.org</adminEmail>"
        "<earliestDatestamp>2017-01-01T00:00:00Z</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
        "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
    )


def _check(verb: str, pairs: Sequence[tuple[str, str]]) -> None:
    """ProtocolError unless the arguments are those of the verb, each once; a token stands alone."""
    needed, allowed = ARGUMENTS[verb]
    given = Counter(name for name, _ in pairs)
    if "resumptionToken" in given:
        needed, allowed = set(), {"resumptionToken"}
    wrong = [name for name in given if name not in needed | allowed | {"verb"} or given[name] > 1]
    missing = sorted(needed - set(given))
    if wrong or missing:
        raise ProtocolError("badArgument", f"Illegal or repeated: {wrong}; missing: {missing}")


def _known(identifier: str, holdings: Holdings) -> Holding:
    found = holdings.get(int(identifier)) if re.fullmatch("[1-9][0-9]{0,8}", identifier) else None
    if found is None or found.standing not in {Standing.HELD, Standing.WITHDRAWN}:
        raise ProtocolError("idDoesNotExist", f"{identifier} is unknown or illegal in this repository")
    return found


def _listed(verb: str, arguments: dict[str, str], scale: int) -> str:
    if "resumptionToken" in arguments:
        window, start = _resumed(arguments["resumptionToken"], scale)
    else:
        window, start = _window(arguments), 0
    indexes = _selected(scale, window)
    if not indexes:
        raise ProtocolError("noRecordsMatch", "The combination of arguments gives an empty list")
    one = _header if verb == "ListIdentifiers" else _record
    records = "\n\n".join(one(holding(index)) for index in indexes[start : start + PAGE])
    token = _token(start, len(indexes), window) if start + PAGE < len(indexes) else ""
    attributes = f'completeListSize="{len(indexes)}" cursor="{start}"'
    return f"<{verb}>\n{records}\n<resumptionToken {attributes}>{token}</resumptionToken>\n</{verb}>"


def _token(start: int, total: int, window: Window) -> str:
    """`3/6/7/ddi/null/2017-01-01/null`: this page, the next, all, format, set, from, until; the order is assumed."""
    named = (window.set or "null", window.start or "null", window.until or "null")
    return "/".join((str(start), str(start + PAGE), str(total), PREFIX, *named))


def _resumed(token: str, scale: int) -> tuple[Window, int]:
    match = _TOKEN.fullmatch(token)
    if match is not None:
        start, until, name = (None if match[each] == "null" else match[each] for each in ("from", "until", "set"))
        window = Window(start, until, name)
        total, position = len(_selected(scale, window)), int(match["next"])
        if position < total and position % PAGE == 0 and token == _token(position - PAGE, total, window):
            return window, position
    raise ProtocolError("badResumptionToken", f"{token} is no token of this repository")


def _window(arguments: dict[str, str]) -> Window:
    window = Window(*(arguments.get(name) for name in ("from", "until", "set")))
    dates = [date for date in (window.start, window.until) if date is not None]
    if not all(map(_DATE.fullmatch, dates)) or len({len(date) for date in dates}) > 1:
        raise ProtocolError("badArgument", f"No dates of one granularity: {dates}")
    return window


@lru_cache(maxsize=8)
def _selected(scale: int, window: Window) -> list[int]:
    """The generated studies that a list has; those of the committed pages are told to who asks for one."""
    if window.set not in {None, SET}:
        return []
    first, last = window.start or "", window.until or "9"
    stamps = ((index, _datestamp(changed(index))) for index in range(scale) if not only_as_page(index))
    return [index for index, stamp in stamps if first <= stamp and stamp[: len(last)] <= last]


def _datestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _header(of: Holding) -> str:
    status = ' status="deleted"' if of.standing is Standing.WITHDRAWN else ""
    told = f"<identifier>{of.number}</identifier>\n\n        <datestamp>{_datestamp(of.changed)}</datestamp>"
    return f"<header{status}>\n\n        {told}\n\n        <setSpec>{SET}</setSpec>\n\n      </header>"


def _record(of: Holding) -> str:
    metadata = "" if of.standing is Standing.WITHDRAWN else f"<metadata>{code_book(of)}</metadata>"
    return f"<record>\n\n      {_header(of)}\n\n      {metadata}\n\n    </record>"
