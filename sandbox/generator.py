"""Fills the catalogue around its committed pages with generated ones, to any size; `python -m` writes a sample."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from crawler.errors import UsageError
from sandbox.eras import SITE, document, stream
from sandbox.layout import Build
from sandbox.studies import Item, find, item, part_count
from sandbox.tree import Folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.tree import Tree

PAGES: Final = Path(__file__).with_name("pages")
"""The committed pages, a folder for each build."""

DEFAULT_BUILD: Final = "next-16.4.6"
DEFAULT_SCALE: Final = 60
SITEMAP_ENTRIES: Final = 1000

CLIENT: Final = Path(__file__).with_name("client.js")
"""What the scripts are of a page whose build had no record for it; the scripts of other pages are not kept."""

_UNFILLED: Final = [
    path for path, row in json.loads(PAGES.joinpath("expected.json").read_bytes()).items() if row["kind"] == "browser"
]
_CHUNK: Final = re.compile(rb'<script\b[^>]*\bsrc="/(search/_next/static/chunks/[^"?]+)"')
_HOME: Final = SITE.removeprefix("https://")
_PAGE: Final = re.compile(rf"{re.escape(_HOME)}/((?:items|studies)/([^/]+))\.(txt|html)")
_PART: Final = re.compile(rf"{re.escape(_HOME)}/sitemap/([0-9]{{1,9}})\.xml")
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a catalogue of some scale holds besides the committed pages."""

    studies: int
    datasets: int
    pages: int
    """Addresses of these items; each is served as `.html` and `.txt`."""


def items(scale: int) -> Iterator[Item]:
    """Every generated item, each study before its datasets."""
    for index in range(scale):
        yield from (item(index, part) for part in range(part_count(index) + 1))


def expected(scale: int) -> Expected:
    """How much there is to find.

    >>> expected(4)
    Expected(studies=4, datasets=12, pages=31)
    """
    pages = [len(each.pages) for each in items(scale)]
    return Expected(scale, len(pages) - scale, sum(pages))


def committed(build: str) -> Folder:
    """The committed pages of `build`; UsageError names the builds there are."""
    builds = sorted(folder.name for folder in PAGES.iterdir() if folder.is_dir())
    if build not in builds:
        raise UsageError(f"build {build!r} is not there; accepted: {', '.join(builds)}")
    return Folder(PAGES / build)


class Catalogue:
    """The tree of a catalogue: `core` as it is, and `scale` generated studies, computed when asked for.

    Its sitemap lists the studies beside what the core's own lists; datasets are found by walking from there. Above
    1,000 studies it is an index of sitemaps.
    """

    def __init__(self, core: Tree, scale: int = DEFAULT_SCALE, build: str = DEFAULT_BUILD) -> None:
        self.core = core
        self.scale = scale
        self.build = Build(build)

    def get(self, path: str, /) -> bytes | None:
        if path == f"{_HOME}/sitemap.xml":
            return self._sitemap()
        if match := _PART.fullmatch(path):
            return self._sitemap_part(int(match[1]))
        if path in self._client:
            return CLIENT.read_bytes()
        own = self.core.get(path)
        return self._generated(path) if own is None else own

    @cached_property
    def _client(self) -> frozenset[str]:
        """The scripts of the core's pages without a record."""
        pages = [self.core.get(f"{page}.html") or b"" for page in _UNFILLED]
        sources = {unquote(source.decode()) for page in pages for source in _CHUNK.findall(page)}
        return frozenset(f"{_HOME.partition('/')[0]}/{source}" for source in sources)

    def _generated(self, path: str) -> bytes | None:
        match = _PAGE.fullmatch(path)
        if match is None:
            return None
        page, name, ending = match.groups()
        found = find(name, self.scale)
        return _written(found, page, ending, self.build) if found and page in found.pages else None

    def _sitemap(self) -> bytes:
        own = self.core.get(f"{_HOME}/sitemap.xml") or _urlset()
        if self.scale <= SITEMAP_ENTRIES:
            return own.replace(b"</urlset>", self._entries(range(self.scale)) + b"</urlset>")
        parts = range(-(-self.scale // SITEMAP_ENTRIES) + 1)
        listed = "".join(f"<sitemap>\n<loc>{SITE}/sitemap/{part}.xml</loc>\n</sitemap>\n" for part in parts)
        return f'{_XML}<sitemapindex xmlns="{_SCHEMA}">\n{listed}</sitemapindex>\n'.encode()

    def _sitemap_part(self, part: int) -> bytes | None:
        """Part 0 is the core's own sitemap; the studies follow, by the thousand."""
        if part == 0:
            return self.core.get(f"{_HOME}/sitemap.xml")
        start = (part - 1) * SITEMAP_ENTRIES
        if start >= self.scale:
            return None
        return _urlset(self._entries(range(start, min(start + SITEMAP_ENTRIES, self.scale))))

    def _entries(self, indexes: Iterable[int]) -> bytes:
        modified = self.build.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        pages = (item(index).pages[-1] for index in indexes)
        return "".join(
            f"<url>\n<loc>{SITE}/{page}</loc>\n<lastmod>{modified}</lastmod>\n"
            "<changefreq>weekly</changefreq>\n<priority>0.7</priority>\n</url>\n"
            for page in pages
        ).encode()


def _urlset(entries: bytes = b"") -> bytes:
    return f'{_XML}<urlset xmlns="{_SCHEMA}">\n'.encode() + entries + b"</urlset>\n"


@lru_cache(maxsize=512)
def _written(of: Item, page: str, ending: str, build: Build) -> bytes:
    return stream(of, page, build) if ending == "txt" else document(of, page, build)


def main(argv: list[str] | None = None) -> None:
    """Write the stream of every generated item to a folder, for other decoders to read."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.generator", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=int, default=8, help="number of studies")
    parser.add_argument("--build", default=DEFAULT_BUILD)
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    for each in items(options.scale):
        page = each.pages[0]
        file = options.folder / f"{page.removeprefix('items/')}.txt"
        file.write_bytes(stream(each, page, Build(options.build)))


if __name__ == "__main__":
    main()
