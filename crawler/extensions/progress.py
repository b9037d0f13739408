"""How a crawl gets on: a live display on a terminal, a line in the log now and then elsewhere."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Self, cast

from scrapy import signals
from scrapy.pqueues import DownloaderAwarePriorityQueue
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

from crawler.extensions import logs
from crawler.extensions.pace import Pace, estimate
from crawler.extensions.summary import counted, duration
from crawler.items import State

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

    from crawler.export.memory import Crawl
    from crawler.items import Target

_LINE_BEGUN_AND_CURSOR_SHOWN = b"\r\x1b[J\x1b[?25h"
_log = logging.getLogger(__name__)
_LIVE_SECONDS = 0.5
UNKNOWN = "unknown"


class Progress:
    """Counts what ends, and shows it twice a second on a terminal, each LOGSTATS_INTERVAL in the log."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._began = monotonic()
        self._pace = Pace(self._began)
        self._states: Counter[str] = Counter()
        self._sightings = 0
        self._publishing = False
        self._live: Live | None = None
        self._call: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.item_scraped, signals.item_scraped)
        crawler.signals.connect(extension.request_left_downloader, signals.request_left_downloader)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.stop, signals.engine_stopped)
        return extension

    def spider_opened(self) -> None:
        self._live = self._started() if sys.stderr.isatty() and logs.installed() is None else None
        seconds = _LIVE_SECONDS if self._live else self._crawler.settings.getfloat("LOGSTATS_INTERVAL")
        if seconds:
            self._call = create_looping_call(self._show)
            self._call.start(seconds, now=self._live is not None)

    def item_scraped(self, item: Target) -> None:
        if item.state is not None:
            self._states[item.state] += 1
            self._sightings += len(item.sightings)

    def request_left_downloader(self, request: Request) -> None:
        self._pace.note(self._crawler.engine.downloader.get_slot_key(request))

    def spider_closed(self) -> None:
        self._publishing = True
        if self._live is not None:
            self._show()

    def stop(self) -> None:
        """Leave the terminal as it was."""
        if self._call is not None and self._call.running:
            self._call.stop()
        if self._live is not None:
            self._live.stop()
            # a signal may come while rich draws, which keeps its own then until it has drawn
            os.write(2, _LINE_BEGUN_AND_CURSOR_SHOWN)
            self._live = None
            _log_to_stderr()

    def facts(self) -> dict[str, str]:
        """Return what is known, by what it is."""
        rates, waiting = self._pace.rates(monotonic()), self._waiting()
        states = {str(state): self._states[state] for state in State if self._states[state]}
        told = {
            "targets": f"{self._states.total():,}" + (f": {counted(states)}" if states else ""),
            "sightings": f"{self._sightings:,}",
        }
        if self._publishing:
            return told | {"now": "merging and judging what was found"}
        rate = f"{sum(rates.values()):.1f} a second" if rates else f"{UNKNOWN} rate"
        if waiting is None:
            return told | {"requests": rate, "end": UNKNOWN}
        told["requests"] = f"{rate}, {sum(waiting.values()):,} known and not done"
        end = estimate(waiting, rates)
        told["end"] = (
            f"in {duration(end.seconds)}, at {_clock(end.seconds)}, of what is known by now" if end else UNKNOWN
        )
        slowest = end.host if end else max(waiting, key=lambda host: waiting[host], default=None)
        if slowest:
            rate = f"{rates[slowest]:.2g} a second" if slowest in rates else f"{UNKNOWN} rate"
            told["slowest host"] = f"{slowest}: {rate}, {waiting[slowest]:,} of them"
        return told

    def _waiting(self) -> Counter[str] | None:
        """How many requests each host is still to be asked; None where the scheduler does not tell it by host."""
        engine = self._crawler.engine
        queue = getattr(engine.scheduler, "mqs", None)
        if not isinstance(queue, DownloaderAwarePriorityQueue):
            return None
        waiting = Counter(map(engine.downloader.get_slot_key, engine.downloader.active))
        waiting.update({host: len(requests) for host, requests in queue.pqueues.items()})
        return waiting

    def _show(self) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)
        else:
            _log.info("%s", "; ".join(f"{name}: {text}" for name, text in self.facts().items()))

    def _started(self) -> Live | None:
        """A display at the bottom of the terminal, above which the log goes on, if the terminal can show one."""
        from rich.console import Console  # noqa: PLC0415 - 0.06 s, for terminals
        from rich.live import Live  # noqa: PLC0415 - likewise

        console = Console(stderr=True)
        if console.is_dumb_terminal:
            return None
        live = Live(console=console, auto_refresh=False, redirect_stdout=False, transient=True)
        live.start()
        _log_to_stderr()
        return live

    def _table(self) -> Table:
        from rich.table import Table  # noqa: PLC0415 - likewise, as below

        run_id = cast("Crawl", self._crawler.spider).run_id
        table = Table.grid(padding=(0, 2))
        table.add_row("run", f"{run_id}, for {duration(monotonic() - self._began)}")
        for name, text in self.facts().items():
            table.add_row(name, text)
        return table


def _log_to_stderr() -> None:
    """Let the log go to what standard error is now: the display puts itself in its place, and writes above itself."""
    handler = get_scrapy_root_handler()
    if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
        handler.setStream(sys.stderr)


def _clock(seconds: float) -> str:
    return f"{datetime.now().astimezone() + timedelta(seconds=seconds):%H:%M}"
