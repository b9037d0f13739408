"""A line to a store that is cut at a chosen moment."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, cast

from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Treacherous(Proxy):
    """A line that is cut once, when an object whose key contains a text is to be written, before it is."""

    def __init__(self, endpoint: str, part: str) -> None:
        super().__init__(endpoint)
        self.was_cut = False
        self._sign = re.compile(f"PUT [^ ]*{re.escape(part)}".encode())

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        overheard = reader if answers else cast("asyncio.StreamReader", _Overheard(reader, self._hear))
        await super()._copy(overheard, writer, answers=answers)

    async def _hear(self, data: bytes) -> None:
        if not self.was_cut and self._sign.match(data):
            self.was_cut = True
            self._cutting = asyncio.create_task(self._cut())
            await asyncio.Event().wait()  # until it is cut itself


class _Overheard:
    """What a client says, heard by somebody else first."""

    def __init__(self, reader: asyncio.StreamReader, hear: Callable[[bytes], Awaitable[None]]) -> None:
        self._reader = reader
        self._hear = hear

    async def read(self, most: int) -> bytes:
        data = await self._reader.read(most)
        await self._hear(data)
        return data
