"""schema.org's Dataset: the field table of a JSON-LD node, and what of its values tells a field."""

from __future__ import annotations

import re
from datetime import datetime

from crawler.identity import doi
from crawler.sites.table import Table

_BETWEEN = re.compile(r"\.\.|(?<!\s)\s+(?:-|\u2013|\u2014|to)\s+|(?<=\b\d{4})[-\u2013](?=\d{4}$)")
_URLS = re.compile(r"\s*(?:https?://\S+(?:\s+|$))+", re.IGNORECASE)


def start(coverage: object) -> object:
    """Return the beginning of a `temporalCoverage`: of an ISO 8601 interval, a range of years or a single date.

    >>> start("2010-01-01/2010-12-31"), start("2009..2012"), start("2011"), start("../2011")
    ('2010-01-01', '2009', '2011', None)
    """
    return _ends(coverage)[0]


def end(coverage: object) -> object:
    """Return the end of a `temporalCoverage`, None for one that is open.

    >>> end("2010-01-01/2010-12-31"), end("2009 - 2012"), end("2011"), end("2011/.."), end("2011..")
    ('2010-12-31', '2012', '2011', None, None)
    """
    return _ends(coverage)[-1]


def _ends(coverage: object) -> list[object]:
    if not isinstance(coverage, str):
        return [coverage]
    first, slash, last = coverage.partition("/")
    ends = [first, last] if slash else _BETWEEN.split(coverage, maxsplit=1)
    return [None if each.strip() in {"", ".."} else each.strip() for each in ends]


def dois_only(text: object) -> list[str]:
    """Return the DOIs of a text that consists of nothing else, in any form, as they are.

    >>> dois_only("http://dx.doi.org/10.5255/UKDA-SN-850565"), dois_only("SN 850565")
    (['http://dx.doi.org/10.5255/UKDA-SN-850565'], [])
    >>> dois_only("10.5255/UKDA-SN-1-1, https://doi.org/10.5255/UKDA-SN-2-1")
    ['10.5255/UKDA-SN-1-1', 'https://doi.org/10.5255/UKDA-SN-2-1']
    """
    if not isinstance(text, str) or "10." not in text:
        return []
    if doi.normalise(text):
        return [text]
    parts = text.replace(",", " ").split()
    return parts if len(parts) > 1 and all(map(doi.normalise, parts)) else []


def urls_only(text: object) -> list[str]:
    """Return the URLs of a text that consists of nothing else.

    >>> urls_only("https://example.org/a https://example.org/b"), urls_only("See https://example.org/")
    (['https://example.org/a', 'https://example.org/b'], [])
    """
    return text.split() if isinstance(text, str) and _URLS.fullmatch(text) else []


def pages_only(text: object) -> list[str]:
    """Return the URLs of a text that consists of nothing else and is no DOI.

    >>> pages_only("https://example.org/studies/1"), pages_only("https://doi.org/10.5255/UKDA-SN-1")
    (['https://example.org/studies/1'], [])
    """
    return [] if dois_only(text) else urls_only(text)


def positive(number: object) -> object:
    """Return a number, a text or a time as it is, but None for 0, which stands for "not known" in some sources.

    >>> positive(0), positive("0"), positive(11314), positive(-1)
    (None, None, 11314, None)
    """
    if isinstance(number, (int, float)):
        return number if number > 0 else None
    return number if isinstance(number, datetime) or str(number).strip("0 ") else None


DATASET = Table(
    rows={
        "title": ("name",),
        "alternate_titles": ("alternateName",),
        "description": ("description",),
        "keywords": ("keywords",),
        "creators": ("creator", "author"),
        "publisher": ("publisher",),
        "funders": ("funder",),
        "sponsors": ("sponsor",),
        "temporal_start": (("temporalCoverage", start),),
        "temporal_end": (("temporalCoverage", end),),
        "spatial_coverage": ("spatialCoverage",),
        "languages": ("inLanguage",),
        "sample_size": (("size", positive),),
        "variables": ("variableMeasured",),
        "variable_count": (("number_of_variables", positive),),
        "license": ("license",),
        "access": ("conditionsOfAccess",),
        "date_published": ("datePublished",),
        "date_modified": ("dateModified",),
        "catalogues": ("includedInDataCatalog",),
        "urls": (("url", urls_only), ("sameAs", urls_only), ("identifier", pages_only)),
        "dois": (("@id", dois_only), ("identifier", dois_only), ("url", dois_only), ("sameAs", dois_only)),
    },
    left_out=frozenset(
        # what it is, what it looks like, where its files are, and the day on which somebody began to write it
        {"@context", "@type", "@graph", "additionalType", "image", "distribution", "dateCreated", "isAccessibleForFree"}
    ),
)
