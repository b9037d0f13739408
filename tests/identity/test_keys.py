"""The key rule: the table of snapshots, in any order of their sightings, and the laws that any snapshot obeys."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity.keys import identify
from crawler.items import Sighting
from tests.identity.key_cases import CASES, FILE_PAGE, A, B, C, Case, sn

if TYPE_CHECKING:
    from crawler.identity.keys import Identity


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_keys(case: Case) -> None:
    identities = identify(case.sightings)
    assert [identity.key if identity else None for identity in identities] == case.keys
    for name in ("part_of", "doi", "edition", "superseded_by", "study_number"):
        expected = getattr(case, name)
        if expected:
            assert [getattr(identity, name) for identity in identities] == expected, name


@pytest.mark.parametrize("case", [case for case in CASES if 1 < len(case.sightings) <= 4], ids=lambda case: case.name)
def test_the_order_of_sightings_is_of_no_consequence(case: Case) -> None:
    expected = identify(case.sightings)
    for order in permutations(range(len(case.sightings))):
        found = identify([case.sightings[index] for index in order])
        assert found == [expected[index] for index in order]


_names = st.sampled_from([A, B, C, "s", "t"])
_sightings = st.builds(
    Sighting,
    source=st.sampled_from(["harmony_flight", "harmony_jsonld", "ukds", "reshare", "datacite"]),
    type=st.sampled_from([None, "study", "dataset"]),
    uuid=st.sampled_from([None, A, B, C]),
    slug=st.sampled_from([None, "s", "t"]),
    ancestors=st.lists(_names, max_size=2),
    children=st.lists(_names, max_size=2),
    dois=st.lists(st.sampled_from([sn(7, 1), sn(7, 2), sn(8), "10.1594/x.1"]), max_size=2),
    urls=st.sampled_from([[], [FILE_PAGE]]),
    study_numbers=st.lists(st.sampled_from([7, 8]), max_size=2),
)


def _named(identities: list[Identity | None]) -> dict[str, Identity]:
    return {identity.key: identity for identity in identities if identity}


@given(st.lists(_sightings, min_size=1, max_size=6), st.randoms())
def test_any_snapshot_has_one_identity_in_any_order(sightings: list[Sighting], random: object) -> None:
    expected = identify(sightings)
    order = list(range(len(sightings)))
    random.shuffle(order)  # type: ignore[attr-defined] # hypothesis's random
    assert identify([sightings[index] for index in order]) == [expected[index] for index in order]
    assert identify([*sightings, *sightings]) == [*expected, *expected]


@given(st.lists(_sightings, min_size=1, max_size=6))
def test_what_holds_for_every_identity(sightings: list[Sighting]) -> None:
    found = identify(sightings)
    for sighting, identity in zip(sightings, found, strict=True):
        if identity is None:
            assert (sighting.uuid, sighting.slug) == (None, None)
            continue
        assert identity.key.partition(":")[0] in {"doi", "harmony", "ukda"}
        assert identity.part_of != identity.key
        if identity.child:
            assert identity.key == identity.group
        if identity.part_of is not None:
            assert identity.child
            assert identity.part_of in _named(found)
        if identity.superseded_by is not None:
            assert sighting.source == "datacite"
