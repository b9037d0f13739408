"""The items of the crawl: `Sighting`, `Record` and `Target`, and the `Lead` to a target.

The text beside each field of `Record` is the public schema: `schema.json` and docs/export.md are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Annotated

SCHEMA_VERSION = 1
SNAPSHOT = "snapshot:"
"""What the URL of the previous snapshot starts with, where it leads to targets; its run_id follows."""


class State(StrEnum):
    """The one final state of a target in the ledger."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REDIRECTED = "redirected"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    DENIED_BY_ROBOTS = "denied_by_robots"
    OUT_OF_SCOPE = "out_of_scope"
    FETCH_FAILED = "fetch_failed"
    PARSE_FAILED = "parse_failed"
    NOT_ATTEMPTED = "not_attempted"


ANSWERED = frozenset({State.STORED, State.REDIRECTED, State.NOT_FOUND, State.INVALID})
"""States of a target that said itself what it holds now: what it held before has left the snapshot."""
SOUND = frozenset({State.STORED, State.UNCHANGED, State.DUPLICATE})
"""States in which a target told everything that it holds."""


class Source(StrEnum):
    """Who describes a study or dataset, from the highest rank to the lowest."""

    DATACITE = "datacite"
    UKDS = "ukds"
    RESHARE = "reshare"
    HARMONY_JSONLD = "harmony_jsonld"
    HARMONY_FLIGHT = "harmony_flight"


@dataclass(slots=True, kw_only=True)
class Creator:
    """A person or organisation that made the data."""

    name: str
    type: str | None = None
    orcid: str | None = None


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """A data catalogue that lists the study or dataset."""

    name: str
    url: str | None = None


@dataclass(slots=True, kw_only=True)
class Variable:
    """A measured variable."""

    name: str
    description: str | None = None


@dataclass(slots=True, kw_only=True)
class SourceRef:
    """One sighting that a record rests on."""

    source: str
    url: str
    fetched_at: str
    digest: str


@dataclass(slots=True, kw_only=True)
class Description:
    """What a source can say about a study or dataset: the fields that a sighting and a record share."""

    type: Annotated[str | None, "`study` or `dataset`, as the catalogue has it."] = None
    title: Annotated[str | None, "The title."] = None
    alternate_titles: Annotated[list[str], "Other titles in use."] = field(default_factory=list)
    description: Annotated[str | None, "The abstract, as plain text with its paragraphs."] = None
    keywords: Annotated[list[str], "Keywords, unique regardless of case."] = field(default_factory=list)
    creators: Annotated[list[Creator], "Persons and organisations that made the data."] = field(default_factory=list)
    publisher: Annotated[str | None, "The publisher's name."] = None
    funders: Annotated[list[str], "Names of the funders."] = field(default_factory=list)
    sponsors: Annotated[list[str], "Names of the sponsors."] = field(default_factory=list)
    temporal_start: Annotated[str | None, "First day that the data cover, an ISO 8601 date."] = None
    temporal_end: Annotated[str | None, "Last day that the data cover, an ISO 8601 date."] = None
    spatial_coverage: Annotated[str | None, "The places covered, in the source's words."] = None
    country_codes: Annotated[list[str], "Countries covered, ISO 3166-1 alpha-2."] = field(default_factory=list)
    languages: Annotated[list[str], "Languages of the data, ISO 639."] = field(default_factory=list)
    age_min: Annotated[int | None, "Youngest age covered, in years."] = None
    age_max: Annotated[int | None, "Oldest age covered, in years."] = None
    sex: Annotated[str | None, "The sexes covered, in the source's words."] = None
    sample_size: Annotated[int | None, "Number of participants."] = None
    study_design: Annotated[list[str], "Designs, such as a cohort study."] = field(default_factory=list)
    instruments: Annotated[list[str], "Questionnaires and other instruments used."] = field(default_factory=list)
    variables: Annotated[list[Variable], "The variables that the source lists."] = field(default_factory=list)
    variable_count: Annotated[int | None, "How many variables there are; more than are listed, at times."] = None
    data_kinds: Annotated[list[str], "Kinds of data, such as text or numeric."] = field(default_factory=list)
    license: Annotated[str | None, "The licence, in the source's words or as a URL."] = None
    access: Annotated[str | None, "How the data can be had, in the source's words or as a URL."] = None
    date_published: Annotated[str | None, "When it was published: an ISO 8601 date, month or year."] = None
    date_modified: Annotated[str | None, "When the source last changed it: an ISO 8601 date, month or year."] = None
    catalogues: Annotated[list[Catalogue], "Data catalogues that list it."] = field(default_factory=list)
    urls: Annotated[list[str], "Its pages elsewhere."] = field(default_factory=list)
    dois: Annotated[list[str], "Every DOI that a source gives it, bare and in lower case."] = field(
        default_factory=list
    )
    summary: Annotated[str | None, "A short summary."] = None


