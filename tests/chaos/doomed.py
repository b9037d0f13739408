"""A command of the project that kills itself at a given write: `python -m tests.chaos.doomed WRITE crawl harmony ...`.

WRITE is PART@NUMBER@WHEN: of the writes to keys that contain PART, the one of that number, from 0; `before` it, `after`
it, or so many seconds after it began.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

from scrapy.cmdline import execute

from crawler.export.folder import FolderStore
from crawler.export.s3 import S3Store

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[Any, str, bytes], None]


def kill() -> None:
    """End this process as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def fatal(write: Write, part: str, number: int, when: str, numbers: count[int]) -> Write:
    """Return a store's method that does what `write` does, and kills this process at the given write."""

    def written(store: Any, key: str, data: bytes) -> None:  # noqa: ANN401 - either store
        struck = part in key and next(numbers) == number
        if struck and when == "before":
            kill()
        if struck and when != "after":
            threading.Timer(float(when), kill).start()
        write(store, key, data)
        if struck and when == "after":
            kill()

    return written


def main() -> None:
    """Run the command to its violent end, or to its own where that write never comes."""
    part, number, when = sys.argv[1].split("@")
    numbers = count()
    for store in (FolderStore, S3Store):
        for name in ("put", "create"):
            setattr(store, name, fatal(getattr(store, name), part, int(number), when, numbers))
    execute(["scrapy", *sys.argv[2:]])


if __name__ == "__main__":
    main()
