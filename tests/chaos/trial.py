"""A crawl that is killed, and started again on another machine until it ends: whether it comes to the same."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any, Self

import pyarrow.parquet as pq

from crawler.export import layout
from crawler.export.folder import FolderStore
from sandbox.generator import DEFAULT_BUILD, Catalogue, committed
from sandbox.server import serving
from tests.conftest import ROOT
from tests.crawl.crawling import COMPILED, FAST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawler.export.store import Store
    from sandbox.tree import Tree

SCALE = 8
EARLIER, RUN_ID = "earlier", "chaos"
_KILLED = -9
_LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a trial exports to, by its address and as this process opens it; AWS_* are in the environment."""

    uri: str
    store: Store


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a reader gets, and what became of the targets."""

    digests: dict[str, str]
    states: dict[str, str]
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What an export holds before a trial, what the run comes to if left alone, and how many pages it asks for."""

    before: Mapping[str, bytes]
    snapshot: Snapshot
    asked: int

    @property
    def runs(self) -> list[str]:
        """The runs that are published in the end."""
        return [EARLIER, RUN_ID] if self.before else [RUN_ID]


class Watched:
    """A catalogue that kills a process when it is asked for its `doom`-th page."""

    def __init__(self, tree: Tree) -> None:
        self.asked = 0
        self.doom = 0
        self.victim: subprocess.Popen[str] | None = None
        self._tree = tree

    def get(self, path: str) -> bytes | None:
        if not path.endswith(("404.html", "index.html")):  # the server looks for these on its own
            self.asked += 1
            if self.victim is not None and self.asked == self.doom:
                self.victim.kill()
        return self._tree.get(path)


@contextmanager
def catalogue(scale: int = SCALE) -> Iterator[tuple[str, Watched]]:
    """Serve a catalogue of some size, and give its address and what watches it."""
    watched = Watched(Catalogue(committed(DEFAULT_BUILD), scale))
    with serving(tree=watched) as mirror:
        yield mirror, watched


@contextmanager
def started(mirror: str, place: Place, run_id: str, write: str = "never@0@before") -> Iterator[subprocess.Popen[str]]:
    """Start a crawl in a process that has nothing on its disk but the program."""
    with TemporaryDirectory(prefix="chaos-") as folder:
        environment = {
            **os.environ,
            **COMPILED,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "PYTHONWARNINGS": "error",
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
            "TMPDIR": folder,
            "MIRROR": mirror,
            "EXPORT_URI": place.uri,
            "EXPORT_BATCH_ITEMS": "10",
            "CONTACT": "a test",
        }
        command = [sys.executable, "-m", "tests.chaos.doomed", write, "crawl", "harmony", *FAST]
        with subprocess.Popen(
            [*command, "-a", f"run_id={run_id}"],
            env=environment,
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def ended(process: subprocess.Popen[str]) -> int:
    """Wait for a process, and return its exit code; raises RuntimeError with its log for one that is not expected."""
    _, log = process.communicate(timeout=_LONGEST_SECONDS)
    if process.returncode not in {0, _KILLED}:
        raise RuntimeError(f"exit code {process.returncode}:\n{log}")
    return process.returncode


def undisturbed(folder: Path, *, later: bool) -> Expected:
    """Crawl without a kill: the first run of an export, or a `later` one, which the catalogue has grown before."""
    place = Place(uri=str(folder), store=FolderStore(folder))
    if later:
        with catalogue(SCALE - 2) as (mirror, _), started(mirror, place, EARLIER) as process:
            assert ended(process) == 0
    before = {key: place.store.get(key) for key in place.store.list("")}
    with catalogue() as (mirror, watched), started(mirror, place, RUN_ID) as process:
        assert ended(process) == 0
    return Expected(before, published(place.store), watched.asked)


def trial(place: Place, expected: Expected, *moments: str) -> None:
    """Kill a crawl at each of the moments in turn, then let it end, in a place that holds nothing yet.

    Raises AssertionError for a moment that did not come, a reader that saw anything but whole snapshots, and an outcome
    that is not the expected one.
    """
    for key, body in expected.before.items():
        place.store.put(key, body)
    with Reader(place.store) as reader:
        for moment in moments:
            assert _killed(place, moment), f"{moment} did not come"
        with catalogue() as (mirror, _), started(mirror, place, RUN_ID) as process:
            assert ended(process) == 0
    assert published(place.store) == expected.snapshot
    assert commits(place.store) == expected.runs
    assert reader.seen == set(expected.runs)


def _killed(place: Place, moment: str) -> bool:
    kind, _, number = moment.partition(":")
    with catalogue() as (mirror, watched):
        if kind != "asked":
            with started(mirror, place, RUN_ID, moment) as process:
                return ended(process) == _KILLED
        watched.doom = int(number)
        with started(mirror, place, RUN_ID) as process:
            watched.victim = process
            return ended(process) == _KILLED


class Reader:
    """Reads the current snapshot over and over, as consumers do who know nothing of the crawl."""

    def __init__(self, store: Store) -> None:
        self.seen: set[str] = set()
        self._store = store
        self._over = Event()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="reader")

    def __enter__(self) -> Self:
        self._reading = self._threads.submit(self._read)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._threads.shutdown()
        self._reading.result()

    def _read(self) -> None:
        while True:
            over = self._over.is_set()
            if self._store.exists(layout.CURRENT):
                commit = json.loads(self._store.get(layout.CURRENT))
                whole(self._store, commit)
                self.seen.add(commit["run_id"])
            if over:
                return
            self._over.wait(0.2)


def whole(store: Store, commit: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest that a commit names; raises AssertionError where an object is not as that says."""
    manifest: dict[str, Any] = json.loads(store.get(commit["manifest"]))
    assert manifest["run_id"] == commit["run_id"]
    for info in manifest["objects"]:
        assert sha256(store.get(info["key"])).hexdigest() == info["sha256"], info["key"]
    return manifest


def published(store: Store) -> Snapshot:
    """Return the current snapshot; raises AssertionError for an open ledger, or anything that is there twice."""
    commit = json.loads(store.get(layout.CURRENT))
    manifest, run_id = whole(store, commit), commit["run_id"]
    lines = gzip.decompress(store.get(layout.records_jsonl(run_id, 0))).splitlines()
    digests = {record["key"]: record["digest"] for record in map(json.loads, lines)}
    rows = pq.read_table(BytesIO(store.get(layout.ledger(run_id)))).to_pylist()
    states = {row["url"]: row["state"] for row in rows}
    discovered = json.loads(store.get(layout.stats(run_id)))["sum"]["ledger/discovered"]
    assert len(lines) == len(digests) == sum(manifest["counts"]["records"].values())
    assert len(rows) == len(states) == discovered == sum(manifest["counts"]["ledger"].values())
    changes = gzip.decompress(store.get(layout.changes(run_id))).splitlines()
    return Snapshot(digests, states, [json.loads(line) for line in changes])


def commits(store: Store) -> list[str]:
    """Return the runs that the commits name, the oldest first."""
    return [json.loads(store.get(key))["run_id"] for key in store.list(layout.COMMITS)]
