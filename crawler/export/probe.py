"""Whether a store keeps its promises, asked before a crawl leans on them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from crawler.errors import AlreadyExists, StoreError

if TYPE_CHECKING:
    from crawler.export.store import Store

PROBE = "v1/log/.probe"
"""No run_id starts with a dot, so no run's log is in its way."""


def probe(store: Store) -> None:
    """Make sure that a store can be written to and creates only what is absent; raises StoreError where it does not.

    It leaves one small object. A store that ignores `If-None-Match` answers each of two publishers that it won.
    """
    with suppress(AlreadyExists):  # an earlier probe made it
        store.create(PROBE, b"first\n")
    try:
        store.create(PROBE, b"second\n")
    except AlreadyExists:
        return
    raise StoreError(
        store.uri(PROBE),
        "this store ignores conditional writes (If-None-Match), so two publishers could overwrite each other: set "
        "EXPORT_URI to a folder, or to AWS S3, SeaweedFS or Ceph RGW, which honour them; rclone serve s3, s3rver, "
        "fauxqs and Ceph's dbstore do not",
    )
