"""Every key of the export in one place; a folder and S3 hold the same ones."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from crawler.errors import UsageError

COMMITS = "v1/commits/"
CURRENT = "v1/current.json"
RUNS = "v1/runs/"
_BATCH = ".jsonl.gz"
_STATS = "-stats.json"

_COMMIT = re.compile(r"v1/commits/(\d{10})\.json")
_RUN_ID = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")


def new_run_id(now: datetime) -> str:
    """Take an aware time and return a run_id that sorts by it: UTC to the second, and four random hex digits.

    >>> new_run_id(datetime.fromisoformat("2031-05-06T09:30:00+02:00"))[:-4]
    '20310506T073000Z-'
    """
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def valid_run_id(run_id: str) -> str:
    """Return `run_id` as it came, or raise UsageError: it becomes a folder's name, so `../x` must never pass.

    >>> valid_run_id("nightly-2031.05")
    'nightly-2031.05'
    """
    if not _RUN_ID.fullmatch(run_id):
        raise UsageError(
            f"run_id {run_id[:80]!r} is not accepted: 1 to 64 of the letters A-Z and a-z, digits, '-', '_' and '.', "
            "without '..' and not starting with '.'"
        )
    return run_id


def commit(number: int) -> str:
    """Return the key of a commit; the zeros make keys sort as numbers do.

    >>> commit(12)
    'v1/commits/0000000012.json'
    """
    return f"{COMMITS}{number:010d}.json"


def commit_number(key: str) -> int | None:
    """Return the number of a commit's key, None for anything else that lies in that folder.

    >>> commit_number("v1/commits/0000000012.json"), commit_number("v1/commits/notes.txt")
    (12, None)
    """
    match = _COMMIT.fullmatch(key)
    return int(match[1]) if match else None


def manifest(run_id: str) -> str:
    """Return the key of a run's manifest.

    >>> manifest("a")
    'v1/runs/a/manifest.json'
    """
    return _run(run_id, "manifest.json")


def records_parquet(run_id: str, part: int) -> str:
    """Return the key of one part of the records.

    >>> records_parquet("a", 0)
    'v1/runs/a/records/parquet/part-00000.parquet'
    """
    return _run(run_id, f"records/parquet/part-{part:05d}.parquet")


def records_jsonl(run_id: str, part: int) -> str:
    """Return the key of one part of the same records as JSON Lines.

    >>> records_jsonl("a", 0)
    'v1/runs/a/records/jsonl/part-00000.jsonl.gz'
    """
    return _run(run_id, f"records/jsonl/part-{part:05d}.jsonl.gz")


def sightings(run_id: str, part: int) -> str:
    """Return the key of one part of what the snapshot rests on.

    >>> sightings("a", 0)
    'v1/runs/a/sightings/part-00000.parquet'
    """
    return _run(run_id, f"sightings/part-{part:05d}.parquet")


def changes(run_id: str) -> str:
    """Return the key of the changes against the previous snapshot."""
    return _run(run_id, "changes.jsonl.gz")


def ledger(run_id: str) -> str:
    """Return the key of the ledger."""
    return _run(run_id, "ledger.parquet")


def schema(run_id: str) -> str:
    """Return the key of the JSON Schema of the run's records."""
    return _run(run_id, "schema.json")


def stats(run_id: str) -> str:
    """Return the key of Scrapy's stats at close."""
    return _run(run_id, "stats.json")


def report(run_id: str) -> str:
    """Return the key of the page that shows the run."""
    return _run(run_id, "report.html")


def logs(run_id: str) -> str:
    """Return what the keys of all durable batches of a run start with."""
    return f"v1/log/{valid_run_id(run_id)}/"


def log(run_id: str, process: str, number: int) -> str:
    """Return the key of one durable batch of one process.

    >>> log("a", "0f3c", 7)
    'v1/log/a/0f3c-000007.jsonl.gz'
    """
    return f"{logs(run_id)}{process}-{number:06d}{_BATCH}"


def process_stats(run_id: str, process: str) -> str:
    """Return the key of one process's stats at close, and of how it ended.

    >>> process_stats("a", "0f3c")
    'v1/log/a/0f3c-stats.json'
    """
    return f"{logs(run_id)}{process}{_STATS}"


def plan(run_id: str, number: int) -> str:
    """Return the key of what the publishers of a run agreed on.

    >>> plan("a", 1)
    'v1/log/a/publish-0001.json'
    """
    return f"{_plans(run_id)}{number:04d}.json"


def is_batch(key: str) -> bool:
    """Tell a durable batch from what else lies in the log.

    >>> is_batch(log("a", "0f3c", 7)), is_batch(plan("a", 1))
    (True, False)
    """
    return key.endswith(_BATCH)


def is_process_stats(key: str) -> bool:
    """Tell a process's stats from what else lies in the log."""
    return key.endswith(_STATS)


def process(key: str) -> str:
    """Return the process whose stats, or whose durable batch, a key holds.

    >>> process("v1/log/a/0f3c-stats.json"), process("v1/log/a/0f3c-000007.jsonl.gz")
    ('0f3c', '0f3c')
    """
    return key.rpartition("/")[2].rpartition("-")[0]


def is_plan(key: str) -> bool:
    """Tell a plan from what else lies in the log."""
    return key.rpartition("/")[2].startswith("publish-")


def _plans(run_id: str) -> str:
    return f"{logs(run_id)}publish-"


def _run(run_id: str, name: str) -> str:
    return f"v1/runs/{valid_run_id(run_id)}/{name}"
