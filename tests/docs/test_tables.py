"""The tables of the documents say what the code says, no more and no less."""

from __future__ import annotations

import gzip
import json
import re
import runpy
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING

from crawler import errors, settings, stats
from crawler.export import schema
from crawler.export.manifest import Commit, Manifest
from crawler.items import Description, Source, State
from crawler.records.diff import Change, Kind
from crawler.records.gate import ACCEPTABLE, Limits, Verdict
from crawler.records.merge import UNIONS
from crawler.records.normalise.text import EMAIL_REMOVED
from crawler.sites import EXTRACTOR_VERSION, SITES, schema_org
from crawler.sites.datacite.fields import REST
from crawler.sites.harmony.fields import DETAIL_PROPS, SEARCH_RESULT
from crawler.sites.reshare.fields import EPRINT
from crawler.sites.site import Site
from crawler.sites.ukds.ddi import CODEBOOK
from crawler.spiders.arguments import FOLLOWED, Arguments
from tests.conftest import ROOT
from tests.docs.documents import CONTRIBUTING, EXPORT, OPERATIONS, STATS, code_spans, names, section, table
from tests.docs.test_shell import FROM_ENVIRONMENT

if TYPE_CHECKING:
    import pytest

    from tests.crawl.crawling import Export

PROMISE = "The promise to readers"
FIELDS = {
    Source.DATACITE: (REST,),
    Source.UKDS: (CODEBOOK, schema_org.DATASET),
    Source.RESHARE: (EPRINT,),
    Source.HARMONY_JSONLD: (schema_org.DATASET,),
    Source.HARMONY_FLIGHT: (SEARCH_RESULT, DETAIL_PROPS),
}
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
    documented = names(table(EXPORT, PROMISE, "field of the manifest"))
    assert sorted(documented) == sorted(export.manifest) == sorted(field.name for field in fields(Manifest))


def test_the_commits_fields_are_those_it_has(export: Export) -> None:
    documented = names(table(EXPORT, PROMISE, "field of a commit"))
    assert documented == list(export.commit) == [field.name for field in fields(Commit)]


def test_the_changes_fields_and_kinds_are_those_they_have(export: Export) -> None:
    rows = table(EXPORT, "Changes", "field of a change")
    (line, *_) = gzip.decompress((export.run / "changes.jsonl.gz").read_bytes()).splitlines()
    assert names(rows) == list(json.loads(line)) == [field.name for field in fields(Change)]
    assert names([row for row in rows if names([row]) == ["change"]], 1) == list(Kind)


def test_the_verdicts_and_their_fields_are_those_of_the_gate(export: Export) -> None:
    assert names(table(EXPORT, "The gate", "verdict")) == [*ACCEPTABLE, "ledger"]
    assert {verdict["name"] for verdict in export.manifest["gate"]} == {*ACCEPTABLE, "ledger"}
    assert names(table(EXPORT, "The gate", "field of a verdict")) == [field.name for field in fields(Verdict)]


def test_the_ledgers_columns_and_states_are_those_it_has() -> None:
    assert names(table(EXPORT, "The ledger", "column")) == schema.LEDGER.names
    assert names(table(EXPORT, "The ledger", "state")) == list(State)


def test_the_sightings_part_has_the_columns_told() -> None:
    more = [name for name in schema.SIGHTINGS.names if name not in schema.LEDGER.names]
    assert names(table(EXPORT, "The sightings part", "column")) == more


def test_sources_stand_in_the_order_of_their_rank() -> None:
    assert names(table(EXPORT, "Sources, provenance and conflicts", "source")) == list(Source)


def test_each_source_has_the_fields_that_its_tables_tell() -> None:
    rows = table(EXPORT, "Sources, provenance and conflicts", "source")
    every = [field.name for field in fields(Description)]
    told = {source: {field for each in tables for field in each.rows} for source, tables in FIELDS.items()}
    common = set.intersection(*told.values())
    assert {name: names([row], 2) for row in rows for name in names([row])} == {
        source: [name for name in every if name in told[source] - common] for source in Source
    }
    paragraphs = section(EXPORT, "Sources, provenance and conflicts").split("\n\n")
    (by_all,) = (text for text in paragraphs if text.startswith("All of them can tell"))
    assert code_spans(by_all) == [name for name in every if name in common]
    (on_pages,) = (text for text in paragraphs if " at most," in text)
    assert set(code_spans(on_pages)) == told[Source.UKDS] - CODEBOOK.rows.keys()


def test_the_reasons_are_in_the_words_of_the_code() -> None:
    rows = table(EXPORT, "The ledger", "reason")
    code = "".join(path.read_text() for path in (ROOT / "crawler").rglob("*.py"))
    assert [reason for reason in names(rows) if f'"{reason}' not in code and f'{reason}"' not in code] == []
    assert set(names(rows, 1)) <= set(State)


def test_the_extractor_version_is_told() -> None:
    (row,) = (row for row in table(EXPORT, PROMISE, "field of the manifest") if "`extractor_version`" in row[0])
    assert names([row], 1) == [EXTRACTOR_VERSION]


