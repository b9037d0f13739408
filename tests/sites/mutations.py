"""Documents that are nearly those of a source: a recorded shape with other values, and damaged bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-1, 3000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "2009", "2009/..", "10.1234/a", "https://example.org/", "deletion", "Abstract", "name"])
)  # fmt: skip - one line for each kind


def values(keys: list[str]) -> st.SearchStrategy[Any]:
    """Return any JSON value whose objects have some of a document's own keys."""
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=3),
        max_leaves=6,
    )


@st.composite
def mutated(draw: st.DrawFn, cases: list[Path]) -> bytes:
    """Return a case's JSON with some of its values, at any depth, replaced by others."""
    case = draw(st.sampled_from([case for case in cases if (case / "page.json").exists()]))
    body = (case / "page.json").read_bytes()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    places = list(_places(document))
    other = values(sorted({str(key) for _, key in places} | {"name"}))
    for _ in range(draw(st.integers(1, 3))):
        if places:
            container, key = draw(st.sampled_from(places))
            container[key] = draw(other)
    return orjson.dumps(document)


@st.composite
def damaged(draw: st.DrawFn, cases: list[Path]) -> bytes:
    """Return the bytes of a case, cut off, or with a few of them replaced."""
    body = next(draw(st.sampled_from(cases)).glob("page.*")).read_bytes()
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(st.binary(max_size=4)) + draw(st.sampled_from([b"", body[at + 1 :]]))


def _places(document: object) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    todo = [document]
    while todo:
        value = todo.pop()
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, each in inner:
            found.append((value, key))
            todo.append(each)
    return found
