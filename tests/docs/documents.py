"""What the documents hold: their code blocks, their tables and what they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXPORT = ROOT / "docs/export.md"
MONITORING = ROOT / "docs/monitoring.md"
OPERATIONS = ROOT / "docs/operations.md"
READING = ROOT / "docs/reading.md"
STATS = ROOT / "docs/stats.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """The code of a fenced block, without the fence's indent."""

    code: str
    line: int
    """Number of its first line in the document."""
    heading: str
    """What it stands under."""


def blocks(text: str, language: str) -> list[Block]:
    r"""Return the fenced blocks of a language.

    >>> blocks("# Do\n\n  ```sh\n  make test\n  ```\n", "sh")
    [Block(code='make test\n', line=4, heading='Do')]
    """
    found, heading, end = [], "", 0
    for fence in _FENCE.finditer(text):
        heading = [heading, *_HEADING.findall(text[end : fence.start()])][-1]
        end = fence.end()
        if fence["language"] == language:
            code = re.sub(f"^{fence['indent']}", "", fence["code"], flags=re.MULTILINE)
            found.append(Block(code, line=text.count("\n", 0, fence.start("code")) + 1, heading=heading))
    return found


def prose(text: str) -> str:
    """Return a document without its fenced blocks."""
    return _FENCE.sub("", text)


def code_spans(text: str) -> list[str]:
    """Return what stands between single backticks.

    >>> code_spans("`a b` and `c`")
    ['a b', 'c']
    """
    return _CODE.findall(prose(text))


def anchors(text: str) -> dict[str, str]:
    """Return heading by anchor, as a reader's browser has it.

    >>> anchors("# A page: why?")
    {'a-page-why': 'A page: why?'}
    """
    headings = _HEADING.findall(prose(text))
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-"): heading for heading in headings}


def section(document: Path, heading: str) -> str:
    """Return the text under a heading, down to the next one of any level."""
    parts = re.split(r"^#+ (.+)$\n", document.read_text(), flags=re.MULTILINE)
    return parts[parts.index(heading) + 1]


def table(document: Path, heading: str, head: str) -> list[list[str]]:
    """Return the rows of the one table under a heading whose first column has that head, without its head."""
    found = [rows for rows in _tables(section(document, heading)) if rows[0][0] == head]
    assert len(found) == 1, f"{document}: {len(found)} tables under {heading!r} begin with {head!r}"
    return found[0][2:]


def names(rows: list[list[str]], column: int = 0) -> list[str]:
    """Return what stands between backticks in one column of a table.

    >>> names([["`a`, `b`", "..."], ["`c`", "`d`"]])
    ['a', 'b', 'c']
    """
    return [name for row in rows for name in code_spans(row[column])]


def _tables(text: str) -> list[list[list[str]]]:
    paragraphs = (paragraph.strip().splitlines() for paragraph in prose(text).split("\n\n"))
    return [
        [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        for lines in paragraphs
        if lines and all(line.lstrip().startswith("|") for line in lines)
    ]