def test_the_unions_are_those_of_the_merge() -> None:
    (line,) = (line for line in EXPORT.read_text().splitlines() if line.endswith("are sorted unions instead."))
    assert set(code_spans(line)) == UNIONS


def test_what_stands_for_an_email_address_is_told() -> None:
    assert EMAIL_REMOVED in code_spans(section(EXPORT, "The record"))


def test_the_stats_are_those_of_the_code() -> None:
    templates = {value for name, value in vars(stats).items() if name.isupper()}
    documented = names(table(STATS, OWN, "key"))
    told = {template.replace("{", "<").replace("}", ">") for template in templates}
    assert told <= set(documented)
    assert [
        key for key in set(documented) - told if not any(pattern(template).fullmatch(key) for template in told)
    ] == []


def test_every_key_of_a_crawl_is_documented_or_scrapys(export: Export) -> None:
    own = names(table(STATS, OWN, "key"))
    assert [key for key in export.stats if not is_scrapys(key) and len(matches(own, key)) != 1] == []
    of_templates = [key for key in own if "<" not in key and key not in vars(stats).values()]
    assert [key for key in of_templates if key not in export.stats] == []


def test_the_keys_of_scrapy_are_those_it_counts(export: Export) -> None:
    (counted,) = json.loads((export.run / "stats.json").read_text())["processes"].values()
    for template in names(table(STATS, SCRAPYS, "key")):
        assert is_scrapys(template)
        assert any(pattern(template).fullmatch(key) for key in counted), template


def is_scrapys(key: str) -> bool:
    """Tell whether a key is one that Scrapy, or scrapy-playwright, counts by itself."""
    rooms = set("downloader dupefilter httpcompression log_count memusage playwright retry robotstxt scheduler".split())
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


def test_what_reads_each_site_is_told() -> None:
    files = names(table(CONTRIBUTING, "When a page stopped parsing", "source"), 1)
    sites = {path.removeprefix("crawler/sites/").partition("/")[0].removesuffix(".py") for path in files}
    assert sites == {*(site.NAME for site in SITES), "schema_org"}


def test_the_exit_codes_are_those_of_the_errors() -> None:
    raised = [error for error in vars(errors).values() if isinstance(error, type)]
    codes = {0} | {error.exit_code for error in raised if issubclass(error, errors.CrawlerError)}
    assert [row[0] for row in table(OPERATIONS, "Exit codes", "exit")] == [str(code) for code in sorted(codes)]


def test_the_arguments_are_those_that_a_crawl_takes() -> None:
    named = [name.partition("=")[0] for name in names(table(OPERATIONS, "Arguments", "argument"))]
    assert sorted(named) == sorted(field.name for field in fields(Arguments))


def test_the_sources_to_follow_are_those_that_a_crawl_accepts() -> None:
    (row,) = (row for row in table(OPERATIONS, "Arguments", "argument") if row[0].startswith("`follow="))
    assert names([row], 1) == [*FOLLOWED, "none"]


def test_the_settings_of_the_browser_are_those_of_the_project() -> None:
    rows = table(OPERATIONS, "Pages that only a browser sees", "setting, for `-s`")
    own = runpy.run_path(settings.__file__ or "")
    assert {name: row[1] for row in rows for name in names([row])} == {
        name: f"`{value}`" for name, value in own.items() if name.startswith("BROWSER_") and isinstance(value, int)
    }


def test_the_settings_and_their_defaults_are_those_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FROM_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    own = runpy.run_path(settings.__file__ or "")
    limits = {f"GATE_{field.name.upper()}": getattr(Limits(), field.name) for field in fields(Limits)}
    rows = {name: row[1].strip("`") for row in table(OPERATIONS, "Settings", "setting") for name in names([row])}
    assert rows.keys() == FROM_ENVIRONMENT
    assert {"EXPORT_URI", "MIRROR", "GATE_MAX_SHRINK"} <= rows.keys()
    for name, default in rows.items():
        value = own.get(name) or limits.get(name) or "none"
        assert default == (json.dumps(value) if isinstance(value, dict) else str(value)), name


def test_the_rates_are_those_of_the_settings() -> None:
    *slots, (_, delay, number) = table(OPERATIONS, "The rate", "host")
    assert (names([[delay, number]]), delay.split()[0]) == (["DOWNLOAD_DELAY"], str(settings.DOWNLOAD_DELAY))
    assert number.split()[0] == str(settings.CONCURRENT_REQUESTS_PER_DOMAIN)
    told = {host: (row[1], row[2]) for row in slots for host in names([row])}
    assert told == {host: (seconds(slot), str(slot["concurrency"])) for host, slot in settings.DOWNLOAD_SLOTS.items()}


def seconds(slot: dict[str, float]) -> str:
    """Return the time between two requests to a host, in words."""
    least, most = (f"{slot['delay'] * (1 + sign * slot.get('jitter', 0)):g}" for sign in (-1, 1))
    return least if least == most else f"{least} to {most}"


def test_the_permissions_are_those_that_the_store_asks_for() -> None:
    asked = set(re.findall(r"s3:[A-Z]\w+", (ROOT / "crawler/export/s3.py").read_text()))
    assert asked == set(names(table(OPERATIONS, "The store", "permission")))
    assert asked
