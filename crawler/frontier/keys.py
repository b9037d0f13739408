"""The keys of a run's frontier in Redis."""

from __future__ import annotations

from dataclasses import dataclass

_PREFIX = "study-crawler"


@dataclass(frozen=True, slots=True)
class Keys:
    """Names every key of a run.

    >>> keys = Keys("nightly", ("harmony", "ukds"))
    >>> keys("seen"), keys.streams[1], keys.host("example.org")
    ('study-crawler:nightly:seen', 'study-crawler:nightly:stream:ukds', 'study-crawler:nightly:host:example.org')
    """

    run_id: str
    sites: tuple[str, ...]
    """Names of the sites that have a stream."""

    def __call__(self, name: str) -> str:
        return f"{_PREFIX}:{self.run_id}:{name}"

    @property
    def streams(self) -> list[str]:
        """The streams of the sites, in their order."""
        return list(map(self.stream, self.sites))

    def stream(self, site: str) -> str:
        """Return the stream of a site."""
        return self(f"stream:{site}")

    def host(self, host: str) -> str:
        """Return the key of what is known of a host."""
        return self(f"host:{host}")

    @property
    def pattern(self) -> str:
        """What all keys of the run match, and no other's."""
        return self("*")
