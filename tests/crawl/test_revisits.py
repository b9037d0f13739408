"""Later runs: what is as it was costs next to nothing, and what has changed shows as that and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from io import BytesIO
from shutil import copytree
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, SCALE, SITE, Export, asked, crawl, scrapy, seen_by

if TYPE_CHECKING:
    from pathlib import Path

NO_RETRIES = ("-s", "RETRY_TIMES=0")


@pytest.fixture
def exports(undisturbed: Export, tmp_path: Path) -> Path:
    """Return an export with the first run over the sandbox."""
    return copytree(undisturbed.folder, tmp_path / "exports")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Export:
    with serving(tree=small.tree()) as mirror:
        return crawl(mirror, tmp_path_factory.mktemp("small"), "-a", "run_id=first")


@pytest.fixture
def again(crawled: Export, tmp_path: Path) -> Path:
    """Return an export with the first run over the small catalogue."""
    return copytree(crawled.folder, tmp_path / "exports")


def first_seen(export: Export) -> dict[str, str]:
    return {key: record["first_seen"] for key, record in export.records.items()}


def conditional(mirror: str) -> list[str]:
    """Return the pages that were asked for with a condition."""
    return [seen["url"] for seen in seen_by(mirror) if seen["if_none_match"] or seen["if_modified_since"]]


def told_by_catalogue(export: Export) -> list[str]:
    """Return the pages of the catalogue that a snapshot rests on."""
    return [url for url, row in export.targets.items() if row["sightings"] and url.startswith("/")]


def rewritten(exports: Path, run_id: str, column: str, value: str) -> None:
    """Change a column of what a snapshot rests on, as another version would have written it."""
    key = f"v1/runs/{run_id}/sightings/part-00000.parquet"
    table = pq.read_table(exports / key)
    changed = pa.array([value] * len(table), table.schema.field(column).type)
    table = table.set_column(table.schema.get_field_index(column), table.schema.field(column), changed)
    pq.write_table(table, buffer := BytesIO())
    (exports / key).write_bytes(buffer.getvalue())
    path = exports / f"v1/runs/{run_id}/manifest.json"
    manifest = json.loads(path.read_bytes())
    [info] = [info for info in manifest["objects"] if info["key"] == key]
    info |= {"bytes": len(buffer.getvalue()), "sha256": sha256(buffer.getvalue()).hexdigest()}
    path.write_text(json.dumps(manifest))


def test_an_unchanged_site(undisturbed: Export, exports: Path) -> None:
    with serving(scale=SCALE) as mirror:
        export = crawl(mirror, exports)
        assert len([url for url in conditional(mirror) if url.startswith(SITE)]) == len(told_by_catalogue(undisturbed))
    assert (export.digests, export.changes) == (undisturbed.digests, [])
    assert first_seen(export) == first_seen(undisturbed)
    assert {export.states[url] for url, row in undisturbed.targets.items() if row["sightings"]} == {"unchanged"}
    assert {export.ledger[url]["status"] for url in told_by_catalogue(undisturbed)} == {304}
    assert export.manifest["carried"] == {}
    assert export.stats["httpcompression/response_bytes"] < 0.05 * undisturbed.stats["httpcompression/response_bytes"]


def test_a_redeployed_site(undisturbed: Export, exports: Path) -> None:
    """Every byte of every page is another, and no record: pages are known by what they say."""
    with serving(scale=SCALE, build="next-15.1.12") as mirror:
        export = crawl(mirror, exports)
        assert conditional(mirror)
    assert (export.digests, export.changes) == (undisturbed.digests, [])
    told = told_by_catalogue(undisturbed)
    assert {(export.states[url], export.ledger[url]["status"]) for url in told} == {("unchanged", 200)}
    with serving(scale=SCALE, build="next-15.1.12") as mirror:  # whose validators the snapshot has by now
        ledger = crawl(mirror, exports).ledger
    assert {ledger[url]["status"] for url in told} == {304}


@pytest.mark.parametrize("why", ["full", "another extractor version"])
def test_nothing_is_asked_for_with_a_condition(crawled: Export, again: Path, why: str) -> None:
    args = ("-a", "full=1") if why == "full" else ()
    if not args:
        rewritten(again, "first", "extractor_version", "0")
    with serving(tree=small.tree()) as mirror:
        export = crawl(mirror, again, *args)
        assert not conditional(mirror)
    assert (export.digests, export.changes) == (crawled.digests, [])
    states = Counter(state for url, state in export.states.items() if url.startswith("/"))
    assert states == {"unchanged": small.STUDIES, "duplicate": 1}


def test_a_site_that_has_changed_in_every_way(crawled: Export, again: Path) -> None:
    pages = small.tree()
    pages[small.path("study-00")] = small.page(small.result("study-00", doi=small.doi(0)))  # without its dataset
    pages[small.path("study-01")] = None
    pages[small.path("study-02")] = None
    pages[f"{small.HOST}/search/items/study-02.html"] = b"<script>location.replace('/items/study-03')</script>"
    pages[small.path("study-04")] = small.page(small.result("study-04", doi=small.doi(4, edition=2)))
    pages[small.path("study-05")] = small.page(small.result("study-05", doi=small.doi(5)), build="b")
    pages[small.path("study-06")] = small.page(small.result("study-06", doi=small.doi(6)) | {"num_variables": 7})
    pages[small.path("new")] = small.page(small.result("new"))
    pages[small.SITEMAP] = small.sitemap(*map(small.slug, range(small.STUDIES)), "new")
    with serving(tree=pages) as mirror:
        export = crawl(mirror, again)
    changed = {(each["change"], each["key"], each["replaced_by"]) for each in export.changes}
    assert changed == {
        ("withdrawn", f"harmony:{small.uuid('files')}", None),
        ("withdrawn", f"doi:{small.doi(1)}".lower(), None),
        ("withdrawn", f"doi:{small.doi(2)}".lower(), None),
        ("withdrawn", f"doi:{small.doi(4)}".lower(), f"doi:{small.doi(4, edition=2)}".lower()),
        ("added", f"doi:{small.doi(4, edition=2)}".lower(), None),
        ("added", f"harmony:{small.uuid('new')}", None),
        ("updated", f"doi:{small.doi(0)}".lower(), None),
    }
    states = {
        f"/items/{small.slug(number)}": state for number, state in enumerate(["stored", "not_found", "redirected"])
    }
    states |= {"/items/study-04": "stored", "/items/study-05": "unchanged", "/items/new": "stored"}
    assert {url: export.states[url] for url in states} == states
    assert export.targets["/items/study-05"]["etag"] != crawled.targets["/items/study-05"]["etag"]


def test_a_host_that_answers_503_to_everything(crawled: Export, again: Path) -> None:
    with serving(tree=small.tree(), faults=["503:1"]) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, *NO_RETRIES, "-a", "run_id=two", mirror=mirror, exports=again)
    assert ended.code == 3
    assert "run two is not published: failed: 1 of the targets in scope failed, at most 0.02 may" in ended.error
    assert ended.error.endswith("scrapy publish two --accept failed")
    assert Export(again).commit == crawled.commit
    ended = scrapy("publish", "two", "--accept", "failed", exports=again)
    assert ended.code == 0, ended.log
    carried = Export(again)
    assert (carried.digests, carried.changes) == (crawled.digests, [])
    assert carried.manifest["carried"] == {"first": small.STUDIES}
    assert [verdict["name"] for verdict in carried.manifest["gate"] if verdict["accepted"]] == ["failed"]
    with serving(tree=small.tree()) as mirror:
        healed = crawl(mirror, again)
        assert not conditional(mirror)  # nothing is taken for unchanged on the word of a run that did not see it
    assert (healed.digests, healed.changes, healed.manifest["carried"]) == (crawled.digests, [], {})


def test_runs_of_some_targets_lose_nothing(crawled: Export, again: Path) -> None:
    """What such a run does not ask for is carried, and a page that failed is asked for again."""
    pages = small.tree()
    pages[small.path("study-07")] = small.page(small.result("study-07", kind="dataset", doi=small.doi(7)))
    with serving(tree=pages) as mirror:
        some = crawl(mirror, again, "-a", "items=study-07")
        assert [url for url in asked(mirror) if url.startswith("/")] == ["/items/study-07.txt"]
    assert [each["change"] for each in some.changes] == ["updated"]
    assert some.digests.keys() == crawled.digests.keys()
    with serving(tree=pages) as mirror:
        few = crawl(mirror, again, "-a", "limit=3")
        assert len([url for url in asked(mirror) if url.startswith("/items/")]) == 3
    assert (few.digests, few.changes) == (some.digests, [])
    states = Counter(state for url, state in few.states.items() if url.startswith("/"))
    assert states["not_attempted"] == small.STUDIES - 3
    args = (*NO_RETRIES, "-s", "GATE_MAX_FAILED=1")
    with serving(tree=pages, faults=[f"503:1@{small.path('study-08')}"]) as mirror:
        failed = crawl(mirror, again, *args)
    assert (failed.states["/items/study-08"], failed.digests) == ("fetch_failed", some.digests)
    pages[small.path("study-08")] = small.page(small.result("study-08", kind="dataset", doi=small.doi(8)))
    with serving(tree=pages) as mirror:
        redriven = crawl(mirror, again, "-a", "redrive=fetch_failed")
        assert asked(mirror)[1:] == ["/items/study-08.txt"]
    assert [each["change"] for each in redriven.changes] == ["updated"]
    assert redriven.digests.keys() == crawled.digests.keys()


def test_a_redrive_that_was_refused_goes_on_with_its_own_targets(again: Path) -> None:
    """The latest run is then the one that goes on, and the states in its ledger are others."""
    args = ("crawl", "harmony", *FAST, *NO_RETRIES, "-a", "run_id=two", "-a", "redrive=stored:first")
    with serving(tree=small.tree(), faults=["503:1"]) as mirror:
        assert scrapy(*args, mirror=mirror, exports=again).code == 3
    with serving(tree=small.tree()) as mirror:
        assert scrapy(*args[:-1], "redrive=stored", mirror=mirror, exports=again).code == 3
        assert asked(mirror) == []


def test_a_shrunken_site_is_refused_until_a_person_accepts_it(crawled: Export, again: Path) -> None:
    pages = small.tree()
    pages |= {small.path(small.slug(number)): None for number in range(20)}
    with serving(tree=pages) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, "-a", "run_id=two", mirror=mirror, exports=again)
    assert ended.code == 3
    assert "shrink: 0.512195 of the previous snapshot's records are gone" in ended.error
    assert Export(again).commit == crawled.commit
    assert scrapy("publish", "two", exports=again).code == 3
    assert scrapy("publish", "two", "--accept", "shrink", exports=again).code == 0
    export = Export(again)
    assert (export.commit["run_id"], len(export.records)) == ("two", 20)
    assert export.commit["counts"]["changes"] == {"added": 0, "updated": 0, "withdrawn": 21}


def test_a_crawl_after_a_rollback(crawled: Export, again: Path) -> None:
    pages = small.tree()
    pages[small.path("study-01")] = small.page(small.result("study-01", kind="dataset", doi=small.doi(1)))
    with serving(tree=pages) as mirror:
        second = crawl(mirror, again, "-a", "run_id=two")
        assert scrapy("rollback", "first", exports=again).code == 0
        assert Export(again).digests == crawled.digests
        third = crawl(mirror, again, "-a", "run_id=three")
    assert [(each["change"], each["key"]) for each in third.changes] == [("updated", f"doi:{small.doi(1)}".lower())]
    assert (third.digests, third.commit["number"]) == (second.digests, 4)
