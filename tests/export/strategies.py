"""Any item at all, by the types of its fields."""

from __future__ import annotations

from dataclasses import is_dataclass
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)  # JSON has no lone surrogates
SCALARS = {str: TEXT, int: st.integers(-(2**63), 2**63 - 1), bool: st.booleans(), NoneType: st.none()}


def built(cls: type) -> st.SearchStrategy[Any]:
    """Return the strategy of a dataclass that fills every field, also those that have a default."""
    return st.builds(cls, **{name: _of(hint) for name, hint in get_type_hints(cls).items()})


def _of(hint: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - a type hint has no narrower type
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if is_dataclass(hint) and isinstance(hint, type):
        return built(hint)
    inner = [_of(part) for part in get_args(hint)]
    if get_origin(hint) is list:
        return st.lists(inner[0], max_size=2)
    if get_origin(hint) is dict:
        return st.dictionaries(inner[0], inner[1], max_size=2)
    return st.one_of(inner)
