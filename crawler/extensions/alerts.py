"""Alarms over what came of a command: a spidermon suite that looks once the gate has spoken.

Whatever holds bad data back is the gate's; nothing here changes what was published. It needs spidermon and requests,
which the extra `alerts` brings, and is imported only where an alarm is asked for.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from spidermon import Action, Monitor, MonitorRunner, MonitorSuite
from urllib3 import Retry

from crawler import stats
from crawler.errors import CrawlStopped, StoreError
from crawler.extensions.metrics import unknown_keys
from crawler.records import gate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.settings import BaseSettings

    from crawler.extensions.outcome import Outcome
    from crawler.extensions.summary import Summary

_log = logging.getLogger(__name__)
_FAILED = "failed"
_TRIES = Retry(
    2,
    backoff_factor=0.5,
    status_forcelist={429, 500, 502, 503, 504},
    raise_on_status=False,
    allowed_methods=None,  # POST as well: an alarm that comes twice is better than none
    respect_retry_after_header=False,  # the process ends within seconds
)
_TIMEOUT_SECONDS = (3, 3)
"""For a connection, and for each part of an answer."""
_MOST_SECONDS = 20
"""For all of it."""


class CrawlMonitor(Monitor):  # type: ignore[misc] # spidermon has no types
    """Fails for each thing that somebody has to look at."""

    def test_exit_code(self) -> None:
        if self._summary.exit_code:
            self.fail(f"{self._summary.exit_code}: {self._summary.error}")

    def test_finish_reason(self) -> None:
        reason = self.data.stats.get("finish_reason", "finished")
        if reason != "finished":
            self.fail(reason)

    def test_gate(self) -> None:
        self._none(gate.words(verdict) for verdict in self._summary.gate if verdict.name != _FAILED)

    def test_failed_share(self) -> None:
        self._none(gate.words(verdict) for verdict in self._summary.gate if verdict.name == _FAILED)

    def test_kept_sources(self) -> None:
        self._none(self._summary.kept)

    def test_unknown_keys(self) -> None:
        self._none(f"{site}: {', '.join(keys)}" for site, keys in unknown_keys(self.data.stats).items())

    def test_store(self) -> None:
        left = self.data.stats.get(stats.STORE_UNACKNOWLEDGED, 0)
        if left or self._summary.result == StoreError.result:
            self.fail(f"{left} targets unacknowledged")

    @property
    def _summary(self) -> Summary:
        summary: Summary = self.data.summary
        return summary

    def _none(self, found: Iterable[str]) -> None:
        if said := "; ".join(found):
            self.fail(said)


class Alarm(Action):  # type: ignore[misc] # likewise
    """Tells what failed somewhere: the summary, and `alarms`, which says by the name of a monitor what it saw."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def body(self) -> bytes:
        """Return it as one line of JSON."""
        failed = {
            each.item.method_name.removeprefix("test_"): each.reason or _last(each.error)
            for each in self.result.monitors_failed_results
        }
        return orjson.dumps({"alarms": failed, **orjson.loads(self.data.summary.as_json())})


class File(Alarm):
    """Appends it to a file."""

    def run_action(self) -> None:
        with Path(self._where).open("ab") as file:
            file.write(self.body() + b"\n")


class Webhook(Alarm):
    """Posts it to a URL, three times at most, and once where a signal has left little time.

    Raises OSError without the URL in it, which may hold a secret.
    """

    def run_action(self) -> None:
        problem: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=lambda: problem.put(self._post()), daemon=True).start()
        try:
            found = problem.get(timeout=_MOST_SECONDS)
        except Empty:  # it answers bit by bit, each within the time for one
            found = f"no whole answer within {_MOST_SECONDS} s"
        if found:
            raise OSError(f"{urlsplit(self._where).hostname}: {found}")

    def _post(self) -> str:
        """Return what went wrong, nothing where all went well."""
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it names the URL with each retry
        with requests.Session() as session:
            tries = _TRIES.new(total=0) if self.data.summary.result == CrawlStopped.result else _TRIES
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=tries))
            headers = {"Content-Type": "application/json"}
            try:
                answer = session.post(self._where, self.body(), headers=headers, timeout=_TIMEOUT_SECONDS)
            except requests.RequestException as error:
                return type(error).__name__
        return "" if answer.ok else f"HTTP {answer.status_code}"


def raise_alarms(settings: BaseSettings, outcome: Outcome) -> None:
    """Look at the outcome of a command that is over, and tell what failed; what cannot be told is logged."""
    asked = {File: settings["ALERTS_FILE"], Webhook: settings["ALERTS_WEBHOOK"]}
    actions = [action(where) for action, where in asked.items() if where]
    suite = MonitorSuite(monitors=[CrawlMonitor], monitors_failed_actions=actions)
    result = MonitorRunner().run(suite, summary=outcome.summary, stats=dict(outcome.stats))
    for told in result.monitors_failed_action_results:
        if told.error:
            _log.error("No alarm went to the %s: %s", type(told.item).__name__.lower(), _last(told.error))


def _last(traceback: str) -> str:
    """What the error says that a traceback ends with."""
    return traceback.strip().splitlines()[-1]
