"""A run that several workers share comes to what one comes to, whatever happens to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.frontier.trial import EMPTY, KILL, OWED, PAUSE, disturbed, undisturbed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.frontier.trial import Moment, Outcome
    from tests.servers.redis import RedisServer

SCALE = 40


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Outcome:
    """Return what one worker comes to."""
    return undisturbed(tmp_path_factory.mktemp("alone"), redis_server, SCALE)


@pytest.mark.parametrize(
    "moments",
    [
        [],
        [(20, KILL, 0), (60, KILL, 2), (130, KILL, 1)],
        [(3, KILL, 1), (50, PAUSE, 2)],
        [(11, EMPTY, 0), (60, EMPTY, 0), (110, KILL, 1)],
    ],
    ids=["undisturbed", "killed", "paused", "emptied"],
)
def test_workers_come_to_what_one_comes_to(
    tmp_path: Path, redis: RedisServer, alone: Outcome, moments: list[Moment]
) -> None:
    outcome = disturbed(tmp_path, redis, SCALE, moments)
    assert outcome.snapshot == alone.snapshot
    assert outcome.commits == alone.commits
    assert outcome.again <= OWED * len(moments)
    with redis.client() as client:
        assert list(client.scan_iter()) == []
