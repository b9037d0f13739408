"""What happens to a target between the spider and the log."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler

from crawler.export.memory import Memory
from crawler.items import State, Target
from crawler.pipelines.dedupe import DedupePipeline
from crawler.pipelines.validate import ValidatePipeline
from tests.export.crawled import SECOND, Kept, ended, listed, page, run, sighting, stored

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


@pytest.fixture(scope="module")
def memory() -> Memory:
    store = Kept()
    run(store, "run-1", [listed("a", "b"), stored("a"), stored("b", sighting("b"), sighting("c", on="b"))])
    return Memory.load(store, "run-2")


def deduped(memory: Memory, target: Target) -> Target:
    crawler = cast("Crawler", SimpleNamespace(spider=SimpleNamespace(memory=memory)))
    return asyncio.run(DedupePipeline.from_crawler(crawler).process_item(target))


def test_what_the_previous_snapshot_holds_is_unchanged_and_not_stored_again(memory: Memory) -> None:
    again = stored("b", sighting("c", on="b", at=SECOND), sighting("b", at=SECOND), at=SECOND, etag='"new"')
    expected = replace(again, state=State.UNCHANGED, sightings=[], base="run-1")
    assert deduped(memory, again) == expected


@pytest.mark.parametrize(
    "target",
    [
        stored("a", sighting("a", title="Another title")),
        stored("b", sighting("b")),
        stored("new"),
        ended("a", State.NOT_FOUND),
        replace(ended("a", State.UNCHANGED), base="run-1"),
        listed("a"),
    ],
    ids=lambda target: f"{target.url} {target.state}",
)
def test_anything_else_passes_as_it_is(memory: Memory, target: Target) -> None:
    assert deduped(memory, replace(target)) == target
    first = deduped(Memory(), stored("a"))
    assert first == stored("a")


def validated(target: Target) -> tuple[Target, dict[str, Any]]:
    crawler = get_crawler()
    crawler.stats = MemoryStatsCollector(crawler)
    return asyncio.run(ValidatePipeline.from_crawler(crawler).process_item(target)), crawler.stats.get_stats()


def test_a_sighting_without_an_identity_is_dropped_and_counted() -> None:
    nobody = replace(sighting("x"), slug=None)
    target, stats = validated(stored("a", sighting("a"), nobody))
    assert (target.state, [each.slug for each in target.sightings]) == (State.STORED, ["a"])
    assert stats == {"validate/UnidentifiedRecord": 1}


def test_a_target_that_loses_all_its_sightings_is_invalid() -> None:
    target, stats = validated(stored("a", sighting("a", type="poem"), sighting("a", title=None)))
    assert (target.state, target.sightings) == (State.INVALID, [])
    assert target.reason
    assert stats == {"validate/InvalidSighting": 2}


def test_a_target_without_sightings_is_not_judged_by_them() -> None:
    gone = ended("a", State.NOT_FOUND)
    assert validated(gone) == (gone, {})
    assert gone.url == page("a")
