"""What the key rule needs to know of a sighting, as the temporary database of publishing holds it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from crawler.export.rows import Row


@dataclass(slots=True)
class Mention:
    """What the key rule needs to know of a sighting."""

    source: str
    type: str | None
    uuid: str | None
    slug: str | None
    ancestors: list[str]
    children: list[str]
    is_part: bool
    dois: list[str]
    urls: list[str]
    study_numbers: list[int]


_columns = itemgetter(*Mention.__slots__)


def mention(sighting: Row) -> bytes:
    """Return what the key rule needs of a sighting, as JSON."""
    return orjson.dumps(_columns(sighting))


def mentioned(json: bytes) -> Mention:
    """Return what `mention` made of a sighting."""
    return Mention(*orjson.loads(json))
