"""What every store keeps to: a folder, moto and SeaweedFS; and which one an address opens."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable, UsageError
from crawler.export.folder import FolderStore
from crawler.export.probe import probe
from crawler.export.s3 import S3Store
from crawler.export.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.export.store import Store
    from tests.servers.s3 import Server

THREADS = 8
ODD = [
    "v1/log/a b",
    "v1/log/100% + ?x=1&y=#2",
    "v1/log/größe/数据",
    "v1/log/~!'()*;,@:$=",
    "v1/log/..a/b..",
    "v1/log/" + "n" * 200,
]


def in_bucket(server: Server, monkeypatch: pytest.MonkeyPatch, prefix: str = "some/prefix") -> S3Store:
    """Return a store in a new bucket of a server, made as a process makes it that has this environment."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return S3Store(server.new_bucket(), prefix)


@pytest.fixture(params=["folder", "moto", "seaweed"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return FolderStore(tmp_path / "exports")
    return in_bucket(request.getfixturevalue(f"{request.param}_server"), monkeypatch)


def test_put_replaces_and_create_does_not(store: Store) -> None:
    assert not store.exists("v1/a")
    store.create("v1/a", b"first")
    for data in (b"second", b"first"):
        with pytest.raises(AlreadyExists, match=r"^v1/a: exists already$"):
            store.create("v1/a", data)
    assert store.get("v1/a") == b"first"
    store.put("v1/a", b"third")
    assert store.exists("v1/a")
    assert store.get("v1/a") == b"third"
    store.put("v1/empty", b"")
    assert store.get("v1/empty") == b""


def test_an_absent_object_is_an_error_that_names_it(store: Store) -> None:
    store.put("v1/nonesuch", b"")
    with pytest.raises(StoreError, match=r"^v1/none: .*; it is not there: look whether something removes") as missing:
        store.get("v1/none")
    assert missing.value.key == "v1/none"
    assert not isinstance(missing.value, StoreUnavailable)
    assert not store.exists("v1/none")
    assert not store.exists("v1")
    assert not store.exists("v1/")


def test_list_is_by_prefix_and_sorted(store: Store) -> None:
    for key in ("v1/b/2", "v1/b/10", "v1/b/c/d", "v1/bb", "v1/a"):
        store.put(key, b"")
    assert store.list("v1/b/") == ["v1/b/10", "v1/b/2", "v1/b/c/d"]
    assert store.list("v1/b") == ["v1/b/10", "v1/b/2", "v1/b/c/d", "v1/bb"]
    assert store.list("v1/b/1") == ["v1/b/10"]
    assert store.list("v2/") == []


def test_odd_names_are_kept_as_they_are(store: Store) -> None:
    for key in ODD:
        store.create(key, key.encode())
        assert store.exists(key)
    assert store.list("v1/log/") == sorted(ODD)
    assert [store.get(key).decode() for key in ODD] == ODD


def test_a_big_object_comes_back_whole(store: Store) -> None:
    big = bytes(range(256)) * 80_000
    store.put("v1/big", big)
    assert store.get("v1/big") == big


def test_of_racing_threads_exactly_one_creates(store: Store) -> None:
    gate = threading.Barrier(THREADS)

    def race(number: int) -> list[int]:
        gate.wait(timeout=60)
        try:
            store.create("v1/race", bytes([number]) * 1000)
        except AlreadyExists:
            return []
        return [number]

    with ThreadPoolExecutor(THREADS) as threads:
        won = [number for numbers in threads.map(race, range(THREADS)) for number in numbers]
    assert len(won) == 1
    assert store.get("v1/race") == bytes(won) * 1000


def test_the_probe_finds_nothing_wrong_however_often(store: Store) -> None:
    probe(store)
    probe(store)


def test_more_objects_than_one_answer_lists(seaweed_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    store = in_bucket(seaweed_server, monkeypatch, prefix="")
    keys = [f"v1/log/a/{number:04}" for number in range(1001)]
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in threads.map(lambda key: store.put(key, b""), keys):
            pass
    assert store.list("v1/log/") == keys


def test_what_a_console_makes_to_show_a_folder_is_no_object(
    moto_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = in_bucket(moto_server, monkeypatch)
    store.put("v1/log/a/", b"")
    assert store.list("v1/") == []


def test_a_folder_is_opened_by_path_or_file_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    addresses = ["a b", f"{tmp_path}/a b", f"file://{tmp_path}/a%20b", f"file://localhost{tmp_path}/a%20b"]
    opened = [open_store(address) for address in addresses]
    monkeypatch.chdir("/")
    assert {store.uri("k") for store in opened} == {f"{tmp_path}/a b/k"}
    assert list(tmp_path.iterdir()) == []


def test_a_bucket_is_opened_by_its_address(moto_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    there = in_bucket(moto_server, monkeypatch, prefix="")
    bucket = there.uri("").removeprefix("s3://").removesuffix("/")
    for prefix in ("", "/", "/nightly", "/nightly/", "/a b/%41"):
        store = open_store(f"s3://{bucket}{prefix}")
        store.put("v1/a", prefix.encode())
        assert store.uri("v1/a") == "/".join(part for part in (f"s3://{bucket}{prefix}".rstrip("/"), "v1/a") if part)
    assert there.list("") == ["a b/%41/v1/a", "nightly/v1/a", "v1/a"]
    assert there.get("nightly/v1/a") == b"/nightly/"


def test_a_process_opens_an_address_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store("a") is open_store(f"file://{tmp_path}/a", 60)
    assert open_store("a") is not open_store("a", outage=1)
    assert open_store("s3://bucket/a") is open_store("s3://bucket/a/", outage=60)
    assert open_store("s3://bucket/a") is not open_store("s3://bucket/b")
    (tmp_path / "b").mkdir()
    before = open_store("a")
    monkeypatch.chdir(tmp_path / "b")
    assert open_store("a") is not before


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("gs://bucket/prefix", "give s3://bucket/prefix, a folder's path or file:///path"),
        ("s3a://bucket/prefix", "give s3://bucket/prefix"),
        ("s3://", "give s3://bucket/prefix"),
        ("s3:///prefix", "give s3://bucket/prefix"),
        ("s3://bu cket/prefix", "give s3://bucket/prefix"),
        ("s3://host:9000/bucket", "give s3://bucket/prefix"),
        ("s3://bucket/prefix?region=x", "without a query"),
        ("s3://bucket/a//b", "give s3://bucket/prefix"),
        ("s3://bucket/../b", "give s3://bucket/prefix"),
        ("", "give s3://bucket/prefix, a folder's path or file:///path"),
        ("file://", "give s3://bucket/prefix, a folder's path or file:///path"),
        ("file://srv/exports", "has three slashes"),
    ],
)
def test_other_addresses_are_refused_in_one_line(uri: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        open_store(uri)
    assert uri in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_secret_in_an_address_is_not_repeated() -> None:
    with pytest.raises(UsageError, match=r"credentials come from AWS_\*") as refused:
        open_store("s3://key:hush@bucket/prefix")
    assert "hush" not in str(refused.value)


def test_an_export_to_a_folder_does_not_wait_for_boto3() -> None:
    program = (
        "import sys; from crawler.export.store import open_store; open_store('exports'); print('boto3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