@dataclass(slots=True, kw_only=True)
class Sighting(Description):
    """One description of one study or dataset, on one page, from one source."""

    source: str = ""
    url: str = ""
    """Canonical URL of the item at its source."""
    page: str = ""
    """Canonical URL of the target whose page says so."""
    fetched_at: str = ""
    """When that page was fetched: ISO 8601, UTC, to the second."""
    embedded: bool = False
    """True for a mention on the page of another item."""
    uuid: str | None = None
    """The catalogue's own identifier, 32 hex digits."""
    slug: str | None = None
    """The last part of the item's URL in the catalogue."""
    ancestors: list[str] = field(default_factory=list)
    """Names (uuid, else slug) of the items that it is a part of, the outermost last."""
    children: list[str] = field(default_factory=list)
    """Names (uuid, else slug) of the items that are parts of it."""
    is_part: bool = False
    """True when its source says that it is a part of something, whether it names that or not."""
    study_numbers: list[int] = field(default_factory=list)
    """UK Data Archive study numbers that its URLs name."""
    digest: str = ""
    """SHA-256 of the canonical JSON of what it says and whom it names, wherever and whenever it was seen."""


@dataclass(slots=True, kw_only=True)
class Record(Description):
    """What all sightings of one key merge to: one row of the export."""

    key: Annotated[str, "The record's identity: `doi:…`, `harmony:…` or `ukda:…`."]
    part_of: Annotated[str | None, "Key of the study that a dataset is a part of."] = None
    parts: Annotated[list[str], "Keys of the records that are parts of this one."] = field(default_factory=list)
    doi: Annotated[str | None, "Its DOI, bare and in lower case; a part carries its study's."] = None
    study_number: Annotated[int | None, "The UK Data Archive's study number."] = None
    edition: Annotated[int | None, "The edition of that study which its DOI names; 0 without a suffix."] = None
    superseded_by: Annotated[str | None, "Key of the newest edition, on the record of an older one."] = None
    sources: Annotated[list[SourceRef], "The sightings that this record rests on."] = field(default_factory=list)
    provenance: Annotated[dict[str, str], "The source that each field with a value came from."] = field(
        default_factory=dict
    )
    conflicts: Annotated[
        dict[str, dict[str, str]], "Fields that sources disagree on: what each says, JSON where it is not text."
    ] = field(default_factory=dict)
    first_seen: Annotated[str | None, "When it was first seen: ISO 8601, UTC."] = None
    last_seen: Annotated[str | None, "When it was last seen: ISO 8601, UTC."] = None
    digest: Annotated[
        str,
        "SHA-256 of the canonical JSON of every other field but sources, provenance, conflicts, first_seen, "
        "last_seen and schema_version.",
    ] = ""
    schema_version: Annotated[int, "Version of this schema."] = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Lead:
    """A target that is to be asked for now."""

    url: str
    depth: int = 0
    """How many links led to it from what the run began with, by the way on which it was first come upon."""


class Begin(Enum):
    """Whether a spider is to ask for what its run begins with."""

    FIRST = "first"
    ANEW = "anew"
    """It is, though others have begun before, and what the log has of that goes without."""
    NOT = "not"
    """It is not: another worker does that."""


@dataclass(slots=True, kw_only=True)
class Target:
    """One URL as discovered, and all that came of it: its ledger row, its sightings and the URLs it led to.

    What only leads to targets is none, and has no state: a sitemap, arguments, and the previous snapshot
    (`snapshot:<run_id>`).
    """

    url: str
    state: State | None
    reason: str = ""
    """What happened, in a few words, where the state alone does not say it."""
    status: int | None = None
    """HTTP status of the last attempt."""
    depth: int = 0
    """As its lead has it."""
    attempts: int = 0
    """Requests that were made for it: its routes, and their retries."""
    fetched_at: str = ""
    sightings: list[Sighting] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Canonical URLs of the targets that it led to."""
    told: list[str] = field(default_factory=list)
    """Canonical URLs of other targets that have nothing to add: their items are told in full here."""
    route: str | None = None
    """URL whose answer holds the sightings, and that `etag` and `last_modified` came with."""
    etag: str | None = None
    last_modified: str | None = None
    extractor_version: str = ""
    """Version of the rules that read the page."""
    base: str | None = None
    """Run whose snapshot holds the sightings, where this run has not read them itself."""
