"""What the tests of several workers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.redis import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.redis import RedisServer


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with running() as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer) -> RedisServer:
    """Return a Redis with nothing in it."""
    with redis_server.client() as client:
        client.flushall()
    return redis_server
