"""The report of a run: one page of HTML, made of what is stored alone, that may be made again at any time."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from crawler.errors import CrawlFailed, GateRefused, StoreError
from crawler.export import layout, manifest

if TYPE_CHECKING:
    from crawler.errors import CrawlerError
    from crawler.export.store import Store

_log = logging.getLogger(__name__)
_PUBLISHED = b"<title>Published: "
"""In the head of the page of a run that is published."""


def write(store: Store, run_id: str) -> None:
    """Write the report of a run, in place of an older one; raises StoreError."""
    from crawler.report.gather import gather  # noqa: PLC0415 - these take 0.2 s to import, and few commands come here
    from crawler.report.page import page  # noqa: PLC0415 - likewise

    store.put(layout.report(run_id), page(gather(store, run_id)))


def write_published(store: Store, run_id: str, *, anew: bool) -> str | None:
    """Write the report of a run that is published, where there is none yet that says so, or `anew`, and return its key.

    Raises StoreError, which says that the run is published all the same. Whatever else it fails of is for the log
    alone; there is no report then, and None is returned.
    """
    key = layout.report(run_id)
    try:
        if anew or not store.exists(key) or _PUBLISHED not in store.get(key):
            write(store, run_id)
    except StoreError as error:
        problem = error.problem if error.key == key else str(error)
        raise StoreError(
            key, f"run {run_id} is published, but has no report ({problem}); to write it: scrapy publish {run_id}"
        ) from error
    except Exception:  # noqa: BLE001 - the run is published, whatever a page of it fails of
        _log.exception("Run %s is published, but its report could not be made", run_id)
        return None
    return key


def write_failed(store: Store, run_id: str, error: CrawlerError) -> str | None:
    """Write the report of a run that failed or was refused, and return its key; None where it has none.

    One whose store failed has none, nor has wrong use, and one that another process has published meanwhile keeps what
    that has written. Where it cannot be written, the error stays the one that counts, and says so as well.
    """
    if not isinstance(error, CrawlFailed | GateRefused):
        return None
    try:
        if manifest.committed(store, run_id) is None:
            write(store, run_id)
    except Exception as unwritten:  # noqa: BLE001 - likewise
        if not isinstance(unwritten, StoreError):
            _log.exception("The report of run %s could not be made", run_id)
        error.add_note(f"(it has no report: {unwritten})")
        return None
    return layout.report(run_id)
