"""The documents as `make docs` builds them: every page is there, fits a phone, and loads nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from scrapy.settings import Settings

from crawler import browser
from tests.conftest import ROOT
from tests.docs.documents import DOCUMENTS
from tests.docs.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

PHONE = 390
BROKEN = {
    "[no page](nowhere.md)": "'nowhere.md'",
    "[no anchor](export.md#nowhere)": "'docs/export': 'nowhere'",
    "[no anchor here](#nowhere)": "target not found: 'nowhere'",
    "[no file](../crawler/nowhere.py)": "'../crawler/nowhere.py'",
    "![no image](nowhere.png)": "docs/nowhere.png",
}
"""What is wrong in a page -> what a warning says of it."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    as_is = {"PYTHONWARNINGS": ""}  # myst-parser asks Sphinx in a way that Sphinx 11 will not know
    return Reader(tmp_path_factory.mktemp("built") / "project", as_is, {})


@pytest.fixture(scope="module")
def built(reader: Reader) -> Path:
    ran = reader.execute("make", "docs")
    assert (ran.returncode, ran.stderr) == (0, "")
    return reader.project / "build/docs"


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.executable(Settings()))
        yield chromium.new_page(viewport={"width": PHONE, "height": 800})
        chromium.close()


def test_every_document_is_a_page_and_the_first_one_leads_to_it(built: Path) -> None:
    start = (built / "docs/index.html").read_text()
    assert "url=docs/index.html" in (built / "index.html").read_text()
    for document in DOCUMENTS:
        page = document.relative_to(ROOT).with_suffix(".html")
        assert (built / page).exists()
        assert f'href="{page.name}"' in start or f'href="../{page}"' in start or page.name == "index.html"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_page_fits_a_phone_and_loads_nothing_from_elsewhere(document: Path, built: Path, phone: Page) -> None:
    loaded, said = [], []
    phone.on("request", lambda request: loaded.append(request.url))
    phone.on("console", lambda message: said.append(message.text))
    phone.goto((built / document.relative_to(ROOT).with_suffix(".html")).as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert [url for url in loaded if not url.startswith((built.as_uri(), "data:"))] == []
    assert any("tables.css" in url for url in loaded)
    assert said == []


def test_a_broken_link_and_a_page_that_nothing_leads_to_are_errors(reader: Reader, built: Path) -> None:
    assert built.exists()
    (reader.project / "docs/unnamed.md").write_text("# Unnamed\n\n" + "\n\n".join(BROKEN))
    ran = reader.execute("make", "docs")
    warnings = [line for line in ran.stderr.splitlines() if "WARNING" in line]
    assert ran.returncode
    assert len(warnings) == len(BROKEN) + 1
    for said in [*BROKEN.values(), "document isn't included in any toctree"]:
        assert any(said in line for line in warnings), said
