"""What a site module makes of a page: the descriptions found on it and the targets it leads to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.flight import Problem
    from crawler.items import Source


class Outcome(StrEnum):
    """What a page turned out to be."""

    RECORD = "record"
    REDIRECT = "redirect"
    ABSENT = "absent"
    """It says that there is no such item, and carries none."""
    GONE = "gone"
    """Its source says that the item was deleted, whatever other pages still show."""
    ELSEWHERE = "elsewhere"
    """The item is one of a source that this site does not hold; `reason` says whose."""
    NOTHING = "nothing"
    """It says nothing of the item but that another route is worth asking."""
    CLIENT_RENDERED = "client_rendered"
    """It carries nothing, but a browser would go and fetch it."""
    UNREADABLE = "unreadable"
    """It carries nothing, for no known reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to ask for a target."""

    url: str
    accept: str | None = None
    """Value of the `Accept` header, where the site decides by it what it answers."""
    browser: bool = False
    """True where only a browser gets to see what the page holds."""
    absence: bool = False
    """True where it is asked only when one before it has found nothing: it tells what that means."""


@dataclass(slots=True, kw_only=True)
class Found:
    """One description of one item, from one source: its values are as the source writes them."""

    source: Source
    values: dict[str, Any]
    """Field of `items.Description` -> a value or a list of them; a field that the source has nothing for is absent."""
    url: str
    """Canonical URL of the item."""
    uuid: str | None = None
    slug: str | None = None
    embedded: bool = False
    """True for an item other than the one whose page this is."""
    ancestors: list[str] = field(default_factory=list)
    """Names (uuid, else slug) of the items that it is a part of, the outermost last."""
    is_part: bool = False
    """True when its source says that it is a part of something, whether it names that or not."""
    children: list[str] = field(default_factory=list)
    """Names (uuid, else slug) of the items that are parts of it."""


@dataclass(slots=True, kw_only=True)
class Page:
    """A page as its site module reads it."""

    outcome: Outcome
    reason: str = ""
    """Why, in a few words, where the outcome alone does not say it."""
    found: list[Found] = field(default_factory=list)
    """The page's own item first."""
    links: list[str] = field(default_factory=list)
    """Canonical URLs of the targets that it leads to, in order, each once."""
    told: list[str] = field(default_factory=list)
    """Names (uuid and slug both) of other items that are told in full here: their own pages would add nothing."""
    redirect: str | None = None
    """Where the page sends a browser to."""
    unknown_keys: Counter[str] = field(default_factory=Counter)
    """Keys of the source that no rule knows, dotted: the first sign that a site was redeployed."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the page, where something was lost for it."""
