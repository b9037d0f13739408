"""The key rule: which record every sighting of a snapshot belongs to.

A DOI is not the identity of an item: a study and all its files carry the same one, and one study can carry 87
identifiers. The key belongs to the item, and is computed over all sightings of the snapshot, so their order is of no
consequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from crawler.identity import ukda
from crawler.identity.catalogue import Catalogue, studies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from crawler.identity.catalogue import Item, Mention

DATACITE = "datacite"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The record that a sighting belongs to."""

    key: str
    group: str
    """The item, or the page outside the catalogue, that led to the key: two groups with one key share its DOI."""
    child: bool = False
    part_of: str | None = None
    doi: str | None = None
    study_number: int | None = None
    edition: int | None = None
    superseded_by: str | None = None


def identify(mentions: Sequence[Mention]) -> list[Identity | None]:
    """Return, for each sighting of a snapshot, the record that it belongs to; None where it has nothing to go by.

    >>> from crawler.items import Sighting
    >>> study = Sighting(source="harmony_flight", uuid="a" * 32, dois=["10.5255/ukda-sn-6614-20"])
    >>> file = Sighting(source="harmony_flight", uuid="b" * 32, dois=study.dois, ancestors=[study.uuid])
    >>> [(identity.key, identity.part_of) for identity in identify([study, file])]  # doctest: +NORMALIZE_WHITESPACE
    [('doi:10.5255/ukda-sn-6614-20', None),
     ('harmony:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'doi:10.5255/ukda-sn-6614-20')]
    """
    rule = Rule(mentions)
    return [rule.identity(mention) for mention in mentions]


class Rule:
    """The key rule over all sightings of a snapshot, for snapshots that are too large to be held."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        """Gather what the sightings say together; `mentions` is iterated three times."""
        self._catalogue = Catalogue(mentions)
        self._newest = studies(mentions)
        self._wholes = {item.name: self._whole(item) for item in self._catalogue.items.values() if not item.is_child}
        self._by_number = self._unique_studies()
        self._parts = {item.name: self._part(item) for item in self._catalogue.items.values() if item.is_child}

    def identity(self, mention: Mention) -> Identity | None:
        """Return the record that one of the sightings belongs to; None where it has nothing to go by."""
        name = self._catalogue.name(mention)
        file = ukda.file_of(mention.urls[0]) if name is None and mention.urls else None
        if file is not None:
            name = self._catalogue.file(file)  # its DOI is its study's, and says nothing of the file
        if name is not None:
            return self._wholes.get(name) or self._parts[name]
        return None if file else self._elsewhere(mention)

    def _edition(self, number: int, group: str) -> Identity:
        """Only DataCite describes an edition; everybody else describes the study: its newest edition stands for it."""
        if number not in self._newest:
            return Identity(key=f"ukda:{number}", group=group, study_number=number)
        edition, doi = self._newest[number]
        return Identity(key=f"doi:{doi}", group=group, doi=doi, study_number=number, edition=edition)

    def _whole(self, item: Item) -> Identity:
        """A study, or a dataset that is no part of one."""
        group = f"harmony:{item.name}"
        number = _only_number(item.dois, item.study_numbers)
        if number is not None:
            return self._edition(number, group)
        if len(item.dois) == 1:
            doi = item.dois[0]
            return Identity(key=f"doi:{doi}", group=group, doi=doi, study_number=_only(item.study_numbers))
        return Identity(key=group, group=group)

    def _unique_studies(self) -> dict[int, Identity]:
        """The one sighted study of each number, for files whose pages name the number alone."""
        found: dict[int, dict[str, Identity]] = {}
        for name, whole in self._wholes.items():
            if whole.study_number is not None and self._catalogue.is_sighted(name):
                found.setdefault(whole.study_number, {})[whole.key] = whole
        return {number: _first(keys) for number, keys in found.items() if len(keys) == 1}

    def _part(self, item: Item) -> Identity:
        """A child carries its study's DOI, as the study has it where the study was sighted."""
        group = f"harmony:{item.name}"
        own = self._whole(item)
        study = self._study(item, own.study_number)
        return Identity(
            key=group,
            group=group,
            child=True,
            part_of=study.key if study else None,
            doi=(study.doi if study else None) or own.doi,
            study_number=(study.study_number if study else None) or own.study_number,
            edition=study.edition if study and study.doi else own.edition,
        )

    def _study(self, item: Item, number: int | None) -> Identity | None:
        name = self._catalogue.study_of(item.name)
        if name is not None and self._catalogue.is_sighted(name):
            if name in self._wholes:
                return self._wholes[name]
            group = f"harmony:{name}"  # each is said to be a part of the other
            return Identity(key=group, group=group)
        return self._by_number.get(number) if number is not None else None

    def _elsewhere(self, mention: Mention) -> Identity | None:
        """A page of the UK Data Service, of ReShare or of a DOI registry."""
        dois = set(mention.dois)
        number = _only_number(dois, mention.study_numbers)
        if mention.source == DATACITE and mention.dois:
            return self._declared(mention.dois[0])
        if number is not None:
            return self._edition(number, f"ukda:{number}")
        if dois:
            return Identity(key=f"doi:{min(dois)}", group=f"doi:{min(dois)}", doi=min(dois))
        return None

    def _declared(self, doi: str) -> Identity:
        study = ukda.from_doi(doi)
        group = f"doi:{doi}"
        if study is None:
            return Identity(key=group, group=group, doi=doi)
        newest = self._edition(study.number, group)
        if study.edition == newest.edition:
            return newest
        return Identity(
            key=group,
            group=group,
            doi=doi,
            study_number=study.number,
            edition=study.edition,
            superseded_by=newest.key,
        )


def _only_number(dois: Collection[str], numbers: Iterable[int]) -> int | None:
    """The study number when the DOIs are editions of one study, or when there is no DOI and the URLs name one study."""
    if dois:
        named = {study.number if (study := ukda.from_doi(doi)) else None for doi in dois}
        return _only(named)
    return _only(numbers)


def _only(values: Iterable[_T]) -> _T | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _first(keys: dict[str, Identity]) -> Identity:
    return next(iter(keys.values()))
