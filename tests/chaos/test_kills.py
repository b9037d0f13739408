"""A crawl that is killed at any moment, and started again with nothing but the store, comes to the same snapshot."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from crawler.export.folder import FolderStore
from crawler.export.s3 import S3Store
from tests.chaos.moments import PHASES, moment
from tests.chaos.trial import Expected, Place, trial, undisturbed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.s3 import Server


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return undisturbed(tmp_path_factory.mktemp("first"), later=False)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return undisturbed(tmp_path_factory.mktemp("later"), later=True)


@pytest.mark.parametrize("phase", PHASES[::2])
def test_the_first_run_of_a_folder(first: Expected, tmp_path: Path, phase: str) -> None:
    draw = random.Random(phase)
    trial(Place(uri=str(tmp_path), store=FolderStore(tmp_path)), first, moment(phase, draw, first.asked))


@pytest.mark.parametrize("phase", PHASES[1::2])
def test_a_later_run_of_a_bucket(
    later: Expected, seaweed_server: Server, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    for name, value in seaweed_server.environment.items():
        monkeypatch.setenv(name, value)
    bucket, draw = seaweed_server.new_bucket(), random.Random(phase)
    trial(Place(uri=f"s3://{bucket}", store=S3Store(bucket)), later, moment(phase, draw, later.asked))


def test_a_run_that_is_killed_over_and_over(later: Expected, tmp_path: Path) -> None:
    moments = ("asked:9", ".jsonl.gz@1@after", "manifest.json@0@after", "v1/commits/@0@after")
    trial(Place(uri=str(tmp_path), store=FolderStore(tmp_path)), later, *moments)
