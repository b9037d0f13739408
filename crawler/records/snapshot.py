"""All sightings of a few items -> their records, in memory; `export.gathering` does the same for any number."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from crawler.identity.keys import Identity, identify
from crawler.records.merge import merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.items import Record, Sighting


def records(sightings: Sequence[Sighting]) -> Iterator[Record]:
    """Yield the records that a set of sightings makes, in the order of their keys, whatever order they come in.

    >>> from crawler.items import Sighting
    >>> roads = Sighting(source="harmony_flight", slug="a", title="Roads", dois=["10.5255/ukda-sn-7-1"])
    >>> [(record.key, record.type) for record in records([roads])]
    [('doi:10.5255/ukda-sn-7-1', 'study')]
    """
    belonging: dict[str, list[tuple[Identity, Sighting]]] = defaultdict(list)
    parts: dict[str, set[str]] = defaultdict(set)
    for sighting, identity in zip(sightings, identify(sightings), strict=True):
        if identity is not None:
            belonging[identity.key].append((identity, sighting))
            if identity.part_of:
                parts[identity.part_of].add(identity.key)
    for key, pairs in sorted(belonging.items()):
        first = min((identity for identity, _ in pairs), key=_order)
        yield merge(first, [sighting for _, sighting in pairs], parts.get(key, ()))


def _order(identity: Identity) -> tuple[str, bytes]:
    """Of two groups with one key the first counts; of two identities in a group the smaller in JSON."""
    return identity.group, orjson.dumps(identity)
