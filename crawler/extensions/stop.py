"""Stopping a crawl by a signal: it takes its time to end well, but not for ever."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING, Self, cast

from scrapy import signals

from crawler.errors import CrawlStopped
from crawler.export.options import store_of
from crawler.extensions.progress import Progress
from crawler.signals import STOPPING, ended_by_force, requests_abandoned

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.export.memory import Crawl

_log = logging.getLogger(__name__)
GRACE_SECONDS = 10
"""How long a crawl that is being stopped waits for the requests in flight, and for a store that does not answer."""
_LAST_SECONDS = 18
"""After how long it ends without waiting for anything, a snapshot that is being written included."""


class Stop:
    """Listens to the signals that stop a crawl, in Scrapy's place, and ends the waiting in time.

    Scrapy's own takes a second signal for leave to stop without closing anything.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        return extension

    def spider_opened(self) -> None:
        self._loop = asyncio.get_running_loop()
        for each in STOPPING:
            signal.signal(each, self._signalled)

    def _signalled(self, number: int, _: object) -> None:
        for each in STOPPING:
            signal.signal(each, self._end)  # a second one ends it at once
        self._crawl = cast("Crawl", self._crawler.spider)
        self._crawl.failure = CrawlStopped("the crawl was stopped by a signal; nothing was published")
        last = threading.Timer(_LAST_SECONDS, self._end)  # no timer of the loop: what holds that up ends as well
        last.daemon = True
        last.start()
        self._loop.call_soon_threadsafe(self._close, number)

    def _close(self, number: int) -> None:
        """Begin to close: here, since a signal may come in the middle of a line of the log."""
        _log.info(
            "Received %s: the crawl is being closed, and a second one ends it at once", signal.Signals(number).name
        )
        self._closing = asyncio.ensure_future(self._crawler.stop_async())
        self._loop.call_later(GRACE_SECONDS, self._abandon)

    def _abandon(self) -> None:
        _log.warning("Abandoning what is in flight: the same run_id asks for it again")
        store_of(self._crawler.settings).give_up()
        for slot in self._crawler.engine.downloader.slots.values():
            slot.delay = 0.0
        self._crawler.signals.send_catch_log(requests_abandoned)

    def _end(self, *_: object) -> None:
        """End the process: a thread that merges a snapshot would keep it for minutes, and may be ended anywhere."""
        progress = self._crawler.get_extension(Progress)
        if progress is not None:
            progress.stop()
        error = CrawlStopped("the crawl was stopped while it was at work")
        error.add_note(f"(to go on with it: -a run_id={self._crawl.run_id})")
        told = self._crawler.signals.send_catch_log(ended_by_force, error=error)
        logging.shutdown()
        os._exit(next((code for _, code in told if isinstance(code, int)), error.exit_code))
