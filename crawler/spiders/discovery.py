"""What becomes of a discovered URL: it is asked for now, held back until it is known to be needed, or known already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UUID = re.compile(r"[0-9a-f]{32}")


class Discovery:
    """Every URL that a crawl has come upon, and those whose items it has been told in full.

    One item has pages under its slug (as an item, and as a study) and under its uuid. The first URL of a slug is asked
    for at once; another one of the same slug, and one named by a uuid, waits: most are told by then. `release` gives
    the rest.

    >>> discovery = Discovery(lambda url: url.rpartition("/")[2])
    >>> discovery.discover(["studies/a", "items/a", "items/b", "items/a"])
    ['studies/a', 'items/b']
    >>> discovery.tell(["items/a"])
    >>> discovery.release(), discovery.discovered
    ([], 3)
    """

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self._name_of = name_of
        self._urls: set[str] = set()
        self._asked: set[str] = set()
        self._told: set[str] = set()
        self._held: list[str] = []

    @property
    def discovered(self) -> int:
        """How many URLs there are."""
        return len(self._urls)

    def discover(self, urls: Iterable[str]) -> list[str]:
        """Note URLs, and return the new ones that are to be asked for now."""
        now = []
        for url in urls:
            if url in self._urls:
                continue
            self._urls.add(url)
            name = self._name_of(url)
            if name in self._asked or _UUID.fullmatch(name):
                self._held.append(url)
            elif url not in self._told:
                self._asked.add(name)
                now.append(url)
        return now

    def tell(self, urls: Iterable[str]) -> None:
        """Note the URLs of items that have been told in full."""
        self._told.update(urls)

    def is_told(self, url: str) -> bool:
        """Tell whether the item of a URL has been told in full."""
        return url in self._told

    def release(self) -> list[str]:
        """Return the URLs that were held back and have to be asked for after all, one for each name at a time."""
        ask: dict[str, str] = {}
        held, self._held = self._held, []
        for url in held:
            if url not in self._told and ask.setdefault(self._name_of(url), url) != url:
                self._held.append(url)
        return list(ask.values())
