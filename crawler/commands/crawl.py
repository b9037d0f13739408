"""`scrapy crawl`: Scrapy's command with checked arguments and an honest exit code."""

from __future__ import annotations

import gc
import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, cast

from scrapy.commands import crawl

from crawler import report
from crawler.commands import Stopped, refuse, settings_of, unattended, understood
from crawler.commands.checks import NUMBERS, check_form, check_logging, check_named, level_of
from crawler.errors import CrawlFailed, StoreError, UsageError
from crawler.export import layout, log, manifest
from crawler.export.options import store_of
from crawler.export.probe import probe
from crawler.export.publish import standing
from crawler.export.redrive import targets_in_state
from crawler.extensions import logs
from crawler.extensions.progress import Progress
from crawler.extensions.publish import Publish
from crawler.middlewares.mirror import valid_mirror
from crawler.records.gate import Limits
from crawler.signals import ended_by_force
from crawler.spiders.arguments import FOLLOWED, Arguments

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from scrapy.settings import Settings

    from crawler.extensions.closing import Closing
    from crawler.spiders.catalogue import CatalogueSpider

_log = logging.getLogger(__name__)
ARGUMENTS = {
    "run_id=ID": "name the run, and go on with it if it has begun",
    "limit=N": "ask for N targets at most",
    "items=SLUG,SLUG": "of harmony: these items alone, by slug or uuid",
    "studies=NUMBER,NUMBER": "of ukds: these studies alone",
    "follow=SOURCE,SOURCE": f"follow links to these: {', '.join(FOLLOWED)}; or none",
    "redrive=STATE[:RUN_ID]": "ask again for what a run left in a state",
    "full=1": "ask for every page, changed or not",
}
"""What the help says of each argument."""
_HELP = """
Spiders
=======
  harmony  the Harmony catalogue, and its links to the UK Data Service, ReShare
           and the DOI registry
  ukds     what the UK Data Service lists, and its links to the latter two

Arguments
=========
{arguments}

Settings come from the environment or with -s. EXPORT_URI is where the export
lives: a folder or s3://bucket/prefix. CONTACT, from the environment alone, is a
URL that says whose crawl it is. docs/operations.md has all of them.

Examples
========
  scrapy crawl harmony -s EXPORT_URI=s3://research-exports/studies
  scrapy crawl harmony -a run_id=nightly-2031-05-06     the repeat goes on
  scrapy crawl harmony -a limit=50 -a follow=none -s EXPORT_URI=/tmp/a-look
  scrapy crawl harmony -a redrive=fetch_failed          what failed last time
  scrapy crawl ukds -a studies=3535,856334

Exit codes
==========
  0  published, or was before        3  the gate refused the snapshot
  1  failed or was stopped           4  the store failed
  2  wrong use
"""


