"""`scrapy crawl`: Scrapy's command with checked arguments and an honest exit code."""

from __future__ import annotations

import gc
import logging
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scrapy.commands import crawl
from scrapy.utils.project import get_project_settings

from crawler.errors import CrawlerError, UsageError
from crawler.export import manifest
from crawler.export.ledger import targets_in_state
from crawler.export.store import open_store
from crawler.extensions.publish import Publish
from crawler.middlewares.mirror import valid_mirror
from crawler.spiders.arguments import Arguments

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import Settings

_log = logging.getLogger(__name__)
FAILED, WRONG_USE = 1, 2
_NUMBERS = ("EXPORT_BATCH_ITEMS", "EXPORT_BATCH_SECONDS")
_OWN = ("EXPORT_URI", *_NUMBERS, "MIRROR")


class Command(crawl.Command):
    """Exits with 0 when the crawl was published, 1 when it failed, 2 on wrong use."""

    def long_desc(self) -> str:
        """Return what the help says."""
        return (
            "Crawl a catalogue and publish what it holds. Arguments (-a NAME=VALUE): limit=N, items=slug,slug, "
            "follow=none, run_id=ID, redrive=STATE[:RUN_ID], full=1. Exit code: 0 published, 1 failed, 2 wrong use."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the use, crawl, and set the exit code; every failure is one line on standard error."""
        try:
            self._check(args, opts)
            arguments = Arguments.parse(opts.spargs)
            store = open_store(self._settings["EXPORT_URI"])
            manifest.heal_current(store)
            if arguments.redrive:
                targets_in_state(store, *arguments.redrive)
            if "run_id" in opts.spargs and manifest.committed(store, arguments.run_id):
                print(f"run {arguments.run_id} is published already")  # noqa: T201 - the command's answer
                return
        except UsageError as error:
            self._end(WRONG_USE, error)
            return
        except CrawlerError as error:
            self._end(FAILED, error)
            return
        self._crawl(args[0], opts)

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
            if isinstance(known[name], int | float):
                _number(name, self._settings[name])
        for name in _NUMBERS:
            _positive(name, self._settings[name])
        valid_mirror(self._settings["MIRROR"])

    def _crawl(self, name: str, opts: argparse.Namespace) -> None:
        if "(+" not in self._settings["USER_AGENT"]:
            _log.warning("Sites cannot tell whose crawl this is: set CONTACT in the environment to a URL that says so")
        gc.set_threshold(50_000, 20, 50)  # a page makes thousands of objects and no cycles; by default, 5 % of the CPU
        crawler = self._create_crawler(name)
        self.crawler_process.crawl(crawler, **opts.spargs)  # type: ignore[union-attr] # checked
        self.crawler_process.start()  # type: ignore[union-attr] # checked
        published = crawler.get_extension(Publish) if not self.crawler_process.bootstrap_failed else None  # type: ignore[union-attr] # checked
        if published is None:
            self._end(FAILED, UsageError("the crawl could not start; the log says why"))
        elif published.failure is not None:
            self._end(FAILED, published.failure)

    def _end(self, code: int, error: CrawlerError) -> None:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the command's answer
        self.exitcode = code


def _number(name: str, value: object) -> float:
    try:
        return float({"True": 1, "False": 0}.get(str(value), str(value)))
    except ValueError:
        raise UsageError(f"{name}={value!r} is no number") from None


def _positive(name: str, value: object) -> None:
    if not _number(name, value) > 0:
        raise UsageError(f"{name}={value!r} is no number above 0")
