"""Waiting out a store that gives no answer."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.export.store import Store

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_T = TypeVar("_T")


class Patient:
    """A store that repeats what another one was not available for, until `outage` seconds after a call's first failure.

    It pauses at random between nothing and a limit that doubles (full jitter), so that many processes do not come back
    all at once. Threads may share it.
    """

    def __init__(self, store: Store, outage: float) -> None:
        self._store = store
        self._outage = outage
        self._gave_up = threading.Event()
        self._lock = threading.Lock()
        self._away_since: float | None = None

    def around(self, wrap: Callable[[Store], Store]) -> Patient:
        """Return this store with another one between it and its patience, which is asked at every attempt."""
        other = Patient(wrap(self._store), self._outage)
        other._gave_up = self._gave_up
        return other

    def give_up(self) -> None:
        """Let no call wait any longer, not those that wait now either: they raise StoreUnavailable."""
        self._gave_up.set()

    def put(self, key: str, data: bytes) -> None:
        self._repeat(lambda: self._store.put(key, data))

    def create(self, key: str, data: bytes) -> None:
        """Write an object only if there is none of that key, else raise AlreadyExists.

        An attempt that failed may have reached the store: what exists after it with the same bytes is its own work.
        Without such an attempt, the same bytes are another's.
        """
        reached = False

        def attempt() -> None:
            nonlocal reached
            try:
                self._store.create(key, data)
            except StoreUnavailable:
                reached = True
                raise
            except AlreadyExists:
                if not reached or self._store.get(key) != data:
                    raise

        self._repeat(attempt)

    def get(self, key: str) -> bytes:
        return self._repeat(lambda: self._store.get(key))

    def exists(self, key: str) -> bool:
        return self._repeat(lambda: self._store.exists(key))

    def list(self, prefix: str) -> list[str]:
        return self._repeat(lambda: self._store.list(prefix))

    def uri(self, key: str) -> str:
        return self._store.uri(key)

    def _repeat(self, work: Callable[[], _T]) -> _T:
        began: float | None = None
        limit = _FIRST_PAUSE
        while True:
            try:
                result = work()
            except StoreUnavailable as error:
                now = time.monotonic()
                began = now if began is None else began
                self._note_absence(now, error)
                left = began + self._outage - now
                pause = min(left, random.uniform(0, limit))  # noqa: S311 - spreads load, keeps no secret
                if left <= 0 or self._gave_up.wait(pause):
                    raise _weary(error, time.monotonic() - began) from error
                limit = min(2 * limit, _LONGEST_PAUSE)
            except StoreError:
                self._note_answer()
                raise
            else:
                self._note_answer()
                return result

    def _note_absence(self, now: float, error: StoreUnavailable) -> None:
        with self._lock:
            if self._away_since is not None:
                return
            self._away_since = now
        _log.warning("The store is not available, and is waited for up to %g s: %s", self._outage, error)

    def _note_answer(self) -> None:
        if self._away_since is None:  # as nearly always: without the lock
            return
        with self._lock:
            since, self._away_since = self._away_since, None
        if since is not None:
            _log.info("The store is available again after %.1f s", time.monotonic() - since)


def _weary(error: StoreUnavailable, waited: float) -> StoreUnavailable:
    last_word = str(error).removeprefix(f"{error.key}: ")
    return StoreUnavailable(
        error.key,
        f"{last_word}; the store was waited for {waited:.0f} s: start the same run_id again, "
        "it fetches what was not acknowledged",
    )
