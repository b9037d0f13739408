"""The sightings of a staged snapshot, by record: the same as `records.snapshot` makes of them in memory."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from crawler.export.gathering import Gathering
from crawler.export.staging import Staging, scratch
from crawler.identity.keys import identify
from crawler.items import Sighting, Source, Target
from crawler.records.canonical import plain
from crawler.records.merge import digest
from crawler.records.snapshot import records
from tests.conftest import ROOT
from tests.export.crawled import SECOND, A, B, C, listed, page, sighting, stored
from tests.export.staged import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from crawler.export.rows import Row

NAMES = [A, B, C, "s", "t"]
DOIS = ["10.5255/ukda-sn-7-1", "10.5255/ukda-sn-7-2", "10.5255/ukda-sn-8", "10.1594/x.1"]
FILE_PAGE = "https://datacatalogue.ukdataservice.ac.uk/datasets/dataset/6b2a2558-2917-72a1-ab0e-97c9bae1e35d"


def built(**values: object) -> Sighting:
    made = Sighting(**values)  # type: ignore[arg-type] # drawn field by field
    return replace(made, url=page(made.slug or made.uuid or "page"), digest=digest(made))


SIGHTINGS = st.builds(
    built,
    source=st.sampled_from([source.value for source in Source]),
    type=st.sampled_from([None, "study", "dataset"]),
    title=st.sampled_from([None, "Roads", "Rails"]),
    uuid=st.sampled_from([None, A, B, C]),
    slug=st.sampled_from([None, "s", "t"]),
    ancestors=st.lists(st.sampled_from(NAMES), max_size=2),
    children=st.lists(st.sampled_from(NAMES), max_size=2),
    dois=st.lists(st.sampled_from(DOIS), max_size=2),
    urls=st.sampled_from([[], [FILE_PAGE]]),
    study_numbers=st.lists(st.sampled_from([7, 8]), max_size=2),
    date_modified=st.sampled_from([None, "2030", "2031-05"]),
    fetched_at=st.sampled_from(["2031-05-06T10:00:00Z", "2031-05-07T10:00:00Z"]),
)
CATALOGUES = st.lists(st.lists(SIGHTINGS, max_size=3), max_size=5)
"""What pages tell; the strategies have few values, so that items, DOIs and whole sightings come again."""


@contextmanager
def gathered(targets: Iterable[Target], before: Sequence[Row] = ()) -> Iterator[Gathering]:
    with scratch() as database:
        staging = Staging(database)
        staging.take_log(lines(targets))
        staging.take_snapshot("run-1", before, complete=False)
        staging.settle()
        yield Gathering(database)


def targets_of(pages: list[list[Sighting]]) -> list[Target]:
    made = [stored(f"page-{number}") for number in range(len(pages))]
    return [replace(target, sightings=list(found)) for target, found in zip(made, pages, strict=True)]


@given(CATALOGUES, st.randoms(use_true_random=False), st.integers(0, 5))
def test_the_records_are_those_of_the_same_sightings_in_memory(
    pages: list[list[Sighting]], random: Random, taken_before: int
) -> None:
    everything = [found for each in pages for found in each]
    expected = [plain(record) for record in records(everything)]
    targets = targets_of(pages)
    new, before = targets[taken_before:], [plain(target) for target in targets[:taken_before]]
    random.shuffle(new)
    with gathered([*new, *new[:1]], before) as gathering:
        assert [plain(record) for record in gathering.records()] == expected
        assert gathering.joined_by_doi == joined_by_doi(everything)
        assert gathering.same_content == len(everything) - len({found.digest for found in everything})
        assert gathering.carried == carried(pages, taken_before)


def joined_by_doi(sightings: list[Sighting]) -> int:
    groups: dict[str, list[str]] = {}
    for identity in identify(sightings):
        if identity is not None:
            groups.setdefault(identity.key, []).append(identity.group)
    return sum(len(named) - named.count(min(named)) for named in groups.values())


def carried(pages: list[list[Sighting]], taken_before: int) -> int:
    keys = iter(identify([found for each in pages for found in each]))
    keyed = [(identity.key, number) for number, each in enumerate(pages) for _ in each if (identity := next(keys))]
    newest = Counter[str]()
    for key, number in keyed:
        newest[key] = max(newest[key], number)
    return sum(1 for number in newest.values() if number < taken_before)


def test_sightings_that_came_through_a_doi_are_counted() -> None:
    study, other = sighting("a", uuid=A, dois=DOIS[:1]), sighting("b", uuid=B, dois=DOIS[:1])
    with gathered([stored("a", study), stored("c", study), stored("b", other)]) as gathering:
        assert [record.key for record in gathering.records()] == [f"doi:{DOIS[0]}"]
        assert gathering.joined_by_doi == 1


def test_a_record_is_carried_that_no_page_of_this_run_tells() -> None:
    before = [plain(stored("a", sighting("a"), sighting("b", on="a"))), plain(stored("c"))]
    with gathered([stored("b", at=SECOND), listed("a", "c")], before) as gathering:
        assert gathering.carried == 2  # harmony:a and harmony:c; b was told again
        assert [record.last_seen for record in gathering.records() if record.key == "harmony:b"] == [SECOND]


def test_the_record_that_a_url_now_belongs_to_is_known_while_records_are_read() -> None:
    study = sighting("a", dois=DOIS[1:2])
    with gathered([stored("a", study), stored("b"), stored("c", sighting("b", on="c"))]) as gathering:
        found = {record.key: gathering.key_of([page("a"), page("b")]) for record in gathering.records()}
        assert found == {f"doi:{DOIS[1]}": f"doi:{DOIS[1]}", "harmony:b": f"doi:{DOIS[1]}"}
        assert gathering.key_of([page("gone"), page("b")]) == "harmony:b"
        assert gathering.key_of([page("gone")]) is None
        assert gathering.key_of([]) is None


def test_many_sightings_pass_through() -> None:
    """A study and its three parts, five thousand times over, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MANY], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.stdout.split(), done.stderr) == (["20000", "5000", "15000", "0"], "")


MANY = """
from crawler.export.gathering import Gathering
from crawler.export.staging import Staging, scratch
from tests.export.crawled import sighting, stored
from tests.export.staged import lines

def told():
    for n in range(5000):
        parts = [f"part-{n}-{each}" for each in range(3)]
        study = sighting(f"study-{n}", children=parts, dois=[f"10.1594/x.{n}"])
        yield stored(f"study-{n}", study, *(sighting(part, type="dataset", dois=study.dois) for part in parts))

with scratch() as database:
    staging = Staging(database)
    staging.take_log(lines(told()))
    staging.settle()
    gathering = Gathering(database)
    records = list(gathering.records())
    parts = [record for record in records if record.part_of]
    print(len(records), len(records) - len(parts), len(parts), gathering.same_content)
"""


def test_what_a_page_no_longer_tells_belongs_to_no_record() -> None:
    first = stored("a", sighting("a"), sighting("b", on="a"))
    with gathered([first, stored("a", sighting("a", at=SECOND), at=SECOND)]) as gathering:
        assert [record.key for record in gathering.records()] == ["harmony:a"]
