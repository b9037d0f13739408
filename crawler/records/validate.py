"""What a sighting must have before it may reach a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.errors import InvalidSighting, UnidentifiedRecord
from crawler.items import Source

if TYPE_CHECKING:
    from crawler.items import Sighting

_TYPES = {None, "study", "dataset"}


def validate(sighting: Sighting) -> None:
    """Raise UnidentifiedRecord for a sighting with nothing to be known by, InvalidSighting for one without a title.

    >>> from crawler.items import Sighting
    >>> validate(Sighting(source="harmony_flight", slug="a", title="Roads, 2010"))
    >>> validate(Sighting(source="harmony_flight", title="Roads, 2010"))
    Traceback (most recent call last):
    crawler.errors.UnidentifiedRecord: no uuid, slug, DOI or study number
    """
    if not (sighting.uuid or sighting.slug or sighting.dois or sighting.study_numbers):
        raise UnidentifiedRecord("no uuid, slug, DOI or study number")
    if not sighting.title:
        raise InvalidSighting("title", "is missing")
    if sighting.source not in set(Source):
        raise InvalidSighting("source", f"is none of {', '.join(Source)}")
    if sighting.type not in _TYPES:
        raise InvalidSighting("type", f"{sighting.type!r} is neither study nor dataset")
