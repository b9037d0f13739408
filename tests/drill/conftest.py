"""What the tests of the drill share."""

from __future__ import annotations

from tests.crawl.conftest import seaweed

__all__ = ["seaweed"]
