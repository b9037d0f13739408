"""Which of the settings sets the rate of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_RATE = {"delay", "jitter"}


class Rate:
    """An add-on by which a `DOWNLOAD_DELAY` that the operator gives holds for all hosts.

    Scrapy gives way to the entry of `DOWNLOAD_SLOTS` for a host whoever made it. Here the setting that was given closer
    to the crawl wins: `-s DOWNLOAD_DELAY=` over the project's entries, `-s DOWNLOAD_SLOTS=` over any delay.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        given = settings.getpriority("DOWNLOAD_DELAY") or 0
        if given > (settings.getpriority("DOWNLOAD_SLOTS") or 0):
            slots = settings.getdict("DOWNLOAD_SLOTS")
            kept = {host: {name: own[name] for name in own if name not in _RATE} for host, own in slots.items()}
            settings.set("DOWNLOAD_SLOTS", kept, priority=given)
