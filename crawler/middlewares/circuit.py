"""A host that fails again and again is left alone for a while."""

from __future__ import annotations

import logging
from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy.utils.httpobj import urlparse_cached

from crawler import stats
from crawler.errors import CircuitOpen
from crawler.middlewares.slots import end_waiting, is_failure, no_answer

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_log = logging.getLogger(__name__)
FAILURES = 10
"""How many requests to a host have to fail in a row, each after its retries, for its circuit to open."""
COOL_DOWN_SECONDS = 300.0
"""How long an open circuit lets no request through, and then one."""


class CircuitMiddleware:
    """Ends requests to a host whose circuit is open with CircuitOpen, those that wait for their turn included.

    A failure is an answer of 5xx, 408 or 429, or none (what `RETRY_EXCEPTIONS` names). The request that is let through
    after the cool-down is not retried; any answer that is no failure closes the circuit. It stands between robots.txt
    and the retries, so that it sees what they came to.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._no_answer = no_answer(crawler.settings)
        self._failures: Counter[str] = Counter()
        self._trial_at: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        host = host_of(request)
        if host in self._trial_at:
            if monotonic() < self._trial_at[host]:
                raise CircuitOpen(host)
            self._trial_at[host] = monotonic() + COOL_DOWN_SECONDS
            request.meta["dont_retry"] = True

    def process_response(self, request: Request, response: Response) -> Response:
        if is_failure(response):
            self._failed(host_of(request))
        else:
            self._answered(host_of(request))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, self._no_answer):
            self._failed(host_of(request))

    def _answered(self, host: str) -> None:
        del self._failures[host]
        if self._trial_at.pop(host, None) is not None:
            _log.info("%s answers again", host)

    def _failed(self, host: str) -> None:
        self._failures[host] += 1
        if self._failures[host] >= FAILURES and host not in self._trial_at:
            self._opened(host)

    def _opened(self, host: str) -> None:
        _log.warning("%s failed %d times in a row: nothing is asked of it for %g s", host, FAILURES, COOL_DOWN_SECONDS)
        self._crawler.stats.inc_value(stats.CIRCUIT_OPENED.format(host=host))
        self.open(host, COOL_DOWN_SECONDS)

    def open(self, host: str, seconds: float) -> None:
        """Let no request to a host through for some seconds, and end those that wait for their turn."""
        self._trial_at[host] = monotonic() + seconds
        slot = self._crawler.engine.downloader.slots.get(host)
        if slot is not None:
            end_waiting(slot, lambda _: CircuitOpen(host))


def host_of(request: Request) -> str:
    """Return the host that a request is for."""
    return urlparse_cached(request).hostname or ""
