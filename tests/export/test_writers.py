from __future__ import annotations

import gzip
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.export import schema
from crawler.export.folder import FolderStore
from crawler.export.rows import from_row
from crawler.export.writers import JsonLines, Parquet, Parts
from crawler.items import Record, Target
from crawler.records.canonical import plain
from tests.export.sample import full_record
from tests.export.strategies import built

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.export.rows import Row
    from crawler.export.writers import Encoder

ENCODERS: list[type[Parquet | JsonLines]] = [Parquet, JsonLines]


def encoded(encoder: Encoder, rows: list[Row]) -> bytes:
    encoder.add(rows)
    return encoder.finish()


def of_parquet(body: bytes) -> list[Row]:
    rows: list[Row] = pq.read_table(BytesIO(body)).to_pylist(maps_as_pydicts="strict")
    return rows


def of_jsonl(body: bytes) -> list[Row]:
    return [orjson.loads(line) for line in gzip.decompress(body).splitlines()]


@settings(max_examples=40)  # an item has many fields
@given(st.lists(built(Record), max_size=3))
def test_both_forms_hold_equal_rows_that_are_the_records(records: list[Record]) -> None:
    rows = [plain(record) for record in records]
    parquet = of_parquet(encoded(Parquet(schema.RECORDS), rows))
    assert parquet == of_jsonl(encoded(JsonLines(schema.RECORDS), rows)) == rows
    assert [from_row(Record, row) for row in parquet] == records


@settings(max_examples=40)  # an item has many fields
@given(st.lists(built(Target), max_size=2))
def test_targets_come_back_from_parquet(targets: list[Target]) -> None:
    body = encoded(Parquet(schema.SIGHTINGS), [plain(target) for target in targets])
    assert [from_row(Target, row) for row in of_parquet(body)] == [replace(target, depth=0) for target in targets]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_same_rows_are_the_same_bytes(encoder: type[Encoder]) -> None:
    rows = [plain(full_record(f"ukda:{number}")) for number in range(50)]
    assert encoded(encoder(schema.RECORDS), rows) == encoded(encoder(schema.RECORDS), rows)


def test_gzip_says_neither_when_nor_where_it_was_made() -> None:
    assert encoded(JsonLines(schema.RECORDS), [])[3:8] == b"\0\0\0\0\0"  # no flags, no time


def test_both_forms_have_their_columns_in_one_order_the_key_first() -> None:
    rows = [plain(full_record())]
    line = of_jsonl(encoded(JsonLines(schema.RECORDS), rows))[0]
    table = pq.read_table(BytesIO(encoded(Parquet(schema.RECORDS), rows)))
    assert list(line) == table.column_names
    assert next(iter(line)) == "key"


def test_parquet_is_zstd_keeps_its_schema_and_has_a_row_group_for_each_add() -> None:
    encoder = Parquet(schema.RECORDS)
    for number in range(3):
        encoder.add([plain(full_record(f"ukda:{number}"))])
    file = pq.ParquetFile(BytesIO(encoder.finish()))
    assert file.schema_arrow.equals(schema.RECORDS)
    assert file.metadata.num_row_groups == 3
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_parquet_refuses_a_record_without_a_key() -> None:
    rows: list[dict[str, Any]] = [plain(full_record()) | {"key": None}]
    with pytest.raises(pa.ArrowInvalid, match="'key' is declared non-nullable"):
        encoded(Parquet(schema.RECORDS), rows)


def written(folder: Path, encoder: Callable[[pa.Schema], Encoder], *adds: int) -> tuple[list[int | None], list[bytes]]:
    store = FolderStore(folder)
    parts = Parts(store, "part-{}".format, encoder, schema.RECORDS, part_rows=4)
    done = 0
    for rows in adds:
        parts.add([plain(Record(key=f"ukda:{done + number}")) for number in range(rows)])
        done += rows
    infos = parts.close()
    bodies = [store.get(info.key) for info in infos]
    assert [info.key for info in infos] == [f"part-{number}" for number in range(len(infos))] == store.list("")
    assert [info.bytes for info in infos] == [len(body) for body in bodies]
    assert [info.sha256 for info in infos] == [sha256(body).hexdigest() for body in bodies]
    return [info.rows for info in infos], bodies


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize(
    ("adds", "parts"),
    [((), [0]), ((0,), [0]), ((1,), [1]), ((4,), [4]), ((3, 3), [4, 2]), ((9,), [4, 4, 1]), ((2, 2, 4), [4, 4])],
)
def test_parts_roll_over_at_their_size(
    tmp_path: Path, encoder: type[Encoder], adds: tuple[int, ...], parts: list[int]
) -> None:
    counted, bodies = written(tmp_path, encoder, *adds)
    rows = [(of_parquet if encoder is Parquet else of_jsonl)(body) for body in bodies]
    assert counted == [len(part) for part in rows] == parts
    assert [row["key"] for part in rows for row in part] == [f"ukda:{number}" for number in range(sum(adds))]
