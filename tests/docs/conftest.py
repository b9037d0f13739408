"""One real crawl, with a few faults so that it retries, for all tests of the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.server import serving
from tests.crawl.crawling import Export, crawl

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """The export that a reader of the documents has in `exports/`."""
    folder: Path = tmp_path_factory.mktemp("docs")
    with serving(scale=3, faults=["503:0.1", "reset:0.05"]) as mirror:
        return crawl(mirror, folder / "exports")
