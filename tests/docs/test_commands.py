"""The commands that the documents show run, one after the other, against the sandbox and a server of S3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sandbox.generator import Catalogue
from sandbox.server import serving
from sandbox.studies import item
from tests.conftest import ROOT
from tests.docs.documents import ADDING, DOCUMENTS, blocks
from tests.docs.reader import NOT_RUN, Reader, commands
from tests.servers.redis import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.s3 import Server

STUDIES = 3
STUDY, FILE = item(1), item(2, 1)
HAS = {
    "SLUG": STUDY.slug,
    "3535-6": "1000001-15",
    "3535": "1000001",
    "page.txt": f"build/{STUDY.uuid}.txt",
}
"""What the documents write for what a reader has -> what there is of it in the sandbox."""
WITH_COMMANDS = [
    document
    for document in DOCUMENTS
    if document != ADDING and any(commands(document, block) for block in blocks(document.read_text(), "sh"))
]


def a_run_with_a_failed_page(reader: Reader) -> None:
    faults = [f"503:1@harmonydata.ac.uk/search/items/{FILE.slug}"]
    crawl(reader, "nightly-2031-05-05", STUDIES, *faults, ends_with=0)


def a_refused_run(reader: Reader) -> None:
    crawl(reader, "nightly-2031-05-06", STUDIES - 1, ends_with=3)


def a_page_in_a_file(reader: Reader) -> None:
    body = Catalogue({}, STUDIES).get(f"harmonydata.ac.uk/search/{STUDY.pages[0]}.txt")
    assert body
    (reader.project / "build").mkdir()
    (reader.project / "build" / f"{STUDY.uuid}.txt").write_bytes(body)


PREPARED: dict[tuple[str, str], Callable[[Reader], None]] = {
    ("operations.md", "Arguments"): a_run_with_a_failed_page,
    ("operations.md", "When the gate refuses"): a_refused_run,
    ("CONTRIBUTING.md", "When a page stopped parsing"): a_page_in_a_file,
}
"""Document and heading -> what has to be there before the first command under it is run."""


def crawl(reader: Reader, run_id: str, studies: int, *faults: str, ends_with: int) -> None:
    """Crawl a catalogue of so many studies into the reader's `exports/`."""
    command = (".venv/bin/scrapy", "crawl", "harmony", "-a", f"run_id={run_id}", "-a", "follow=none")
    with serving(tree=Catalogue({}, studies), faults=faults) as mirror:
        ran = reader.execute(*command, MIRROR=mirror, GATE_MAX_FAILED="1")
    assert ran.returncode == ends_with, ran.stderr


@pytest.mark.parametrize("document", WITH_COMMANDS, ids=lambda document: document.name)
def test_the_commands_of_a_document_run(document: Path, tmp_path: Path, seaweed_server: Server) -> None:
    project = tmp_path / "project"
    has = HAS | {"s3://research-exports": f"s3://{seaweed_server.new_bucket()}", "/tmp/": f"{tmp_path}/"}  # noqa: S108 - a word in a document
    hasty = {
        "SCRAPY_SETTINGS_MODULE": "tests.docs.hasty",
        "PYTHONPATH": os.pathsep.join([str(project), os.environ["PYTHONPATH"]]),
    }
    with serving(tree=Catalogue({}, STUDIES)) as mirror, running() as redis:
        has["redis://redis.internal:6379/0"] = redis.url
        reader = Reader(project, {"MIRROR": mirror, **hasty, **seaweed_server.environment}, has)
        reader.follow(document, "sh", "text", prepared=PREPARED)


@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each != ADDING], ids=lambda each: each.name)
def test_every_block_is_of_a_kind_that_a_test_runs(document: Path) -> None:
    """The shell, and what it prints, runs here, Python and SQL in test_python.py, a crontab in tests/deploy."""
    for block in blocks(document.read_text()):
        own = block.file and (ROOT / block.file).exists() and block.code in (ROOT / block.file).read_text()
        assert own or block.language in {"sh", "text", "python", "sql", "crontab"}, f"{document.name}:{block.line}"


def test_what_is_not_run_is_there() -> None:
    documents = {document.name: document for document in DOCUMENTS}
    for name, heading, how in NOT_RUN:
        under = [block for block in blocks(documents[name].read_text(), "sh") if block.heading == heading]
        assert any(
            command.startswith(how) for block in under for command in commands(documents[name], block, run=False)
        )
