"""A reader who does what a document shows, in a copy of the project, and sees what comes of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.conftest import ROOT
from tests.crawl.crawling import COMPILED, WITHOUT_BROWSER
from tests.docs.documents import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.docs.documents import Block

    Prepared = Mapping[tuple[str, str], Callable[["Reader"], None]]


NOT_RUN = {
    ("README.md", "Try it", "make browser"): "installs from a package registry",
    ("README.md", "Try it", "make test"): "is what runs this",
    ("CONTRIBUTING.md", "Contributing", "make test"): "likewise",
    ("adding-a-site.md", "Crawl the copy", ".venv/bin/python -m http.server"): "the sandbox serves the folder instead",
    ("adding-a-site.md", "Say so", "make test"): "is what runs this",
    ("operations.md", "The bucket", ""): "tests/deploy runs it, and all that is said below of a bucket",
    ("operations.md", "Roll out", ""): "make image and tests/deploy try what it rolls out",
    ("operations.md", "Rotate keys", ""): "tests/deploy runs it",
    ("operations.md", "Restore", ""): "likewise",
    ("operations.md", "Re-drive", ""): "likewise",
    ("reading.md", "AWS CLI", ""): "test_others.py runs it",
}
"""Document, heading, and how a command begins ("" for all under it) -> why the reader below does not run it."""
ENDS_WITH = {
    ("adding-a-site.md", "Keep the page as a case"): 1,  # nobody has said yet what is expected of the page
}
"""Document and heading -> the exit code that commands under it are to end with, where it is not 0."""


class Reader:
    """Writes the files of a document, makes its changes and runs its commands, from the first block to the last."""

    def __init__(self, project: Path, environment: Mapping[str, str], has: Mapping[str, str]) -> None:
        """Copy the project; `has` tells what a reader has where the document writes something to be filled in."""
        self.project = project
        self.environment = os.environ | COMPILED | WITHOUT_BROWSER | {"PYTHONWARNINGS": "error"} | dict(environment)
        self.environment.pop("COVERAGE_PROCESS_CONFIG", None)  # of a copy it counts for nothing, and costs half
        self.has = dict(has)
        ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
        shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".git", *ignored))
        (project / ".venv").symlink_to(sys.prefix)
        for lock in project.glob("requirements/*.lock"):
            os.utime(lock, (0, 0))  # what is installed is what the tests run with: make has nothing to add

    def follow(self, document: Path, *languages: str, prepared: Prepared | None = None) -> None:
        """Do what the blocks of some languages show, of all where none is named; raises AssertionError.

        Text behind a command that is run is what it prints, up to the next heading. What is prepared for a heading is
        there before its first block.
        """
        waiting, heading = dict(prepared or {}), ""
        printed: str | None = None
        for block in blocks(document.read_text(), *languages):
            if block.heading != heading:
                heading, printed = block.heading, None
                waiting.pop((document.name, heading), _nothing)(self)
            if block.file:
                self.take(block)
            elif block.language == "text":
                assert printed is None or shows(block, printed), (
                    f"{document.name}:{block.line} does not show:\n{printed}"
                )
            else:
                printed = self.run(document, block)

    def take(self, block: Block) -> None:
        """Write the file that a block is, or change the one place in a file that it shows."""
        assert block.file is not None
        path = self.project / block.file
        if block.language != "diff":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code)
            return
        before, after = (
            "".join(line[1:] for line in block.code.splitlines(keepends=True) if line[0] in kept)
            for kept in (" -", " +")
        )
        text = path.read_text()
        assert f"\n{text}".count(f"\n{before}") == 1, f"{block.file} has not once what line {block.line} changes"
        path.write_text(text.replace(before, after))

    def run(self, document: Path, block: Block) -> str | None:
        """Run a block of the shell or of Python, and return what it prints; None where nothing of it is to be run."""
        code = block.code if block.language == "python" else "".join(commands(document, block))
        if not code:
            return None
        for word in sorted(self.has, key=len, reverse=True):
            code = code.replace(word, self.has[word])
        ran = self.execute(*([sys.executable, "-c"] if block.language == "python" else ["/bin/sh", "-euc"]), code)
        said = f"{document.name}:{block.line} ended with {ran.returncode}:\n{code}\n{ran.stdout}{ran.stderr}"
        assert ran.returncode == ENDS_WITH.get((document.name, block.heading), 0), said
        return ran.stdout

    def execute(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy of the project to its end."""
        told = self.environment | environment
        return subprocess.run(command, cwd=self.project, env=told, capture_output=True, text=True, check=False)


def _nothing(_: Reader) -> None:
    """Prepare nothing."""


def commands(document: Path, block: Block, *, run: bool = True) -> list[str]:
    """Return the commands of a block of the shell that are to be run, or those that are not, with all lines of each."""
    left_out = [how for name, heading, how in NOT_RUN if (name, heading) == (document.name, block.heading)]
    every = re.findall(r"(?:.*\\\n)*.*\n", block.code)
    return [command for command in every if run != any(command.startswith(how) for how in left_out)]


def shows(block: Block, printed: str) -> bool:
    r"""Tell whether a document shows what was printed, where `…` stands for anything.

    >>> from tests.docs.documents import blocks
    >>> shows(blocks("```text\na\n…\nd\n```\n")[0], "a\nb\nc\nd\n")
    True
    """
    pattern = re.escape(block.code.strip()).replace("…", ".*")
    printed = re.sub(r" +$", "", printed, flags=re.MULTILINE)
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
