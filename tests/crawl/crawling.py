"""Runs the project's commands as an operator does, against a server on loopback, and reads what they leave."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.request import urlopen

import pyarrow.parquet as pq

if TYPE_CHECKING:
    import signal

ROOT = Path(__file__).parents[2]
SCRAPY = Path(sys.executable).with_name("scrapy")
COMPILED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{sys.prefix}/pycache"}
"""For commands that tests start: to compile all that each imports takes longer than most crawls of theirs."""
WITHOUT_BROWSER = {"BROWSER_EXECUTABLE": "/bin/no-chromium"}
"""Few tests are about what a browser sees, and it takes its time."""
BROWSER = ("-s", "BROWSER_EXECUTABLE=")
"""For those: the one that `make test` has installed."""
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "-s", "RETRY_TIMES=4")
NO_SITE = "http://127.0.0.1:9/"
_LONGEST_SECONDS = 180
SCALE = 8
"""Studies of the catalogue, where a test does not need more or less."""
SITE = "https://harmonydata.ac.uk/search"


@dataclass(slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    log: str

    @property
    def error(self) -> str:
        """The one line that says what went wrong."""
        lines = [line for line in self.log.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, self.log
        return lines[0]

    @property
    def summary(self) -> dict[str, Any]:
        """What the last line of standard output says of it."""
        summary: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return summary


class Export:
    """The current snapshot of an export folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commit: dict[str, Any] = json.loads((folder / "v1/current.json").read_text())
        self.run = folder / "v1/runs" / self.commit["run_id"]
        self.manifest: dict[str, Any] = json.loads((self.run / "manifest.json").read_text())

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        lines = gzip.decompress((self.run / "records/jsonl/part-00000.jsonl.gz").read_bytes()).splitlines()
        return {record["key"]: record for record in map(json.loads, lines)}

    @property
    def digests(self) -> dict[str, str]:
        return {key: record["digest"] for key, record in self.records.items()}

    @property
    def ledger(self) -> dict[str, dict[str, Any]]:
        rows = pq.read_table(self.run / "ledger.parquet").to_pylist()
        assert len({row["url"] for row in rows}) == len(rows)
        return {row["url"].removeprefix(SITE): row for row in rows}

    @property
    def states(self) -> dict[str, str]:
        return {url: row["state"] for url, row in self.ledger.items()}

    @property
    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = json.loads((self.run / "stats.json").read_text())["sum"]
        return stats

    @property
    def changes(self) -> list[dict[str, Any]]:
        lines = gzip.decompress((self.run / "changes.jsonl.gz").read_bytes()).splitlines()
        return [json.loads(line) for line in lines]

    @property
    def targets(self) -> dict[str, dict[str, Any]]:
        """What the snapshot rests on."""
        rows = pq.read_table(self.run / "sightings").to_pylist()
        return {row["url"].removeprefix(SITE): row for row in rows}


def environment(mirror: str, exports: Path | str, **more: str) -> dict[str, str]:
    told = {"MIRROR": mirror, "EXPORT_URI": str(exports), "CONTACT": "a test"}
    return os.environ | COMPILED | WITHOUT_BROWSER | told | {"PYTHONWARNINGS": "error"} | more


def scrapy(*args: str, mirror: str = NO_SITE, exports: Path | str, **more: str) -> Ended:
    """Run a command of the project to its end."""
    with Started(*args, mirror=mirror, exports=exports, **more) as process:
        return process.ended()


class Started:
    """A command of the project that runs; it is killed on leaving where it has not ended."""

    def __init__(self, *args: str, mirror: str = NO_SITE, exports: Path | str, **more: str) -> None:
        self._process = subprocess.Popen(
            [SCRAPY, *args],
            env=environment(mirror, exports, **more),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self) -> Ended:
        """Wait for its end."""
        out, log = self._process.communicate(timeout=_LONGEST_SECONDS)
        return Ended(self._process.returncode, out, log)


def crawl(mirror: str, exports: Path, *args: str) -> Export:
    """Crawl, and return what was published."""
    ended = scrapy("crawl", "harmony", *FAST, *args, mirror=mirror, exports=exports)
    assert ended.code == 0, ended.log
    return Export(exports)


def seen_by(mirror: str) -> list[dict[str, Any]]:
    """Return the requests that a sandbox has seen, in order."""
    with urlopen(f"{mirror}_sandbox/requests") as answer:  # noqa: S310 - the server of the test
        requests: list[dict[str, Any]] = json.load(answer)["requests"]
    return requests


def asked(mirror: str) -> list[str]:
    """Return the URLs that were asked of a sandbox, in order."""
    return [seen["url"].removeprefix(SITE) for seen in seen_by(mirror)]
