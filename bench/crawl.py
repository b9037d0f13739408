"""Whole-crawl pages per CPU-second: this project's spider beside a bare Scrapy spider that only fetches the same pages.

Both run as processes of their own against one sandbox server, in turn, in one run of this script; the server's time is
not counted. Quote the ratio: the machine's speed changes, and changes for both.
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
PAIRS = 5
SCALE = 400


def cpu_of(command: list[str], **environment: str) -> float:
    """Run a command to its end and return the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def pages_asked(mirror: str) -> list[str]:
    """Return the URLs on the sandbox that were asked for since the last call."""
    with urlopen(f"{mirror}_sandbox/requests") as answer:  # noqa: S310 - the sandbox
        urls = [seen["url"] for seen in json.load(answer)["requests"]]
    urlopen(Request(f"{mirror}_sandbox/reset", method="POST")).close()  # noqa: S310 - the sandbox
    return [f"{mirror}{url.removeprefix('https://')}" for url in urls]


def compare(mirror: str, folder: Path) -> None:
    """Crawl and fetch in turn, and print pages per CPU-second of both and the ratio."""
    listed = folder / "urls.txt"
    bare = [str(BIN / "scrapy"), "runspider", str(ROOT / "bench/bare.py"), "-a", f"urls={listed}", *SETTINGS]
    ours = [str(BIN / "scrapy"), "crawl", "harmony", *SETTINGS]
    rates: list[tuple[float, float]] = []
    for number in range(PAIRS + 1):
        seconds = cpu_of(ours, MIRROR=mirror, EXPORT_URI=str(folder / f"exports-{number}"), CONTACT="a benchmark")
        urls = pages_asked(mirror)
        listed.write_text("\n".join(urls))
        bare_seconds = cpu_of(bare, SCRAPY_SETTINGS_MODULE="", SCRAPY_PROJECT="")
        if sorted(pages_asked(mirror)) != sorted(urls):
            raise RuntimeError("the bare spider did not fetch the same pages")
        if number:  # the first pair fills caches
            rates.append((len(urls) / seconds, len(urls) / bare_seconds))
            print(f"{len(urls)} pages: {rates[-1][0]:6.1f} and {rates[-1][1]:6.1f} pages per CPU-second", flush=True)
    ratios = sorted(ours / bare for ours, bare in rates)
    print(f"whole crawl / bare Scrapy: median {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


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
