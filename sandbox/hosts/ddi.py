"""A study as DDI-Codebook 2.5, in the three generations of the archive's records: they take turns over the studies."""

from __future__ import annotations

import uuid
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.holdings import FAKE_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.holdings import Holding

_SCHEMA: Final = "ddi:codebook:2_5 http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_COPYRIGHT: Final = "<p>Copyright of this abstract: the sandbox and its depositors.</p>"
_WAYS: Final = {"open": "Open", "safeguarded": "Safeguarded", "controlled": "Controlled"}
_RULES: Final = {
    "open": "No registration is asked for.",
    "safeguarded": "Users are <b>asked to register</b>; the depositor may be told who they are.<br/>",
    "controlled": "Users apply to a <a href='https://example.org/apply'>committee</a> and work in a safe room.<br/>",
}


class Generation(NamedTuple):
    """What sets the records of one time apart from those of another."""

    resolver: str
    language: str
    """The attribute that names the language, where texts have one."""
    moment: Callable[[datetime], str]
    version: Callable[[int], str]
    vocabulary: str


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT00:00:00Z}"


def _local(moment: datetime) -> str:
    """A time without its zone, to the millisecond."""
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.day * 31:03}"


def _ordinal(number: int) -> str:
    """The name of an edition.

    >>> [_ordinal(number) for number in (0, 1, 2, 13, 22)]
    ['1st Edition', '1st Edition', '2nd Edition', '13th Edition', '22nd Edition']
    """
    number = max(number, 1)
    teens = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')} Edition"


_SKOS: Final = "http://lod.data-archive.ac.uk/skoshasset/"
GENERATIONS: Final = (
    Generation("http://dx.doi.org/", "", _utc, lambda edition: f"{max(edition, 1)}h", _SKOS),
    Generation(
        "http://doi.org/",
        "",
        _utc,
        lambda edition: str(max(edition, 1)),
        "https://lod.data-archive.ac.uk/v2-skoshasset/page/en-GB/",
    ),
    Generation("http://doi.org/", ' xml:lang="en"', _local, _ordinal, _SKOS),
)
"""Records of 2015, of 2017 and of 2019."""


def code_book(of: Holding) -> str:
    """The `codeBook` element; that of the fourteenth study in a thousand lacks an end tag."""
    turn = of.index % len(GENERATIONS)
    told = GENERATIONS[turn]
    title = f"DDI2.5 XML CODEBOOK RECORD FOR STUDY NUMBER {of.number}"
    end = "" if of.index % 1000 == 13 else "</citation>"  # noqa: PLR2004 - any remainder does
    start = (
        f'<codeBook xsi:schemaLocation="{_SCHEMA}" version="2.5" xmlns="ddi:codebook:2_5"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"{told.language}>'
    )
    return (
        f"{start}<docDscr><citation><titlStmt><titl{told.language}>{title}</titl></titlStmt>"
        f"<prodStmt><prodDate>{told.moment(of.changed)}</prodDate></prodStmt>{end}</docDscr><stdyDscr>"
        f"{_citation(of, told)}<stdyInfo><subject>{_KEYWORDS[turn](of, told)}</subject>{_abstract(of, turn)}"
        f"<sumDscr>{_summary(of, turn)}</sumDscr></stdyInfo>{_method(of, told)}{_access(of, turn)}{_others(of, turn)}"
        "</stdyDscr></codeBook>"
    )


def _citation(of: Holding, told: Generation) -> str:
    at = told.language
    makers = "".join(f"<AuthEnty{at}>{escape(name)}</AuthEnty>" for name in [*of.makers, f"{of.person}, Sandbox"])
    subtitle = "<subTitl/>" * bool(at)
    alternative = f"<altTitl>{escape(of.title.partition(',')[0])}</altTitl>" if of.index % 2 else ""
    title = f"<titl{at}>{escape(of.title)}</titl>{subtitle}{alternative}"
    numbers = f'<IDNo agency="UKDA"{at}>{of.number}</IDNo><IDNo agency="datacite"{at}>{of.doi}</IDNo>'
    rights = f"<copyright>Copyright {escape(of.makers[0])}</copyright><fundAg>{escape(of.funder)}</fundAg>"
    contact = f'<contact email="{FAKE_ADDRESS}" affiliation="Sandbox">Write to {FAKE_ADDRESS}</contact>'
    deposited = f'<depDate date="{told.moment(of.deposited)}">{of.deposited:%d %B %Y}</depDate>'
    released = f'<distDate date="{told.moment(of.released)}">{of.released:%d %B %Y}</distDate>'
    version = f'<version date="{told.moment(of.changed)}">{told.version(of.edition)}</version>'
    return (
        f"<citation><titlStmt>{title}{numbers}</titlStmt><rspStmt>{makers}</rspStmt><prodStmt>{rights}</prodStmt>"
        f"<distStmt><distrbtr{at}>UK Data Service</distrbtr>{contact}<depositr>{escape(of.person)}</depositr>"
        f"{deposited}{released}</distStmt><verStmt>{version}</verStmt>"
        f'<holdings URI="{told.resolver}{of.doi}"{at}/></citation>'
    )


def _terms(of: Holding, told: Generation, vocabulary: str = "") -> str:
    """The keywords of the thesaurus: each with its address there."""
    addresses = [told.vocabulary + str(uuid.uuid5(uuid.NAMESPACE_URL, word)) for word in of.keywords]
    return "".join(
        f'<keyword{vocabulary} vocabURI="{address}"{told.language}>{escape(word)}</keyword>'
        for word, address in zip(of.keywords, addresses, strict=True)
    )


