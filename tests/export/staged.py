"""The targets of a run and of the snapshots before it, staged."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.export.staging import Staging, scratch
from crawler.records.canonical import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.export.rows import Row
    from crawler.items import Target


def lines(targets: Iterable[Target]) -> Iterator[Row]:
    """Yield targets as the log has them."""
    return map(plain, targets)


@contextmanager
def staged(targets: Iterable[Target], *before: tuple[str, Sequence[Row]], complete: bool = True) -> Iterator[Staging]:
    """Give the settled targets of a run; of the snapshots, the first is the previous one, others are bases."""
    with scratch() as database:
        staging = Staging(database)
        staging.take_log(lines(targets))
        for number, (run_id, rows) in enumerate(before):
            if number == 0:
                staging.take_snapshot(run_id, rows, complete=complete)
            else:
                staging.resolve(run_id, rows)
        staging.settle()
        yield staging


def snapshot(targets: Iterable[Target], *before: tuple[str, Sequence[Row]], complete: bool = True) -> list[Row]:
    with staged(targets, *before, complete=complete) as staging:
        return list(staging.snapshot())
