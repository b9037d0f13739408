"""What a crawl knows before it starts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.errors import StoreError
from crawler.export import layout
from crawler.export.memory import Memory
from crawler.items import State
from tests.export.crawled import Kept, crawl, ended, listed, page, run, seeded, sighting, stored, unchanged

PAGE = stored("a", links=[page("b")], told=[page("c")], last_modified="Tue, 06 May 2031 10:00:00 GMT")


@pytest.fixture
def store() -> Kept:
    made = Kept()
    run(made, "run-1", [listed("a", "b", "c"), PAGE, ended("b", State.NOT_FOUND)])
    return made


def test_before_the_first_run_nothing_is_known() -> None:
    assert Memory.load(Kept(), "run-1") == Memory()


def test_the_previous_snapshot_is_known_by_url(store: Kept) -> None:
    memory = Memory.load(store, "run-2")
    assert (memory.base, list(memory.known), memory.done) == ("run-1", [page("a")], [])
    known = memory.known[page("a")]
    assert known.sound
    told = (known.route, known.etag, known.last_modified, known.extractor_version, known.links, known.told)
    assert told == (PAGE.route, PAGE.etag, PAGE.last_modified, "1", PAGE.links, PAGE.told)


def test_what_failed_last_time_is_known_as_unsound(store: Kept) -> None:
    run(store, "run-2", [listed("a"), seeded("run-1", "a"), ended("a", State.FETCH_FAILED)])
    known = Memory.load(store, "run-3").known[page("a")]
    assert (known.sound, known.etag) == (False, None)
    run(store, "run-3", [listed("a"), seeded("run-2", "a"), unchanged("a", "run-2")])
    known = Memory.load(store, "run-4").known[page("a")]
    assert (known.sound, known.etag) == (True, '"a-again"')


def test_a_page_that_says_the_same_is_recognised(store: Kept) -> None:
    memory = Memory.load(store, "run-2")
    assert memory.recognises(replace(PAGE, fetched_at="2031-06-01T10:00:00Z", etag='"2"'))
    assert not memory.recognises(stored("a", sighting("a", title="Another title")))
    assert not memory.recognises(stored("a", sighting("a"), sighting("b", on="a")))
    assert not memory.recognises(stored("a", replace(sighting("a"), url=page("elsewhere"))))
    assert not memory.recognises(stored("b", sighting("a")))


def test_the_runs_own_log_is_known_without_its_sightings(store: Kept) -> None:
    crawl(store, "run-2", [stored("d"), listed("d")], reason="")
    crawl(store, "run-2", [ended("e", State.NOT_FOUND)], process="0b", reason="")
    memory = Memory.load(store, "run-2")
    assert [(target.url, target.state) for target in memory.done[:1]] == [(page("d"), State.STORED)]
    assert sorted(target.url for target in memory.done) == sorted([page("d"), listed().url, page("e")])
    assert [target.sightings for target in memory.done] == [[], [], []]


@pytest.mark.parametrize(
    "key", [layout.manifest("run-1"), layout.sightings("run-1", 0), layout.commit(1), layout.log("run-2", "0a", 0)]
)
def test_what_is_damaged_is_named(store: Kept, key: str) -> None:
    crawl(store, "run-2", [stored("d")], reason="")
    store.objects[key] = store.objects[key][:-2]
    with pytest.raises(StoreError) as damaged:
        Memory.load(store, "run-2")
    assert damaged.value.key == key
