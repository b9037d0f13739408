"""Runs the project's commands as an operator does, against a server on loopback, and reads what they leave."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]
SCRAPY = Path(sys.executable).with_name("scrapy")
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "-s", "RETRY_TIMES=4")
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


def environment(mirror: str, exports: Path, **more: str) -> dict[str, str]:
    told = {"MIRROR": mirror, "EXPORT_URI": str(exports), "CONTACT": "a test"}
    return os.environ | told | {"PYTHONWARNINGS": "error"} | more


def scrapy(*args: str, mirror: str = "http://127.0.0.1:9/", exports: Path, **more: str) -> Ended:
    """Run a command of the project to its end."""
    ended = subprocess.run(
        [SCRAPY, *args], env=environment(mirror, exports, **more), cwd=ROOT, capture_output=True, text=True, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


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
