"""Values other than text, as sources write them -> as the record has them; None for what is no such value."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from crawler.identity import doi as dois
from crawler.records.normalise.text import EMAIL_REMOVED, line

if TYPE_CHECKING:
    from collections.abc import Iterable

_T = TypeVar("_T")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:[T ].*)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_URL_TAIL = ".,;:'\"]}>"
# ISO 3166-1 alpha-2, officially assigned.
_COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)


def first_day(value: object) -> str | None:
    """Return the first day that a year, month, day or time spans, as an ISO 8601 date.

    >>> first_day("2010"), first_day("2009-06-29T00:00:00Z"), first_day("0005-01-2019")
    ('2010-01-01', '2009-06-29', None)
    """
    parts = _date_parts(value)
    return date(parts[0], parts[1] or 1, parts[2] or 1).isoformat() if parts else None


def last_day(value: object) -> str | None:
    """Return the last day that a year, month, day or time spans, as an ISO 8601 date.

    >>> last_day("2010"), last_day("2012-02"), last_day("2024-05-16")
    ('2010-12-31', '2012-02-29', '2024-05-16')
    """
    parts = _date_parts(value)
    if parts is None:
        return None
    year, month = parts[0], parts[1] or 12
    return date(year, month, parts[2] or monthrange(year, month)[1]).isoformat()


def partial_date(value: object) -> str | None:
    """Return a date as precise as its source has it: an ISO 8601 year, month or day.

    >>> partial_date(2011), partial_date("2011-3"), partial_date("2018-02-09T14:36:13Z"), partial_date("spring")
    ('2011', '2011-03', '2018-02-09', None)
    """
    parts = _date_parts(value)
    if parts is None:
        return None
    year, month, day = parts
    return "-".join([f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part)])


def count(value: object) -> int | None:
    """Return a number of things, from a number or its digits; None for a negative one.

    >>> count("11,314"), count(43), count(2.0), count("1,0"), count(True), count("about 40")
    (11314, 43, 2, None, None, None)
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4}", value.strip()):
        return int(value.replace(",", ""))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
        return value
    return None


def country_code(value: str) -> str | None:
    """Return an ISO 3166-1 alpha-2 code; `UK`, which that standard reserves, is `GB`.

    >>> country_code("gb"), country_code("UK"), country_code("Peru")
    ('GB', 'GB', None)
    """
    code = value.strip().upper()
    code = "GB" if code == "UK" else code
    return code if code in _COUNTRIES else None


def language(value: str) -> str | None:
    """Return a language code of ISO 639, with its region where it has one.

    >>> language("EN"), language("en-gb"), language("English")
    ('en', 'en-GB', None)
    """
    primary, _, rest = value.strip().replace("_", "-").partition("-")
    code = "-".join(filter(None, [primary.lower(), rest.upper() if len(rest) == len("GB") else rest]))
    return code if _LANGUAGE.fullmatch(code) else None


def urls(value: str) -> list[str]:
    """Return the http(s) URLs that a text consists of: a DOI in its https form, host in lower case, fragments kept.

    >>> urls("https://cls.ucl.ac.uk/cls-studies/next-steps/) HTTP://Example.org")
    ['https://cls.ucl.ac.uk/cls-studies/next-steps/', 'http://example.org/']
    >>> urls("http://dx.doi.org/10.5255/UKDA-SN-850565"), urls("see the page")
    (['https://doi.org/10.5255/ukda-sn-850565'], [])
    """
    doi = dois.normalise(value)
    if doi is not None:
        return [dois.url(doi)]
    return unique(found for part in value.split() if (found := _url(part)))


def doi(value: str) -> str | None:
    """Return a DOI, bare and in lower case.

    >>> doi("doi:10.5255/UKDA-SN-854001")
    '10.5255/ukda-sn-854001'
    """
    return dois.normalise(value)


def unique(values: Iterable[_T]) -> list[_T]:
    """Return the values without repeats, in the order of their first places.

    >>> unique(["b", "a", "b"])
    ['b', 'a']
    """
    return list(dict.fromkeys(values))


def unique_text(values: Iterable[str]) -> list[str]:
    """Return the texts without those that repeat an earlier one in another case.

    >>> unique_text(["PREGNANCY", "pregnancy", "AGE"])
    ['PREGNANCY', 'AGE']
    """
    return list({value.casefold(): value for value in reversed(list(values))}.values())[::-1]


def orcid(value: str) -> str | None:
    """Return a bare ORCID iD whose check digit is right (ISO 7064 11,2).

    >>> orcid("https://orcid.org/0000-0002-1825-0097"), orcid("0000-0000-0000-0000")
    ('0000-0002-1825-0097', None)
    """
    match = re.search(r"([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])$", value.strip().upper())
    if match is None:
        return None
    total = 0
    for digit in match[1].replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return match[1] if match[1][-1] == ("X" if check == 10 else str(check)) else None  # noqa: PLR2004 - X stands for ten


def _date_parts(value: object) -> tuple[int, int | None, int | None] | None:
    if isinstance(value, datetime):
        value = (value.astimezone(UTC) if value.tzinfo else value).date().isoformat()
    match = _DATE.fullmatch(str(value).strip()) if isinstance(value, (str, int)) else None
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        date(year or 0, month or 1, day or 1)
    except ValueError:  # 2019-02-30, year 0
        return None
    return year or 0, month, day


@lru_cache(maxsize=1 << 12)  # the pages of a study and of its files name the same ones
def _url(text: str) -> str | None:
    while text and (text[-1] in _URL_TAIL or (text[-1] == ")" and text.count(")") > text.count("("))):
        text = text[:-1]
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:  # an IPv6 literal that is none
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or parts.username:
        return None
    found = dois.normalise(text)
    if found is not None:
        return dois.url(found)
    url = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, parts.fragment))
    return None if EMAIL_REMOVED in (line(unquote(url)) or "") else line(url)
