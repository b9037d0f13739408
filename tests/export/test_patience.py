from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import pytest

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable
from crawler.export.folder import FolderStore
from crawler.export.patience import Patient

if TYPE_CHECKING:
    from pathlib import Path

LONG = 3600.0


class Failing(FolderStore):
    """A folder that raises what it is told to, one after the other, before (or after) it does its work."""

    def __init__(self, root: Path, *errors: StoreError, after: bool = False) -> None:
        super().__init__(root)
        self.errors = list(errors)
        self.calls = 0
        self.after = after

    def _fail(self) -> None:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)

    def get(self, key: str) -> bytes:
        self._fail()
        return super().get(key)

    def create(self, key: str, data: bytes) -> None:
        if self.after:
            super().create(key, data)
        self._fail()
        if not self.after:
            super().create(key, data)


def away() -> StoreUnavailable:
    return StoreUnavailable("v1/a", "nobody home")


@pytest.fixture(autouse=True)
def without_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.export.patience._FIRST_PAUSE", 0.002)


def test_a_call_is_repeated_until_it_succeeds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    folder = Failing(tmp_path, *(away() for _ in range(3)))
    store = Patient(folder, LONG)
    store.put("v1/a", b"x")
    assert store.get("v1/a") == b"x"
    assert folder.calls == 4
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert caplog.messages[0] == "The store is not available, and is waited for up to 3600 s: v1/a: nobody home"
    assert caplog.messages[1].startswith("The store is available again after ")
    assert store.get("v1/a") == b"x"
    assert len(caplog.records) == 2


def test_all_that_a_store_does_is_passed_on(tmp_path: Path) -> None:
    store = Patient(FolderStore(tmp_path), LONG)
    store.create("v1/a", b"x")
    store.put("v1/b", b"y")
    assert store.list("v1/") == ["v1/a", "v1/b"]
    assert (store.exists("v1/b"), store.exists("v1/c")) == (True, False)
    assert store.get("v1/b") == b"y"
    assert store.uri("v1/a") == f"{tmp_path}/v1/a"


def test_what_will_not_pass_is_not_repeated(tmp_path: Path) -> None:
    folder = Failing(tmp_path, StoreError("v1/a", "disk full"))
    with pytest.raises(StoreError, match=r"^v1/a: disk full$"):
        Patient(folder, LONG).get("v1/a")
    assert folder.calls == 1


@pytest.mark.parametrize("outage", [0, 0.05])
def test_after_the_outage_the_store_has_the_last_word(tmp_path: Path, outage: float) -> None:
    folder = Failing(tmp_path, *(away() for _ in range(100_000)))
    with pytest.raises(StoreUnavailable) as failed:
        Patient(folder, outage).get("v1/a")
    assert str(failed.value) == (
        "v1/a: nobody home; the store was waited for 0 s: start the same run_id again, "
        "it fetches what was not acknowledged"
    )
    assert failed.value.key == "v1/a"
    assert folder.calls == 1 if outage == 0 else folder.calls > 1


def test_giving_up_ends_every_wait_that_is_and_that_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.export.patience._FIRST_PAUSE", LONG)
    monkeypatch.setattr("crawler.export.patience._LONGEST_PAUSE", LONG)
    monkeypatch.setattr("random.uniform", lambda _, limit: limit)
    folder = Failing(tmp_path, *(away() for _ in range(10)))
    store = Patient(folder, LONG)
    ended = []

    def wait() -> None:
        with pytest.raises(StoreUnavailable, match="nobody home"):
            store.get("v1/a")
        ended.append(True)

    waiting = [threading.Thread(target=wait, daemon=True) for _ in range(3)]
    for thread in waiting:
        thread.start()
    while folder.calls < len(waiting):
        time.sleep(0.001)
    store.give_up()
    for thread in waiting:
        thread.join(timeout=30)
    assert len(ended) == len(waiting)
    wait()
    assert len(ended) == 4
    folder.errors.clear()
    store.put("v1/a", b"x")
    assert store.get("v1/a") == b"x", "a store that answers is used as before"


def test_a_pause_doubles_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def shortest(low: float, limit: float) -> float:
        limits.append(limit)
        return low

    monkeypatch.setattr("random.uniform", shortest)
    monkeypatch.setattr("crawler.export.patience._FIRST_PAUSE", 0.2)
    folder = Failing(tmp_path, *(away() for _ in range(2000)))
    store = Patient(folder, LONG)
    store.put("v1/a", b"")
    store.get("v1/a")
    assert limits[:7] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert limits[-1] == 5.0


@pytest.mark.parametrize("after", [False, True])
def test_what_an_attempt_without_an_answer_made_is_its_own(tmp_path: Path, *, after: bool) -> None:
    folder = Failing(tmp_path, away(), away(), after=after)
    Patient(folder, LONG).create("v1/a", b"mine")
    assert folder.get("v1/a") == b"mine"


def test_an_answer_that_is_an_error_ends_an_outage(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(StoreError, match="disk full"):
        Patient(Failing(tmp_path, away(), StoreError("v1/a", "disk full")), LONG).get("v1/a")
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_what_another_made_is_the_others(tmp_path: Path) -> None:
    store = Patient(FolderStore(tmp_path), LONG)
    store.create("v1/a", b"same")
    with pytest.raises(AlreadyExists):
        store.create("v1/a", b"same")
    with pytest.raises(AlreadyExists):
        Patient(Failing(tmp_path, away()), LONG).create("v1/a", b"other")
