"""What the documents show of other programs: the AWS CLI, and Spark where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.documents import READING, blocks

if TYPE_CHECKING:
    from tests.crawl.crawling import Export


@pytest.fixture(scope="session")
def spark_submit() -> str:
    return installed("spark-submit")


def test_the_aws_cli_copies_a_run(export: Export, s3: dict[str, str], tmp_path: Path) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-euc", under("AWS CLI", "sh")],
        cwd=tmp_path,
        env={**os.environ, **s3, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for path in (export.run / "records").glob("*/*"):
        copied = tmp_path / export.commit["run_id"] / path.relative_to(export.run / "records")
        assert copied.read_bytes() == path.read_bytes()


def test_spark_counts_the_studies(spark_submit: str, export: Export, tmp_path: Path) -> None:
    program = tmp_path / "studies.py"
    program.write_text(under("Spark", "python"))
    ran = subprocess.run([spark_submit, program], cwd=export.folder.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert f"{export.commit['counts']['records']['study']} studies" in ran.stdout.splitlines()


def installed(name: str) -> str:
    """Return the path of a program, or skip the test where it is not there or does not run: a shim may lead nowhere."""
    path = shutil.which(name)
    if path is None or subprocess.run([path, "--version"], capture_output=True, check=False).returncode:
        pytest.skip(f"{name} is not installed")
    return path


def under(heading: str, language: str) -> str:
    (block,) = (block for block in blocks(READING.read_text(), language) if block.heading == heading)
    return block.code
