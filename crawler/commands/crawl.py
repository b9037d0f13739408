"""`scrapy crawl`: Scrapy's command with checked arguments and an honest exit code."""

from __future__ import annotations

import gc
import logging
from contextlib import contextmanager
from difflib import get_close_matches
from math import inf
from typing import TYPE_CHECKING, cast

from scrapy.commands import crawl
from scrapy.utils.project import get_project_settings

from crawler import report
from crawler.commands import ending
from crawler.errors import CrawlFailed, StoreError, UsageError
from crawler.export import log, manifest
from crawler.export.options import store_of
from crawler.export.probe import probe
from crawler.export.redrive import targets_in_state
from crawler.extensions.publish import Publish
from crawler.middlewares.mirror import valid_mirror
from crawler.records.gate import Limits
from crawler.spiders.arguments import Arguments

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from scrapy.settings import Settings

    from crawler.spiders.catalogue import CatalogueSpider

_log = logging.getLogger(__name__)
_NUMBERS = {"EXPORT_BATCH_ITEMS": int, "EXPORT_BATCH_SECONDS": float}
_BOOLEANS = {"true", "false", "1", "0"}
_GATE = ("GATE_MIN_RECORDS", "GATE_MAX_SHRINK", "GATE_MIN_FILL", "GATE_MAX_FAILED")
_OWN = ("EXPORT_URI", *_NUMBERS, "EXPORT_OUTAGE_SECONDS", *_GATE, "MIRROR", "BROWSER_EXECUTABLE")


class Command(crawl.Command):
    """Exits with 0 when the crawl was published, else as the error that ended it says."""

    def long_desc(self) -> str:
        """Return what the help says."""
        return (
            "Crawl a source and publish what it and those that it leads to hold. Arguments (-a NAME=VALUE): limit=N, "
            "items=slug,slug (of ukds: studies=N,N), follow=ukds,reshare,doi or none, run_id=ID, "
            "redrive=STATE[:RUN_ID], full=1. Exit code: 0 published, 1 failed or stopped, 2 wrong use, 3 refused by "
            "the gate, 4 the store failed."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the use, crawl, and set the exit code; every failure is one line on standard error."""
        with ending(self):
            self._check(args, opts)
            arguments = Arguments.parse(opts.spargs, self._spider(args[0]).names)
            with _naming(arguments.run_id):
                store = store_of(self._settings)
                probe(store)
                manifest.heal_current(store)
                if manifest.committed(store, arguments.run_id):
                    report.write_published(store, arguments.run_id, anew=False)
                    print(f"run {arguments.run_id} is published already")  # noqa: T201 - the command's answer
                    return
                if arguments.redrive and not log.batches(store, arguments.run_id):
                    targets_in_state(store, *arguments.redrive)
                opts.spargs["run_id"] = arguments.run_id
                self._crawl(args[0], opts)

    def _spider(self, name: str) -> type[CatalogueSpider]:
        if self.crawler_process is None:
            raise UsageError("run this command with scrapy")
        return cast("type[CatalogueSpider]", self.crawler_process.spider_loader.load(name))

    @property
    def _settings(self) -> Settings:
        if self.settings is None:
            raise UsageError("run this command with scrapy")  # which sets them
        return self.settings

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.crawler_process is None:
            raise UsageError("run this command with scrapy")
        names = self.crawler_process.spider_loader.list()
        if len(args) != 1 or args[0] not in names:
            raise UsageError(f"name one spider to crawl: {', '.join(names)}")
        known = get_project_settings()  # without what the command line has added to self.settings
        for setting in opts.set:
            name = setting.partition("=")[0]
            if name not in known:
                close = get_close_matches(name, known, 1)
                hint = f"did you mean {close[0]}? " if close else ""
                raise UsageError(f"unknown setting {name!r}: {hint}accepted are {', '.join(_OWN)} and all of Scrapy's")
            _check_form(name, self._settings[name], type(known[name]))
        for name, kind in _NUMBERS.items():
            _check_form(name, self._settings[name], kind)
            if not 0 < float(self._settings[name]) < inf:
                raise UsageError(f"{name}={self._settings[name]!r} is no number above 0")
        Limits.parse(self._settings)
        valid_mirror(self._settings["MIRROR"])

    def _crawl(self, name: str, opts: argparse.Namespace) -> None:
        if "(+" not in self._settings["USER_AGENT"]:
            _log.warning("Sites cannot tell whose crawl this is: set CONTACT in the environment to a URL that says so")
        gc.set_threshold(50_000, 20, 50)  # a page makes thousands of objects and no cycles; by default, 5 % of the CPU
        crawler = self._create_crawler(name)
        self.crawler_process.crawl(crawler, **opts.spargs)  # type: ignore[union-attr] # checked
        self.crawler_process.start()  # type: ignore[union-attr] # checked
        store_of(self._settings).give_up()  # what a forced end has left behind must not hold the process
        published = crawler.get_extension(Publish) if not self.crawler_process.bootstrap_failed else None  # type: ignore[union-attr] # checked
        if published is None:
            raise CrawlFailed("the crawl could not start; the log says why")
        if published.failure is not None:
            raise published.failure


@contextmanager
def _naming(run_id: str) -> Iterator[None]:
    """Add to an error that ended a crawl early how to go on with it."""
    try:
        yield
    except (CrawlFailed, StoreError) as error:
        error.add_note(f"(to go on with it: -a run_id={run_id})")
        raise


def _check_form(name: str, value: object, kind: type) -> None:
    """Raise UsageError for a setting that Scrapy could not read as what its default is."""
    text = str(value)
    if kind is bool and text.lower() not in _BOOLEANS:
        raise UsageError(f"{name}={text!r} is neither true nor false")
    if kind in {int, float}:
        try:
            kind(text)
        except ValueError:
            raise UsageError(f"{name}={text!r} is no {'whole ' if kind is int else ''}number") from None
