"""What a snapshot changes against the one before it."""

from __future__ import annotations

from gzip import decompress
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.export.changes import Changes
from crawler.items import State
from tests.export.crawled import (
    FIRST,
    SECOND,
    THIRD,
    A,
    Kept,
    changes,
    ended,
    listed,
    page,
    records,
    run,
    seeded,
    sighting,
    stored,
    unchanged,
    whole,
)

if TYPE_CHECKING:
    from crawler.export.rows import Row

DOIS = [f"10.5255/ukda-sn-7-{edition}" for edition in range(3)]


def row(key: str, content: str = "1", **values: Any) -> Row:  # noqa: ANN401 - fields of a record
    made = {"key": key, "digest": content, "title": content, "sources": [{"url": page(key)}], "first_seen": SECOND}
    return made | values


def noted(before: list[Row], after: list[Row]) -> tuple[list[Row], list[Row], dict[str, int]]:
    made = Changes(lambda urls: f"now:{','.join(urls)}")
    rows = list(made.note(before, after))
    return rows, [orjson.loads(line) for line in decompress(made.finish()).splitlines()], dict(made.counts)


KEYS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123"))


@given(KEYS, KEYS)
def test_every_difference_is_one_line_in_the_order_of_the_keys(before: dict[str, str], after: dict[str, str]) -> None:
    rows, lines, counts = noted(
        [row(key, before[key]) for key in sorted(before)], [row(key, after[key]) for key in sorted(after)]
    )
    assert [each["key"] for each in rows] == sorted(after)
    kinds = {
        **dict.fromkeys(after.keys() - before.keys(), "added"),
        **dict.fromkeys(before.keys() - after.keys(), "withdrawn"),
        **{key: "updated" for key in before.keys() & after.keys() if before[key] != after[key]},
    }
    assert [(line["key"], line["change"]) for line in lines] == sorted(kinds.items())
    assert counts == {kind: list(kinds.values()).count(kind) for kind in ("added", "updated", "withdrawn")}


def test_a_record_keeps_the_time_at_which_it_was_first_seen() -> None:
    before = [row("a", first_seen=FIRST), row("b", first_seen=None)]
    rows, _, _ = noted(before, [row("a"), row("b"), row("c")])
    assert [each["first_seen"] for each in rows] == [FIRST, SECOND, SECOND]
    older = row("a")
    del older["first_seen"]
    assert [each["first_seen"] for each in noted([older], [row("a")])[0]] == [SECOND]


def test_a_column_that_the_older_version_lacks_changes_nothing_until_it_has_a_value() -> None:
    older = row("a", "1")
    assert noted([older], [row("a", "2", title="1", sex=None, parts=[])])[1] == []
    (line,) = noted([older], [row("a", "2", title="1", sex="all")])[1]
    assert line["fields"] == ["sex"]


def test_the_same_changes_are_the_same_bytes() -> None:
    both = [Changes(lambda _: None), Changes(lambda _: None)]
    for made in both:
        assert list(made.note([], [row("a")])) == [row("a")]
    assert both[0].finish() == both[1].finish()


# of whole runs


@pytest.fixture
def store() -> Kept:
    return Kept()


def line(key: str, change: str, *fields: str, replaced_by: str | None = None) -> Row:
    return {"key": key, "change": change, "fields": list(fields), "replaced_by": replaced_by}


def test_on_a_first_run_every_record_is_added(store: Kept) -> None:
    run(store, "run-1", [listed("b", "a"), stored("b"), stored("a")])
    assert changes(store, "run-1") == [line("harmony:a", "added"), line("harmony:b", "added")]
    assert whole(store).counts.changes == {"added": 2, "updated": 0, "withdrawn": 0}


def test_nothing_new_is_no_change_and_seen_again(store: Kept) -> None:
    run(store, "run-1", [listed("a", "b", "c"), stored("a"), stored("b"), stored("c")])
    again = [stored("a", at=SECOND), unchanged("b", "run-1")]
    published = run(store, "run-2", [listed("a", "b", "c"), seeded("run-1", "a", "b", "c"), *again])
    assert changes(store, "run-2") == []
    assert published.stats["records/added"] == published.stats["records/updated"] == 0
    assert [(each["first_seen"], each["last_seen"]) for each in records(store, "run-2").values()] == [
        (FIRST, SECOND),
        (FIRST, SECOND),
        (FIRST, FIRST),  # which nobody asked for
    ]


def test_what_changed_is_told_with_its_fields(store: Kept) -> None:
    run(store, "run-1", [listed("a", "b"), stored("a"), stored("b"), stored("d")])
    newer = stored("a", sighting("a", at=SECOND, title="Another title", sex="all"), at=SECOND)
    gone = ended("b", State.NOT_FOUND)
    leaders = [listed("a", "b", "c"), seeded("run-1", "a", "b", "d")]
    published = run(store, "run-2", [*leaders, newer, gone, stored("c", at=SECOND), unchanged("d", "run-1")])
    assert changes(store, "run-2") == [
        line("harmony:a", "updated", "sex", "title"),
        line("harmony:b", "withdrawn"),
        line("harmony:c", "added"),
    ]
    told = {kind: published.stats[f"records/{kind}"] for kind in ("added", "updated", "withdrawn")}
    assert told == whole(store).counts.changes == {"added": 1, "updated": 1, "withdrawn": 1}
    assert records(store, "run-2")["harmony:a"]["first_seen"] == FIRST


def test_an_edition_raised_replaces_the_record_of_the_older_one(store: Kept) -> None:
    run(store, "run-1", [listed("a"), stored("a", sighting("a", dois=DOIS[1:2]))])
    run(store, "run-2", [listed("a"), seeded("run-1", "a"), stored("a", sighting("a", at=SECOND, dois=DOIS[2:]))])
    assert changes(store, "run-2") == [
        line(f"doi:{DOIS[1]}", "withdrawn", replaced_by=f"doi:{DOIS[2]}"),
        line(f"doi:{DOIS[2]}", "added"),
    ]


def test_a_uuid_that_became_known_replaces_the_key_of_the_slug(store: Kept) -> None:
    run(store, "run-1", [listed("a", "z"), stored("a"), stored("z")])
    known = [stored("a", sighting("a", at=SECOND, uuid=A), at=SECOND), unchanged("z", "run-1")]
    run(store, "run-2", [listed("a", "z"), seeded("run-1", "a", "z"), *known])
    assert changes(store, "run-2") == [
        line("harmony:a", "withdrawn", replaced_by=f"harmony:{A}"),
        line(f"harmony:{A}", "added"),
    ]


def test_a_record_that_is_back_was_added_again(store: Kept) -> None:
    run(store, "run-1", [listed("a", "b"), stored("a"), stored("b")])
    run(store, "run-2", [listed("a", "b"), seeded("run-1", "a"), unchanged("a", "run-1"), ended("b", State.NOT_FOUND)])
    back = stored("b", at=THIRD)
    run(store, "run-3", [listed("a", "b"), seeded("run-2", "a"), unchanged("a", "run-2", at=THIRD), back])
    assert changes(store, "run-3") == [line("harmony:b", "added")]
    assert records(store, "run-3")["harmony:b"]["first_seen"] == THIRD
