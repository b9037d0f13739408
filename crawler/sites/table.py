"""Field tables: which key of a source's object tells which field of a record.

A table maps a record field to the keys that can tell it, best first. A key may come with a function that takes one of
its values and returns what of it tells the field, or None. What no table can say is left to the site module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from crawler.items import Description
from crawler.sites.dates import earliest, latest

if TYPE_CHECKING:
    from collections import Counter

_Choice: TypeAlias = Callable[[Any], Any]
_Step: TypeAlias = tuple[str, _Choice | None]
Key: TypeAlias = str | tuple[str, _Choice]

LISTS = frozenset(each.name for each in fields(Description) if each.default_factory is not MISSING)
# Fields whose values stay the objects that they are, with the keys of those that are read, or left out on purpose.
_THING = {"@type", "@id", "name", "url", "image", "logo", "description", "identifier", "sameAs", "alternateName"}
OBJECTS: Mapping[str, frozenset[str]] = {
    "creators": frozenset(
        {*_THING, "orcid", "type", "givenName", "familyName", "affiliation", "email", "telephone", "address"}
        | {"contactPoint", "jobTitle", "worksFor"}
    ),
    "catalogues": frozenset({*_THING, "@context", "publisher", "license", "dataset"}),
    "variables": frozenset(
        {*_THING, "uuid", "options", "response_options", "cosine_similarity", "source", "keywords", "question"}
        | {"unitText", "unitCode", "value", "minValue", "maxValue", "propertyID", "measurementTechnique"}
    ),
}
_UNIONS = LISTS - OBJECTS.keys()
_JOINED = {"spatial_coverage"}  # one text, which some sources write as a list of places
_OF_SEVERAL = {"temporal_start": earliest, "temporal_end": latest}  # a period may have several parts
_LABELS = ("name", "value", "@value", "url", "@id")  # the first that an object has stands for it
_LABELLED = frozenset(
    {*_THING, *_LABELS, "propertyID", "legalName", "geo", "address", "parentOrganization", "email", "telephone"}
    | {"contactPoint", "inDefinedTermSet", "termCode"}
)


@dataclass(frozen=True, slots=True)
class Table:
    """Record field -> keys of the source, and the keys that are known and left out on purpose."""

    rows: Mapping[str, tuple[Key, ...]]
    left_out: frozenset[str]
    _known: frozenset[str] = field(init=False)
    _plan: list[tuple[str, list[_Step]]] = field(init=False)

    def __post_init__(self) -> None:
        plan = [(name, [_step(key) for key in keys]) for name, keys in self.rows.items()]
        object.__setattr__(self, "_plan", plan)
        object.__setattr__(self, "_known", self.left_out.union(key for _, steps in plan for key, _ in steps))

    def read(self, source: dict[str, Any], unknown: Counter[str], prefix: str = "") -> dict[str, Any]:
        """Return record field -> value or list of values for all that a source tells; count the keys no rule knows.

        A list of texts is the union over its keys; a scalar, and a list of objects, is from the first that tells it.

        >>> from collections import Counter
        >>> table = Table({"title": ("name",), "urls": ("url", "urls")}, frozenset({"@type"}))
        >>> unknown = Counter()
        >>> source = {"@type": "Dataset", "name": "a", "url": ["", "b"], "urls": ["b", {"@id": "c", "d": 1}], "e": 1}
        >>> table.read(source, unknown), sorted(unknown)
        ({'title': 'a', 'urls': ['b', 'c']}, ['e', 'urls.d'])
        """
        for key in source.keys() - self._known:
            unknown[f"{prefix}{key}"] += 1
        values: dict[str, Any] = {}
        for name, steps in self._plan:
            found: list[Any] = []
            for key, choose in steps:
                value = source.get(key)
                if value or value == 0:
                    found += _told(name, value, choose, unknown, f"{prefix}{key}")
                    if found and name not in _UNIONS:
                        break
            if name in _UNIONS:
                found = list(dict.fromkeys(map(str, found)))
            elif name in _JOINED:
                found = [", ".join(map(str, found))] if found else []
            if len(found) > 1 and name in _OF_SEVERAL:
                found = [_OF_SEVERAL[name](found) or found[0]]
            if found:
                values[name] = found if name in LISTS else found[0]
        return values


def _step(key: Key) -> _Step:
    return (key, None) if isinstance(key, str) else key


def _told(name: str, value: object, choose: _Choice | None, unknown: Counter[str], path: str) -> list[Any]:
    """What a key's value tells a field: its items in the field's shape, without the empty ones."""
    if type(value) is str and choose is None:
        return [value] if value.strip() else []
    items = value if isinstance(value, list) else [value]
    keys = OBJECTS.get(name)
    if keys and choose is None and {*map(type, items)} == {dict} and keys.issuperset(chain(*items)):
        return [item for item in items if item]
    found: list[Any] = []
    for item in items:
        is_object = isinstance(item, dict)
        if isinstance(item, dict) and not item.keys() <= (keys or _LABELLED):
            for key in item.keys() - (keys or _LABELLED):
                unknown[f"{path}.{key}"] += 1
        told = item if is_object and keys else label(item)
        if choose is not None and told is not None:
            told = choose(told)
        if isinstance(told, list):
            found += told
        elif told or told == 0:
            found.append(told)
    return found


def label(item: object) -> str | int | float | datetime | None:
    """Return the text, number or time that an item is, or that stands for the object that it is.

    >>> doi = {"@type": "PropertyValue", "name": "DOI", "value": "10.5255/UKDA-SN-1"}
    >>> label(doi), label("a"), label([]), label(True)
    ('10.5255/UKDA-SN-1', 'a', None, None)
    """
    if isinstance(item, dict):
        labels = ("value", *_LABELS) if item.get("@type") == "PropertyValue" else _LABELS  # its name is the property's
        item = next((item[key] for key in labels if isinstance(item.get(key), str) and item[key]), None)
    if isinstance(item, str):
        return item.strip() and item
    if isinstance(item, (int, float, datetime)) and not isinstance(item, bool):
        return item
    return None
