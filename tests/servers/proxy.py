"""A line between clients and a server on loopback, to be cut and mended."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.servers.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

_RESET = struct.pack("ii", 1, 0)
"""The value of SO_LINGER with which a socket that is closed sends RST instead of FIN."""


@contextmanager
def proxy(endpoint: str) -> Iterator[Proxy]:
    """Give a proxy before the server at `endpoint`, which need not be there yet."""
    line = Proxy(endpoint)
    try:
        line.mend()
        yield line
    finally:
        line.close()


class Proxy:
    """Passes bytes between clients of its own `endpoint` and a server."""

    def __init__(self, endpoint: str) -> None:
        """Take the address of the server; clients are served from `mend()` on."""
        self._server = urlsplit(endpoint)
        self._port = free_ports(1)[0]
        self._listener: socket.socket | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._loses = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """The address for clients, always the same."""
        return f"http://127.0.0.1:{self._port}"

    def cut(self) -> None:
        """Reset all connections, to both sides, and refuse new ones; that has happened when this returns."""
        self._run(self._cut())

    def mend(self) -> None:
        """Accept connections again."""
        self._run(self._mend())

    def lose_answer(self) -> None:
        """Reset the next connection on which the server answers: it has done what its client never learns of."""
        self._loses = True

    def close(self) -> None:
        """Cut, and end the thread."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _mend(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port), backlog=128)
            self._listener.setblocking(False)
            self._loop.add_reader(self._listener, self._accept, self._listener)

    async def _cut(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        while self._lines:
            for line in self._lines:
                line.cancel()
            await asyncio.wait(self._lines)

    def _accept(self, listener: socket.socket) -> None:
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # it came and went
            return
        client.setblocking(False)
        line = self._loop.create_task(self._pass_on(client))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)
        line.add_done_callback(lambda _: _drop(client))  # it may have been cancelled before it had begun

    async def _pass_on(self, client: socket.socket) -> None:
        """Pass on what each side says until both have ended; one that is reset, or cancelling, resets both."""
        sides: list[asyncio.StreamWriter] = []
        try:
            from_client, to_client = await asyncio.open_connection(sock=client)
            sides.append(to_client)
            from_server, to_server = await asyncio.open_connection(self._server.hostname, self._server.port)
            sides.append(to_server)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._copy(from_client, to_server, answers=False))
                both.create_task(self._copy(from_server, to_client, answers=True))
            for side in sides:
                side.close()
                await side.wait_closed()
        except* OSError:
            pass  # what happened to one side happens to the other
        finally:
            for side in sides:
                _resets(side.get_extra_info("socket"))
                side.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        while data := await reader.read(1 << 16):
            if answers and self._loses:
                self._loses = False
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def _resets(side: socket.socket) -> None:
    """Let the closing of a socket, if it is open, send RST and drop what is under way."""
    if side.fileno() >= 0:
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _drop(client: socket.socket) -> None:
    _resets(client)
    client.close()
