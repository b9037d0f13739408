"""The log as JSON, one object a line, where `LOG_JSON` asks for it."""

from __future__ import annotations

import logging
import os
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pythonjsonlogger.json import JsonFormatter

from crawler.sites import SITES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from scrapy.settings import BaseSettings

_YES, _NO = {"1", "true"}, {"", "0", "false"}
_log = logging.getLogger(__name__)
_HOSTS = frozenset(host for site in SITES for host in site.HOSTS)
_CARRIERS = ("item", "request", "response")


class RunFormatter(JsonFormatter):
    """Makes a record one JSON object: time, level, logger, message, run_id; url, host and exception where there are."""

    run_id: str | None = None

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Fill the object; what else Scrapy puts into a record are objects of the process."""
        log_data |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.message,
            "run_id": self.run_id,
            **whereabouts(record),
        }
        if "exc_info" in message_dict:
            log_data["exception"] = message_dict["exc_info"]


def whereabouts(record: logging.LogRecord) -> dict[str, str]:
    """Return the url and the host that a record concerns, as far as it concerns one.

    >>> whereabouts(logging.makeLogRecord({"msg": "Dropped %s", "args": ("https://example.org/a",)}))
    {'url': 'https://example.org/a', 'host': 'example.org'}
    >>> whereabouts(logging.makeLogRecord({"msg": "%s failed %d times", "args": ("doi.org", 10)}))
    {'host': 'doi.org'}
    """
    for value in _values(record):
        url = value if isinstance(value, str) else getattr(value, "url", None)
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            return {"url": url, "host": urlsplit(url).netloc}
        if url in _HOSTS:
            return {"host": str(url)}
    return {}


def is_wanted(settings: Mapping[str, Any] | BaseSettings) -> bool | None:
    """Tell whether `LOG_JSON` asks for it; None where it says neither."""
    said = str(settings["LOG_JSON"] or "").lower()
    return None if said not in _YES | _NO else said in _YES


def install(settings: BaseSettings, run_id: str | None = None) -> None:
    """Let the whole process log that way, where it is wanted, and name the run from now on, where it is known.

    Scrapy then installs no handler of its own; where it logs to, and from which level on, is its settings'.
    """
    formatter = installed()
    if formatter is None and is_wanted(settings):
        formatter = _installed_now(settings)
    if formatter is not None and run_id is not None:
        formatter.run_id = run_id


def installed() -> RunFormatter | None:
    """Return what makes the log JSON, None where nothing does."""
    formatters = (handler.formatter for handler in logging.root.handlers)
    return next((each for each in formatters if isinstance(each, RunFormatter)), None)


def say(line: str) -> None:
    """Print the line that says why a command failed on standard error, in the form of the log."""
    formatter = installed()
    if formatter is not None:
        line = formatter.format(logging.makeLogRecord({"name": __name__, "levelname": "ERROR", "msg": line}))
    if sys.stderr is not None:  # which it is where it was closed before the command began
        try:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - the command's answer
        except OSError:  # it is full or gone: the exit code, the summary and the metrics tell it all the same
            let_go(2)


def let_go(stream: int) -> None:
    """Lose what is left for standard output (1) or error (2): Python would try again as it ends, and end with 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def _installed_now(settings: BaseSettings) -> RunFormatter:
    name, formatter = settings["LOG_FILE"], RunFormatter()
    mode = "a" if settings.getbool("LOG_FILE_APPEND") else "w"
    handler: logging.Handler = logging.FileHandler(name, mode) if name else logging.StreamHandler()
    if not settings.getbool("LOG_ENABLED"):
        handler = logging.NullHandler()
    handler.setFormatter(formatter)
    handler.setLevel(settings["LOG_LEVEL"])
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.NOTSET)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    return formatter


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    _log.critical("Uncaught %s", kind.__name__, exc_info=(kind, error or kind(), traceback))


def _values(record: logging.LogRecord) -> Iterator[object]:
    """What a record may name a page by: its objects, then what its message is made of."""
    yield from (getattr(record, name, None) for name in _CARRIERS)
    yield from record.args.values() if isinstance(record.args, dict) else record.args or ()
