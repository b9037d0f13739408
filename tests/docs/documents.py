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
ADDING = ROOT / "docs/adding-a-site.md"
STATS = ROOT / "docs/stats.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+|[\w-]+\.\w+)`:\Z")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """The code of a fenced block, without the fence's indent."""

    language: str
    code: str
    line: int
    """Number of its first line in the document."""
    heading: str
    """What it stands under."""
    file: str | None = None
    """The file that it is, or that it changes, where the text above ends with its path and a colon."""


def blocks(text: str, *languages: str) -> list[Block]:
    r"""Return the fenced blocks of some languages, of all where none is named, in their order.

    A change belongs to the file of the change before it where nothing stands between them.

    >>> blocks("# Do\n\n  ```sh\n  make test\n  ```\n", "sh")
    [Block(language='sh', code='make test\n', line=4, heading='Do', file=None)]
    >>> blocks("In `a/b.py`:\n\n```diff\n+1\n```\n\n```diff\n+2\n```\n")[1].file
    'a/b.py'
    """
    found: list[Block] = []
    heading, end, file = "", 0, None
    for fence in _FENCE.finditer(text):
        between = text[end : fence.start()]
        heading = [heading, *_HEADING.findall(between)][-1]
        if between.strip():
            named = _FILE.search(between.rstrip())
            file = named[1] if named else None
        end = fence.end()
        code = re.sub(f"^{fence['indent']}", "", fence["code"], flags=re.MULTILINE)
        line = text.count("\n", 0, fence.start("code")) + 1
        found.append(Block(fence["language"], code, line=line, heading=heading, file=file))
    return [block for block in found if not languages or block.language in languages]


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
