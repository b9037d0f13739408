"""What the UK Data Archive holds of the catalogue's studies: the facts that its four sites tell, each in its own way.

The studies of the committed pages are told to those who ask by number, the generated ones in lists as well. Where
sources of the real world differ, so do these: the catalogue may know an older edition than the archive, a study that
the catalogue still lists may be withdrawn, a few are left out of the archive's OAI-PMH lists, and one is known to the
DOI registry only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox import links
from sandbox.draws import Draws
from sandbox.search_result import search_result
from sandbox.studies import (
    CURATED,
    ERAS,
    SELF_DEPOSITS,
    WORDS,
    Era,
    Item,
    Json,
    item,
    part_count,
    study_number,
    subject,
    years,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FAKE_ADDRESS: Final = "someone@example.org"
"""Stands wherever the sites show contact data: no address of this kind belongs to anybody."""

OLDER_EDITIONS: Final = 2
"""How many editions before the newest have a DOI of their own: the others are older than DOIs are."""

COMMITTED: Final[Mapping[int, Json]] = {
    told["number"]: told
    for told in json.loads(Path(__file__).with_name("pages").joinpath("holdings.json").read_bytes())
}
"""What the committed pages say of the studies that they name, by number; what they leave out is drawn."""


class Standing(Enum):
    """Which of the archive's sites tell a study."""

    HELD = "held"
    ONLY_AS_PAGE = "only as page"
    """No OAI-PMH list and no answer there has it."""
    WITHDRAWN = "withdrawn"
    """Deleted in OAI-PMH and gone from ReShare; its pages find nothing, though others still name it."""
    REGISTERED = "registered"
    """The DOI registry has it, and nobody else."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A study as the archive holds it."""

    study: Item
    number: int
    edition: int
    """The newest edition; 0 where the DOI names none."""
    is_deposit: bool
    """True for a study that its makers deposited at ReShare."""
    standing: Standing
    abstract: str
    """Plain text, sentences parted by spaces or empty lines."""
    main_topics: Sequence[str]
    keywords: Sequence[str]
    makers: Sequence[str]
    """Organisations, some with a department behind a comma."""
    person: str
    """`Family, Given` of the person who deposited it."""
    funder: str
    start: int
    end: int
    place: str
    kinds: Sequence[str]
    subject: str
    mode: str
    unit: str
    spatial_unit: str
    access: str
    """`open`, `safeguarded` or `controlled`."""
    deposited: datetime
    released: datetime
    changed: datetime

    @property
    def index(self) -> int:
        """What decides between the ways to tell a study; its own number for a study of the committed pages."""
        return self.study.index

    @property
    def title(self) -> str:
        return self.study.name

    @property
    def has_page(self) -> bool:
        """True for a study that the data catalogue shows, and ReShare if it was deposited there."""
        return self.standing in {Standing.HELD, Standing.ONLY_AS_PAGE}

    @property
    def doi(self) -> str:
        """The DOI of the newest edition, as the archive writes it: second editions at ReShare are in lower case."""
        return self.edition_doi(self.edition)

    @property
    def editions(self) -> list[int]:
        """The editions with a DOI of their own, the oldest first."""
        if self.is_deposit:
            return [0, self.edition] if self.edition else [0]
        return list(range(max(1, self.edition - OLDER_EDITIONS), self.edition + 1))

    @property
    def series(self) -> int | None:
        return None if self.is_deposit or self.number in COMMITTED else links.series(self.index)

    @property
    def before(self) -> Holding | None:
        """The study before this one, to which it is related."""
        if self.number in COMMITTED:
            return _committed(self.number - 1) if self.number - 1 in COMMITTED else None
        return holding(self.index - 1) if self.index else None

    @property
    def files(self) -> list[Item]:
        if self.number in COMMITTED:
            return []
        return [item(self.index, part) for part in range(1, part_count(self.index) + 1)]

    def edition_doi(self, edition: int) -> str:
        written = links.doi(self.number, edition)
        return written.lower() if self.is_deposit and edition else written


@dataclass(frozen=True, slots=True)
class Holdings:
    """The holdings of an archive with `scale` generated studies, as its sites told them at `modified`."""

    scale: int
    modified: datetime

    def get(self, number: int) -> Holding | None:
        """The study with that number, whatever its standing.

        >>> holdings = Holdings(6, datetime.now(UTC))
        >>> holdings.get(1000005).number, holdings.get(1000006), holdings.get(1000004)
        (1000005, None, None)
        >>> holdings.get(9904).title
        'Kitchen Table Economies: A Longitudinal Study, 1995-2020'
        """
        if number in COMMITTED:
            return _committed(number)
        index = number - (SELF_DEPOSITS if number >= SELF_DEPOSITS else CURATED)
        return holding(index) if 0 <= index < self.scale and study_number(index) == number else None

    def in_series(self, number: int) -> list[Holding]:
        """The studies of a series."""
        first = (number - links.series(0)) * 40
        indexes = range(max(first, 0), min(first + 40, self.scale))
        return [each for each in map(holding, indexes) if each.series == number]


