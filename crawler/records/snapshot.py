"""All sightings and targets of a run -> the records and the ledger of its snapshot."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.identity.keys import Identity, identify
from crawler.items import Sighting, State, Target
from crawler.records.merge import merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.items import Record

_RANKS = {state: rank for rank, state in enumerate(State)}
_TELLERS = {State.STORED, State.UNCHANGED, State.DUPLICATE}


class Snapshot:
    """The records that a set of sightings makes, whatever their order.

    >>> snapshot = Snapshot([Sighting(source="harmony_flight", slug="a", title="Roads", dois=["10.5255/ukda-sn-7-1"])])
    >>> [(record.key, record.type) for record in snapshot.records()], snapshot.joined_by_doi
    ([('doi:10.5255/ukda-sn-7-1', 'study')], 0)
    """

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self._identities: dict[str, Identity] = {}
        self._sightings: dict[str, list[Sighting]] = defaultdict(list)
        self._parts: dict[str, set[str]] = defaultdict(set)
        self.unidentified = 0
        groups: dict[str, list[str]] = defaultdict(list)
        for sighting, identity in zip(sightings, identify(sightings), strict=True):
            if identity is None:
                self.unidentified += 1
                continue
            self._identities[identity.key] = min(identity, self._identities.get(identity.key, identity), key=_group)
            self._sightings[identity.key].append(sighting)
            groups[identity.key].append(identity.group)
            if identity.part_of:
                self._parts[identity.part_of].add(identity.key)
        self.joined_by_doi = sum(len(named) - named.count(min(named)) for named in groups.values())
        """Sightings that came to a record through its DOI, not through the item that the record's first ones name."""

    def records(self) -> Iterator[Record]:
        """Yield the records in the order of their keys."""
        for key in sorted(self._sightings):
            yield merge(self._identities[key], self._sightings[key], self._parts.get(key, ()))


def settle(targets: Iterable[Target]) -> list[Target]:
    """Return one target for each URL, in the order of the URLs: also for those that were led to and not asked for.

    Where a URL has several, the state that tells most wins, in the order of `items.State`; then the newer one.

    >>> page = Target(url="https://example.org/a", state=State.STORED, links=["https://example.org/b"])
    >>> [(target.url[-1], str(target.state)) for target in settle([page, page])]
    [('a', 'stored'), ('b', 'not_attempted')]
    """
    settled: dict[str, Target] = {}
    for target in targets:
        known = settled.get(target.url)
        if known is not None and known.state is None and target.state is None:
            links = sorted({*known.links, *target.links})  # a sitemap, or arguments, read by two processes
            settled[target.url] = replace(known, links=links)
        elif known is None or _telling(target) > _telling(known):
            settled[target.url] = target
    told = {url for target in settled.values() if target.state in _TELLERS for url in target.told}
    for url in {link for target in settled.values() for link in target.links} - settled.keys():
        settled[url] = Target(url=url, state=State.DUPLICATE if url in told else State.NOT_ATTEMPTED)
    return [settled[url] for url in sorted(settled)]


def _telling(target: Target) -> tuple[int, str]:
    return (-_RANKS[target.state] if target.state else 1, target.fetched_at)


def _group(identity: Identity) -> str:
    return identity.group
