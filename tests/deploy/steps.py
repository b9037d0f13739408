"""Runs the steps of docs/operations.md as they stand, by whoever may do what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT
from tests.crawl.crawling import COMPILED, WITHOUT_BROWSER, Ended
from tests.docs.documents import OPERATIONS, blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

BIN = Path(sys.executable).parent
BUCKET, COPY, PREFIX = "research-exports", "research-exports-copy", "studies"
URI = f"s3://{BUCKET}/{PREFIX}"
"""Where the steps have their export."""
_FAST = " -s DOWNLOAD_DELAY=0 -s CONCURRENT_REQUESTS_PER_DOMAIN=16"


def steps(heading: str, language: str = "sh") -> list[str]:
    """Return the blocks under a heading, in their order."""
    return [block.code for block in blocks(OPERATIONS.read_text(), language) if block.heading == heading]


def run(code: str, environment: Mapping[str, str], **replaced: str) -> Ended:
    """Run a block in a shell that ends with its first failure; `replaced` are the names that stand for others in it."""
    for name, value in replaced.items():
        assert name in code
        code = code.replace(name, value)
    code = code.replace(".venv/bin/", f"{BIN}/").replace("scrapy crawl harmony", f"scrapy crawl harmony{_FAST}")
    told = {"PATH": f"{BIN}:{os.environ['PATH']}", "EXPORT_URI": URI} | COMPILED | WITHOUT_BROWSER
    ran = subprocess.run(
        ["/bin/sh", "-euc", code],
        cwd=ROOT,
        env={**os.environ, **told, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def succeed(code: str, environment: Mapping[str, str], **replaced: str) -> str:
    """Run a block that has to succeed, and return what it prints."""
    ended = run(code, environment, **replaced)
    assert ended.code == 0, ended.log
    return ended.out
