"""An export in a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.crawl.crawling import Export

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.export.s3 import S3Store
    from tests.servers.s3 import Server


@dataclass(frozen=True, slots=True)
class Bucket:
    """An export in an empty bucket of a server; AWS_* in the environment lead to it."""

    server: Server
    uri: str
    store: S3Store

    def fetched(self, folder: Path) -> Export:
        """Copy the export to a folder, and return its current snapshot."""
        for key in self.store.list(""):
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.store.get(key))
        return Export(folder)
