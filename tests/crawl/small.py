"""A catalogue of a few plain pages, for tests that change what single ones say."""

from __future__ import annotations

import json
from hashlib import md5
from typing import Any

HOST = "harmonydata.ac.uk"
SITEMAP = f"{HOST}/search/sitemap.xml"
STUDIES = 40
"""So many that a few may go without the gate's refusal."""


def result(slug: str, *children: dict[str, Any], kind: str = "study", doi: str | None = None) -> dict[str, Any]:
    """Return a record as the catalogue hands it to a page."""
    return {
        "dataset_schema": {"name": f"Title of {slug}", "identifier": [doi] if doi else []},
        "extra_data": {"slug": slug, "uuid": uuid(slug), "resource_type": kind},
        "child_datasets": list(children),
    }


def uuid(slug: str) -> str:
    """Return the uuid of an item."""
    return md5(slug.encode(), usedforsecurity=False).hexdigest()


def page(of: dict[str, Any], build: str = "a") -> bytes:
    """Return the page of an item, as a Flight stream; another build has other bytes around the same record."""
    return f'1:"{build}"\n0:["$","p",null,{{"x":{json.dumps(of)}}}]\n'.encode()


def slug(number: int) -> str:
    """Return the slug of a study."""
    return f"study-{number:02d}"


def doi(number: int, edition: int = 1) -> str:
    """Return the DOI of an edition of a study."""
    return f"10.5255/UKDA-SN-{7000 + number}-{edition}"


def path(name: str) -> str:
    """Return where the tree has the page of an item."""
    return f"{HOST}/search/items/{name}.txt"


def sitemap(*names: str) -> bytes:
    """Return a sitemap that lists the pages of these items."""
    listed = "".join(f"<url><loc>https://{HOST}/search/items/{name}</loc></url>" for name in names)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode()


def tree() -> dict[str, bytes | None]:
    """Return the catalogue: studies, the first of which holds a dataset in full."""
    files = result("files", kind="dataset", doi=doi(0))
    studies = [result(slug(0), files, doi=doi(0)), *(result(slug(n), doi=doi(n)) for n in range(1, STUDIES))]
    pages: dict[str, bytes | None] = {path(each["extra_data"]["slug"]): page(each) for each in studies}
    pages[f"{HOST}/robots.txt"] = b"User-agent: *\nAllow: /\n\nSitemap: https://harmonydata.ac.uk/search/sitemap.xml\n"
    pages[SITEMAP] = sitemap(*(slug(number) for number in range(STUDIES)))
    return pages
