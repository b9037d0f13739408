"""The one JSON text that a value has, so that equal values have equal digests."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def canonical_json(value: object) -> bytes:
    r"""Return the canonical JSON of JSON-able values and dataclasses: UTF-8, sorted keys, no white space.

    >>> canonical_json({"b": [1, None], "a": "é"})
    b'{"a":"\xc3\xa9","b":[1,null]}'
    """
    return orjson.dumps(value, default=_as_dict, option=_CANONICAL)


def _as_dict(instance: DataclassInstance) -> dict[str, Any]:
    """A dataclass as a dict, whose keys are sorted; left to itself, orjson writes fields as they are declared."""
    return {name: getattr(instance, name) for name in _names(type(instance))}


@cache
def _names(kind: type[DataclassInstance]) -> list[str]:
    return [field.name for field in fields(kind)]


def plain(instance: DataclassInstance) -> dict[str, Any]:
    """Return a dataclass as JSON-able dicts and lists, fields in the order of their declaration.

    >>> from crawler.items import Catalogue
    >>> plain(Catalogue(name="UK Data Service"))
    {'name': 'UK Data Service', 'url': None}
    """
    value: dict[str, Any] = orjson.loads(orjson.dumps(instance))
    return value


def digest(canonical: bytes) -> str:
    """Return the SHA-256 of a canonical JSON, as 64 hex digits.

    >>> digest(canonical_json({}))[:8]
    '44136fa3'
    """
    return sha256(canonical).hexdigest()
