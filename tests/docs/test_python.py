"""The Python in the documents runs, against a real export in a folder and on a real server of S3."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from crawler.items import Record
from crawler.records.canonical import plain
from crawler.records.merge import record_digest
from tests.crawl.crawling import scrapy
from tests.docs.documents import ADDING, DOCUMENTS, EXPORT, READING, blocks
from tests.export.strategies import built

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.crawl.crawling import Export

FOLDER, S3 = "From a folder", "From S3"
"""The two beginnings of the Python in docs/reading.md."""
SPARK = "Spark"
"""What stands there runs by itself, where it is installed: test_others.py."""
TABLES = ("pyarrow", "DuckDB", "pandas", "Polars")
"""What following the changes does without."""
WITH_PYTHON = [document for document in DOCUMENTS if document != ADDING and blocks(document.read_text(), "python")]
FOLLOWING = """
former = json.loads(read(f"v1/commits/{CURSOR:010d}.json"))["run_id"]
lines = gzip.decompress(read(f"v1/runs/{former}/records/jsonl/part-00000.jsonl.gz")).splitlines()
copy = {record["key"]: record for record in map(json.loads, lines)}
before, now = set(copy), {record["key"]: record["digest"] for record in records}
keys = keys_changed(CURSOR, commit["number"])
if ROLLED_BACK:
    assert keys is None
else:
    added, updated, withdrawn = now.keys() - before, keys & before & now.keys(), before - now.keys()
    passing, same = keys - before - now.keys(), before - keys
    assert all([added, updated, withdrawn, passing, same]) and added | withdrawn <= keys
assert bring_up_to_date(copy, CURSOR) == commit["number"] > CURSOR
assert {key: record["digest"] for key, record in copy.items()} == now
assert keys_changed(commit["number"], commit["number"]) == set()
"""
"""What has to come of following the changes, over records that were added, updated, withdrawn and left alone."""


@pytest.mark.parametrize("document", WITH_PYTHON, ids=lambda document: document.name)
def test_the_python_of_a_document_runs_beside_a_folder(document: Path, export: Export) -> None:
    run(script(document, S3), export)


def test_the_python_for_readers_runs_with_s3(export: Export, s3: dict[str, str], tmp_path: Path) -> None:
    run(script(READING, FOLDER), export, s3, cwd=tmp_path)


def test_the_sql_finds_the_studies(export: Export) -> None:
    (block,) = blocks(READING.read_text(), "sql")
    studies = [[key, record["title"]] for key, record in export.records.items() if record["type"] == "study"]
    asserted = "assert sorted(map(list, duckdb.connect().execute(SQL).fetchall())) == STUDIES"
    run(f"\nimport duckdb\n{asserted}", export, said={"SQL": block.code, "STUDIES": studies})


def test_a_copy_that_follows_the_changes_is_the_current_snapshot(export: Export) -> None:
    said = {"CURSOR": 1, "ROLLED_BACK": False}
    run(script(READING, S3, *TABLES) + FOLLOWING, export, said=said)


def test_a_copy_follows_a_rollback_as_well(export: Export, tmp_path: Path) -> None:
    shutil.copytree(export.folder, tmp_path / "exports")
    second = json.loads((export.folder / "v1/commits/0000000002.json").read_text())["run_id"]
    assert scrapy("rollback", second, exports=tmp_path / "exports").code == 0
    said = {"CURSOR": 3, "ROLLED_BACK": True}
    run(script(READING, S3, *TABLES) + FOLLOWING, export, cwd=tmp_path, said=said)


@given(record=built(Record))
def test_the_documented_digest_is_the_records_own_whatever_it_holds(record: Record) -> None:
    assert documented_digest(plain(record)) == record_digest(record)


def script(document: Path, *left_out: str) -> str:
    """Return the Python of a document but for some headings, on the lines that it has there: a traceback names them."""
    lines = [""] * len(document.read_text().splitlines())
    for block in blocks(document.read_text(), "python"):
        if block.heading not in {SPARK, *left_out}:
            code = block.code.splitlines()
            lines[block.line - 1 : block.line - 1 + len(code)] = code
    return "\n".join(lines) + "\n"


def run(
    code: str,
    export: Export,
    environment: Mapping[str, str] | None = None,
    *,
    cwd: Path | None = None,
    said: Mapping[str, object] | None = None,
) -> None:
    """Run a script in a process of its own, where `exports/` is, with the names that are `said`."""
    names = "; ".join(f"{name} = {value!r}" for name, value in (said or {}).items())
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{names}{code}"],
        cwd=cwd or export.folder.parent,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def documented_digest(record: dict[str, Any]) -> str:
    (block,) = (block for block in blocks(EXPORT.read_text(), "python") if "def digest" in block.code)
    namespace: dict[str, Any] = {"json": json, "sha256": sha256, "records": []}
    exec(block.code, namespace)  # noqa: S102 - it is our own document
    digest: str = namespace["digest"](record)
    return digest
