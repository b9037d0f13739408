"""The schemas of the export, all derived from the types in `crawler.items` by one walk over them."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pyarrow as pa

from crawler.items import SCHEMA_VERSION, Record, Source, Target

Json = dict[str, Any]

_KEY = {"pattern": "^(doi|harmony|ukda):."}
_DOI = {"pattern": "^10\\.[0-9.]+/[^A-Z\\s]+$"}
_SHA256 = {"pattern": "^[0-9a-f]{64}$"}
_DAY = {"format": "date"}
_DAY_MONTH_OR_YEAR = {"pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
_MOMENT = {"format": "date-time"}
_URL = {"format": "uri"}

CONSTRAINTS: dict[str, Json] = {
    "key": _KEY,
    "type": {"enum": ["study", "dataset"]},
    "part_of": _KEY,
    "parts": _KEY,
    "superseded_by": _KEY,
    "doi": _DOI,
    "dois": _DOI,
    "temporal_start": _DAY,
    "temporal_end": _DAY,
    "date_published": _DAY_MONTH_OR_YEAR,
    "date_modified": _DAY_MONTH_OR_YEAR,
    "country_codes": {"pattern": "^[A-Z]{2}$"},
    "catalogues.url": _URL,
    "urls": _URL,
    "sources.source": {"enum": [source.value for source in Source]},
    "sources.url": _URL,
    "sources.fetched_at": _MOMENT,
    "sources.digest": _SHA256,
    "first_seen": _MOMENT,
    "last_seen": _MOMENT,
    "digest": _SHA256,
    "schema_version": {"const": SCHEMA_VERSION},
}
"""What a value must look like beyond its type, by the field's path; that of a list holds for each of its values."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A type in the three languages that it is published in."""

    json: Json
    arrow: pa.DataType
    words: str
    nullable: bool = False

    def field(self, name: str) -> pa.Field:
        return pa.field(name, self.arrow, nullable=self.nullable)


def columns(cls: type) -> list[Field[Any]]:
    """Return the fields of a dataclass in the export's order: those without a default first, so that `key` leads.

    >>> [field.name for field in columns(Record)][:3]
    ['key', 'type', 'title']
    """
    declared = fields(cls)
    return sorted(declared, key=lambda field: not _required(field))


def arrow_schema(cls: type, *left_out: str) -> pa.Schema:
    """Return the Arrow schema of a dataclass, without the fields named.

    >>> arrow_schema(Record).field("keywords").type
    ListType(list<element: string not null>)
    """
    hints = get_type_hints(cls, include_extras=True)
    kept = [field.name for field in columns(cls) if field.name not in left_out]
    return pa.schema([_shape(hints[name], name).field(name) for name in kept])


def json_schema() -> Json:
    """Return the JSON Schema (draft 2020-12) of a record of the export.

    >>> json_schema()["required"]
    ['key']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record",
        "description": f"A study or dataset, schema version {SCHEMA_VERSION}. What is absent is null or [].",
        **_shape(Record, "").json,
    }


def field_table() -> str:
    """Return a record's fields, their types and what they hold as a Markdown table.

    >>> print(field_table().splitlines()[2])
    | `key` | text | The record's identity: `doi:…`, `harmony:…` or `ukda:…`. |
    """
    hints = get_type_hints(Record, include_extras=True)
    shapes = {field.name: _shape(hints[field.name], field.name) for field in columns(Record)}
    rows = [f"| `{name}` | {shape.words} | {shape.json['description']} |" for name, shape in shapes.items()]
    return "\n".join(["| field | type | what it holds |", "|---|---|---|", *rows, ""])


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _shape(hint: Any, path: str) -> Shape:  # noqa: ANN401 - a type hint has no narrower type
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        shape = _shape(arguments[0], path)
        return Shape({**shape.json, "description": arguments[1]}, shape.arrow, shape.words, shape.nullable)
    if origin is UnionType and arguments[1:] == (NoneType,):
        return _or_null(_shape(arguments[0], path))
    if origin is list:
        return _list(_shape(arguments[0], path))
    if origin is dict and arguments[0] is str:
        return _map(_shape(arguments[1], f"{path}.*"))
    if is_dataclass(hint) and isinstance(hint, type):
        return _struct(hint, path)
    return _scalar(hint, path)


def _scalar(hint: Any, path: str) -> Shape:  # noqa: ANN401 - a type hint has no narrower type
    constraint = CONSTRAINTS.get(path, {})
    if hint is bool:
        return Shape({"type": "boolean", **constraint}, pa.bool_(), "true or false")
    if hint is int:
        return Shape({"type": "integer", **constraint}, pa.int64(), "integer")
    if hint is str or (isinstance(hint, type) and issubclass(hint, str) and issubclass(hint, Enum)):
        return Shape({"type": "string", "minLength": 1, **constraint}, pa.string(), "text")
    raise TypeError(f"{path}: {hint} has no place in the export's schema")


def _or_null(shape: Shape) -> Shape:
    json = {**shape.json, "type": [shape.json["type"], "null"]}
    if "enum" in json:
        json["enum"] = [*json["enum"], None]
    return Shape(json, shape.arrow, shape.words, nullable=True)


def _list(item: Shape) -> Shape:
    return Shape({"type": "array", "items": item.json}, pa.list_(item.field("element")), f"list of {item.words}")


def _map(value: Shape) -> Shape:
    return Shape(
        {"type": "object", "additionalProperties": value.json},
        pa.map_(pa.string(), value.field("value")),
        f"map of text to {value.words}",
    )


def _struct(cls: type, path: str) -> Shape:
    hints = get_type_hints(cls, include_extras=True)
    prefix = f"{path}." if path else ""
    parts = {field.name: _shape(hints[field.name], prefix + field.name) for field in columns(cls)}
    json = {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in columns(cls) if _required(field)],
        "properties": {name: shape.json for name, shape in parts.items()},
    }
    arrow = pa.struct([shape.field(name) for name, shape in parts.items()])
    return Shape(json, arrow, f"{{{', '.join(parts)}}}")


RECORDS = arrow_schema(Record)
SIGHTINGS = arrow_schema(Target, "depth")
"""What the snapshot rests on: targets with what the next run must know of their pages."""
LEDGER = arrow_schema(
    Target, "depth", "sightings", "links", "told", "route", "etag", "last_modified", "extractor_version", "base"
)
