from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.errors import AlreadyExists, StoreError, UsageError
from crawler.export import layout
from crawler.export.folder import FolderStore
from crawler.export.patience import Patient
from crawler.export.probe import PROBE, probe
from crawler.export.s3 import S3Store
from tests.servers.scripted import Answer, error, scripted

if TYPE_CHECKING:
    from pathlib import Path


def test_it_leaves_one_small_object_and_no_later_probe_another(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    probe(store)
    before = store.get(PROBE)
    probe(store)
    assert store.get(PROBE) == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / PROBE]


def test_no_run_can_have_its_log_in_the_same_place() -> None:
    folder, _, name = PROBE.rpartition("/")
    assert layout.logs("a") == f"{folder}/a/"
    with pytest.raises(UsageError):
        layout.valid_run_id(name)


def test_a_store_that_ignores_conditional_writes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(Answer(200)) as there:
        for name, value in there.server.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(StoreError, match="overwrite each other") as refused:
            probe(Patient(S3Store("bucket", "prefix"), 60))
        assert there.asked == [f"PUT /bucket/prefix/{PROBE}"] * 2
        assert str(refused.value).startswith(f"s3://bucket/prefix/{PROBE}: this store ignores conditional writes")
        assert "\n" not in str(refused.value)
        there.answers[:] = [error(501, "NotImplemented")]
        with pytest.raises(StoreError, match="must know conditional writes"):
            probe(S3Store("bucket", "prefix"))


def test_a_store_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("in the way")
    with pytest.raises(StoreError, match="a file stands where a folder must be") as refused:
        probe(FolderStore(tmp_path))
    assert not isinstance(refused.value, AlreadyExists)
