"""How the report says a number, a time and a state."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from crawler.items import State

STATES = {
    State.STORED: "new or other than before, and in the snapshot",
    State.UNCHANGED: "tells what the snapshot before has of it",
    State.DUPLICATE: "adds nothing: another page tells the same",
    State.REDIRECTED: "leads to another URL",
    State.NOT_FOUND: "its site says that there is no such page",
    State.INVALID: "what it says cannot be a record",
    State.DENIED_BY_ROBOTS: "robots.txt asks not to fetch it, or could not be had",
    State.OUT_OF_SCOPE: "no page of a study or dataset, or of a source that is not followed",
    State.FETCH_FAILED: "gave no usable answer, after retries",
    State.PARSE_FAILED: "answered, and no record could be read from it",
    State.NOT_ATTEMPTED: "was not asked for",
}
_SMALL = 0.001
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_LONGEST_LINK = 250


def moment(time: str) -> str:
    """Return a time of the export as a person reads it.

    >>> moment("2031-05-06T07:44:10Z")
    '6 May 2031, 07:44 UTC'
    """
    return f"{day(time)} {time[:4]}, {time[11:16]} UTC" if time else "unknown"


def day(time: str) -> str:
    """Return the day of a time without its year.

    >>> day("2031-05-06T07:44:10Z")
    '6 May'
    """
    at = datetime.fromisoformat(time)
    return f"{at.day} {at:%b}"


def seconds_between(started: str, ended: str) -> int:
    """Return the seconds from one time to a later one; 0 where one of them is unknown, or not later."""
    if not (started and ended):
        return 0
    return max(0, int((datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()))


def duration(seconds: int) -> str:
    """Return a length of time in its two largest units.

    >>> duration(7), duration(4_360), duration(200_000)
    ('7 s', '1 h 12 min', '2 d 7 h')
    """
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def size(number: float) -> str:
    """Return a number of bytes in the unit that fits it.

    >>> size(0), size(999), size(1_250_000)
    ('0 B', '999 B', '1.2 MB')
    """
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - a kilo
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def percent(part: int, whole: int) -> str:
    """Return a share; all of it, and nothing, are said of what is just that.

    >>> percent(1, 3), percent(9_999, 10_000), percent(1, 10_000), percent(0, 0)
    ('33.3%', '>99.9%', '<0.1%', 'none')
    >>> percent(0, 7), percent(7, 7)
    ('0%', '100%')
    """
    if not whole:
        return "none"
    if part in {0, whole}:
        return "100%" if part else "0%"
    share = part / whole
    if share < _SMALL:
        return "<0.1%"
    if share > 1 - _SMALL:
        return ">99.9%"
    return f"{100 * share:.1f}%"


def signed(number: float, digits: int = 0) -> str:
    """Return a difference.

    >>> signed(1200), signed(0), signed(-0.04, 1)
    ('+1,200', '±0', '±0.0')
    """
    text = f"{abs(number):,.{digits}f}"
    sign = "±" if not float(text.replace(",", "")) else "+" if number > 0 else "\N{MINUS SIGN}"
    return f"{sign}{text}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number of things.

    >>> plural(1, "target"), plural(1200, "target"), plural(2, "study", "studies")
    ('1 target', '1,200 targets', '2 studies')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def cut(text: str, length: int) -> str:
    """Return a text, or its beginning where it is longer, or takes more than twice as many bytes in a page.

    >>> cut("abcdef", 4), cut("&&&&", 4)
    ('abc…', '…')
    """
    cost = 0
    for number, letter in enumerate(text):
        cost += len(escape(letter).encode())
        if number == length or cost > 2 * length:
            return f"{text[: max(0, number - 1)]}…"
    return text


def link(url: str) -> str | None:
    """Return a URL that may be followed, None for one of another kind, or of no sensible length.

    >>> link("https://example.org/"), link("javascript:alert(1)")
    ('https://example.org/', None)
    """
    try:
        sound = urlsplit(url).scheme in {"http", "https"} and len(url) <= _LONGEST_LINK
    except ValueError:
        return None
    return url if sound else None
