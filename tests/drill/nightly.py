"""The crawl that an operator has scheduled, and all that tells them what came of it."""

from __future__ import annotations

import json
import re
import resource
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.crawl import small
from tests.crawl.crawling import FAST, NO_SITE, Ended, Started
from tests.docs.documents import MONITORING, names, table
from tests.monitoring.prometheus import firing, series
from tests.monitoring.test_metrics import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.s3 import Server

CRAWL = (
    "crawl",
    "harmony",
    *FAST,
    "-s",
    "RETRY_TIMES=0",
    "-a",
    "follow=none",
    "-s",
    "EXPORT_BATCH_ITEMS=10",
    "-s",
    "EXPORT_OUTAGE_SECONDS=1",
)


@dataclass(frozen=True, slots=True)
class Night:
    """What is known in the morning."""

    ended: Ended
    metrics: str
    alarms: frozenset[str]
    """The monitors that raised one."""

    @property
    def result(self) -> tuple[int, str]:
        """The exit code, and the result, which the summary and the metrics agree on."""
        summary = self.ended.summary
        assert self.ended.code == summary["exit_code"] == self.metric("study_crawler_exit_code")
        assert self.metric("study_crawler_last_run", result=summary["result"], run_id=summary["run_id"]) == 1
        assert self.ended.error == f"error: {summary['error']}"
        return self.ended.code, summary["result"]

    def metric(self, name: str, **labels: str) -> float | None:
        """Return the value of a metric."""
        return value(self.metrics, name, crawl="nightly", **labels)

    def firing(self, hours: int = 1) -> set[str]:
        """Return which alerts fire so many hours later."""
        return firing(series(self.metrics), minutes=hours * 60)

    def is_as_documented(self, what: str) -> bool:
        """Tell whether it was as the document says of that trouble."""
        code, parts, alerts = documented(what)
        line = self.ended.error if parts else ""
        return str(self.ended.code) == code and all(part in line for part in parts) and self.firing() == alerts


def documented(what: str) -> tuple[str, list[str], set[str]]:
    """Return what the document says of a trouble: the exit code, parts of the line, and which alerts fire."""
    (row,) = (row for row in table(MONITORING, "A drill", "what happened") if row[0] == what)
    return row[1], [said for said in names([row], 2) if said != "kept"], set(names([row], 3))


class Schedule:
    """A crawl into one export, each night another run of it, with one file of metrics and one of alarms."""

    def __init__(self, folder: Path, exports: Path | str) -> None:
        self.exports = exports
        self._metrics = folder / "nightly.prom"
        self._alarms = folder / "alarms"

    def night(
        self,
        run_id: str,
        *args: str,
        mirror: str = NO_SITE,
        meanwhile: Callable[[Started], None] | None = None,
        user: Server | None = None,
    ) -> Night:
        """Let a night pass, and what happens meanwhile; the store may know the crawl as another user."""
        self._alarms.unlink(missing_ok=True)
        told = {"METRICS_FILE": str(self._metrics), "ALERTS_FILE": str(self._alarms)}
        told |= user.environment if user else {}
        run = ("-a", f"run_id={run_id}")
        with Started(*CRAWL, *run, *args, mirror=mirror, exports=self.exports, **told) as process:
            if meanwhile:
                meanwhile(process)
            ended = process.ended()
        return Night(ended, self._metrics.read_text(), frozenset(self._raised()))

    def _raised(self) -> list[str]:
        if not self._alarms.exists():
            return []
        (line,) = self._alarms.read_text().splitlines()
        return list(json.loads(line)["alarms"])


def redeployed() -> dict[str, bytes | None]:
    """Return the small catalogue as a new version of its site has it.

    Its records have a key that no rule knows, and on a quarter of its pages they have another shape altogether.
    """
    tree = small.tree()
    for number in range(small.STUDIES):
        path = small.path(small.slug(number))
        page = tree[path] or b""
        new = page.replace(b'"extra_data": {', b'"extra_data": {"colour": "blue", ').replace(b'1:"a"', b'1:"b"')
        tree[path] = re.sub(rb'"(dataset_schema|extra_data)"', rb'"\1_v2"', new) if number % 4 == 3 else new
    return tree


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[bool]:
    """Give a folder a disk of its own, where this user may; tell whether it has one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - where it is differs


def small_files(process: Started, most: int = 9_000) -> None:
    """Let a process write no file that is larger, which is what a full disk comes to where none can be made."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
