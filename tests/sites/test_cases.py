"""Every directory of a site's is one page: the URL of its target, its bytes, and what is read from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.sites import SITES
from tests.sites.cases import asked, cases, check

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.sites.site import Site

EVERY = [pytest.param(site, case, id=f"{site.NAME}/{case.name}") for site in SITES for case in cases(site.NAME)]


@pytest.mark.parametrize(("site", "case"), EVERY)
def test_what_is_read_from_a_page(site: Site, case: Path) -> None:
    check(case, site.read)


@pytest.mark.parametrize(("site", "case"), EVERY)
def test_a_page_in_a_file_is_of_no_other_site(site: Site, case: Path) -> None:
    _, body = asked(case)
    assert [other.NAME for other in SITES if other is not site and other.read("", body).found] == []
