"""What becomes of a discovered URL: it is asked for now, or held back until it is known to be needed."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Self

from crawler.items import Begin, Lead, Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable
    from contextlib import AbstractAsyncContextManager

    from scrapy.crawler import Crawler

    from crawler.spiders.catalogue import CatalogueSpider


class Discovery:
    """Every URL that a crawl has come upon, and those whose items it has been told in full.

    One item has several pages. The site ranks their URLs: the best, of rank 0, is asked for at once; the others wait
    until nothing is left to ask for, and are then asked for rank by rank, unless their item was told by then. So what
    is asked for depends on what the pages say, and neither on their order nor on the speed of the answers. No more are
    asked for than `limit`, where there is one.

    >>> discovery = Discovery(lambda url: 1 if url.startswith("studies/") else 0)
    >>> discovery.discover(["studies/a", "items/a", "studies/b", "items/a"])
    [Lead(url='items/a', depth=0)]
    >>> discovery.tell(Target(url="items/a", state=None, told=["studies/a"]))
    >>> discovery.release(), discovery.release()
    ([Lead(url='studies/b', depth=0)], [])
    """

    @classmethod
    def from_crawler(cls, _: Crawler, spider: CatalogueSpider) -> Self:
        return cls(spider.rank, spider.limit)

    def __init__(self, rank: Callable[[str], int], limit: int | None = None) -> None:
        self._rank = rank
        self._left = limit
        self._urls: set[str] = set()
        self._told: set[str] = set()
        self._held: list[Lead] = []

    def done(self, urls: Iterable[str], asked: Collection[str]) -> None:
        """Note targets that are done, and which of them the run has asked for."""
        found = set(urls)
        self._urls |= found
        self._told |= found
        if self._left is not None:
            self._left -= len(asked)

    def discover(self, urls: Iterable[str], depth: int = 0, *, hold: bool = True) -> list[Lead]:
        """Note URLs, and return the new ones that are to be asked for now: all of them, where none is to be held."""
        new = [Lead(url, depth) for url in dict.fromkeys(urls) if url not in self._urls]
        self._urls.update(lead.url for lead in new)
        if not hold:
            return self._within_limit(new)
        self._held += [lead for lead in new if self._rank(lead.url)]
        return self._within_limit([lead for lead in new if not self._rank(lead.url)])

    def tell(self, target: Target) -> None:
        """Note a target that is on its way to the store, and the URLs of the items that it tells in full."""
        self._told.update(target.told)

    def take(self, url: str) -> list[Lead]:
        """Return a target that is told without having been asked for, unless it was told before or the limit is met."""
        if url in self._told:
            return []
        self._urls.add(url)
        self._told.add(url)
        return self._within_limit([Lead(url)])

    def release(self) -> list[Lead]:
        """Return the URLs of the next rank that were held back and have to be asked for after all."""
        held = [lead for lead in self._held if lead.url not in self._told]
        rank = min((self._rank(lead.url) for lead in held), default=0)
        self._held = [lead for lead in held if self._rank(lead.url) > rank]
        return self._within_limit([lead for lead in held if self._rank(lead.url) == rank])

    async def events(self) -> AsyncIterator[Target | Begin]:
        """Yield that the spider has to begin, once."""
        yield Begin.FIRST

    def publishing(self) -> AbstractAsyncContextManager[None]:
        """Return what is held while the run is published: nothing."""
        return nullcontext()

    def _within_limit(self, leads: list[Lead]) -> list[Lead]:
        if self._left is None:
            return leads
        asked = leads[: max(self._left, 0)]
        self._left -= len(asked)
        return asked
