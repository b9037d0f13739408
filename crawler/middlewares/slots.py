"""What the requests to one host share: its failures, the downloader's slot, and their places in the downloader."""

from __future__ import annotations

from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface
from scrapy.utils.misc import load_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

_SERVER_ERROR = 500
_LATER = {408, 429}
_LEAST_DELAY = 0.001
_PLACES_FOR_EACH = 2
"""Places in the downloader for each request that a host may be asked at a time: the next ones wait in the others."""


def is_failure(response: Response) -> bool:
    """Tell whether an answer says that its host cannot answer now, whatever was asked."""
    return response.status >= _SERVER_ERROR or response.status in _LATER


def no_answer(settings: BaseSettings) -> tuple[type[Exception], ...]:
    """Return the exceptions that say the same: those that Scrapy's `RETRY_EXCEPTIONS` names."""
    return tuple(load_object(name) for name in settings.getlist("RETRY_EXCEPTIONS"))


def pause(slot: Slot, seconds: float) -> None:
    """Let no request to a host start for some seconds, as if its last one started only then.

    Scrapy looks at that time before each start, whenever a slot has a delay, and keeps the slot until it is over.
    """
    slot.lastseen = max(slot.lastseen, monotonic() + seconds)
    slot.delay = slot.delay or _LEAST_DELAY
    slot.jitter = min(slot.jitter, 1.0)  # beyond that, the delay is left out at times


def end_waiting(slot: Slot, error: Callable[[Request], Exception]) -> None:
    """End the requests that wait for their turn at a host."""
    slot.close()
    while slot.queue:
        request, answer = slot.queue.popleft()
        answer.errback(error(request))


class HostPlaces(DownloaderInterface):
    """Tells how many requests to a host the downloader has, and leaves out hosts that have all their places taken.

    Requests count from the moment that the downloader has them: those that wait for robots.txt are in no slot yet.
    """

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        taken = Counter(map(self.get_slot_key, self.downloader.active))
        return [(taken[host], host) for host in possible_slots if taken[host] < self._places(host)]

    def _places(self, host: str) -> int:
        own = self.downloader.per_slot_settings.get(host, {})
        return _PLACES_FOR_EACH * int(own.get("concurrency", self.downloader.domain_concurrency))


class HostQueue(DownloaderAwarePriorityQueue):
    """Scrapy's queue of requests by host, in which a host that is slow, silent or paused leaves room for the others.

    The downloader takes `CONCURRENT_REQUESTS` in all, those that wait for their turn among them.
    """

    def __init__(self, crawler: Crawler, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Scrapy's signature
        super().__init__(crawler, *args, **kwargs)
        self._downloader_interface = HostPlaces(crawler)
