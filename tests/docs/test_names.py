"""Every file, folder and object of the code that the documents name exists, and every link leads somewhere."""

from __future__ import annotations

import pkgutil
import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.docs.documents import DOCUMENTS, anchors, blocks, code_spans, prose

if TYPE_CHECKING:
    from pathlib import Path

_PATH = re.compile(
    r"(?:crawler|sandbox|tests|docs|bench|scripts|requirements|deploy)/[^<>*… ]*|[\w.-]+\.(?:md|toml|cfg)"
)
_OBJECT = re.compile(r"(?:crawler|sandbox)(?:\.\w+)+")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_path_exists(document: Path) -> None:
    text = document.read_text()
    made = {block.file for block in blocks(text)}
    named = [span for span in code_spans(text) if _PATH.fullmatch(span) and span not in made]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_object_exists(document: Path) -> None:
    for span in code_spans(document.read_text()):
        if _OBJECT.fullmatch(span):
            pkgutil.resolve_name(span)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for path, anchor in _LINK.findall(prose(document.read_text())):
        linked = document.parent / path if path else document
        assert linked.exists(), path
        assert not anchor or anchor in anchors(linked.read_text()), f"{path}#{anchor}"


def test_documents_name_paths_objects_and_links_at_all() -> None:
    text = "".join(document.read_text() for document in DOCUMENTS)
    assert sum(_PATH.fullmatch(span) is not None for span in code_spans(text)) > 10
    assert sum(_OBJECT.fullmatch(span) is not None for span in code_spans(text)) > 3
    assert len(_LINK.findall(prose(text))) > 2
