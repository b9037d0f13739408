"""`scrapy publish`: merge the log of a run, judge it, and make it the current snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler import report
from crawler.commands import ending
from crawler.errors import CrawlerError, UsageError
from crawler.export import layout
from crawler.export.options import store_of
from crawler.export.probe import probe
from crawler.export.publish import publish
from crawler.records import gate

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Publishes a run that a crawl has left on the store; one that is published already stays as it is."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what the help says of the arguments."""
        return "RUN_ID [--accept VERDICT]"

    def short_desc(self) -> str:
        """Return what the list of commands says."""
        return "Publish a run from its log"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument(
            "--accept",
            metavar="VERDICT",
            action="append",
            default=[],
            help=f"publish in spite of this verdict of the gate: {', '.join(gate.ACCEPTABLE)}, or several with commas",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish the run, and say so in one line."""
        with ending(self) as settings:
            if len(args) != 1:
                raise UsageError("name one run to publish: scrapy publish RUN_ID (scrapy runs lists them)")
            run_id = layout.valid_run_id(args[0])
            accepted = [name.strip() for names in opts.accept for name in names.split(",")]
            gate.accept([], accepted)
            store = store_of(settings)
            probe(store)
            limits = gate.Limits.parse(settings)
            try:
                published = publish(store, run_id, limits, accepted)
            except CrawlerError as error:
                report.write_failed(store, run_id, error)
                raise
            report.write_published(store, run_id, anew=bool(published.stats))
            records = sum(published.commit.counts.records.values())
            print(f"run {run_id} is published: commit {published.commit.number}, {records} records")  # noqa: T201 - the answer