class Command(crawl.Command):
    """Exits with 0 when the crawl was published, else as the error that ended it says."""

    def syntax(self) -> str:
        """Return what the help says of the arguments."""
        return "SPIDER [-a NAME=VALUE]... [-s SETTING=VALUE]..."

    def short_desc(self) -> str:
        """Return what the list of commands says."""
        return "Crawl a catalogue and where its links lead, and publish what they hold"

    def long_desc(self) -> str:
        """Return what the help says."""
        listed = "\n".join(f"  -a {name:<24}{says}" for name, says in ARGUMENTS.items())
        return f"{self.short_desc()}.\n{_HELP.format(arguments=listed)}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's options."""
        super().add_options(parser)
        understood(self, parser, "crawl")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take in the options, and name the run: every line of the log may say it."""
        try:
            super().process_options(args, opts)
            check_logging(self._settings)
        except OSError as error:
            refuse(self, f"{error.filename} cannot be written ({error.strerror}): name another file", "crawl")
        except UsageError as error:
            refuse(self, error.line, "crawl")
        run_id = opts.spargs.setdefault("run_id", layout.new_run_id(datetime.now(UTC)))
        logs.install(self._settings, run_id)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the use, crawl, and set the exit code; every failure is one line on standard error."""
        with unattended(self, "crawl") as closing:
            closing.check()
            self._check(args, opts)
            arguments = Arguments.parse(opts.spargs, self._spider(args[0]).names)
            run_id = closing.names(arguments.run_id)
            with _naming(run_id):
                store = store_of(self._settings)
                probe(store)
                manifest.heal_current(store)
                if (commit := manifest.committed(store, run_id)) is not None:
                    closing.outcome.published(standing(store, commit))
                    closing.outcome.summary.report = report.write_published(store, run_id, anew=False)
                    return
                if self._settings["FRONTIER_URL"]:
                    from crawler.frontier.link import probe as probe_redis  # noqa: PLC0415 - likewise

                    probe_redis(self._settings["FRONTIER_URL"])
                if arguments.redrive and not log.batches(store, run_id):
                    targets_in_state(store, *arguments.redrive)
                self._crawl(args[0], opts, closing)

    def _spider(self, name: str) -> type[CatalogueSpider]:
        if self.crawler_process is None:
            raise UsageError("run this command with scrapy")
        return cast("type[CatalogueSpider]", self.crawler_process.spider_loader.load(name))

    @property
    def _settings(self) -> Settings:
        return settings_of(self)

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.crawler_process is None:
            raise UsageError("run this command with scrapy")
        names = self.crawler_process.spider_loader.list()
        if len(args) != 1 or args[0] not in names:
            raise UsageError(f"name one spider to crawl: {', '.join(names)}")
        check_named(self._settings, opts.set)
        check_form("FRONTIER_MAX_PENDING", self._settings["FRONTIER_MAX_PENDING"], int)
        if int(self._settings["FRONTIER_MAX_PENDING"]) < 0:
            raise UsageError("FRONTIER_MAX_PENDING is a number of targets, or 0 for four times EXPORT_BATCH_ITEMS")
        for name, kind in NUMBERS.items():
            check_form(name, self._settings[name], kind)
            if not 0 < float(self._settings[name]) < inf:
                raise UsageError(f"{name}={self._settings[name]!r} is no number above 0")
        Limits.parse(self._settings)
        valid_mirror(self._settings["MIRROR"])
        if self._settings["FRONTIER_URL"]:
            from crawler.frontier.link import valid_url  # noqa: PLC0415 - Redis's library is imported for it alone

            valid_url(self._settings["FRONTIER_URL"])

    def _crawl(self, name: str, opts: argparse.Namespace, closing: Closing) -> None:
        if "(+" not in self._settings["USER_AGENT"]:
            _log.warning("Sites cannot tell whose crawl this is: set CONTACT in the environment to a URL that says so")
        gc.set_threshold(50_000, 20, 50)  # a page makes thousands of objects and no cycles; by default, 5 % of the CPU
        gc.freeze()  # what was imported stays, and need not be looked through
        logging.disable(level_of(self._settings) - 1)  # Scrapy makes records of all that no handler takes
        crawler = closing.outcome.crawler = self._create_crawler(name)
        crawler.signals.connect(closing.by_force, ended_by_force)
        self.crawler_process.crawl(crawler, **opts.spargs)  # type: ignore[union-attr] # checked
        self.crawler_process.start()  # type: ignore[union-attr] # checked
        if (progress := crawler.get_extension(Progress)) is not None:
            progress.stop()  # a signal that comes early ends the crawl without a word to it
        store_of(self._settings).give_up()  # what a forced end has left behind must not hold the process
        ended = crawler.get_extension(Publish) if not self.crawler_process.bootstrap_failed else None  # type: ignore[union-attr] # checked
        if ended is None:
            raise CrawlFailed("the crawl could not start; the log says why")
        closing.outcome.summary.report = ended.report
        if ended.published is not None:
            closing.outcome.published(ended.published)
        if ended.failure is not None:
            raise ended.failure


@contextmanager
def _naming(run_id: str) -> Iterator[None]:
    """Add to an error that ended a crawl early how to go on with it."""
    try:
        yield
    except (CrawlFailed, StoreError, Stopped) as error:
        error.add_note(f"(to go on with it: -a run_id={run_id})")
        raise
