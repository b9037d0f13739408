"""The items on a Harmony page, and how they are related: the page's own one, its ancestors, its children."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from crawler import flight
from crawler.items import Source
from crawler.sites.harmony.fields import read_detail_props, read_search_result
from crawler.sites.harmony.urls import item_url, name_of, own_name, uuid_of
from crawler.sites.page import Found

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

_Object: TypeAlias = dict[str, Any]
NO_TITLES = {"dataset not found", "study not found"}
_PARENTS = ("parent", "ancestors")
_CHILDREN = ("child_datasets",)
_FOUND_BY_SEARCH = ("datasets_which_matched",)


@dataclass(slots=True)
class Name:
    """What an item is known by: its uuid, its slug, or both."""

    uuid: str | None
    slug: str | None

    def __str__(self) -> str:
        return self.uuid or self.slug or ""

    def matches(self, name: str) -> bool:
        return name in {self.uuid, self.slug}


def name_in(result: _Object) -> Name:
    """Return what a search result says that its item is known by."""
    extra = result["extra_data"]
    slug = extra.get("slug")
    slug = slug.encode("utf-8", "replace").decode() if isinstance(slug, str) else None  # half of a surrogate pair
    return Name(uuid_of(extra.get("uuid")), slug or None)


def is_result(value: object) -> TypeGuard[_Object]:
    """Tell whether a value is a search result, whole or a stub."""
    return isinstance(value, dict) and isinstance(value.get("extra_data"), dict)


def is_whole(result: _Object) -> bool:
    """Tell a search result that describes its item from a stub, which only names it."""
    schema = result.get("dataset_schema")
    return isinstance(schema, dict) and any(value and not key.startswith("@") for key, value in schema.items())


def own_of(results: list[_Object], props: list[_Object], url: str) -> _Object | None:
    """Return the object that describes the item whose page `url` is: a search result, or detail props.

    It is the one that the URL names, a whole one before a stub: the page of a dataset may show the study around it.
    Detail props name nothing, and are the page's. Where none is named so, it is the only one that no other lists among
    its relatives; of several, such as the results of a search, none is.
    """
    named = [result for result in results if name_in(result).matches(name_of(url))]
    if named or props:
        return max(named, key=is_whole) if named else props[0]
    listed = {id(each) for result in results for each in _related(result, *_PARENTS, *_CHILDREN, *_FOUND_BY_SEARCH)}
    free = [result for result in results if id(result) not in listed]
    return free[0] if len(free) == 1 else None


@dataclass(slots=True)
class Items:
    """The descriptions on one page, gathered with the targets it leads to and the items it tells in full."""

    unknown: Counter[str]
    found: list[Found] = field(default_factory=list)
    links: dict[str, None] = field(default_factory=dict)
    told: dict[str, None] = field(default_factory=dict)
    problems: list[flight.Problem] = field(default_factory=list)
    """Items left out for want of a name: each carries the DOI of its study, and would be taken for the study."""

    def gather(self, own: _Object | None, name: Name, others: list[_Object]) -> None:
        """Add the page's own item, what it is a part of, its parts, and what else is on the page: each item once."""
        around = [str(name_in(each)) for each in others if any(child is own for child in _related(each, *_CHILDREN))]
        queue: deque[tuple[_Object, list[str]]] = deque(
            [*([(own, around)] if own else []), *((other, []) for other in others)]
        )
        seen: set[str] = set()
        tops: dict[str, None] = {}
        while queue:
            result, above = queue.popleft()
            known = name if result is own else name_in(result)
            key = str(known) or f"#{id(result)}"
            if key in seen or (result is not own and known.matches(str(name))):
                continue
            seen.add(key)
            if not str(known):
                self.problems.append(flight.Problem(None, 0, "an item without uuid and slug, on the page of another"))
                continue
            ancestors = _ancestors(result, known, above)
            tops |= dict.fromkeys(ancestors[-1:])
            children = list(_related(result, *_CHILDREN))
            self._add(result, known, ancestors, children, embedded=result is not own)
            self._tell(name, children)
            relatives = [(each, _beyond(each, ancestors)) for each in _related(result, *_PARENTS)]
            queue.extendleft(reversed([*((child, [str(known), *ancestors]) for child in children), *relatives]))
        for uuid in filter(uuid_of, tops.keys() - seen):  # an outermost ancestor may be known by its uuid alone
            self.links[item_url(uuid, None)] = None

    def _add(
        self, result: _Object, name: Name, ancestors: list[str], children: list[_Object], *, embedded: bool
    ) -> None:
        url = item_url(name.uuid, name.slug)
        if embedded:
            self.links[url] = None
            if not is_whole(result):
                return
        values = (read_search_result if is_result(result) else read_detail_props)(result, self.unknown)
        if describes(values):
            self.found.append(
                Found(
                    source=Source.HARMONY_FLIGHT,
                    values=without_own_page(values, name),
                    url=url,
                    uuid=name.uuid,
                    slug=name.slug,
                    embedded=embedded,
                    ancestors=ancestors,
                    is_part=bool(ancestors) or _says_it_is_a_part(result, name),
                    children=list(dict.fromkeys(filter(None, (str(name_in(child)) for child in children)))),
                )
            )

    def _tell(self, own: Name, children: list[_Object]) -> None:
        """A child in full that has no children needs no page of its own; an ancestor's page lists others."""
        for child in children:
            if is_whole(child) and not child.get("child_datasets") and not child.get("num_descendant_variables"):
                name = name_in(child)
                if not name.matches(str(own)) and child["dataset_schema"].get("name"):
                    self.told |= dict.fromkeys(filter(None, (name.uuid, name.slug)))


def describes(values: dict[str, Any]) -> bool:
    """Tell whether values describe an item at all: the site titles some pages as not found, and some items too."""
    title = str(values.get("title", "")).strip()
    return bool(title or values.get("description")) and title.lower() not in NO_TITLES


def without_own_page(values: dict[str, Any], name: Name) -> dict[str, Any]:
    """Return values whose `urls` lack the item's own page in the catalogue: they are its pages elsewhere."""
    urls = [url for url in values.pop("urls", []) if not ((own := own_name(url)) and name.matches(own))]
    return values | {"urls": urls} if urls else values


def _related(result: _Object, *relations: str) -> Iterator[_Object]:
    for relation in relations:
        value = result.get(relation)
        for each in value if isinstance(value, list) else [value]:
            if is_result(each):
                yield each


def _says_it_is_a_part(result: _Object, name: Name) -> bool:
    """Tell whether an item has parents other than itself, which need not have a name."""
    for relation in _PARENTS:
        value = result.get(relation)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and each and not (is_result(each) and name.matches(str(name_in(each)))):
                return True
    return False


def _ancestors(result: _Object, name: Name, above: list[str]) -> list[str]:
    """Names of what an item is a part of: as it says itself, and as its place on the page says, the outermost last."""
    said = [str(name_in(each)) for each in _related(result, *_PARENTS)]
    if above and above[0] not in said:
        said = [*(each for each in said if each not in above), *above]
    top = uuid_of(result["extra_data"].get("top_level_ancestor_uuid")) if is_result(result) else None
    if top:
        said = [*(each for each in said if each != top), top]
    return [each for each in dict.fromkeys(said) if each and not name.matches(each)]


def _beyond(result: _Object, ancestors: list[str]) -> list[str]:
    """The ancestors of an ancestor: those that follow it in the list of the item on whose account it is here."""
    name = str(name_in(result))
    if name not in ancestors or result["extra_data"].get("resource_type") == "study":
        return []
    return ancestors[ancestors.index(name) + 1 :]
