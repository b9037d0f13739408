"""The generated studies and their datasets: every item is computed from its index, none is kept."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from sandbox.draws import Draws

Json: TypeAlias = dict[str, Any]

WORDS: Final[Json] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
"""What titles, descriptions and lists are made of: own sentences, invented organisations, no persons."""

SELF_DEPOSITS: Final = 85_000_000
CURATED: Final = 1_000_000
"""Numbers from which self-deposited and other studies count: real numbers have at most six digits."""

MAX_PARTS: Final = 8
MAX_SLUG: Final = 220
"""An item with a longer slug has a page under its uuid only."""


class Era(Enum):
    """How the catalogue's own code hands a record to the page; the eras take turns over the studies."""

    E2 = "study deposited by its makers, told as `study` and as JSON-LD"
    E3 = "study that holds its datasets in full; its own page is titled Dataset Not Found"
    E4 = "study that names its datasets, which hold it as their ancestor"
    E5 = "as E4, the record in a row of its own"


ERAS: Final = tuple(Era)


@dataclass(frozen=True, slots=True)
class Item:
    """A study (`part` 0) or one of its datasets (`part` from 1)."""

    index: int
    part: int
    name: str
    slug: str
    uuid: str

    @property
    def era(self) -> Era:
        return ERAS[self.index % len(ERAS)]

    @property
    def pages(self) -> list[str]:
        """Paths of its pages below `/search/`, without an ending."""
        if len(self.slug) > MAX_SLUG:
            return [f"items/{self.uuid}"]
        pages = [f"items/{self.slug}"]
        if self.part == 0 or self.era in {Era.E4, Era.E5}:
            pages.append(f"items/{self.uuid}")
        if self.part == 0:
            pages.append(f"studies/{self.slug}")
        return pages


def part_count(index: int) -> int:
    """How many datasets study `index` has: 0 to 8, none in the era whose pages cannot list them."""
    return 0 if ERAS[index % len(ERAS)] is Era.E2 else (index * 2654435761 >> 9) % (MAX_PARTS + 1)


def study_number(index: int) -> int:
    """Number of study `index`: seven digits, or eight that start with 85 for a self-deposit.

    >>> study_number(4), study_number(5)
    (85000004, 1000005)
    """
    return (SELF_DEPOSITS if ERAS[index % len(ERAS)] is Era.E2 else CURATED) + index


@lru_cache(maxsize=256)
def years(index: int) -> tuple[int, int]:
    """First and last year that study `index` covers."""
    draws = Draws(f"years {index}")
    start = 1962 + draws.below(58)
    return start, min(2024, start + draws.one((0, 0, 1, 2, 4, 9, 15, 30)))


@lru_cache(maxsize=256)
def subject(index: int) -> tuple[str, str, list[str]]:
    """What study `index` is about, the places it covers, and their country codes."""
    draws = Draws(f"subject {index}")
    place, country_codes = draws.one(WORDS["places"])
    return draws.one(WORDS["topics"]), place, country_codes


def slugified(name: str) -> str:
    """The last part of an item's address.

    >>> slugified("1000017_Diary Day File")
    '1000017-diary-day-file'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@lru_cache(maxsize=4096)
def item(index: int, part: int = 0) -> Item:
    """The item with that place in the catalogue."""
    draws = Draws(f"name {index}.{part}")
    number = study_number(index)
    if part:
        name = f"{number}_{draws.one(WORDS['files'])}_{chr(96 + part)}"
        if (index + part) % 23 == 0:
            name += WORDS["long_subtitle"].replace(" ", "_")
    else:
        start, end = years(index)
        topic, place, _ = subject(index)
        name = f"{topic} {draws.one(WORDS['forms'])}{': ' * bool(place)}{place}, "
        name += f"{start}-{end}" if end > start else f"{start}"
        name += WORDS["long_subtitle"] * ((index + 26) % 29 == 0) + f": SN {number}"
    return Item(index, part, name, slugified(name), _uuid(index, part))


def find(name: str, scale: int) -> Item | None:
    """The item with slug or uuid `name` in a catalogue of `scale` studies; None if there is none.

    >>> find(item(5).slug, 6) == find(item(5).uuid, 6) == item(5)
    True
    >>> find(item(5).slug, 5) is None
    True
    """
    if re.fullmatch("[0-9a-f]{32}", name):
        index, part = divmod(int(name[16:], 16) ^ _mask(bytes.fromhex(name[:16])), 16)
        candidates = [part]
    elif match := re.fullmatch(r"(?:.*-sn-)?([0-9]{7,})(-.*)?", name):
        number = int(match[1])
        index = number - (SELF_DEPOSITS if number >= SELF_DEPOSITS else CURATED)
        candidates = list(range(1, MAX_PARTS + 1)) if match[2] else [0]
    else:
        return None
    if not 0 <= index < scale:
        return None
    found = (item(index, part) for part in candidates if part <= part_count(index))
    return next((each for each in found if name in {each.slug, each.uuid}), None)


def _uuid(index: int, part: int) -> str:
    """32 hex digits: a salt, and the item's place in the catalogue under a mask that the salt makes."""
    place = index * 16 + part
    salt = hashlib.blake2b(place.to_bytes(8), digest_size=8).digest()
    return salt.hex() + f"{place ^ _mask(salt):016x}"


def _mask(salt: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(salt, digest_size=8).digest())
