"""Choices that depend on nothing but a name, so that every machine and every run draws alike."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Draws:
    """A sequence of choices, the same for the same name.

    >>> Draws("study 7").below(1000) == Draws("study 7").below(1000)
    True

    The pool lasts for some fifty choices among a thousand; beyond that, all are the first.
    """

    def __init__(self, name: str) -> None:
        self._pool = int.from_bytes(hashlib.shake_128(name.encode()).digest(64))

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        self._pool, drawn = divmod(self._pool, limit)
        return drawn

    def one(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones of `options`, in the order of the draw; all of them if there are fewer."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]


def share(name: str) -> float:
    """A number from 0 up to 1 for `name`, evenly spread over names.

    >>> 0 <= share("503 https://example.org/ 1") < 1
    True
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest()) / 2**56