def _keywords_2015(of: Holding, told: Generation) -> str:
    years = "".join(f"<keyword>{year}</keyword>" for year in range(of.start, of.end + 1))
    return (
        years + _terms(of, told) + f"<topcClas>{of.subject} - Society</topcClas><topcClas>General - Society</topcClas>"
    )


def _keywords_2017(of: Holding, told: Generation) -> str:
    return f"<keyword>{of.start}</keyword>{_terms(of, told)}<topcClas>{of.subject} - Society</topcClas>"


def _keywords_2019(of: Holding, told: Generation) -> str:
    at = told.language
    year = f"{of.start}-{of.end}" if of.end > of.start else f"{of.start}"
    others = f'<keyword vocab="YEAR"{at}>{year}</keyword>'
    others += "".join(f'<keyword vocab="GEO"{at}>{escape(place)}</keyword>' for place in _places(of))
    return _terms(of, told, ' vocab="HASSET"') + others + f"<topcClas{at}>{of.subject}</topcClas>"


_KEYWORDS: Final = (_keywords_2015, _keywords_2017, _keywords_2019)


def _places(of: Holding) -> list[str]:
    return of.place.split(", ") if of.place else []


def _abstract(of: Holding, turn: int) -> str:
    """The abstract: HTML as text, in several elements, or elements of HTML in the namespace of DDI."""
    topics = "<br/>".join(escape(topic) for topic in of.main_topics)
    if turn == 2:  # noqa: PLR2004 - the generation of 2019
        shout = _COPYRIGHT.replace("p>", "P>")
        text = escape(of.abstract, quote=False).replace("\n\n", "<br/><br/>")
        return f'<abstract xml:lang="en">{shout}{text}<br/><strong>Main Topics:</strong><br/>{topics}</abstract>'
    text = escape(_COPYRIGHT + escape(of.abstract, quote=False).replace("\n\n", "<br><br>"))
    covered = f"<B>Main Topics</B>:<br>{topics.replace('/>', '>')}"
    if turn == 0:
        return f"<abstract>{text}{escape('<br><br>' + covered)}</abstract>"
    return f"<abstract>{text}{escape('<br>')}</abstract><abstract>{escape(covered)}</abstract>"


def _summary(of: Holding, turn: int) -> str:
    at = GENERATIONS[turn].language
    if turn == 0:
        dates = "".join(_span(name, of, "{:04}-01-01T00:00:00Z", "{}") for name in ("timePrd", "collDate"))
    elif turn == 1:
        text = f"Fieldwork came in two rounds: March - May {of.start} and September - November {of.end}. <br/>"
        dates = f"<collDate>{escape(text)}</collDate>"
    else:
        spans = (_span(name, of, "{:04}-01-01 00:00:00.000", "01 January {}") for name in ("timePrd", "collDate"))
        dates = f"<timePrd>{of.start} - {of.end}</timePrd><collDate{at}>{of.start} - {of.end}</collDate>" + "".join(
            spans
        )
    places = "".join(f"<nation{at}>{escape(place)}</nation>" for place in _places(of))
    kinds = "".join(f"<dataKind>{' ' * (turn == 1)}{kind}</dataKind>" for kind in of.kinds)
    units = f"<geogUnit>{of.spatial_unit}</geogUnit><anlyUnit{at}>{of.unit}</anlyUnit>"
    return f"{dates}{places}{units}<universe>National</universe>{kinds}"


def _span(name: str, of: Holding, date: str, text: str) -> str:
    ends = (("start", of.start), ("end", of.end))
    return "".join(
        f'<{name} date="{date.format(year)}" event="{event}">{text.format(year)}</{name}>' for event, year in ends
    )


def _method(of: Holding, told: Generation) -> str:
    at = told.language
    told_of = f"<timeMeth{at}>Cross-sectional (one-time) study</timeMeth><sampProc{at}>Simple random sample</sampProc>"
    return f"<method><dataColl>{told_of}<collMode{at}>{of.mode}</collMode></dataColl></method>"


def _access(of: Holding, turn: int) -> str:
    rules = _RULES[of.access] + f" Questions go to {FAKE_ADDRESS}."
    link = f"<a href='mailto:{FAKE_ADDRESS}'>Get in touch</a>"
    if turn < 2:  # noqa: PLR2004 - before the generation of 2019
        rules, link = escape(rules.replace("/>", ">")), escape(link)
    at = GENERATIONS[turn].language
    conditions = "openAccess" if of.access == "open" else "restrictedAccess"
    return (
        "<dataAccs><setAvail><accsPlac>UK Data Service</accsPlac></setAvail><useStmt>"
        f"<specPerm>{_WAYS[of.access]}</specPerm><restrctn{at}>{rules}</restrctn><contact>{link}</contact>"
        f"<conditions>{conditions}</conditions></useStmt></dataAccs>"
    )


def _others(of: Holding, turn: int) -> str:
    """Studies and texts that are related: the study before this one, as number and title in one text."""
    before = of.before
    source = ' source="study"' * (turn == 2)  # noqa: PLR2004 - the generation of 2019
    key = " Safeguarded key" * (turn == 1)
    related = f"<relStdy{source}>{before.number} {escape(before.title)}{key}</relStdy>" if before else ""
    language = "<othRefs>Language Of Study Description: English</othRefs>"
    return f"<othrStdyMat>{related}<relPubl/>{language}</othrStdyMat>"
