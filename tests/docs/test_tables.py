"""The tables of the documents say what the code says, no more and no less."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING

from crawler import stats
from crawler.export import schema
from crawler.export.manifest import Manifest
from crawler.items import Source, State
from crawler.records.merge import UNIONS
from crawler.records.normalise.text import EMAIL_REMOVED
from crawler.spiders.catalogue import Site
from tests.conftest import ROOT
from tests.docs.documents import CONTRIBUTING, EXPORT, STATS, code_spans, names, section, table

if TYPE_CHECKING:
    from tests.crawl.crawling import Export

OWN, SCRAPYS = "The project's own keys", "Scrapy's own that matter here"


def pattern(template: str) -> re.Pattern[str]:
    """Return what a documented key matches.

    >>> bool(pattern("ledger/<state>").fullmatch("ledger/stored")), bool(pattern("a/<b>").fullmatch("a/b/c"))
    (True, True)
    """
    return re.compile(re.sub(r"<\w+>", ".+", re.escape(template).replace(r"\<", "<").replace(r"\>", ">")))


def matches(templates: list[str], key: str) -> list[str]:
    """Return the documented keys that a key is one of; the key itself goes before those with a gap."""
    return [key] if key in templates else [template for template in templates if pattern(template).fullmatch(key)]


def test_the_records_fields_are_up_to_date() -> None:
    documented = re.search(r"<!-- fields -->\n\n(.*?)\n<!-- /fields -->", EXPORT.read_text(), re.DOTALL)
    assert documented is not None
    assert documented[1] == schema.field_table(), "put crawler.export.schema.field_table() between the two comments"


def test_the_layout_is_what_a_crawl_writes(export: Export) -> None:
    documented = names(table(EXPORT, "Layout", "key"))
    written = [path.relative_to(export.folder).as_posix() for path in export.folder.rglob("*") if path.is_file()]
    assert [matches(documented, key) for key in written if len(matches(documented, key)) != 1] == []
    assert {template for key in written for template in matches(documented, key)} == set(documented)


def test_the_manifests_fields_are_those_it_has(export: Export) -> None:
    documented = names(table(EXPORT, "The current snapshot", "field of the manifest"))
    assert sorted(documented) == sorted(export.manifest) == sorted(field.name for field in fields(Manifest))


def test_the_ledgers_columns_and_states_are_those_it_has() -> None:
    assert names(table(EXPORT, "The ledger", "column")) == schema.LEDGER.names
    assert names(table(EXPORT, "The ledger", "state")) == list(State)


def test_the_sightings_part_has_the_columns_told() -> None:
    more = set(schema.SIGHTINGS.names) - set(schema.LEDGER.names)
    assert more <= set(code_spans(section(EXPORT, "The sightings part")))


def test_sources_stand_in_the_order_of_their_rank() -> None:
    assert names(table(EXPORT, "Sources, provenance and conflicts", "source")) == list(Source)


def test_the_unions_are_those_of_the_merge() -> None:
    (line,) = (line for line in EXPORT.read_text().splitlines() if line.endswith("are sorted unions instead."))
    assert set(code_spans(line)) == UNIONS


def test_what_stands_for_an_email_address_is_told() -> None:
    assert EMAIL_REMOVED in code_spans(section(EXPORT, "The record"))


def test_the_stats_are_those_of_the_code() -> None:
    templates = {value for name, value in vars(stats).items() if name.isupper()}
    documented = names(table(STATS, OWN, "key"))
    assert sorted(documented) == sorted(template.replace("{", "<").replace("}", ">") for template in templates)


def test_every_key_of_a_crawl_is_documented_or_scrapys(export: Export) -> None:
    own = names(table(STATS, OWN, "key"))
    assert [key for key in export.stats if not is_scrapys(key) and len(matches(own, key)) != 1] == []
    assert any(matches(own, key) for key in export.stats)


def test_the_keys_of_scrapy_are_those_it_counts(export: Export) -> None:
    (counted,) = json.loads((export.run / "stats.json").read_text())["processes"].values()
    for template in names(table(STATS, SCRAPYS, "key")):
        assert is_scrapys(template)
        assert any(pattern(template).fullmatch(key) for key in counted), template


def is_scrapys(key: str) -> bool:
    """Tell whether a key is one that Scrapy counts by itself."""
    rooms = {"downloader", "dupefilter", "httpcompression", "log_count", "memusage", "retry", "robotstxt", "scheduler"}
    words = {"count", "time", "max", "reason", "minute", "seconds"}
    return key.partition("/")[0] in rooms or ("/" not in key and key.rpartition("_")[2] in words)


def test_the_floors_are_those_that_lint_imports_proves() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (floors,) = (contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    rows = table(CONTRIBUTING, "The floors", "floor")
    assert [names([row], 1) for row in rows] == [floor.split(" | ") for floor in floors]
    assert [row[0] for row in rows] == [str(number) for number in reversed(range(len(floors)))]


def test_a_site_has_the_names_told() -> None:
    wanted = [name for name in vars(Site) if not name.startswith("_")]
    assert names(table(CONTRIBUTING, "How to add a site", "name")) == wanted
