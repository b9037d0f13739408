"""Commands of the project on a terminal, and what it has shown by their end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.conftest import ROOT
from tests.crawl.crawling import NO_SITE, SCRAPY, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(slots=True)
class OnTerminal:
    """A command that runs on a terminal of its own."""

    process: subprocess.Popen[bytes]
    _written: list[bytes] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def shown(self) -> str:
        """All that it has written by now, with what steers the terminal."""
        return b"".join(self._written).decode()

    @property
    def lines(self) -> list[str]:
        """All that it has written, line by line; what was written over as well."""
        return re.split(r"\r?\n|\r", _CONTROL.sub("", self.shown))

    def read(self, terminal: int) -> None:
        """Take in what it writes, to its end: then the terminal is closed on its side, which Linux calls an error."""
        with suppress(OSError):
            while data := os.read(terminal, 65536):
                self._written.append(data)


@contextmanager
def on_terminal(*args: str, exports: Path | str, mirror: str = NO_SITE, **more: str) -> Iterator[OnTerminal]:
    """Run a command on a terminal; it is killed on leaving where it has not ended."""
    terminal, its_end = pty.openpty()
    fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    told = environment(mirror, exports, **{"TERM": "xterm-256color"} | more)
    with subprocess.Popen([SCRAPY, *args], env=told, cwd=ROOT, stdout=its_end, stderr=its_end) as process:
        os.close(its_end)
        running = OnTerminal(process)
        reader = threading.Thread(target=running.read, args=[terminal])
        reader.start()
        try:
            yield running
            process.wait(timeout=180)
        finally:
            process.kill()
            process.wait()
            reader.join()
            os.close(terminal)
