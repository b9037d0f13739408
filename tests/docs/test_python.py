"""The Python in the documents runs, against a real export."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from crawler.items import Record
from crawler.records.canonical import plain
from crawler.records.merge import record_digest
from tests.docs.documents import DOCUMENTS, EXPORT, blocks
from tests.export.strategies import built

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.crawling import Export

READERS = {"duckdb", "pandas", "polars"}
"""What documents may show that is not in the environment; a block that imports one runs where it is installed."""
WITH_PYTHON = [document for document in DOCUMENTS if blocks(document.read_text(), "python")]


@pytest.mark.parametrize("document", WITH_PYTHON, ids=lambda document: document.name)
def test_the_python_of_a_document_runs(document: Path, export: Export) -> None:
    lines = [""] * len(document.read_text().splitlines())  # a traceback then has the document's line numbers
    for block in blocks(document.read_text(), "python"):
        absent = {name for name in imported(block.code) if importlib.util.find_spec(name) is None}
        assert absent <= READERS, f"{document.name}:{block.line}"
        if not absent:
            code = block.code.splitlines()
            lines[block.line - 1 : block.line - 1 + len(code)] = code
    script = export.folder.with_name(f"{document.name}.py")
    script.write_text("\n".join(lines))
    ran = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=script.parent, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


@given(record=built(Record))
def test_the_documented_digest_is_the_records_own_whatever_it_holds(record: Record) -> None:
    assert documented_digest(plain(record)) == record_digest(record)


def imported(code: str) -> set[str]:
    """Return the modules that code imports.

    >>> sorted(imported("import os.path" + chr(10) + "from json import loads"))
    ['json', 'os']
    """
    nodes = list(ast.walk(ast.parse(code)))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in found}


def documented_digest(record: dict[str, Any]) -> str:
    (block,) = (block for block in blocks(EXPORT.read_text(), "python") if "def digest" in block.code)
    namespace: dict[str, Any] = {"json": json, "sha256": sha256, "records": []}
    exec(block.code, namespace)  # noqa: S102 - it is our own document
    digest: str = namespace["digest"](record)
    return digest
