"""Redis on loopback, a process of its own that keeps nothing unless it is told to save."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import AuthenticationError as TurnedAway
from redis.exceptions import ConnectionError as Away

from tests.servers.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_SECONDS = 20
_QUIET = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning")


@dataclass(slots=True)
class RedisServer:
    """A Redis that a test may end, and start again with nothing in it."""

    options: tuple[str, ...] = ()
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        """Return a client, which the caller closes."""
        client: Redis = Redis.from_url(self.url, decode_responses=True)
        return client

    def start(self, folder: Path | None = None) -> None:
        """Start it, with what was saved in a folder."""
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program, "no redis-server: make test says how to get one"
        found = [] if folder is None else ["--dir", str(folder)]
        self._process = subprocess.Popen(
            [program, "--port", str(self.port), *_QUIET, *self.options, *found], stdout=subprocess.DEVNULL
        )
        give_up = time.monotonic() + _START_SECONDS
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except TurnedAway:
                    return  # it is there
                except Away:
                    assert time.monotonic() < give_up, "Redis does not start"
                    time.sleep(0.02)
                else:
                    return

    def pause(self) -> None:
        """Let it stand still: it takes connections, and does not answer."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a machine does that loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(*options: str) -> Iterator[RedisServer]:
    """Run a Redis as long as the block runs."""
    server = RedisServer(options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
