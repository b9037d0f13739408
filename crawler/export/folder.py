"""The store that is a local folder."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADVICE = {
    errno.ENOSPC: "free some space there, then start the same run_id again",
    errno.EDQUOT: "raise the quota there, then start the same run_id again",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f), then start the same run_id again",
    errno.EROFS: "mount it writable, or set EXPORT_URI to another folder",
    errno.EACCES: "let this user read and write there, or set EXPORT_URI to another folder",
    errno.EPERM: "let this user write and make hard links there, or set EXPORT_URI to another folder",
    errno.EOPNOTSUPP: "that file system has no hard links: set EXPORT_URI to a folder on another one",
    errno.EEXIST: "a file stands where a folder must be: move it away, or set EXPORT_URI to another folder",
    errno.ENOTDIR: "a file stands where a folder must be: move it away, or set EXPORT_URI to another folder",
    errno.EISDIR: "a folder stands where a file must be: move it away",
    errno.ENOENT: "it is not there: look whether something removes files under EXPORT_URI",
}
_PASSING = {  # what a network mount says while its server is away: nfs(5), options soft and softerr
    errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.EAGAIN,
    errno.EINTR,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
}


class FolderStore:
    """A store in a local folder: a key is a path below it. `list` passes over names that start with a dot.

    An object is written beside its place under such a name, forced to disk, then renamed (put) or linked (create)
    there. A rename alone would not do for create: of two publishers, the second would silently replace the first.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, data: bytes) -> None:
        with self._errors(key), self._written(key, data) as (temporary, path):
            temporary.replace(path)

    def create(self, key: str, data: bytes) -> None:
        with self._errors(key), self._written(key, data) as (temporary, path):
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                if not path.samefile(temporary):  # NFS asks again when an answer is lost, and then finds its own link
                    _sync_folder(path.parent)  # the winner may not have come to it, and it exists from here on
                    raise AlreadyExists(key) from None

    def get(self, key: str) -> bytes:
        with self._errors(key):
            return (self._root / key).read_bytes()

    def exists(self, key: str) -> bool:
        with self._errors(key):
            try:
                return stat.S_ISREG((self._root / key).stat().st_mode)
            except FileNotFoundError:
                return False

    def list(self, prefix: str) -> list[str]:
        folder = self._root / prefix.rpartition("/")[0]
        with self._errors(prefix):
            walk = os.walk(folder, onerror=_unless_absent)
            found = [Path(where, name) for where, _, names in walk for name in names if not name.startswith(".")]
        keys = (path.relative_to(self._root).as_posix() for path in found)
        return sorted(key for key in keys if key.startswith(prefix))

    def uri(self, key: str) -> str:
        return str(self._root / key)

    @contextmanager
    def _written(self, key: str, data: bytes) -> Iterator[tuple[Path, Path]]:
        """Give the object's bytes in a temporary file, and its place; on leaving, its place is on disk as well."""
        path = self._root / key
        _make_folder(path.parent)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield temporary, path
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            code = error.errno or 0
            what = f"{os.strerror(code)} in {self._root}"
            if code in _PASSING:
                raise StoreUnavailable(key, what) from error
            advice = _ADVICE.get(code, "see to it, then start the same run_id again")
            raise StoreError(key, f"{what}; {advice}") from error


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, and force their entries to disk: a file in a lost folder is lost."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unless_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
