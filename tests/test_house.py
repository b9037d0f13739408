"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

import crawler
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = [
    path
    for folder in ("crawler", "sandbox", "tests", "bench")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "node_modules" not in path.parts
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_over_300_lines_and_no_function_over_40(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == crawler.__version__


def test_no_email_address_is_in_the_project() -> None:
    address = re.compile(rb"[\w.+-]+@(?!example\.)[\w-]+\.(?:ac\.uk|com|org|net|edu|uk)\b")
    for folder in ("crawler", "sandbox", "docs", "bench"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in {
                ".py",
                ".md",
                ".txt",
                ".html",
                ".json",
                ".xml",
                ".mjs",
                ".js",
                ".jsx",
            }:
                assert not address.search(path.read_bytes()), path
