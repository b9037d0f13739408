"""The files of the hosts that the sandbox stands in for: `<host>/<path>` to bytes."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from pathlib import Path

_ABSENT: Final = frozenset({errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG})


class Tree(Protocol):
    """Something with files; a dict is one."""

    def get(self, path: str, /) -> bytes | None:
        """The file at `path`, such as `harmonydata.ac.uk/robots.txt`; None if there is none."""
        ...


class Folder:
    """The files below a folder; a path that could lead out of it names no file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, path: str, /) -> bytes | None:
        parts = path.split("/")
        if "\0" in path or any(part in {"", ".", ".."} for part in parts):
            return None
        try:
            return self.root.joinpath(*parts).read_bytes()
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise


class Edited:
    """A tree with changes that a test makes while it is served: a path in `pages` hides the tree's own file.

    >>> tree = Edited({"example.org/a": b"1", "example.org/b": b"2"})
    >>> tree.pages.update({"example.org/a": b"new", "example.org/b": None})
    >>> tree.get("example.org/a"), tree.get("example.org/b"), tree.get("example.org/c")
    (b'new', None, None)
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.pages: dict[str, bytes | None] = {}

    @property
    def scale(self) -> int | None:
        """How many generated studies the tree has, if it is one of these."""
        return getattr(self.tree, "scale", None)

    def get(self, path: str, /) -> bytes | None:
        return self.pages[path] if path in self.pages else self.tree.get(path)
