"""A request as the hosts of the sandbox see it, and what they answer."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT: Final = "text/plain; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `path` starts with a slash and is as it came, percent-encoded; names of headers are in lower case."""

    host: str
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    method: str = "GET"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the query, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the query; of one that is repeated, the last."""
        return dict(self.pairs)

    @property
    def accepted(self) -> list[str]:
        """The media types that are asked for, the most wanted first; `*/*` if nothing is said.

        >>> Asked("example.org", headers={"accept": "text/html;q=0.5, application/json, text/plain;q=0"}).accepted
        ['application/json', 'text/html']
        """
        weighed = [_weighed(part) for part in self.headers.get("accept", "").split(",") if part.strip()]
        return [kind for weight, kind in sorted(weighed, key=lambda each: -each[0]) if weight > 0] or ["*/*"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be sent, before a fault has its way with it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def page(title: str, text: str, status: int = 200) -> Answer:
    """A small HTML page.

    >>> page("Gone", "a < b", 410).body
    b'<!DOCTYPE html><html lang="en"><head><title>Gone</title></head><body><p>a &lt; b</p></body></html>'
    """
    head = f"<head><title>{html.escape(title)}</title></head>"
    body = f'<!DOCTYPE html><html lang="en">{head}<body><p>{html.escape(text)}</p></body></html>'
    return Answer(status, {"Content-Type": HTML}, body.encode())


def moved(location: str, status: int = 302, **headers: str) -> Answer:
    """A redirect."""
    return Answer(status, {"Location": location, "Content-Type": HTML, **headers}, b"<p>It is elsewhere.</p>")


def tagged(answer: Answer, *, weak: bool = False) -> Answer:
    """The answer with an ETag that follows its body."""
    tag = f'"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'
    return replace(answer, headers={**answer.headers, "ETag": f"W/{tag}" if weak else tag})


def conditional(asked: Asked, answer: Answer) -> Answer:
    """The answer, or 304 if the client has it already: a tag decides before a time.

    >>> have = Asked("example.org", headers={"if-none-match": 'W/"a"'})
    >>> conditional(have, Answer(200, {"ETag": '"a"'}, b"body"))
    Answer(status=304, headers={'ETag': '"a"'}, body=b'')
    """
    kept = {name: text for name, text in answer.headers.items() if name in {"ETag", "Last-Modified", "Vary"}}
    tags, since = asked.headers.get("if-none-match"), asked.headers.get("if-modified-since")
    if tags is not None and "ETag" in kept:
        known = tags == "*" or kept["ETag"].removeprefix("W/") in tags
    else:
        known = since is not None and _at_or_after(since, kept.get("Last-Modified"))
    return Answer(304, kept) if known and answer.status == 200 else answer  # noqa: PLR2004 - the status of a page


def _at_or_after(since: str, modified: str | None) -> bool:
    try:
        return modified is not None and parsedate_to_datetime(since) >= parsedate_to_datetime(modified)
    except (TypeError, ValueError):  # no date, or one without a time zone
        return False


def _weighed(part: str) -> tuple[float, str]:
    kind, *parameters = (each.strip() for each in part.split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return float(weight), kind.lower()
    except ValueError:
        return 1.0, kind.lower()
