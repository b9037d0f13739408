"""From what a page says, as its source writes it, to a `Sighting`: an ItemLoader with the processors of each field."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from itemloaders import ItemLoader
from itemloaders.processors import Identity, TakeFirst

from crawler.identity import ukda
from crawler.items import Catalogue, Creator, Description, Sighting, Variable
from crawler.records import merge
from crawler.records.normalise import text, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.sites.page import Found

_ORGANISATION = {"organization", "organizational", "organisation"}
_PERSON = {"person", "personal"}


class Each:
    """Input processor: applies a function to each value of the accepted types, keeps what it returns unless None.

    `MapCompose` does the same at three times the cost, which is half the cost of a page.
    """

    def __init__(self, function: Callable[[Any], Any], accepts: type | tuple[type, ...] = str) -> None:
        self._function = function
        self._accepts = accepts

    def __call__(self, raw: list[Any]) -> list[Any]:
        function, accepts = self._function, self._accepts
        return [made for value in raw if isinstance(value, accepts) and (made := function(value)) is not None]


def creator(value: str | dict[str, Any]) -> Creator | None:
    """Return the person or organisation that a name or a schema.org node describes, without its contact data.

    >>> creator({"@type": "Organization", "name": "University of Essex"})
    Creator(name='University of Essex', type='Organization', orcid=None)
    """
    if isinstance(value, str):
        name = text.line(value)
        return Creator(name=name) if name else None
    name = _line(value.get("name"))
    if name == text.EMAIL_REMOVED:
        return None
    kind = str(value.get("@type") or value.get("type") or "").lower()
    identifiers = [value.get("@id"), value.get("identifier"), value.get("orcid"), value.get("sameAs")]
    orcids = (values.orcid(each) for each in identifiers if isinstance(each, str))
    kinds = {"Organization": _ORGANISATION, "Person": _PERSON}
    known = next((label for label, names in kinds.items() if kind in names), None)
    return Creator(name=name, type=known, orcid=next(filter(None, orcids), None)) if name else None


def name(value: str | dict[str, Any]) -> str | None:
    """Return the name of an organisation or thing, from text or from a node that has one.

    >>> name({"@type": "Organization", "name": " Economic and Social  Research Council"}), name("ESRC")
    ('Economic and Social Research Council', 'ESRC')
    """
    return _line(value.get("name") if isinstance(value, dict) else value)


def catalogue(value: dict[str, Any]) -> Catalogue | None:
    """Return the data catalogue that a schema.org DataCatalog node describes."""
    title = _line(value.get("name"))
    urls = values.urls(url) if isinstance(url := value.get("url"), str) else []
    return Catalogue(name=title, url=urls[0] if urls else None) if title else None


def variable(value: dict[str, Any] | str) -> Variable | None:
    """Return a variable, from its name or a schema.org PropertyValue."""
    if isinstance(value, str):
        return _variable(value, None)
    label, description = value.get("name"), value.get("description")
    return _variable(label, description if isinstance(description, str) else None) if isinstance(label, str) else None


@lru_cache(maxsize=1 << 14)  # the files of a study have the same ones, and its page lists them again
def _variable(label: str, description: str | None) -> Variable | None:
    title = text.line(label)
    return Variable(name=title, description=_line(description)) if title else None


def _line(value: object) -> str | None:
    return text.line(value) if isinstance(value, str) else None


def _urls(raw: list[Any]) -> list[str]:
    return [url for value in raw if isinstance(value, str) for url in values.urls(value)]


def _lowered(value: str) -> str | None:
    return (text.line(value) or "").lower() or None


_LINE = Each(text.line)
_TEXT = Each(text.plain_text)
_COUNT = Each(values.count, (int, float, str))
_NAME = Each(name, (str, dict))
_LINES: dict[str, Any] = dict.fromkeys(
    ("title", "alternate_titles", "spatial_coverage", "study_design", "instruments", "data_kinds", "license"), _LINE
)
_INPUTS: dict[str, Callable[..., Any]] = _LINES | {
    "type": Each(_lowered),
    "description": _TEXT,
    "summary": _TEXT,
    "access": _TEXT,
    "keywords": Each(text.keyword),
    "creators": Each(creator, (str, dict)),
    "publisher": _NAME,
    "funders": _NAME,
    "sponsors": _NAME,
    "temporal_start": Each(values.first_day, object),
    "temporal_end": Each(values.last_day, object),
    "date_published": Each(values.partial_date, object),
    "date_modified": Each(values.partial_date, object),
    "country_codes": Each(values.country_code),
    "languages": Each(values.language),
    "sex": _LINE,
    "age_min": _COUNT,
    "age_max": _COUNT,
    "sample_size": _COUNT,
    "variable_count": _COUNT,
    "variables": Each(variable, (str, dict)),
    "catalogues": Each(catalogue, dict),
    "urls": _urls,
    "dois": Each(values.doi),
}
_LISTS = {field.name for field in fields(Description) if str(field.type).startswith("Annotated[list")}


def _output(field: str) -> Callable[[list[Any]], Any]:
    if field == "keywords":
        return values.unique_text
    if field not in _LISTS:
        return TakeFirst()
    return Identity() if field in {"creators", "variables", "catalogues"} else values.unique


_OUTPUTS = {field.name: _output(field.name) for field in fields(Description)}


class SightingLoader(ItemLoader):
    """Loads the values that a site module found for the fields of `items.Description` into a `Sighting`."""

    default_item_class = Sighting

    def get_input_processor(self, field_name: str) -> Callable[..., Any]:
        """Return what cleans the values of a field."""
        return _INPUTS[field_name]

    def get_output_processor(self, field_name: str) -> Callable[..., Any]:
        """Return what makes a field's value of them."""
        return _OUTPUTS[field_name]


class Loads:
    """Loads what pages tell; a mention that many pages repeat, as files do of their study, is loaded once."""

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._recent: OrderedDict[bytes, Sighting] = OrderedDict()

    def load(self, found: Found, *, page: str, fetched_at: str) -> Sighting:
        """Return the sighting that a description makes which was found on a page at a time (ISO 8601, UTC)."""
        content = _content(found) if found.embedded else None
        if content is None:
            return load(found, page=page, fetched_at=fetched_at)
        known = self._recent.pop(content, None) or load(found, page=page, fetched_at=fetched_at)
        self._recent[content] = known
        if len(self._recent) > self._most:
            self._recent.popitem(last=False)
        return replace(known, page=page, fetched_at=fetched_at)


def _content(found: Found) -> bytes | None:
    """The text of a description; None where JSON has no form for a value in it, such as a lone surrogate."""
    try:
        return orjson.dumps(found)
    except TypeError:
        return None


def load(found: Found, *, page: str, fetched_at: str) -> Sighting:
    """Return the sighting that a description makes which was found on a page at a time (ISO 8601, UTC)."""
    loader = SightingLoader()
    loader.add_value(None, found.values)
    sighting: Sighting = loader.load_item()
    sighting.source, sighting.url, sighting.page, sighting.fetched_at = found.source, found.url, page, fetched_at
    sighting.embedded, sighting.uuid, sighting.slug = found.embedded, found.uuid, found.slug
    sighting.ancestors, sighting.children, sighting.is_part = found.ancestors, found.children, found.is_part
    urls = [*sighting.urls, *(catalogue.url for catalogue in sighting.catalogues if catalogue.url)]
    sighting.study_numbers = sorted({study.number for url in urls if (study := ukda.from_url(url))})
    sighting.digest = merge.digest(sighting)
    return sighting
