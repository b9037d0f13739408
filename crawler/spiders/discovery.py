"""What becomes of a discovered URL: it is asked for now, or held back until it is known to be needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Discovery:
    """Every URL that a crawl has come upon, and those whose items it has been told in full.

    One item has several pages. The site ranks their URLs: the best, of rank 0, is asked for at once; the others wait
    until nothing is left to ask for, and are then asked for rank by rank, unless their item was told by then. So what
    is asked for depends on what the pages say, and neither on their order nor on the speed of the answers.

    >>> discovery = Discovery(lambda url: 1 if url.startswith("studies/") else 0)
    >>> discovery.discover(["studies/a", "items/a", "studies/b", "items/a"])
    ['items/a']
    >>> discovery.tell(["studies/a"])
    >>> discovery.release(), discovery.release()
    (['studies/b'], [])
    """

    def __init__(self, rank: Callable[[str], int]) -> None:
        self._rank = rank
        self._urls: set[str] = set()
        self._told: set[str] = set()
        self._held: list[str] = []

    def discover(self, urls: Iterable[str], *, hold: bool = True) -> list[str]:
        """Note URLs, and return the new ones that are to be asked for now: all of them, where none is to be held."""
        new = [url for url in dict.fromkeys(urls) if url not in self._urls]
        self._urls.update(new)
        if not hold:
            return new
        self._held += [url for url in new if self._rank(url)]
        return [url for url in new if not self._rank(url)]

    def tell(self, urls: Iterable[str]) -> None:
        """Note the URLs of items that have been told in full."""
        self._told.update(urls)

    def release(self) -> list[str]:
        """Return the URLs of the next rank that were held back and have to be asked for after all."""
        held = [url for url in self._held if url not in self._told]
        rank = min(map(self._rank, held), default=0)
        self._held = [url for url in held if self._rank(url) > rank]
        return [url for url in held if self._rank(url) == rank]
