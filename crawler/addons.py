"""Settings that depend on others: add-ons, which Scrapy asks once all settings are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES

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


_SHARED = {
    "crawler.middlewares.circuit.CircuitMiddleware": "crawler.frontier.manners.SharedCircuit",
    "crawler.middlewares.politeness.CrawlDelayMiddleware": "crawler.frontier.manners.SharedCrawlDelay",
    "crawler.middlewares.politeness.RetryAfterMiddleware": "crawler.frontier.manners.SharedRetryAfter",
}
"""What stands in the place of a middleware that goes by what one process sees."""


class Workers:
    """An add-on by which FRONTIER_URL makes a crawl one of several workers at its run."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings["FRONTIER_URL"]:
            return
        project = SETTINGS_PRIORITIES["project"]
        settings.set("SCHEDULER", "crawler.frontier.scheduler.SharedScheduler", project)
        settings.set("DISCOVERY", "crawler.frontier.discovery.SharedDiscovery", project)
        settings.set("HOST_TURNS", "crawler.frontier.manners.SharedTurns", project)
        middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES")
        for name, shared in _SHARED.items():
            middlewares[shared] = middlewares.pop(name)
        settings.set("DOWNLOADER_MIDDLEWARES", middlewares, project)
