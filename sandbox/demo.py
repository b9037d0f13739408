"""`make crawl`: serve the sandbox, crawl it as an operator would, and say what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from sandbox.server import serving

EXPORTS = Path("exports")
# No manners are due to a server of our own, and what its pages draw they draw at once.
FAST = ("DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "BROWSER_TIMEOUT=3")


def crawl() -> int:
    """Crawl the sandbox into `exports/`; returns the exit code of `scrapy crawl harmony`."""
    scrapy = Path(sys.executable).with_name("scrapy")
    settings = [part for setting in FAST for part in ("-s", setting)]
    with serving() as mirror:
        print(f"Crawling the sandbox at {mirror}: the catalogue, and where its links lead", flush=True)
        environment = os.environ | {"MIRROR": mirror, "EXPORT_URI": f"{EXPORTS}/", "CONTACT": "a demonstration"}
        command = [str(scrapy), "crawl", "harmony", "--loglevel", "WARNING", *settings]
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own command


def summary(commit: dict[str, object]) -> str:
    """Return what a commit says, for a reader who has never seen an export."""
    counts = commit["counts"]
    if not isinstance(counts, dict):
        raise TypeError(f"counts: {counts!r}")
    run = EXPORTS / "v1/runs" / str(commit["run_id"])
    records = run / "records/parquet"
    return "\n".join(
        [
            "",
            f"Published run {commit['run_id']}",
            "  records: " + ", ".join(f"{number} {kind}" for kind, number in counts["records"].items()),
            "  targets: " + ", ".join(f"{number} {state}" for state, number in counts["ledger"].items()),
            *left_for_a_browser(run / "ledger.parquet"),
            f"  export:  {EXPORTS}/ ({EXPORTS}/v1/current.json names the current run)",
            "",
            "Read it, in .venv/bin/python:",
            "    import pyarrow.parquet",
            f'    records = pyarrow.parquet.read_table("{records}").to_pylist()',
        ]
    )


def left_for_a_browser(ledger: Path) -> list[str]:
    """Return a line that says how many targets only a browser could have read, and how to get one; none for none."""
    rows = pq.read_table(ledger, columns=["state", "reason"]).to_pylist()
    reasons = [
        row["reason"] for row in rows if row["state"] == "not_attempted" and row["reason"].startswith("needs a browser")
    ]
    return [f"           {len(reasons)} of them were left ({reasons[0]})"] if reasons else []


def main() -> int:
    """Crawl, and print the summary of what was published."""
    code = crawl()
    if code == 0:
        print(summary(json.loads((EXPORTS / "v1/current.json").read_text())))
    return code


if __name__ == "__main__":
    sys.exit(main())
