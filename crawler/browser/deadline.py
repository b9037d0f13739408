"""A time limit that stands still while what it limits is made to wait."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


class Deadline:
    """Ends its block with TimeoutError when `seconds` have passed in which it did not stand still."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._waiting = 0
        self._open = False

    async def __aenter__(self) -> Self:
        self._timeout = asyncio.timeout(None)
        await self._timeout.__aenter__()
        self._open = True
        self._run(self._left)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open = False
        await self._timeout.__aexit__(kind, error, traceback)

    def restart(self, seconds: float) -> None:
        """Begin anew, with other seconds."""
        self._left = seconds
        if not self._waiting:
            self._run(seconds)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Let no time pass for as long as the block takes; several blocks may overlap."""
        self._waiting += 1
        if self._waiting == 1:
            when = self._timeout.when()
            self._left = self._left if when is None else when - asyncio.get_running_loop().time()
            self._run(None)
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._run(self._left)

    def _run(self, seconds: float | None) -> None:
        if self._open and not self._timeout.expired():
            now = asyncio.get_running_loop().time()
            self._timeout.reschedule(None if seconds is None else now + seconds)
