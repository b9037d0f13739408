"""Which catalogue item a sighting belongs to, and which study that item is a part of.

An item is known by its uuid, and by its slug where no sighting of that slug has a uuid. What one sighting says of an
item holds for the item: a study's page may be the only one to say that a dataset is a part of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from crawler.identity import ukda

if TYPE_CHECKING:
    from collections.abc import Iterable


_T = TypeVar("_T")


class Mention(Protocol):
    """What identity needs to know of a sighting."""

    @property
    def source(self) -> str: ...
    @property
    def type(self) -> str | None: ...
    @property
    def uuid(self) -> str | None: ...
    @property
    def slug(self) -> str | None: ...
    @property
    def ancestors(self) -> list[str]: ...
    @property
    def children(self) -> list[str]: ...
    @property
    def is_part(self) -> bool: ...
    @property
    def dois(self) -> list[str]: ...
    @property
    def urls(self) -> list[str]: ...
    @property
    def study_numbers(self) -> list[int]: ...


@dataclass(slots=True)
class Item:
    """What all sightings of one catalogue item say together; tuples, because there may be a million of them."""

    name: str
    sighted: bool = False
    is_study: bool = False
    has_file_page: bool = False
    is_part: bool = False
    outermost: tuple[str, ...] = ()
    """Names of the items that a sighting puts at the top of what this one is a part of."""
    dois: tuple[str, ...] = ()
    study_numbers: tuple[int, ...] = ()

    @property
    def is_child(self) -> bool:
        """True when a sighting says that it is a part, or the item is a file of a study at the UK Data Service."""
        return self.is_part or bool(self.outermost) or (self.has_file_page and not self.is_study)


class Catalogue:
    """The items of a snapshot, gathered from all its sightings in any order."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        """Gather them; `mentions` is iterated twice."""
        self._uuids: dict[str, str] = {}
        for mention in mentions:
            if mention.uuid and mention.slug:
                self._uuids[mention.slug] = min(mention.uuid, self._uuids.get(mention.slug, mention.uuid))
        self._files: dict[str, str] = {}
        self.items: dict[str, Item] = {}
        for mention in mentions:
            self._add(mention)

    def name(self, mention: Mention) -> str | None:
        """Return the name of a sighting's item: its uuid, else its slug; None for a sighting of no catalogue item."""
        return mention.uuid or (self._name(mention.slug) if mention.slug else None)

    def file(self, uuid: str) -> str | None:
        """Return the name of the item that is a data file of the UK Data Service; None where no item is."""
        return self._files.get(uuid)

    def study_of(self, name: str) -> str | None:
        """Return the name of the outermost item that an item is a part of, or None for one that is no part.

        Where sightings name several, one that was itself sighted goes before one that was not, then the smaller name.
        """
        seen = {name}
        found = None
        while item := self.items.get(name):
            candidates = set(item.outermost) - seen
            if not candidates:
                break
            name = found = min(candidates, key=lambda name: (not self.is_sighted(name), name))
            seen.add(name)
        return found

    def is_sighted(self, name: str) -> bool:
        """Tell whether an item was sighted, not only named by others."""
        return name in self.items and self.items[name].sighted

    def _name(self, name: str) -> str:
        return self._uuids.get(name, name)

    def _item(self, name: str) -> Item:
        return self.items.setdefault(name, Item(name))

    def _add(self, mention: Mention) -> None:
        name = self.name(mention)
        if name is None:
            return
        item = self._item(name)
        item.sighted = True
        item.is_study |= mention.type == "study"
        for file in filter(None, map(ukda.file_of, mention.urls)):
            item.has_file_page = True
            self._files[file] = min(name, self._files.get(file, name))
        item.dois = _with(item.dois, mention.dois)
        item.study_numbers = _with(item.study_numbers, mention.study_numbers)
        item.is_part |= mention.is_part
        ancestors = [self._name(ancestor) for ancestor in mention.ancestors if self._name(ancestor) != name]
        item.outermost = _with(item.outermost, ancestors[-1:])
        for child in map(self._name, mention.children):
            if child != name:
                part = self._item(child)
                part.outermost = _with(part.outermost, ancestors[-1:] or [name])


def _with(known: tuple[_T, ...], more: Iterable[_T]) -> tuple[_T, ...]:
    new = tuple(value for value in dict.fromkeys(more) if value not in known)
    return known + new if new else known


def studies(mentions: Iterable[Mention]) -> dict[int, tuple[int, str]]:
    """Return, per study number, the highest edition that any sighting declares, and the DOI that names it."""
    newest: dict[int, tuple[int, str]] = {}
    editions: dict[int, dict[int, str]] = defaultdict(dict)
    for mention in mentions:
        for doi in mention.dois:
            study = ukda.from_doi(doi)
            if study is not None and study.edition is not None:
                named = editions[study.number]
                named[study.edition] = min(doi, named.get(study.edition, doi), key=lambda doi: (len(doi), doi))
    for number, named in editions.items():
        newest[number] = max(named.items())
    return newest