def withdrawn(index: int) -> bool:
    """True for a study that the archive does not hold any more, though others still name it.

    >>> [index for index in range(60) if withdrawn(index)]
    [6, 8, 46, 48]
    """
    return index % 40 in {6, 8}


def only_as_page(index: int) -> bool:
    """True for a study that no OAI-PMH list of the archive has.

    >>> [index for index in range(60) if only_as_page(index)]
    [9, 54]
    """
    return index % 45 == 9  # noqa: PLR2004 - any remainder does


def changed(index: int) -> datetime:
    """When the archive last changed what it says of study `index`."""
    seconds = Draws(f"changed {index}").below(8 * 365 * 24 * 3600)
    return datetime(2017, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


@lru_cache(maxsize=1024)
def holding(index: int) -> Holding:
    """The holding of generated study `index`."""
    study = item(index)
    schema = search_result(study)["dataset_schema"]
    standing = Standing.ONLY_AS_PAGE if only_as_page(index) else Standing.HELD
    draws = Draws(f"holding {index}")
    start, end = years(index)
    return Holding(
        study=study,
        number=study_number(index),
        edition=_newest(index),
        is_deposit=study.era is Era.E2,
        standing=Standing.WITHDRAWN if withdrawn(index) else standing,
        abstract=schema["description"],
        keywords=schema["keywords"],
        makers=[maker["name"] for maker in schema["creator"]],
        funder=schema["sponsor"][0]["name"],
        start=start,
        end=end,
        place=subject(index)[1],
        changed=changed(index),
        **_drawn(draws, end),
    )


@lru_cache(maxsize=128)
def _committed(number: int) -> Holding:
    """The holding of a study that the committed pages name."""
    told = COMMITTED[number]
    draws = Draws(f"committed {number}")
    drawn = 1990 + draws.below(30)
    start, end = told.get("start_year", drawn), told.get("end_year", drawn)
    return Holding(
        study=Item(number, 0, told["name"], told["slug"], told["uuid"]),
        number=number,
        edition=told["edition"],
        is_deposit=told["edition"] == 0,
        standing=Standing(told["standing"]),
        abstract=_plain(told["description"]) or f"{told['name']}.",
        keywords=[word for word in told["keywords"] if not word.startswith("<")],
        makers=told["creators"] or draws.some(WORDS["organisations"], 1),
        funder=next(iter(told["funders"]), draws.one(WORDS["funders"])),
        start=start,
        end=end,
        place=told["geographic_coverage"],
        changed=changed(number),
        **_drawn(draws, end),
    )


def _drawn(draws: Draws, end: int) -> dict[str, Any]:
    """What no page of the catalogue says of a study that ended in year `end`."""
    deposited = min(datetime(end, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)) + timedelta(draws.below(300))
    return {
        "main_topics": draws.some(WORDS["main_topics"], 1 + draws.below(4)),
        "person": draws.one(WORDS["persons"]),
        "kinds": draws.some(WORDS["kinds"], 1 + draws.below(2)),
        "subject": draws.one(WORDS["subjects"]),
        "mode": draws.one(WORDS["modes"]),
        "unit": draws.one(WORDS["units"]),
        "spatial_unit": draws.one(WORDS["spatial_units"]),
        "access": draws.one(("open", "safeguarded", "safeguarded", "controlled")),
        "deposited": deposited,
        "released": deposited + timedelta(draws.below(60)),
    }


def _plain(text: str) -> str:
    """Text without tags and character references.

    >>> _plain("Two<p>rows &amp; a table</p>")
    'Two rows & a table'
    """
    return unescape(re.sub("<[^>]*>", " ", text)).strip()


def _newest(index: int) -> int:
    """The newest edition: of some studies one more than the catalogue knows, and a second one of few self-deposits."""
    known = links.edition(index)
    if ERAS[index % len(ERAS)] is Era.E2:
        return 2 if index % 24 == 12 else 0  # noqa: PLR2004 - any remainder does
    return known + (index % 12 == 5 and known < 20)  # noqa: PLR2004 - likewise, and the archive has no edition 21
