"""The store is cut off: in the middle of a crawl, from its start, and while it is published."""

from __future__ import annotations

import re
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from crawler.export import layout
from sandbox.server import serving
from tests.crawl.crawling import FAST, SCALE, SITE, Ended, Export, Started, asked, scrapy
from tests.crawl.lines import Treacherous
from tests.servers.proxy import Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crawl.buckets import Bucket

CRAWL = ("crawl", "harmony", *FAST, "-a", "run_id=one", "-s", "EXPORT_BATCH_ITEMS=10")
LITTLE_PATIENCE = ("-s", "EXPORT_OUTAGE_SECONDS=1")


@pytest.fixture
def line(seaweed: Bucket) -> Iterator[Proxy]:
    with proxy(seaweed.server.endpoint) as line:
        yield line


@contextmanager
def crawling(seaweed: Bucket, line: Proxy, mirror: str, *args: str) -> Iterator[Started]:
    """Crawl through a line that can be cut."""
    with Started(*CRAWL, *args, mirror=mirror, exports=seaweed.uri, AWS_ENDPOINT_URL_S3=line.endpoint) as process:
        yield process


def wait_for(seaweed: Bucket, part: str, process: Started) -> None:
    """Wait until there is an object with that in its key."""
    give_up = time.monotonic() + 60
    while not any(part in key for key in seaweed.store.list("")):
        assert process.alive, process.ended().log
        assert time.monotonic() < give_up


def goes_on(seaweed: Bucket, tmp_path: Path, undisturbed: Export) -> list[str]:
    """Start the same run again with a store that is well, which ends with 0; return the pages that it asks for."""
    with serving(scale=SCALE) as mirror:
        ended = scrapy(*CRAWL, mirror=mirror, exports=seaweed.uri)
        assert ended.code == 0, ended.log
        pages = [url for url in asked(mirror) if url.startswith("/items/")]
    export = seaweed.fetched(tmp_path)
    assert (export.digests, export.states) == (undisturbed.digests, undisturbed.states)
    assert export.commit["number"] == 1
    return pages


def failed(ended: Ended) -> str:
    """Return the line with which a crawl says that the store failed, and how to go on."""
    assert ended.code == 4, ended.log
    assert ended.error.endswith("(to go on with it: -a run_id=one)")
    return ended.error


def test_an_outage_of_ten_seconds_is_waited_out(
    undisturbed: Export, seaweed: Bucket, line: Proxy, tmp_path: Path
) -> None:
    with serving(scale=SCALE) as mirror, crawling(seaweed, line, mirror) as process:
        wait_for(seaweed, layout.logs("one"), process)
        line.cut()
        time.sleep(10)
        assert process.alive
        line.mend()
        ended = process.ended()
    assert ended.code == 0, ended.log
    export = seaweed.fetched(tmp_path)
    assert (export.digests, export.states) == (undisturbed.digests, undisturbed.states)
    assert "store/unacknowledged" not in export.stats


def test_a_store_that_is_dead_from_the_start(undisturbed: Export, seaweed: Bucket, line: Proxy, tmp_path: Path) -> None:
    line.cut()
    with serving(scale=SCALE) as mirror, crawling(seaweed, line, mirror, *LITTLE_PATIENCE) as process:
        assert failed(process.ended()).startswith("error: v1/log/.probe: ")
        assert not asked(mirror)
    goes_on(seaweed, tmp_path, undisturbed)


def test_a_store_that_dies_in_the_middle(undisturbed: Export, seaweed: Bucket, line: Proxy, tmp_path: Path) -> None:
    with serving(scale=SCALE) as mirror, crawling(seaweed, line, mirror, *LITTLE_PATIENCE) as process:
        wait_for(seaweed, layout.logs("one"), process)
        line.cut()
        ended = process.ended()
    assert re.match(r"error: v1/log/one/[0-9a-f]+-\d{6}\.jsonl\.gz: ", failed(ended))
    [told] = [said for said in ended.log.splitlines() if "Not acknowledged by the store: " in said]
    assert SITE in told
    assert "'store/unacknowledged': " in ended.log
    assert len(goes_on(seaweed, tmp_path, undisturbed)) < len(undisturbed.states)


@pytest.mark.parametrize("part", ["records/jsonl", "v1/commits/"])
def test_a_store_that_dies_while_publishing(undisturbed: Export, seaweed: Bucket, tmp_path: Path, part: str) -> None:
    with closing(Treacherous(seaweed.server.endpoint, part)) as line, serving(scale=SCALE) as mirror:
        line.mend()
        with crawling(seaweed, line, mirror, *LITTLE_PATIENCE) as process:
            assert failed(process.ended()).startswith("error: v1/")
    assert not seaweed.store.exists(layout.CURRENT)
    assert not goes_on(seaweed, tmp_path, undisturbed)
