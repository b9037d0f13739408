"""What every module of `crawler.sites` knows of its site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from crawler.sites.page import Page, Route


class Site(Protocol):
    """One source: the forms of its URLs, and where a record lives on its pages."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 - a constant of the module
    @property
    def HOSTS(self) -> tuple[str, ...]:  # noqa: N802 - likewise
        """Hosts that are asked for its targets."""
        ...

    @property
    def BROWSER_HOSTS(self) -> tuple[str, ...]:  # noqa: N802 - likewise
        """Hosts that one of its pages may call in a browser, besides its own."""
        ...

    def canonical(self, url: str) -> str | None:
        """Return the canonical URL of the target that a URL names in any form, or None."""
        ...

    def routes(self, url: str) -> list[Route]:
        """Return the ways to ask for a canonical URL, in order."""
        ...

    def pages_of(self, name: str) -> list[str]:
        """Return the canonical URLs that a name may have."""
        ...

    def rank(self, url: str) -> int:
        """Return how good a canonical URL is to ask for its item by; 0 is best."""
        ...

    def read(self, url: str, body: bytes) -> Page:
        """Return what the answer of any route tells; never raises."""
        ...
