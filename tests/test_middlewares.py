"""The middlewares and pipelines, each on its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.export.memory import Known, Memory, content
from crawler.items import Sighting, State, Target
from crawler.middlewares.broken import BrokenPageMiddleware
from crawler.middlewares.mirror import mirrored
from crawler.pipelines.dedupe import DedupePipeline
from crawler.pipelines.validate import ValidatePipeline
from crawler.sites import EXTRACTOR_VERSION, datacite, harmony
from crawler.sites.page import Route
from crawler.spiders.visit import Visit

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

MIRROR = "http://127.0.0.1:8765/"


@pytest.fixture
def crawler() -> Crawler:
    crawler = get_crawler()
    crawler._apply_settings()  # noqa: SLF001 - what a crawl does first; stats are made there
    return crawler


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://example.org/", "http://127.0.0.1:8765/example.org/"),
        ("https://example.org", "http://127.0.0.1:8765/example.org/"),
        ("http://example.org/a?b=1", "http://127.0.0.1:8765/example.org/a?b=1"),
        ("https://example.org:8443/oai/provider", "http://127.0.0.1:8765/example.org:8443/oai/provider"),
        ("https://example.org/a%20b?c=%2F", "http://127.0.0.1:8765/example.org/a%20b?c=%2F"),
    ],
)
def test_where_a_mirror_has_a_url(url: str, there: str) -> None:
    assert mirrored(url, MIRROR) == there
    assert mirrored(url, MIRROR.rstrip("/")) == there


def test_a_page_that_breaks_its_reader_costs_that_page(crawler: Crawler) -> None:
    target = Target(url="https://example.org/x", state=None, links=["https://example.org/y"])
    visit = Visit(target=target, site=harmony, routes=[])
    request = Request("https://example.org/x.txt", cb_kwargs={"visit": visit})
    response = Response(request.url, request=request)
    middleware = BrokenPageMiddleware.from_crawler(crawler)
    assert middleware.process_spider_exception(response, ValueError("no such row")) == [target]
    assert (target.state, target.reason, target.links) == (State.PARSE_FAILED, "ValueError: no such row", [])


def test_a_batch_that_breaks_its_reader_costs_what_was_left_of_it(crawler: Crawler) -> None:
    urls = [f"https://doi.org/10.5255/ukda-sn-{number}-1" for number in range(3)]
    visits = [Visit(target=Target(url=url, state=None), site=datacite, routes=[]) for url in urls]
    request = Request(datacite.batch_url(urls), cb_kwargs={"visits": visits})
    middleware = BrokenPageMiddleware.from_crawler(crawler)
    ended = middleware.process_spider_exception(Response(request.url, request=request), ValueError("no such row"))
    assert ended is not None
    assert [(target.url, target.state) for target in ended] == [(url, State.PARSE_FAILED) for url in urls]
    sitemap = Response("https://example.org/sitemap.xml", request=Request("https://example.org/sitemap.xml"))
    assert middleware.process_spider_exception(sitemap, ValueError("x")) is None


def target(*sightings: Sighting) -> Target:
    return Target(url="https://example.org/x", state=State.STORED, sightings=list(sightings))


def test_sightings_that_break_the_schema_are_dropped_and_counted(crawler: Crawler) -> None:
    pipeline = ValidatePipeline.from_crawler(crawler)
    good = Sighting(source="harmony_flight", slug="a", title="Roads")
    untitled = Sighting(source="harmony_flight", slug="a")
    nameless = Sighting(source="harmony_flight", title="Roads")
    mixed = asyncio.run(pipeline.process_item(target(good, untitled)))
    assert (mixed.state, mixed.sightings) == (State.STORED, [good])
    bad = asyncio.run(pipeline.process_item(target(untitled, nameless)))
    assert (bad.state, bad.reason, bad.sightings) == (State.INVALID, "title: is missing", [])
    empty = asyncio.run(pipeline.process_item(Target(url="https://example.org/x", state=State.NOT_FOUND)))
    assert empty.state is State.NOT_FOUND
    assert crawler.stats.get_stats() == {"validate/InvalidSighting": 2, "validate/UnidentifiedRecord": 1}


def test_what_the_previous_snapshot_holds_already_is_not_stored_again(crawler: Crawler) -> None:
    one, other = Sighting(url="a", digest="00" * 32), Sighting(url="a", digest="11" * 32)
    known = Known(content=content([one, other]), sound=False, links=[], told=[])
    memory = Memory(base="first", known={"https://example.org/x": known})
    crawler.spider = cast("Spider", SimpleNamespace(memory=memory))
    pipeline = DedupePipeline.from_crawler(crawler)
    same = asyncio.run(pipeline.process_item(target(other, one)))
    assert (same.state, same.sightings, same.base) == (State.UNCHANGED, [], "first")
    fewer = asyncio.run(pipeline.process_item(target(one)))
    assert (fewer.state, fewer.sightings, fewer.base) == (State.STORED, [one], None)
    elsewhere = Target(url="https://example.org/y", state=State.STORED, sightings=[one, other])
    assert asyncio.run(pipeline.process_item(elsewhere)).state is State.STORED


TWIN = "https://example.org/x.txt"
KNOWN = Known(
    content=b"",
    sound=True,
    links=["https://example.org/y"],
    told=[],
    route=TWIN,
    etag='"1"',
    last_modified="Fri, 02 Jan 2026 15:41:08 GMT",
    extractor_version=EXTRACTOR_VERSION,
)


@pytest.mark.parametrize(
    ("known", "route", "headers"),
    [
        (KNOWN, TWIN, {"If-None-Match": '"1"', "If-Modified-Since": "Fri, 02 Jan 2026 15:41:08 GMT"}),
        (replace(KNOWN, etag=None), TWIN, {"If-Modified-Since": "Fri, 02 Jan 2026 15:41:08 GMT"}),
        (KNOWN, "https://example.org/x", {}),
        (replace(KNOWN, sound=False), TWIN, {}),
        (replace(KNOWN, extractor_version="0"), TWIN, {}),
        (None, TWIN, {}),
    ],
)
def test_validators_are_sent_where_what_they_stand_for_can_be_kept(
    known: Known | None, route: str, headers: dict[str, str]
) -> None:
    visit = Visit(target=Target(url="https://example.org/x", state=None), site=harmony, routes=[], known=known)
    assert visit.headers(Route(url=route)) == headers


@pytest.mark.parametrize("one", [state for state in State if state not in {State.DUPLICATE, State.INVALID}])
@pytest.mark.parametrize("other", [State.OUT_OF_SCOPE, State.NOT_FOUND, State.STORED])
def test_of_two_states_the_one_that_tells_more_is_the_targets(one: State, other: State) -> None:
    told = []
    for states in ((one, other), (other, one)):
        visit = Visit(target=Target(url="https://example.org/x", state=None), site=harmony, routes=[])
        for state in states:
            visit.become(state, str(state))
        told.append(visit.target.state)
    assert told[0] == told[1]
    assert told[0] in {one, other}
