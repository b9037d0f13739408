"""What is looked at in settings before a command does anything."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scrapy.utils.project import get_project_settings

from crawler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.settings import BaseSettings

NUMBERS = {"EXPORT_BATCH_ITEMS": int, "EXPORT_BATCH_SECONDS": float, "FRONTIER_CLAIM_SECONDS": float}
_BOOLEANS = {"true", "false", "1", "0"}
_GATE = ("GATE_MIN_RECORDS", "GATE_MAX_SHRINK", "GATE_MIN_FILL", "GATE_MAX_FAILED")
_FRONTIER = ("FRONTIER_URL", "FRONTIER_MAX_PENDING")
_TOLD = ("METRICS_FILE", "ALERTS_FILE", "ALERTS_WEBHOOK", "LOG_JSON")
_OWN = ("EXPORT_URI", *NUMBERS, "EXPORT_OUTAGE_SECONDS", *_GATE, *_FRONTIER, *_TOLD, "MIRROR", "BROWSER_EXECUTABLE")


def check_named(settings: BaseSettings, given: Iterable[str]) -> None:
    """Raise UsageError for an option `-s NAME=VALUE` that names no setting, or whose value cannot be read as it."""
    known = get_project_settings()  # without what the command line has added to the others
    for option in given:
        name = option.partition("=")[0]
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise UsageError(f"unknown setting {name!r}: {hint}accepted are {', '.join(_OWN)} and all of Scrapy's")
        check_form(name, settings[name], type(known[name]))


def check_form(name: str, value: object, kind: type) -> None:
    """Raise UsageError for a setting that Scrapy could not read as what its default is."""
    text = str(value)
    if kind is bool and text.lower() not in _BOOLEANS:
        raise UsageError(f"{name}={text!r} is neither true nor false")
    if kind in {int, float}:
        try:
            kind(text)
        except ValueError:
            raise UsageError(f"{name}={text!r} is no {'whole ' if kind is int else ''}number") from None


def check_logging(settings: BaseSettings) -> None:
    """Raise UsageError for settings of the log that Scrapy ends with a traceback for, before a command runs."""
    level_of(settings)
    try:
        logging.Formatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
    except ValueError as error:
        raise UsageError(f"LOG_FORMAT={settings['LOG_FORMAT']!r} is no format of the log ({error})") from error
    if name := settings["LOG_FILE"]:
        try:
            open(name, "a").close()  # noqa: PTH123 - as it is opened later
        except OSError as error:
            raise UsageError(f"LOG_FILE={name!r} cannot be written ({error.strerror}): name another file") from error


def level_of(settings: BaseSettings) -> int:
    """Return the number of the level of the log; raises UsageError for the name of none."""
    name, levels = settings["LOG_LEVEL"], logging.getLevelNamesMapping()
    if name not in levels:
        raise UsageError(f"LOG_LEVEL={name!r} is no level; accepted are {', '.join(levels)}")
    return levels[name]
