"""What came of a command that runs unattended, for whoever did not look."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from crawler.errors import GateRefused
from crawler.export.manifest import Manifest, now
from crawler.extensions.summary import FAILED, UNCHANGED, Summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

    from crawler.errors import CrawlerError
    from crawler.export.manifest import Counts
    from crawler.export.publish import Published
    from crawler.records.gate import Verdict


class Outcome:
    """Takes in what becomes known of a command, from its start to its end."""

    def __init__(self, command: str) -> None:
        self.summary = Summary(command=command)
        self.verdicts: list[Verdict] = []
        """Those that passed as well."""
        self.stats: Mapping[str, Any] = {}
        """Scrapy's, or what publishing has found by their keys."""
        self.crawler: Crawler | None = None
        """Whose stats count, where a crawl is run."""
        self._began = monotonic()

    def published(self, published: Published) -> None:
        """Take in what was published, or had been before: then there was nothing to do."""
        if not published.anew:
            self.summary.result = UNCHANGED
        self.stats = published.stats
        self._written(published.manifest)
        self.summary.commit = published.commit.number

    def failed(self, error: CrawlerError) -> None:
        """Take in the error that ended the command."""
        self.summary.exit_code, self.summary.result, self.summary.error = error.exit_code, error.result, error.line
        if isinstance(error, GateRefused) and isinstance(error.manifest, Manifest):
            self.stats = error.stats
            self._written(error.manifest)

    def broke(self, error: BaseException) -> None:
        """Take in an error that nobody raised on purpose."""
        self.summary.exit_code, self.summary.result = 1, FAILED
        self.summary.error = f"{type(error).__name__}: {error}"

    def end(self) -> None:
        """Take in that the command is over."""
        if self.crawler is not None:
            with suppress(RuntimeError):  # where the crawl could not start, there are none
                self.stats = {**self.crawler.stats.get_stats(), **self.stats}
        self.summary.finished, self.summary.seconds = now(), round(monotonic() - self._began, 3)

    def _written(self, manifest: Manifest) -> None:
        self._counted(manifest.counts)
        self.verdicts = manifest.gate
        self.summary.gate = [verdict for verdict in manifest.gate if not verdict.passed]
        self.summary.kept = manifest.kept

    def _counted(self, counts: Counts) -> None:
        self.summary.records, self.summary.changes, self.summary.ledger = counts.records, counts.changes, counts.ledger
