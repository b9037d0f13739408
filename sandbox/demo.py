"""`make crawl`: serve the sandbox, crawl it as an operator would, and say what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from crawler.export.rows import from_row
from crawler.extensions.summary import Summary
from sandbox.server import serving

EXPORTS = Path("exports")
# No manners are due to a server of our own, and what its pages draw they draw at once.
FAST = ("DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "BROWSER_TIMEOUT=3")


def crawl() -> Summary:
    """Crawl the sandbox into `exports/`, and return what came of it."""
    scrapy = Path(sys.executable).with_name("scrapy")
    settings = [part for setting in FAST for part in ("-s", setting)]
    with serving() as mirror:
        print(f"Crawling the sandbox at {mirror}: the catalogue, and where its links lead", flush=True)
        environment = os.environ | {"MIRROR": mirror, "EXPORT_URI": f"{EXPORTS}/", "CONTACT": "a demonstration"}
        command = [str(scrapy), "crawl", "harmony", "--loglevel", "WARNING", *settings]
        ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own command
    if not ended.stdout:  # it was killed
        sys.exit(ended.returncode)
    return from_row(Summary, json.loads(ended.stdout.splitlines()[-1]))


def read_it(run: Path) -> str:
    """Return what a reader who has never seen an export wants to know of a run."""
    return "\n".join(
        [
            *left_for_a_browser(run / "ledger.parquet"),
            "",
            f"{EXPORTS}/v1/current.json names the current run. Read it, in .venv/bin/python:",
            "    import pyarrow.parquet",
            f'    records = pyarrow.parquet.read_table("{run}/records/parquet").to_pylist()',
        ]
    )


def left_for_a_browser(ledger: Path) -> list[str]:
    """Return a line that says how many targets only a browser could have read, and how to get one; none for none."""
    rows = pq.read_table(ledger, columns=["state", "reason"]).to_pylist()
    reasons = [
        row["reason"] for row in rows if row["state"] == "not_attempted" and row["reason"].startswith("needs a browser")
    ]
    return [f"  {len(reasons)} targets were left ({reasons[0]})"] if reasons else []


def main() -> int:
    """Crawl, and print what was published; returns the exit code of `scrapy crawl harmony`."""
    summary = crawl()
    print(summary.as_text(f"{EXPORTS}/"))
    if summary.exit_code == 0:
        print(read_it(EXPORTS / "v1/runs" / str(summary.run_id)))
    return summary.exit_code


if __name__ == "__main__":
    sys.exit(main())
