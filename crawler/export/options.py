"""The export's settings, as Scrapy or the environment give them."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from crawler.errors import UsageError
from crawler.export.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.export.patience import Patient


def store_of(settings: Mapping[str, Any]) -> Patient:
    """Return the store that EXPORT_URI names, which waits out an outage of EXPORT_OUTAGE_SECONDS; raises UsageError."""
    outage = settings["EXPORT_OUTAGE_SECONDS"]
    try:
        seconds = float(outage)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < inf:  # which NaN is not either
        raise UsageError(f"EXPORT_OUTAGE_SECONDS={outage!r} is no time; give a number of seconds, such as 60")
    return open_store(settings["EXPORT_URI"], seconds)
