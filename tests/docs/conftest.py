"""One real export for all tests of the documents: three crawls of a catalogue that changes, the last with faults."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.generator import DEFAULT_BUILD, Catalogue, committed
from sandbox.server import serving
from sandbox.tree import Edited
from tests.crawl.crawling import Export, crawl

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.s3 import Server

BUCKET, PREFIX = "research-exports", "studies"
"""Where the documents have their export on S3."""
_ITEMS = "harmonydata.ac.uk/search/items"
ADDED, UPDATED, WITHDRAWN = (
    f"{_ITEMS}/allotment-gardens-and-trust-among-neighbours-2013-2014",
    f"{_ITEMS}/everyday-patience-inventory",
    f"{_ITEMS}/village-hall-minute-books-index-of-decisions-1921",  # which no other source tells
)
FEW_PAGES = ("-s", "GATE_MAX_FAILED=0.1")
"""Of the few pages of so small a catalogue, those that cannot be read are too large a share."""


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """The export that a reader of the documents has in `exports/`: records were added, updated and withdrawn."""
    folder: Path = tmp_path_factory.mktemp("docs") / "exports"
    first, last = catalogue(3), catalogue(3)
    for ending in (".txt", ".html"):
        first.pages[ADDED + ending] = last.pages[WITHDRAWN + ending] = None
        last.pages[UPDATED + ending] = (last.get(UPDATED + ending) or b"").replace(b"Everyday", b"Each day")
    for tree in (first, catalogue(5)):
        with serving(tree=tree) as mirror:
            crawl(mirror, folder, *FEW_PAGES)
    with serving(tree=last, faults=["503:0.1", "reset:0.1"]) as mirror:
        return crawl(mirror, folder, *FEW_PAGES, "-s", "GATE_MAX_SHRINK=1")


def catalogue(scale: int) -> Edited:
    return Edited(Catalogue(committed(DEFAULT_BUILD), scale))


@pytest.fixture(scope="session")
def s3(export: Export, seaweed_server: Server) -> dict[str, str]:
    """The AWS_* variables of a reader for whom the same export lies on S3, in a server that checks who asks."""
    from boto3.session import Session  # noqa: PLC0415 - takes 0.3 s, and every run of pytest imports this module

    session = Session(seaweed_server.access_key, seaweed_server.secret_key, region_name="us-east-1")
    with closing(session.client("s3", endpoint_url=seaweed_server.endpoint)) as client:
        client.create_bucket(Bucket=BUCKET)
        for path in export.folder.rglob("*"):
            if path.is_file():
                key = f"{PREFIX}/{path.relative_to(export.folder).as_posix()}"
                client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
    return seaweed_server.environment
