"""Crawls pages in a process of its own, as `opening` does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.conftest import ROOT

if TYPE_CHECKING:
    import signal

_LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Opened:
    """What a crawl that has ended came to."""

    code: int
    answers: list[dict[str, Any]]
    stats: dict[str, Any]
    imported: list[str]
    log: str

    @property
    def answer(self) -> dict[str, Any]:
        """The only answer."""
        assert len(self.answers) == 1, self.log
        return self.answers[0]

    @property
    def body(self) -> str:
        assert "body" in self.answer, self.answer
        body: str = self.answer["body"]
        return body


def asking(url: str, *hosts: str, wait: str | None = "#ready", **meta: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """Return the arguments of a request for a page in a browser."""
    return {"url": url, "meta": {"browser": True, "browser_hosts": hosts, "browser_wait": wait, **meta}}


class Crawl:
    """A crawl that runs; it is killed on leaving where it has not ended."""

    def __init__(self, *requests: dict[str, Any], public: bool = False, **settings: Any) -> None:  # noqa: ANN401 - any value
        self._folder = tempfile.TemporaryDirectory()  # also for what Chromium leaves when it is killed
        self._log = Path(self._folder.name, "log")
        self._told = Path(self._folder.name, "told")
        given = {"requests": requests, "public": public, "settings": settings}
        told = {"PYTHONWARNINGS": "error", "CONTACT": "https://example.org/a-test", "TMPDIR": self._folder.name}
        with self._log.open("w") as log, self._told.open("w") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.opening", json.dumps(given)],
                env=os.environ | told,
                cwd=ROOT,
                stdout=out,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def answered(self, number: int) -> None:
        """Wait until there are as many answers."""
        give_up = time.monotonic() + _LONGEST_SECONDS
        while sum("url" in line for line in self._lines()) < number:
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < give_up, self.log()
            time.sleep(0.02)

    def _lines(self) -> list[dict[str, Any]]:
        """Return what it has told, but for a line that it has not ended."""
        return [json.loads(line) for line in self._told.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def log(self) -> str:
        return self._log.read_text()

    def ended(self) -> Opened:
        """Wait for its end."""
        self._process.wait(timeout=_LONGEST_SECONDS)
        lines = self._lines()
        told = lines[-1] if lines and "stats" in lines[-1] else {"stats": {}, "imported": []}
        answers = [line for line in lines if "url" in line]
        return Opened(self._process.returncode, answers, told["stats"], told["imported"], self.log())


def crawl(*requests: dict[str, Any], public: bool = False, **settings: Any) -> Opened:  # noqa: ANN401 - any value
    """Crawl pages to the end."""
    with Crawl(*requests, public=public, **settings) as crawling:
        return crawling.ended()
