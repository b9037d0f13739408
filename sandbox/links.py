"""How the catalogue writes a study's numbers, DOIs and pages elsewhere: in every form that it has ever had.

Each study is told in the form of its day; one more form, another one from study to study, stands beside it, so that the
first 60 studies show them all.
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Final

from sandbox.draws import Draws
from sandbox.studies import ERAS, Era, Item, study_number

CATALOGUE: Final = "https://datacatalogue.ukdataservice.ac.uk"
BETA: Final = "https://beta.ukdataservice.ac.uk/datacatalogue"
DISCOVER: Final = "https://discover.ukdataservice.ac.uk"
RESHARE: Final = "https://reshare.ukdataservice.ac.uk"
DOWNLOAD: Final = "https://beta.ukdataservice.ac.uk/Umbraco/Surface/Discover/GetDownload"
NESSTAR: Final = "http://nesstar.ukdataservice.ac.uk/webview/index.jsp?v=2&mode=documentation&submode=abstract"

CURATED_PAGES: Final = (
    BETA + "/studies/study?id={number}",
    BETA + "/studies/study?id={number}#!/details",
    BETA + "/studies/study?id={number}#!/documentation",
    BETA + "/studies/study?id={number}#!/access-data",
    BETA + "/doi/?id={number}#!#{edition}",
    BETA + "/doi/?id={number}#{edition}",
    BETA + "/doi/?id={number}#0",
    BETA + "/series/series?id={series}",
    BETA + "/series/series?id={series}#!/faqs",
    BETA + "/series/series?id={series}#!/access-data",
    BETA + "/studies?Search=qualitative",
    DOWNLOAD + "?studyNumber={number}&fileName={number}csv_0F1E2D3C4B5A69788796A5B4C3D2E1F0_V1.zip",
    DISCOVER + "/catalogue/?sn={number}&type=Data%20catalogue",
    DISCOVER + "/catalogue/?sn={number}&type=data%20catalogue",
    DISCOVER + "/doi/?id={number}#{edition}",  # assumed: only the start of this form is on record
    CATALOGUE + "/studies/study/{number}#details",
    CATALOGUE + "/studies/study/{number}#doi",
    CATALOGUE + "/studies/study/{number}#access-data",
    CATALOGUE + "/studies/study?id={number}",
    CATALOGUE + "/studies/study/{number})",
    CATALOGUE + "/series/series/{series}",
    CATALOGUE + "/series/series/{series}#abstract",
    CATALOGUE + "/series/series/{series}#access-data",
    CATALOGUE + "/series/series/{series}?id={series}",
    CATALOGUE + "/searchresults?search=qualitative+data&sort=0&tab=0",
    "https://doc.ukdataservice.ac.uk/doc/{number}/read{number}.htm",
    NESSTAR + "&study=http://nesstar.ukdataservice.ac.uk:80/obj/fStudy/{number}&top=yes",
    BETA + "/studies/study?id={number} " + CATALOGUE + "/studies/study/{number}",
    "https://doi.org/{doi}",
    "",
)

RESHARE_PAGES: Final = (
    RESHARE + "/{number}/",
    RESHARE + "/0{number}/",
    RESHARE + "/id/eprint/{number}",
    "http://reshare.ukdataservice.ac.uk/id/eprint/{number}",
    RESHARE + "/archive/{number}",
    RESHARE + "/cgi/export/eprint/{number}/JSON/reshare-eprint-{number}.js",
    RESHARE + "/cgi/search/simple/export_reshare_JSON.js?output=JSON&q={number}&_action_export=1",
    RESHARE + "/{number}/1/{number}_documentation.zip",
    RESHARE + "/id/document/{number}1",
    RESHARE + "/id/file/{number}1",
    RESHARE + "/{number}/)",
    RESHARE + "/{number} " + BETA + "/studies/study?id={number}",
    CATALOGUE + "/studies/study/{number}",
    "http://dx.doi.org/{doi}",
    "",
)

DOIS: Final = (
    "doi: {doi}",
    "DOI {doi}",
    " {doi}",
    "https://www.doi.org/{doi}",
    "https://doi.org/10.5255%2F{suffix}",
    "https://doi.org/doi:{doi}",
    "HTTPS://DOI.ORG/{doi}",
    "http://doi.org/{doi}",
    "10.5255/ukda-sn-{tail}",
    "{doi}.",
    "{doi})",
    "{doi}#x",
    "{doi}?x=1",
    "10.5255/UKDA-Series-{series}",
    "",
)

_FILES: Final = uuid.UUID("5a4d3c2b-1e0f-4a3b-8c2d-7e6f5a4b3c2d").int
"""What tells a data file's uuid at the archive from the one that the catalogue gives the same file."""


