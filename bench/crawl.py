"""Whole-crawl pages per CPU-second: this project's spider beside a bare Scrapy spider that only fetches the same pages.

Every export is crawled twice: the second time the server answers that nothing is new, to the bare spider as well. Both
run as processes of their own against one sandbox server, in turn, in one run of this script; the server's time is not
counted. Quote the ratio: the machine's speed changes, and changes for both.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent
SETTINGS = ["-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "-s", "LOG_LEVEL=WARNING"]
PAIRS = 3
SCALE = 800  # about as many pages as the Harmony catalogue has items


def cpu_of(command: list[str], **environment: str) -> float:
    """Run a command to its end and return the CPU seconds that it took."""
    environment = {**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": ""}  # else each start compiles every module
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def asked(mirror: str) -> list[tuple[str, dict[str, str]]]:
    """Return the requests that the sandbox saw since the last call, with their validators."""
    with urlopen(f"{mirror}_sandbox/requests") as answer:  # noqa: S310 - the sandbox
        requests = json.load(answer)["requests"]
    urlopen(Request(f"{mirror}_sandbox/reset", method="POST")).close()  # noqa: S310 - the sandbox
    names = {"if_none_match": "If-None-Match", "if_modified_since": "If-Modified-Since"}
    return [
        (
            f"{mirror}{seen['url'].removeprefix('https://')}",
            {header: seen[name] for name, header in names.items() if seen[name]},
        )
        for seen in requests
    ]


def pair(mirror: str, exports: Path, listed: Path) -> tuple[int, float, float]:
    """Crawl, then let the bare spider make the same requests; return their number, and pages per CPU-second of both."""
    seconds = cpu_of(
        [str(BIN / "scrapy"), "crawl", "harmony", "-a", "follow=none", *SETTINGS],
        MIRROR=mirror,
        EXPORT_URI=str(exports),
        CONTACT="a benchmark",
    )
    requests = asked(mirror)
    listed.write_text(json.dumps(requests))
    bare = [str(BIN / "scrapy"), "runspider", str(ROOT / "bench/bare.py"), "-a", f"requests={listed}", *SETTINGS]
    bare_seconds = cpu_of(bare, SCRAPY_SETTINGS_MODULE="", SCRAPY_PROJECT="")
    if sorted(map(str, asked(mirror))) != sorted(map(str, requests)):
        raise RuntimeError("the bare spider did not make the same requests")
    return len(requests), len(requests) / seconds, len(requests) / bare_seconds


def compare(mirror: str, folder: Path) -> None:
    """Crawl twice and fetch the same in turn; print pages per CPU-second and the ratios of both crawls."""
    ratios: dict[str, list[float]] = {"first crawl": [], "second crawl, nothing new": []}
    for number in range(PAIRS + 1):
        for name, known in ratios.items():
            pages, ours, bare = pair(mirror, folder / f"exports-{number}", folder / "requests.json")
            if number:  # the first pair fills caches
                known.append(ours / bare)
                print(f"{name}: {pages} requests, {ours:.1f} and {bare:.1f} per CPU-second", flush=True)
    for name, known in ratios.items():
        known.sort()
        print(f"{name} / bare Scrapy: median {statistics.median(known):.2f} ({known[0]:.2f} to {known[-1]:.2f})")
    cost = 1 / statistics.median(ratios["second crawl, nothing new"])
    print(
        f"so a crawl that finds nothing new costs {cost:.2f} times the CPU of a spider that receives the same answers"
    )


def main() -> None:
    """Serve the sandbox in a process of its own, and compare."""
    command = [str(BIN / "scrapy"), "sandbox", "--port", "0", "--scale", str(SCALE)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:  # noqa: S603 - ours
        try:
            line = server.stdout.readline() if server.stdout else ""
            mirror = line[line.index("http://") :].split()[0]
            with tempfile.TemporaryDirectory() as folder:
                compare(mirror, Path(folder))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
