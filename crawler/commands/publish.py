"""`scrapy publish`: merge the log of a run, judge it, and make it the current snapshot."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler import report
from crawler.commands import Stopped, ignore_signals, settings_of, unattended, understood
from crawler.commands.checks import check_named
from crawler.errors import CrawlerError, UsageError
from crawler.export import layout, manifest
from crawler.export.options import store_of
from crawler.export.probe import probe
from crawler.export.publish import publish, standing
from crawler.records import gate

if TYPE_CHECKING:
    import argparse

_HELP = """
Every crawl ends with this step. By hand it is for a run that the gate refused,
once somebody has looked at it, or that was stopped before. A run that is
published already stays as it is. scrapy runs lists the runs there are.

Examples
========
  scrapy publish nightly-2031-05-06
  scrapy publish nightly-2031-05-06 --accept shrink,fill

Exit codes
==========
  0  published, or was before        3  the gate refused the snapshot
  1  failed or was stopped           4  the store failed
  2  wrong use
"""


class Command(ScrapyCommand):
    """Publishes a run that a crawl has left on the store; one that is published already stays as it is."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what the help says of the arguments."""
        return "RUN_ID [--accept VERDICT]"

    def short_desc(self) -> str:
        """Return what the list of commands says."""
        return "Publish a run that was not, from its log, and accept what the gate refused"

    def long_desc(self) -> str:
        """Return what the help says."""
        return f"{self.short_desc()}.\n{_HELP}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to Scrapy's."""
        super().add_options(parser)
        understood(self, parser, "publish")
        accepted = ", ".join(gate.ACCEPTABLE)
        parser.add_argument(
            "--accept",
            metavar="VERDICT",
            action="append",
            default=[],
            help=f"publish in spite of this verdict of the gate ({accepted}), or of several with commas",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish the run, and tell what came of it."""
        with unattended(self, "publish") as closing:
            closing.check()
            settings = settings_of(self)
            check_named(settings, opts.set)
            if len(args) != 1:
                raise UsageError("name one run to publish: scrapy publish RUN_ID (scrapy runs lists them)")
            _check_frontier(settings["FRONTIER_URL"])
            run_id = closing.names(layout.valid_run_id(args[0]))
            accepted = [name.strip() for names in opts.accept for name in names.split(",")]
            gate.accept([], accepted)
            store = store_of(settings)
            probe(store)
            limits, summary = gate.Limits.parse(settings), closing.outcome.summary
            try:
                published = publish(store, run_id, limits, accepted)
            except CrawlerError as error:
                summary.report = report.write_failed(store, run_id, error)
                raise
            except Stopped:
                if (commit := manifest.committed(store, run_id)) is None:
                    raise
                published = replace(standing(store, commit), anew=True)  # it was published by then
            ignore_signals()
            closing.outcome.published(published)
            summary.report = report.write_published(store, run_id, anew=published.anew)
            _remove_frontier(settings["FRONTIER_URL"], run_id)


def _check_frontier(url: str) -> None:
    if url:
        from crawler.frontier.link import valid_url  # noqa: PLC0415 - Redis's library is imported for it alone

        valid_url(url)


def _remove_frontier(url: str, run_id: str) -> None:
    """Remove what the workers of a run share, where they do: it is published now, and that is of no use."""
    if url:
        from crawler.frontier.publishing import forget  # noqa: PLC0415 - likewise

        asyncio.run(forget(url, run_id))
