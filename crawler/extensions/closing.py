"""How a command that runs unattended ends: what came of it is told once, to whoever wants to hear of it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from crawler.errors import UsageError
from crawler.extensions import logs, metrics
from crawler.middlewares.mirror import is_web_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.settings import BaseSettings

    from crawler.errors import CrawlStopped
    from crawler.extensions.outcome import Outcome

_PATIENCE_SECONDS = 2


class Closing:
    """Tells of a command that is over. Nothing that goes wrong with that changes the exit code: it is one more line."""

    def __init__(self, settings: BaseSettings, outcome: Outcome) -> None:
        self._settings = settings
        self.outcome = outcome
        self._metrics_file = ""
        self._raise_alarms: Callable[[BaseSettings, Outcome], None] | None = None
        self._begun = threading.Lock()
        self._told = threading.Event()

    def check(self) -> None:
        """Find out who is to be told; raises UsageError on a setting that cannot be used."""
        if logs.is_wanted(self._settings) is None:
            raise UsageError(f"LOG_JSON={self._settings['LOG_JSON']!r} is neither true nor false")
        if path := self._settings["METRICS_FILE"]:
            metrics.check(path)
            self._metrics_file = path
        webhook = self._settings["ALERTS_WEBHOOK"]
        if webhook and not is_web_address(webhook):
            raise UsageError("ALERTS_WEBHOOK is no URL; give one such as https://example.org/hook")  # it may be secret
        if webhook or self._settings["ALERTS_FILE"]:
            try:
                from crawler.extensions import alerts  # noqa: PLC0415 - an extra, for those who ask for it
            except ImportError as error:
                raise UsageError(f"ALERTS_FILE and ALERTS_WEBHOOK need what make alerts installs ({error})") from error
            self._raise_alarms = alerts.raise_alarms

    def names(self, run_id: str) -> str:
        """Note which run it is about, and return that."""
        self.outcome.summary.run_id = run_id
        logs.install(self._settings, run_id)
        return run_id

    def begins(self) -> bool:
        """Tell whether nobody tells of the command yet; whoever asked first is to do it."""
        return self._begun.acquire(blocking=False)

    def tell(self, *, in_haste: bool = False) -> None:
        """Tell all who are to be told; in haste, no alarm is raised, since that waits for an answer."""
        self.outcome.end()
        if self.outcome.summary.error:
            logs.say(f"error: {self.outcome.summary.error}")
        if self._metrics_file:
            self._write_metrics()
        self._print()
        self._told.set()
        if self._raise_alarms is not None and not in_haste:
            self._raise_alarms(self._settings, self.outcome)

    def by_force(self, error: CrawlStopped) -> int:
        """Tell before the process ends in mid-work, and return its exit code; what is being told is waited for.

        But for an alarm, which may be lost then.
        """
        if self.begins():
            self.outcome.failed(error)
            self.tell(in_haste=True)
        self._told.wait(_PATIENCE_SECONDS)
        return self.outcome.summary.exit_code

    def _write_metrics(self) -> None:
        try:
            metrics.write(self._metrics_file, self.outcome)
        except (OSError, ValueError) as error:
            logs.say(
                f"error: METRICS_FILE={self._metrics_file!r} was not written, and tells of the run before: {error}"
            )

    def _print(self) -> None:
        if sys.stdout is None:  # it was closed before the command began
            return
        summary = self.outcome.summary
        text = summary.as_text(self._settings["EXPORT_URI"]) if sys.stdout.isatty() else summary.as_json()
        try:
            sys.stdout.flush()
            sys.stdout.buffer.write(f"{text}\n".encode() if text else b"")
            sys.stdout.flush()
        except OSError as error:
            logs.say(f"error: the summary was not written to standard output: {error}")
            logs.let_go(1)
