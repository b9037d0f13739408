"""A tree of files as GitHub Pages would serve it."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from sandbox.exchange import HTML, JSON, TEXT, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import Asked
    from sandbox.tree import Tree

TYPES: Final = {
    "html": HTML,
    "txt": TEXT,
    "xml": "application/xml",
    "json": JSON,
    "js": "application/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
}


class Files:
    """Answers from `tree`; `modified` is the time that all its files were last changed."""

    def __init__(self, tree: Tree, modified: str) -> None:
        self.tree = tree
        self.modified = modified

    def answer(self, asked: Asked, *, cut: bool = False) -> Answer | None:
        """The file that is asked for, half of it if it is to be `cut`; None if there is none."""
        path = _path(asked)
        found = self._file(path)
        if found is None:
            if path.endswith("/") or self.tree.get(f"{path}/index.html") is None:
                return None
            query = f"?{asked.query}" if asked.query else ""
            return Answer(301, {"Location": f"https://{asked.host}{asked.path}/{query}"})
        name, body = found
        return self._sent(asked.headers, name, body[: len(body) // 2] if cut else body)

    def missing(self, asked: Asked) -> Answer:
        """The 404 page of the nearest folder above that has one."""
        path = _path(asked)
        while "/" in path:
            path = path.rpartition("/")[0]
            body = self.tree.get(f"{path}/404.html")
            if body is not None:
                return Answer(404, {"Content-Type": HTML}, body)
        return Answer(404, {"Content-Type": TEXT}, b"There is no such host.\n")

    def _file(self, path: str) -> tuple[str, bytes] | None:
        names = (f"{path}index.html",) if path.endswith("/") else (path, f"{path}.html")
        files = ((name, self.tree.get(name)) for name in names)
        return next(((name, body) for name, body in files if body is not None), None)

    def _sent(self, headers: Mapping[str, str], name: str, body: bytes) -> Answer:
        """The file, compressed if asked for; 304 if the client has it already.

        As at the real host, the validator of a compressed body is weak, a tag decides before a time, and a time has to
        be the very one that was sent before.
        """
        ending = name.rpartition(".")[2]
        tag = _tag(body)
        zipped = ending in TYPES and _takes_gzip(headers.get("accept-encoding", ""))
        told = {
            "ETag": f"W/{tag}" if zipped else tag,
            "Last-Modified": self.modified,
            "Cache-Control": "max-age=600",
            "Vary": "Accept-Encoding",
        }
        tags = headers.get("if-none-match")
        known = headers.get("if-modified-since") == self.modified if tags is None else tag in tags or tags == "*"
        if known:
            return Answer(304, told)
        told["Content-Type"] = TYPES.get(ending, "application/octet-stream")
        return Answer(200, told | {"Content-Encoding": "gzip"}, _zipped(body)) if zipped else Answer(200, told, body)


def _path(asked: Asked) -> str:
    """The path of a file within the tree: a host alone, without a slash behind it, is a folder like any other."""
    return unquote(asked.host + asked.path)


@lru_cache(maxsize=256)
def _tag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


@lru_cache(maxsize=256)
def _zipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


def _takes_gzip(accepted: str) -> bool:
    """True if an Accept-Encoding header allows gzip.

    >>> _takes_gzip("br, gzip"), _takes_gzip("gzip;q=0, br"), _takes_gzip("identity")
    (True, False, False)
    """
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", accepted) is not None
