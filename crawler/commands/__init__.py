"""The project's commands; each ends with the exit code that the error that ended it carries."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands import ScrapyHelpFormatter

from crawler.errors import CrawlerError, CrawlStopped, UsageError
from crawler.extensions import logs
from crawler.extensions.closing import Closing
from crawler.extensions.outcome import Outcome
from crawler.signals import STOPPING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.commands import ScrapyCommand
    from scrapy.settings import Settings


class Help(ScrapyHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Scrapy's form of help, in which lists and examples keep their lines."""


def understood(command: ScrapyCommand, parser: argparse.ArgumentParser, name: str | None = None) -> None:
    """Let the help of a command keep the lines of its `long_desc`, and options that cannot be read end as wrong use.

    `name` is that of a command that runs unattended.
    """
    parser.formatter_class = Help
    parser.error = partial(refuse, command, name=name)  # type: ignore[method-assign] # there is no other way


def refuse(command: ScrapyCommand, message: str, name: str | None = None) -> NoReturn:
    """End a command as wrong use before it runs; `name` is that of one that runs unattended."""
    with unattended(command, name) if name else ending(command) as given:
        if isinstance(given, Closing):
            given.check()
        raise UsageError(message)
    sys.exit(command.exitcode)


def settings_of(command: ScrapyCommand) -> Settings:
    """Return the settings of a command; raises UsageError where Scrapy has not set them."""
    if command.settings is None:
        raise UsageError("run this command with scrapy")
    return command.settings


@contextmanager
def ending(command: ScrapyCommand) -> Iterator[Settings]:
    """Give a command its settings, and turn an error that this project raises on purpose into a line and an exit code.

    The line, on standard error, is the only one of that error.
    """
    try:
        settings = settings_of(command)
        logs.install(settings)
        yield settings
        if sys.stdout is not None:
            sys.stdout.flush()
    except CrawlerError as error:
        logs.say(f"error: {error.line}")
        command.exitcode = error.exit_code
    except BrokenPipeError:  # whoever read it has read enough
        logs.let_go(1)


@contextmanager
def unattended(command: ScrapyCommand, name: str) -> Iterator[Closing]:
    """Do the same for a command that nobody may look at: whatever ends it, a signal too, its outcome is told."""
    closing = Closing(settings_of(command), Outcome(name))
    former = {number: signal.signal(number, _stop) for number in STOPPING}
    try:
        logs.install(settings_of(command))
        yield closing
    except CrawlerError as error:
        closing.outcome.failed(error)
    except Stopped as stopped:
        closing.outcome.failed(stopped.error())
    except BaseException as error:
        closing.outcome.broke(error)
        raise
    finally:
        ignore_signals()  # it takes seconds
        command.exitcode = closing.outcome.summary.exit_code
        if closing.begins():
            closing.tell()
        for number, handler in former.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let no signal stop the command any more: what it was to do is done."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


class Stopped(BaseException):
    """Raised wherever a command is when a signal comes; no `except Exception`, such as botocore's, takes it in."""

    def error(self) -> CrawlStopped:
        """Return the error that ends the command, with what was added to this on its way."""
        error = CrawlStopped("the command was stopped by a signal")
        for note in getattr(self, "__notes__", []):
            error.add_note(note)
        return error


def _stop(*_: object) -> NoReturn:
    raise Stopped
