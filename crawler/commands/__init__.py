"""The project's commands; each ends with the exit code that the error that ended it carries."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.errors import CrawlerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.commands import ScrapyCommand
    from scrapy.settings import BaseSettings as Settings


@contextmanager
def ending(command: ScrapyCommand) -> Iterator[Settings]:
    """Give a command its settings, and turn an error that this project raises on purpose into a line and an exit code.

    The line, on standard error, is the only one of that error.
    """
    try:
        if command.settings is None:
            raise UsageError("run this command with scrapy")  # which sets them
        yield command.settings
    except CrawlerError as error:
        said = " ".join([str(error), *getattr(error, "__notes__", [])])
        print(f"error: {said}", file=sys.stderr)  # noqa: T201 - the command's answer
        command.exitcode = error.exit_code
