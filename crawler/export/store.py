"""Where the export lives: the store's contract, and the store that an address names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from crawler.errors import UsageError
from crawler.export.folder import FolderStore
from crawler.export.patience import Patient

if TYPE_CHECKING:
    from crawler.export.s3 import S3Store

_ACCEPTED = "give s3://bucket/prefix, a folder's path or file:///path"
_BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")
_UNFIT = re.compile(r"[?#\x00-\x1f]|(?:^|/)\.{0,2}(?:/|$)")
"""What no prefix has: a query, and parts that a folder would not have either (empty, `.` and `..`)."""


class Store(Protocol):
    """Objects by key, whole or not at all; every method raises StoreError for what it could not do."""

    def put(self, key: str, data: bytes) -> None:
        """Write an object, in place of an older one of that key; a reader sees either, never a part."""

    def create(self, key: str, data: bytes) -> None:
        """Write an object only if there is none of that key, else raise AlreadyExists; of many at once, one wins."""

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""

    def exists(self, key: str) -> bool:
        """Say whether there is an object of that key."""

    def list(self, prefix: str) -> list[str]:
        """Return the sorted keys of all objects whose key starts with `prefix`."""

    def uri(self, key: str) -> str:
        """Return where a person finds the object of that key."""


def open_store(uri: str, outage: float = 60.0) -> Patient:
    """Return the store that EXPORT_URI names, which waits out `outage` seconds; one object per process and address.

    Raises UsageError for an address of another kind, StoreError where the client of S3 cannot be made; nothing is
    written or read yet.

    >>> open_store("file:///srv/exports").uri("v1/current.json")
    '/srv/exports/v1/current.json'
    """
    scheme, _, rest = uri.rpartition("://")
    if "@" in rest and scheme:  # not shown: what stands before it may be a secret
        raise UsageError(f"EXPORT_URI names a user, as in {scheme}://user@: {_ACCEPTED}; credentials come from AWS_*")
    if scheme == "s3":
        bucket, _, prefix = rest.partition("/")
        prefix = prefix.removesuffix("/")
        if not _BUCKET.fullmatch(bucket) or (prefix and _UNFIT.search(prefix)):
            raise UsageError(f"EXPORT_URI {uri!r} is not accepted: {_ACCEPTED}, without a query")
        return _in_bucket(bucket, prefix, outage)
    if scheme not in {"", "file"} or not rest:
        raise UsageError(f"EXPORT_URI {uri!r} is not accepted: {_ACCEPTED}")
    if not scheme:
        return _in_folder(Path(uri).absolute(), outage)
    host, slash, path = rest.partition("/")
    if host not in {"", "localhost"}:
        raise UsageError(f"EXPORT_URI {uri!r} names the host {host!r}: file:///path has three slashes")
    return _in_folder(Path(unquote(slash + path)), outage)


@cache
def _in_folder(root: Path, outage: float) -> Patient:
    return Patient(FolderStore(root), outage)


@cache
def _in_bucket(bucket: str, prefix: str, outage: float) -> Patient:
    return Patient(_s3()(bucket, prefix), outage)


def _s3() -> type[S3Store]:
    from crawler.export.s3 import S3Store  # noqa: PLC0415 - boto3 takes 0.3 s, which an export to a folder need not pay

    return S3Store
