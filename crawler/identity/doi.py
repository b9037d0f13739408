"""DOIs: one spelling for the many in which catalogues write the same one.

Rules: ISO 26324 (names are compared regardless of case), the DOI Handbook 2.2 (prefix and suffix) and the forms that
research catalogues are seen to use.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

_LONGEST = 2048  # no registry mints longer ones; bounds the work on text that is no DOI
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_LEAD = re.compile(
    r"""(?: \s | [<("'\[]                                # white space and opening marks around a citation's DOI
          | (?:https?:)?// (?:www\.)? (?:dx\.)? doi\.org /+
          | (?:www\.)? (?:dx\.)? doi\.org /+
          | (?:info|urn) : (?=doi)
          | doi (?: \s* [:/] | \s )
        )*""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\ud800-\udfff]+")
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}


@lru_cache(maxsize=1 << 12)  # a study, its files and its JSON-LD name the same few
def normalise(text: str) -> str | None:
    """Return the DOI that a text is, bare and in lower case, or None when the text is anything else.

    >>> normalise("http://dx.doi.org/10.5255/UKDA-SN-850565")
    '10.5255/ukda-sn-850565'
    >>> normalise("doi: 10.5255/UKDA-SN-854001.")
    '10.5255/ukda-sn-854001'
    >>> normalise("https://www.doi.org/10.5255%2FUKDA-SN-854001?x=1")
    '10.5255/ukda-sn-854001'
    >>> normalise("10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O")
    '10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o'
    >>> normalise("https://example.org/10.5255/UKDA-SN-854001") is None
    True
    """
    if len(text) > _LONGEST or "10." not in text:
        return None
    text = text.translate(_INVISIBLE).replace("\xa0", " ").replace("\\_", "_").strip()
    text = unquote(re.split(r"[?#]", text, maxsplit=1)[0])  # cut first: %3F and %23 are part of the name
    match = _NAME.fullmatch(_without_tail(_LEAD.sub("", text, count=1)))
    return match.group().lower() if match else None


def url(doi: str) -> str:
    """Return the https URL of a bare DOI.

    >>> url("10.1000/a b#c")
    'https://doi.org/10.1000/a%20b%23c'
    """
    return "https://doi.org/" + quote(doi, safe="/-._~():;")


def _without_tail(text: str) -> str:
    """Drop the marks that a sentence puts behind a DOI; a closing bracket that has its opening one stays."""
    while text:
        last = text[-1]
        if last in _CLOSING:
            if text.count(last) <= text.count(_CLOSING[last]):
                break
        elif last not in ".,;:\"'" and not last.isspace():
            break
        text = text[:-1]
    return text
