"""A time limit that stands still: by a clock that the test moves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from crawler.browser.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Clock(asyncio.SelectorEventLoop):
    """An event loop in which time passes only when nothing else is to be done, and then as much as is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined] # the loop's own
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined] # likewise
        super()._run_once()  # type: ignore[misc] # likewise


def run(work: Coroutine[None, None, float]) -> float:
    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(work)


async def ended_at(deadline: Deadline, *waits: tuple[float, float]) -> float:
    """Return when a block ends that takes for ever, and waits at some times for so long."""

    async def wait(begin: float, seconds: float) -> None:
        await asyncio.sleep(begin)
        with deadline.standing():
            await asyncio.sleep(seconds)

    waiting = [asyncio.ensure_future(wait(*each)) for each in waits]
    with pytest.raises(TimeoutError):
        async with deadline:
            await asyncio.sleep(1000)
    for each in waiting:
        each.cancel()
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(
    ("waits", "end"),
    [
        ([], 5),
        ([(1, 10)], 15),
        ([(1, 10), (4, 3)], 15),
        ([(1, 10), (8, 10)], 22),
        ([(1, 2), (4, 2)], 9),
        ([(6, 2)], 5),
    ],
)
def test_no_time_passes_while_it_stands(waits: list[tuple[float, float]], end: float) -> None:
    assert run(ended_at(Deadline(5), *waits)) == pytest.approx(end)


def test_it_may_begin_anew() -> None:
    async def work() -> float:
        deadline = Deadline(5)
        asyncio.get_running_loop().call_later(4, deadline.restart, 3)
        return await ended_at(deadline)

    assert run(work()) == pytest.approx(7)


def test_what_waits_on_when_it_is_over_is_left_alone() -> None:
    async def work() -> float:
        deadline = Deadline(5)
        async with deadline:
            standing = deadline.standing()
            standing.__enter__()
        standing.__exit__(None, None, None)
        deadline.restart(1)
        await asyncio.sleep(10)
        return asyncio.get_running_loop().time()

    assert run(work()) == pytest.approx(10)
