"""The whole way, from a catalogue to its export, over real HTTP."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import jsonschema
import pyarrow.parquet as pq
import pytest

from crawler.export.schema import json_schema
from sandbox import generator
from sandbox.server import serving
from sandbox.tree import Edited
from tests.crawl.crawling import Export, asked, crawl

if TYPE_CHECKING:
    from pathlib import Path

SCALE = 12
SITEMAP = "harmonydata.ac.uk/search/sitemap.xml"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    with serving(scale=SCALE) as mirror:
        return crawl(mirror, tmp_path_factory.mktemp("exports"))


def test_every_generated_item_is_a_record(export: Export) -> None:
    uuids = {item.uuid for item in generator.items(SCALE)}
    seen = {row["uuid"] for row in _sightings(export)}
    assert uuids <= seen


def test_the_ledger_is_closed(export: Export) -> None:
    led_to = {link for target in _targets(export) for link in target["links"]}
    urls = {target["url"] for target in _targets(export) if target["state"]}
    assert led_to <= urls
    assert sum(export.commit["counts"]["ledger"].values()) == len(urls) == export.stats["ledger/discovered"]


def test_records_obey_the_published_schema_and_both_forms_hold_them(export: Export) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    records = export.records
    for record in records.values():
        validator.validate(record)
    rows = pq.read_table(export.run / "records/parquet").to_pylist()
    assert [row["key"] for row in rows] == list(records) == sorted(records)
    assert [row["digest"] for row in rows] == [record["digest"] for record in records.values()]


def test_parts_and_wholes_name_each_other(export: Export) -> None:
    records = export.records
    for key, record in records.items():
        assert all(records[part]["part_of"] == key for part in record["parts"])
        if record["part_of"]:
            assert key in records[record["part_of"]]["parts"]


def test_a_redeploy_changes_no_record(export: Export, tmp_path: Path) -> None:
    with serving(scale=SCALE, build="next-15.1.12") as mirror:
        assert crawl(mirror, tmp_path).digests == export.digests


def test_neither_order_nor_faults_reach_the_records(export: Export, tmp_path: Path) -> None:
    faults = ["503:0.1", "reset:0.05", "length:0.05", "truncate:0.05@harmonydata.ac.uk/"]  # others have one JSON each
    with serving(scale=SCALE, faults=faults, seed=7) as mirror:
        again = crawl(mirror, tmp_path, "-s", "RETRY_TIMES=9", "-s", "CONCURRENT_REQUESTS=3")
    assert again.digests == export.digests
    assert again.stats["retry/count"] > 0


@pytest.mark.parametrize(("seed", "concurrency"), [(1, 1), (2, 16)])
def test_the_order_of_the_sitemap_does_not_reach_the_records(
    export: Export, tmp_path: Path, seed: int, concurrency: int
) -> None:
    served = Edited(generator.Catalogue(generator.committed(generator.DEFAULT_BUILD), SCALE))
    sitemap = served.get(SITEMAP)
    assert sitemap is not None
    head, *entries = sitemap.removesuffix(b"</urlset>\n").split(b"<url>")
    Random(seed).shuffle(entries)
    served.pages[SITEMAP] = b"<url>".join([head, *entries]) + b"</urlset>\n"
    with serving(tree=served) as mirror:
        again = crawl(mirror, tmp_path, "-s", f"CONCURRENT_REQUESTS={concurrency}")
    assert again.digests == export.digests
    assert again.states == export.states


def test_a_run_that_was_published_is_not_crawled_again(tmp_path: Path) -> None:
    with serving(scale=1) as mirror:
        first = crawl(mirror, tmp_path, "-a", "run_id=one")
        requests = len(asked(mirror))
        assert crawl(mirror, tmp_path, "-a", "run_id=one").commit == first.commit
        assert len(asked(mirror)) == requests
        assert crawl(mirror, tmp_path, "-a", "run_id=two").commit["number"] == 2


def _targets(export: Export) -> list[dict[str, Any]]:
    targets: list[dict[str, Any]] = pq.read_table(export.run / "sightings").to_pylist()
    return targets


def _sightings(export: Export) -> list[dict[str, Any]]:
    return [sighting for target in _targets(export) for sighting in target["sightings"]]
