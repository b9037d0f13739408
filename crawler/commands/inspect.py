"""`scrapy inspect URL|FILE`: one page as the crawler sees it."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand

from crawler import loaders
from crawler.commands import ending, refuse, settings_of, understood
from crawler.commands.checks import check_logging, check_named
from crawler.errors import CrawlFailed, UsageError
from crawler.extensions import logs
from crawler.items import Description, Record, Sighting
from crawler.middlewares.mirror import valid_mirror
from crawler.records.canonical import plain
from crawler.records.snapshot import records
from crawler.sites import SITES, locate
from crawler.sites.page import Outcome

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.sites.page import Found, Page, Route
    from crawler.sites.site import Site

_WIDTH = 88
_TOLD_OTHERWISE = {"key", "sources", "provenance", "schema_version"}
_MISSING = list(range(400, 600))
_ALONE = ("EXTENSIONS", "ITEM_PIPELINES", "SPIDER_MIDDLEWARES")
_HELP = """
A URL is asked for as a crawl would, at the same rate, by the plain routes
alone; nothing is stored. A file holds what a page said: save there what only a
browser sees. Set CONTACT in the environment before you ask a real site.

Behind each value of the record stands the source that it came from.

Examples
========
  scrapy inspect https://harmonydata.ac.uk/search/items/SLUG
  scrapy inspect https://doi.org/10.5255/UKDA-SN-3535-6 --json
  scrapy inspect page.html

Exit codes
==========
  0  shown        1  no page came        2  wrong use
