"""The sightings of one key -> one record: a pure function of their set, so a crawl's order never reaches the export.

Sources rank as `items.Source` lists them. A scalar, and a list that is no union, comes whole from the highest-ranking
source that has one. Within a source the item's own page goes before a mention on another page, then the newer declared
modification date, then the smaller canonical JSON; the time of fetching is of no consequence.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from crawler.identity.ukda import from_doi
from crawler.items import Description, Record, Sighting, Source, SourceRef
from crawler.records import canonical
from crawler.records.normalise.values import unique_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.identity.keys import Identity

_RANKS = {str(source): rank for rank, source in enumerate(Source)}
# Fields that only some sources may tell: schema.org's `@type` and DataCite's resource type say nothing of our `type`.
TOLD_BY = {"type": {Source.HARMONY_FLIGHT}}
UNIONS = {"keywords", "dois", "alternate_titles", "catalogues", "urls", "country_codes", "languages"}
UNDIGESTED = {"sources", "provenance", "conflicts", "first_seen", "last_seen", "digest", "schema_version"}
UNSOURCED = UNDIGESTED | {"key"}

_UNITED = [field.name for field in fields(Description) if field.name in UNIONS]
_CHOSEN = [field.name for field in fields(Description) if field.name not in UNIONS]
_CONTENT = [field.name for field in fields(Sighting) if field.name not in {"digest", "page", "fetched_at", "url"}]
_DIGESTED = [field.name for field in fields(Record) if field.name not in UNDIGESTED]
_BY_IDENTITY = ("part_of", "doi", "study_number", "edition", "superseded_by")


def digest(sighting: Sighting) -> str:
    """Return the digest of what a sighting says and whom it names, wherever and whenever it was seen."""
    return canonical.digest(_content(sighting))


def merge(identity: Identity, sightings: Iterable[Sighting], parts: Iterable[str] = ()) -> Record:
    """Return the record that the sightings of one key make, with the keys of its parts.

    >>> from crawler.identity.keys import identify
    >>> flight = Sighting(source="harmony_flight", slug="a", type="study", title="Roads, 2010", sex="all")
    >>> datacite = Sighting(source="datacite", slug="a", title="Roads")
    >>> record = merge(identify([flight])[0], [flight, datacite])
    >>> record.title, record.sex, record.provenance, record.conflicts  # doctest: +NORMALIZE_WHITESPACE
    ('Roads', 'all', {'type': 'harmony_flight', 'title': 'datacite', 'sex': 'harmony_flight'},
     {'title': {'datacite': 'Roads', 'harmony_flight': 'Roads, 2010'}})
    """
    ranked = _ranked(sightings)
    record = Record(key=identity.key, parts=sorted(set(parts)))
    _choose(record, ranked)
    _unite(record, ranked)
    record.alternate_titles = [title for title in record.alternate_titles if title != record.title]
    if not record.alternate_titles:
        record.provenance.pop("alternate_titles", None)
    for name in _BY_IDENTITY:
        setattr(record, name, getattr(identity, name))
    if record.type is None:
        record.type = "dataset" if identity.child else "study"
    _attribute(record, ranked)
    record.sources = _sources(ranked)
    seen = [sighting.fetched_at for sighting in ranked if sighting.fetched_at]
    record.first_seen, record.last_seen = min(seen, default=None), max(seen, default=None)
    record.digest = record_digest(record)
    return record


def record_digest(record: Record) -> str:
    """Return the digest of a record's content: every field but those that say where and when it was seen."""
    return canonical.digest(canonical.canonical_json({name: getattr(record, name) for name in _DIGESTED}))


def _content(sighting: Sighting) -> bytes:
    return canonical.canonical_json({name: getattr(sighting, name) for name in _CONTENT})


def _ranked(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The sightings, the one that has the first word first."""
    ranked = list(sightings)
    if len({_rank(sighting) for sighting in ranked}) < len(ranked):
        ranked.sort(key=_content)
    ranked.sort(key=lambda sighting: sighting.date_modified or "", reverse=True)
    ranked.sort(key=lambda sighting: (_RANKS[sighting.source], sighting.embedded))
    return ranked


def _rank(sighting: Sighting) -> tuple[str, bool, str | None]:
    return sighting.source, sighting.embedded, sighting.date_modified


def _choose(record: Record, ranked: list[Sighting]) -> None:
    """Give every field that is no union the value of the highest-ranking source that has one."""
    for name in _CHOSEN:
        said: dict[str, Any] = {}
        for sighting in ranked:
            value = getattr(sighting, name)
            if _has_value(value) and sighting.source in TOLD_BY.get(name, _RANKS):
                said.setdefault(sighting.source, value)
        if said:
            source, value = next(iter(said.items()))
            setattr(record, name, value)
            record.provenance[name] = source
            if len(said) > 1 and any(other != value for other in said.values()):
                record.conflicts[name] = {source: _as_text(value) for source, value in said.items()}


def _unite(record: Record, ranked: list[Sighting]) -> None:
    """Give every union the values of all sources, sorted."""
    for name in _UNITED:
        values = [value for sighting in ranked for value in getattr(sighting, name)]
        if not values:
            continue
        if name == "catalogues":
            united = list({canonical.canonical_json(value): value for value in values}.values())
            setattr(record, name, sorted(united, key=canonical.canonical_json))
        else:
            setattr(record, name, sorted(unique_text(values) if name == "keywords" else set(values)))
        record.provenance[name] = next(sighting.source for sighting in ranked if getattr(sighting, name))


def _attribute(record: Record, ranked: list[Sighting]) -> None:
    """Name the source of what identity tells: the highest-ranking one that carries it, else the highest-ranking one."""
    for name in ("type", *_BY_IDENTITY, "parts"):
        if _has_value(getattr(record, name)) and name not in record.provenance:
            tellers = (sighting.source for sighting in ranked if _tells(sighting, name, record))
            record.provenance[name] = next(tellers, ranked[0].source)


def _tells(sighting: Sighting, name: str, record: Record) -> bool:
    if name in {"doi", "edition"}:
        return record.doi in sighting.dois
    if name == "study_number":
        named = {study.number for doi in sighting.dois if (study := from_doi(doi))}
        return record.study_number in named.union(sighting.study_numbers)
    return bool(sighting.children if name == "parts" else sighting.ancestors)


def _sources(ranked: list[Sighting]) -> list[SourceRef]:
    """One entry for each source, page and content, with the latest time at which it was seen there."""
    latest: dict[tuple[str, str, str], str] = {}
    for sighting in ranked:
        key = (sighting.source, sighting.url, sighting.digest)
        latest[key] = max(sighting.fetched_at, latest.get(key, ""))
    return [
        SourceRef(source=source, url=url, fetched_at=fetched_at, digest=digest)
        for (source, url, digest), fetched_at in sorted(latest.items())
    ]


def _has_value(value: object) -> bool:
    return bool(value) or value == 0


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else canonical.canonical_json(value).decode()
