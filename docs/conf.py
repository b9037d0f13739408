"""How `make docs` builds these pages: from the Markdown that GitHub shows, with nothing that comes from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "study-crawler"
root_doc = "docs/index"
include_patterns = ["docs/*.md", "*.md"]
exclude_patterns = [".*"]  # nothing is looked for in the environment
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_copyright = False


def setup(app: Sphinx) -> None:
    """Let the start page be the table of contents: a directive in it would be a block of code on GitHub."""
    app.connect("source-read", _list_pages)
    app.add_lexer("crontab", TextLexer)  # which GitHub knows, and Pygments does not


def _list_pages(_app: Sphinx, page: str, source: list[str]) -> None:
    if page == root_doc:
        pages = "\n".join(re.findall(r"\]\(([^)#]+)\.md\)", source[0]))
        source[0] += f"\n```{{toctree}}\n:hidden:\n{pages}\n```\n"
