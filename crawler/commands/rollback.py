"""`scrapy rollback RUN_ID`: make an earlier published run the current one again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler import report
from crawler.commands import ignore_signals, settings_of, unattended, understood
from crawler.commands.checks import check_named
from crawler.errors import UsageError
from crawler.export import layout, manifest, runs
from crawler.export.options import store_of
from crawler.export.publish import standing

if TYPE_CHECKING:
    import argparse

_HELP = """
It checks that all objects of the run are there and sound, and commits it once
more: nothing is deleted, and the next crawl is compared with it. scrapy runs
lists the runs there are.

Example
=======
  scrapy rollback nightly-2031-05-05

Exit codes
==========
  0  the run is current              4  the store failed, or the run is not
  2  wrong use                          whole any more
"""


class Command(ScrapyCommand):
    """Exits with 0 when the run is current, 2 on a run that was never published, 4 when the store failed."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "RUN_ID"

    def short_desc(self) -> str:
        return "Make an earlier published run the current one again"

    def long_desc(self) -> str:
        return f"{self.short_desc()}.\n{_HELP}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        understood(self, parser, "rollback")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Roll back, and tell what is current now."""
        with unattended(self, "rollback") as closing:
            closing.check()
            check_named(settings_of(self), opts.set)
            if len(args) != 1:
                raise UsageError("name the one run to go back to; scrapy runs lists them")
            run_id, store = closing.names(layout.valid_run_id(args[0])), store_of(settings_of(self))
            before = manifest.current(store)
            commit = runs.rollback(store, run_id, manifest.now())
            ignore_signals()
            anew = commit != before
            closing.outcome.published(replace(standing(store, commit), anew=anew))
            closing.outcome.summary.report = report.write_published(store, run_id, anew=anew)
