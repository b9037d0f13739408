"""When a crawl is killed: at events of its life, so that no phase of it is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_DISCOVERING = 4
"""Requests for robots.txt, the sitemap and the first pages."""
_WRITTEN = ("records/parquet", "records/jsonl", "ledger.parquet", "sightings/", "changes", "/stats.json", "schema.json")
_LAST = ("manifest.json", "v1/commits/", "v1/current.json")
PHASES = ("discovering", "fetching", "flushing", "merging", "publishing", "committing")


def moment(phase: str, draw: Random, asked: int) -> str:
    """Return a moment in a phase of a crawl that would ask for `asked` pages.

    `asked:N` is the N-th request that the site sees; any other text is a write, as `tests.chaos.doomed` has it.
    """
    at_once, soon = draw.choice(("before", "after", f"{draw.uniform(0, 0.01):.4f}")), f"{draw.uniform(0, 0.1):.4f}"
    return {
        "discovering": f"asked:{draw.randint(1, _DISCOVERING)}",
        "fetching": f"asked:{draw.randint(_DISCOVERING + 1, asked * 9 // 10)}",
        "flushing": f".jsonl.gz@{draw.randrange(3)}@{at_once}",
        "merging": f"{draw.choice(('publish-', '-stats.json'))}@0@{soon}",
        "publishing": f"{draw.choice(_WRITTEN)}@0@{at_once}",
        "committing": f"{draw.choice(_LAST)}@0@{at_once}",
    }[phase]
