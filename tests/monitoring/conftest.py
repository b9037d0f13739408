"""What the tests of what tells of a run share."""

from __future__ import annotations

from tests.crawl.conftest import seaweed

__all__ = ["seaweed"]