def edition(index: int) -> int:
    """The newest edition of study `index` that the catalogue knows of; 0 for a self-deposit, whose DOI names none."""
    return 0 if _is_deposit(index) else 1 + Draws(f"doi {index}").below(20)


def series(index: int) -> int:
    """The series of study `index`: forty studies in turn share one.

    >>> series(0), series(59)
    (200001, 200002)
    """
    return 200_001 + index // 40


def doi(number: int, edition: int) -> str:
    """The DOI of an edition, as the archive writes it.

    >>> doi(1000005, 3), doi(85000004, 0)
    ('10.5255/UKDA-SN-1000005-3', '10.5255/UKDA-SN-85000004')
    """
    return f"10.5255/UKDA-SN-{number}" + f"-{edition}" * (edition > 0)


def doi_forms(of: Item) -> list[str]:
    """The DOI of an item's study, as the record writes it: bare, as a URL, in several forms, or not at all."""
    number, known = study_number(of.index), edition(of.index)
    bare = doi(number, known)
    if of.era is Era.E2:
        forms = [f"http://dx.doi.org/{bare}"]
    elif (of.index + 9) % 16 == 0:
        return []
    else:
        draws = Draws(f"doi {of.index}")
        draws.below(20)  # the edition
        forms = list(
            draws.one(([bare], [bare], [f"http://dx.doi.org/{bare}", bare], [f"https://doi.org/{bare}", bare]))
        )
    return [*forms, _filled(DOIS[_turn(of.index) % len(DOIS)], of.index)]


def urls(of: Item) -> list[str]:
    """The item's pages at the UK Data Service; some lists start with an empty string, as in the catalogue."""
    if of.part:
        return [f"{CATALOGUE}/datasets/dataset/{file_uuid(of)}"]
    forms = RESHARE_PAGES if of.era is Era.E2 else CURATED_PAGES
    other = _filled(forms[_turn(of.index) % len(forms)], of.index)
    if of.era is Era.E2:
        return [study_url(of), f"{RESHARE}/{study_number(of.index)}", other]
    return [""] * ((of.index + 3) % 5 == 0) + [study_url(of), other]


def study_url(of: Item) -> str:
    """The page of an item's study, in the form of its day."""
    number = study_number(of.index)
    return f"{BETA}/studies/study?id={number}" if of.era is Era.E2 else f"{CATALOGUE}/studies/study/{number}"


def access_url(of: Item) -> str:
    """The page that says how the data of an item's study can be had."""
    return f"{BETA}/studies/study?id={study_number(of.index)}#!/access-data"


def file_uuid(of: Item) -> uuid.UUID:
    """The uuid under which the archive has the data file that an item is."""
    return uuid.UUID(int=int(of.uuid, 16) ^ _FILES)


def item_uuid(file: uuid.UUID) -> str:
    """The catalogue's uuid of the item that a data file of the archive is.

    >>> item_uuid(file_uuid(Item(0, 1, "", "", "0" * 31 + "7")))
    '00000000000000000000000000000007'
    """
    return f"{file.int ^ _FILES:032x}"


def _is_deposit(index: int) -> bool:
    return ERAS[index % len(ERAS)] is Era.E2


def _turn(index: int) -> int:
    """The place of a study among the self-deposits, or among the others."""
    return index // len(ERAS) if _is_deposit(index) else index - index // len(ERAS) - 1


@lru_cache(maxsize=256)
def _filled(form: str, index: int) -> str:
    number, known = study_number(index), edition(index)
    bare = doi(number, known)
    suffix = bare.partition("/")[2]
    told = {"number": number, "edition": known, "series": series(index), "doi": bare, "suffix": suffix}
    return form.format(**told, tail=suffix.removeprefix("UKDA-SN-"))
