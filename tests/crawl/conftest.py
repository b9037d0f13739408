"""What the tests of whole crawls share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.export.s3 import S3Store
from sandbox.server import serving
from tests.crawl.buckets import Bucket
from tests.crawl.crawling import SCALE, Export, crawl

if TYPE_CHECKING:
    from tests.servers.s3 import Server


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Return what a crawl of the catalogue of `SCALE` comes to if nothing gets in its way."""
    with serving(scale=SCALE) as mirror:
        return crawl(mirror, tmp_path_factory.mktemp("undisturbed"), "-a", "run_id=first")


@pytest.fixture
def seaweed(seaweed_server: Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Return an export in an empty bucket of SeaweedFS."""
    for name, value in seaweed_server.environment.items():
        monkeypatch.setenv(name, value)
    name = seaweed_server.new_bucket()
    return Bucket(seaweed_server, f"s3://{name}/exports", S3Store(name, "exports"))
