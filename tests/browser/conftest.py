"""What tests of pages in a browser share."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from crawler import browser


@pytest.fixture(scope="session", autouse=True)
def chromium() -> None:
    """Make sure that there is a Chromium: `make test` installs one."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    if reason := browser.available(settings):
        pytest.fail(reason)
