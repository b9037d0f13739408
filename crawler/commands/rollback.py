"""`scrapy rollback RUN_ID`: make an earlier published run the current one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler.commands import ending
from crawler.errors import UsageError
from crawler.export import runs
from crawler.export.manifest import now
from crawler.export.options import store_of

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exits with 0 when the run is current, 2 on a run that was never published, 4 when the store failed."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] RUN_ID"

    def short_desc(self) -> str:
        return "Commit an earlier published run again; scrapy runs lists them"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's signature
        """Roll back, and say what is current now."""
        with ending(self) as settings:
            if len(args) != 1:
                raise UsageError("name the one run to go back to; scrapy runs lists them")
            commit = runs.rollback(store_of(settings), args[0], now())
            print(f"run {commit.run_id} is current (commit {commit.number}, {commit.committed_at})")  # noqa: T201 - the command's answer