"""


class OnePage(Spider):
    """Fetches a page by the first of its plain routes that answers, as the crawl would."""

    name = "inspect"

    def __init__(self, routes: list[Route], hosts: frozenset[str], answer: list[bytes]) -> None:
        super().__init__()
        self.allowed_hosts = hosts
        self._routes, self._answer = routes, answer

    async def start(self) -> AsyncIterator[Request]:
        for request in self._next():
            yield request

    def parse(self, response: Response) -> Iterator[Request]:
        if response.status not in _MISSING:
            self._answer.append(response.body)
            return
        self.logger.info("HTTP %d from %s", response.status, response.url)
        yield from self._next()

    def failed(self, failure: Failure) -> Iterator[Request]:
        self.logger.info("%s", failure.getErrorMessage())
        yield from self._next()

    def _next(self) -> Iterator[Request]:
        if self._routes:
            route = self._routes.pop(0)
            yield Request(
                route.url,
                self.parse,
                headers={"Accept": route.accept} if route.accept else None,
                errback=self.failed,
                meta={"handle_httpstatus_list": _MISSING},
            )


class Command(ScrapyCommand):
    """Prints the sightings on a page field by field, the records they make, what no rule knows, and the problems."""

    requires_project = True

    def syntax(self) -> str:
        return "URL|FILE [--json]"

    def short_desc(self) -> str:
        return "Show one page as the crawler sees it: sightings, record, leftovers, problems"

    def long_desc(self) -> str:
        return f"{self.short_desc()}.\n{_HELP}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        understood(self, parser)
        parser.add_argument("--json", action="store_true", help="print JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        settings = settings_of(self)
        settings.set("LOG_LEVEL", "WARNING", priority="project")  # before Scrapy says that it has started
        super().process_options(args, opts)
        try:
            check_logging(settings)
        except UsageError as error:
            refuse(self, error.line)
        logs.install(settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        with ending(self):
            check_named(settings_of(self), opts.set)
            valid_mirror(settings_of(self)["MIRROR"])
            if len(args) != 1:
                raise UsageError("name one URL of a source, or one file that holds a page")
            url, page = self._page(args[0])
            report = Report(args[0], url, page)
            text = report.as_json() if opts.json else "\n".join(report.lines())
            print(text.encode(errors="backslashreplace").decode())  # noqa: T201 - half a pair as JSON and Python have it

    def _page(self, name: str) -> tuple[str, Page]:
        if not name.lower().startswith(("http://", "https://")):
            try:
                body = Path(name).read_bytes()
            except OSError as error:
                raise UsageError(f"{name}: {error.strerror}; name a URL of a source, or a file") from error
            pages = [site.read("", body) for site in SITES]
            return "", min(pages, key=lambda page: (not page.found, page.outcome is Outcome.UNREADABLE))
        located = locate(name)
        if located is None:
            hosts = ", ".join(site.HOSTS[0] for site in SITES)
            raise UsageError(f"{name} is no page of a study or dataset; give one of {hosts}")
        site, url = located
        return url, site.read(url, self._fetched(site, url))

    def _fetched(self, site: Site, url: str) -> bytes:
        if self.crawler_process is None or self.settings is None:
            raise UsageError("run this command with scrapy")
        for name in _ALONE:
            self.settings.set(name, {}, priority="cmdline")
        self.settings.set("FRONTIER_URL", "", priority="cmdline")
        answer: list[bytes] = []
        routes = [route for route in site.routes(url) if not route.browser]
        self.crawler_process.crawl(OnePage, routes=routes, hosts=frozenset(site.HOSTS), answer=answer)
        self.crawler_process.start()
        if not answer:
            raise CrawlFailed(f"{url} gave no page; run again with --loglevel INFO to see why")
        return answer[0]


class Report:
    """What is told of a page, as text and as JSON."""

    def __init__(self, name: str, url: str, page: Page) -> None:
        self._name, self._page = name, page
        self._sightings = [loaders.load(found, page=found.url or url, fetched_at="") for found in page.found]
        self._records = sorted(records(self._sightings), key=self._is_other)
        self._url = url or (page.found[0].url if page.found else "")

    def as_json(self) -> str:
        """Return all of it."""
        page = self._page
        return json.dumps(
            {
                "url": self._url,
                "outcome": page.outcome,
                "redirect": page.redirect,
                "sightings": [plain(sighting) for sighting in self._sightings],
                "source_values": [found.values for found in page.found],
                "record": plain(self._records[0]) if self._records else None,
                "other_records": [plain(record) for record in self._records[1:]],
                "unknown_keys": page.unknown_keys,
                "problems": [tuple(problem) for problem in page.problems],
                "links": page.links,
                "told": page.told,
            },
            default=_as_text,
            ensure_ascii=False,
            indent=2,
        )

    def lines(self) -> Iterator[str]:
        """Yield what a person wants to see of it."""
        page = self._page
        unknown = page.outcome is Outcome.UNREADABLE and not self._url
        outcome = "no site knows this page" if unknown else page.outcome
        yield f"{self._url or self._name}: {outcome}" + (f" to {page.redirect}" if page.redirect else "")
        for found, sighting in zip(page.found, self._sightings, strict=True):
            yield ""
            yield f"sighting from {sighting.source}" + (f", of {sighting.url}" if sighting.embedded else "")
            yield from _fields(sighting, [each.name for each in fields(Description)], found)
        for record in self._records:
            yield ""
            yield f"record {record.key}"
            yield from _fields(record, [each.name for each in fields(Record) if each.name not in _TOLD_OTHERWISE])
        yield ""
        keys = ", ".join(f"{key} ({number})" for key, number in sorted(page.unknown_keys.items()))
        yield f"unknown keys: {keys or 'none'}"
        yield f"problems: {'; '.join(map(str, page.problems)) or 'none'}"
        yield f"links: {len(page.links)}" + (f", of which told in full here: {len(page.told)}" if page.told else "")
        yield from (f"  {link}" for link in page.links)

    def _is_other(self, record: Record) -> bool:
        own = self._sightings[0].digest
        return all(source.digest != own for source in record.sources)


def _fields(item: Sighting | Record, names: Iterable[str], found: Found | None = None) -> Iterator[str]:
    provenance: dict[str, str] = getattr(item, "provenance", {})
    for name in names:
        value = getattr(item, name)
        if value not in (None, [], {}, ""):
            source = f"  [{provenance[name]}]" if name in provenance else ""
            raw = found.values.get(name) if found else None
            number = f"{len(value)}: " if isinstance(value, list) else ""
            yield f"  {name:<17} {number}{_short(value)}{_size(raw)}{source}"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _short(value: Any) -> str:  # noqa: ANN401 - the value of any field
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "…"


def _size(raw: Any) -> str:  # noqa: ANN401 - a value as its source has it
    if not isinstance(raw, str) or len(raw) <= _WIDTH:
        return ""
    return f" ({len(raw.encode(errors='replace')):,} UTF-8 bytes in the source)"
