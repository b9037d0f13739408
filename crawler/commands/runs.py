"""`scrapy runs`: the runs on the store, the newest first, with what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from scrapy.commands import ScrapyCommand

from crawler.commands import ending, understood
from crawler.commands.checks import check_named
from crawler.errors import UsageError
from crawler.export import layout, manifest, runs
from crawler.export.options import store_of
from crawler.records.gate import refusals

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from crawler.errors import StoreError
    from crawler.export.manifest import Commit, Manifest
    from crawler.export.store import Store

_COLUMNS = {
    "run": str.ljust,
    "": str.ljust,
    "finished": str.ljust,
    "records": str.rjust,
    "changes": str.ljust,
    "verdict": str.ljust,
}
_HELP = """
The newest comes first. Its verdict is one of:

  published         readers got it; with what was accepted by hand
  refused: VERDICT  the gate held it back: scrapy publish RUN_ID --accept VERDICT
  not published     it was stopped before that: scrapy publish RUN_ID
  deleted           readers are sent to it, and it is gone: scrapy rollback RUN_ID

Examples
========
  scrapy runs
  scrapy runs --json -s EXPORT_URI=s3://research-exports/studies
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One run, as it is shown."""

    run_id: str
    finished: str
    records: int
    changes: dict[str, int]
    verdict: str
    """What became of it: `published`, `refused: shrink`, `not published` (stopped before its commit) or `deleted`.

    A published run also says which verdicts were accepted by hand, and whether a rollback went back to it.
    """
    current: bool


class Command(ScrapyCommand):
    """Prints a table, or one JSON array; exits with 0 also where there is no run yet, 4 when the store failed.

    And 4 where a manifest is damaged, once the other runs are printed.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--json]"

    def short_desc(self) -> str:
        return "List past runs: when, records, changes, verdict; the current one is marked"

    def long_desc(self) -> str:
        return f"{self.short_desc()}.\n{_HELP}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        understood(self, parser)
        parser.add_argument("--json", action="store_true", help="print one JSON array")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what is on the store."""
        with ending(self) as settings:
            check_named(settings, opts.set)
            if args:
                raise UsageError(f"unknown argument {args[0]!r}; accepted is --json")
            found, damaged = rows(store_of(settings))
            none = f"no run in {settings['EXPORT_URI']} yet"
            print(_as_json(found) if opts.json else "\n".join(_table(found)) or none)  # noqa: T201 - the command's answer
            if damaged:
                raise damaged[0]


def rows(store: Store) -> tuple[list[Listed], list[StoreError]]:
    """Return a row for each run that has a manifest, the newest first, and what is wrong with damaged manifests.

    A current run whose manifest is gone has a row too, the first one: it is what readers are sent to. Raises StoreError
    for a commit that cannot be read.
    """
    commits = list(manifest.commits(store))
    current = commits[0] if commits else None
    manifests, damaged = runs.manifests(store)
    found = [_row(run, commits) for run in manifests]
    if current and not any(row.current for row in found) and not store.exists(layout.manifest(current.run_id)):
        found.insert(0, _deleted(current))
    return found, damaged


def _row(run: Manifest, commits: list[Commit]) -> Listed:
    named = [commit for commit in commits if commit.run_id == run.run_id]
    return Listed(
        run_id=run.run_id,
        finished=run.finished,
        records=sum(run.counts.records.values()),
        changes=run.counts.changes,
        verdict=_verdict(run, named),
        current=bool(named) and named[0] is commits[0],
    )


def _deleted(commit: Commit) -> Listed:
    return Listed(
        run_id=commit.run_id,
        finished="",
        records=sum(commit.counts.records.values()),
        changes=commit.counts.changes,
        verdict="deleted",
        current=True,
    )


def _verdict(run: Manifest, named: list[Commit]) -> str:
    if named:
        accepted = [verdict.name for verdict in run.gate if verdict.accepted]
        said = f"published, {_names(accepted)} accepted" if accepted else "published"
        return f"{said}, rolled back to" if len(named) > 1 else said
    refused = [verdict.name for verdict in refusals(run.gate)]
    return f"refused: {_names(refused)}" if refused else "not published"


def _names(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))  # `fill` may stand there once for each field


def _as_json(found: list[Listed]) -> str:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()


def _table(found: list[Listed]) -> Iterator[str]:
    """Yield the lines of a table that is as wide as it must be, nothing where there is no run."""
    cells = [tuple(_COLUMNS), *map(_cells, found)] if found else []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        aligned = [align(cell, width) for align, cell, width in zip(_COLUMNS.values(), row, widths, strict=True)]
        yield "  ".join(aligned).rstrip()


def _cells(row: Listed) -> tuple[str, ...]:
    changes = ", ".join(f"{number:,} {change}" for change, number in row.changes.items() if number) or "none"
    return row.run_id, "current" if row.current else "", row.finished, f"{row.records:,}", changes, row.verdict
