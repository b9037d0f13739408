"""The servers of a test session, started when the first test asks for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.servers.s3 import NOBODY, moto, seaweed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.s3 import Server

for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ.update(NOBODY)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Server]:
    """Moto: all of S3 that is used here but for who asks, and with which checksum."""
    with moto() as server:
        yield server


@pytest.fixture(scope="session")
def seaweed_server() -> Iterator[Server]:
    """SeaweedFS; `reader`, with the secret `reads-only`, may only read."""
    with seaweed(reader="reads-only") as server:
        yield server
