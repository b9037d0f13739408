from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable
from crawler.export.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Barrier

ROUNDS, RACERS = 50, "abcd"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "exports")


def test_objects_are_as_readable_as_the_umask_lets_them_be(store: FolderStore) -> None:
    before = os.umask(0o022)
    try:
        store.put("v1/a", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path(store.uri("v1/a")).stat().st_mode) == 0o644


def test_a_reader_sees_one_whole_object_or_the_other(store: FolderStore) -> None:
    wholes = [bytes([number]) * 300_000 for number in (1, 2)]
    store.put("v1/a", wholes[0])
    done = threading.Event()

    def write() -> None:
        for number in range(40):
            store.put("v1/a", wholes[number % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        seen.add(store.get("v1/a"))
    writer.join()
    assert seen <= set(wholes)


def race(root: Path, name: str, gate: Barrier) -> None:
    store, won = FolderStore(root), []
    for number in range(ROUNDS):
        gate.wait(timeout=60)
        with suppress(AlreadyExists):
            store.create(f"race/{number}", name.encode() * 1000)
            won.append(number)
    store.put(f"won/{name}", bytes(won))


def test_of_racing_processes_exactly_one_creates(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(len(RACERS))
    racers = [context.Process(target=race, args=(tmp_path, name, gate)) for name in RACERS]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * len(RACERS)
    store = FolderStore(tmp_path)
    won = [(number, name) for name in RACERS for number in store.get(f"won/{name}")]
    assert sorted(number for number, _ in won) == list(range(ROUNDS))
    assert all(store.get(f"race/{number}") == name.encode() * 1000 for number, name in won)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def in_a_child(code: str, root: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python, where `store` is a FolderStore on `root`; a StoreError is printed."""
    program = f"""
import os, resource, sys
from pathlib import Path
from crawler.errors import StoreError
from crawler.export.folder import FolderStore
store = FolderStore(Path(sys.argv[1]))
try:
    {code}
except StoreError as error:
    print(error)
"""
    return run(sys.executable, "-c", program, str(root))


def test_a_killed_writer_leaves_nothing_that_a_reader_sees(tmp_path: Path) -> None:
    dies = "store.put('v1/b', b''); os.fsync = lambda _: os.kill(os.getpid(), 9); store.create('v1/a', b'half')"
    assert in_a_child(dies, tmp_path).returncode == -signal.SIGKILL
    assert len(list((tmp_path / "v1").iterdir())) == 2, "it died before it had written anything"
    store = FolderStore(tmp_path)
    assert store.list("v1/") == ["v1/b"]
    assert not store.exists("v1/a")
    store.create("v1/a", b"whole")
    assert store.list("v1/") == ["v1/a", "v1/b"]


def test_a_file_over_the_limit_of_the_process_leaves_no_trace(tmp_path: Path) -> None:
    limited = "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); store.put('v1/a', bytes(10_000))"
    child = in_a_child(limited, tmp_path)
    assert child.stdout.startswith(f"v1/a: File too large in {tmp_path}; raise the limit on file sizes"), child
    assert list((tmp_path / "v1").iterdir()) == []


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[FolderStore]:
    """Give a store on a file system of its own; skips where this user may not mount one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not mount or not umount:
        pytest.skip("no mount here")
    if run(mount, "-t", "tmpfs", "-o", options, "tmpfs", str(folder)).returncode:
        pytest.skip("this user may not mount")
    try:
        yield FolderStore(folder)
    finally:
        assert run(umount, str(folder)).returncode == 0


def test_a_full_disk_is_named_and_keeps_what_was_there(tmp_path: Path) -> None:
    with mounted(tmp_path, "size=64k") as store:
        store.put("v1/a", b"before")
        for write in (store.put, store.create):
            with pytest.raises(StoreError, match=r"No space left on device in .*; free some space there") as full:
                write("v1/b", bytes(100_000))
            assert full.value.key == "v1/b"
        with pytest.raises(StoreError, match="No space left"):
            store.put("v1/a", bytes(100_000))
        assert store.list("v1/") == ["v1/a"]
        assert store.get("v1/a") == b"before"
        store.put("v1/b", bytes(10_000))


def test_a_read_only_disk_is_named(tmp_path: Path) -> None:
    with mounted(tmp_path, "ro") as store, pytest.raises(StoreError, match=r"Read-only .*; mount it writable"):
        store.put("v1/a", b"")


def test_a_file_in_the_way_is_named(tmp_path: Path, store: FolderStore) -> None:
    (tmp_path / "exports").write_text("not a folder")
    works: list[Callable[[], object]] = [
        lambda: store.put("v1/a", b""),
        lambda: store.create("a", b""),
        lambda: store.list("v1/"),
        lambda: store.exists("v1/a"),
        lambda: store.get("v1/a"),
    ]
    for work in works:
        with pytest.raises(StoreError, match="a file stands where a folder must be") as wrong:
            work()
        assert not isinstance(wrong.value, AlreadyExists)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.EACCES, "let this user read and write there"),
        (errno.EPERM, "let this user write and make hard links there"),
        (errno.EOPNOTSUPP, "no hard links"),
        (errno.EMFILE, "see to it"),
    ],
)
def test_every_other_failure_is_one_line_too(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch, code: int, advice: str
) -> None:
    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match=advice) as failed:
        store.put("v1/a", b"")
    assert "\n" not in str(failed.value)
    assert not isinstance(failed.value, StoreUnavailable)
    assert not store.exists("v1/a")


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN])
def test_what_a_network_mount_says_while_its_server_is_away_may_pass(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreUnavailable, match=rf"^v1/a: {os.strerror(code)} in /.*/exports$"):
        store.create("v1/a", b"")


def test_a_link_whose_answer_was_lost_is_its_own_work(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    link = Path.hardlink_to

    def twice(path: Path, target: Path) -> None:
        link(path, target)
        link(path, target)

    monkeypatch.setattr(Path, "hardlink_to", twice)
    store.create("v1/a", b"x")
    assert store.get("v1/a") == b"x"
    with pytest.raises(AlreadyExists):
        store.create("v1/a", b"x")


def test_objects_and_new_folders_are_forced_to_disk_before_they_are_acknowledged(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: forced.append(str(Path(f"/proc/self/fd/{file}").readlink())))
    store.create("v1/a", b"x")
    where = [path.removeprefix(str(tmp_path)) for path in forced]
    assert where[:2] == ["", "/exports"]
    assert where[2].startswith("/exports/v1/.a.")
    assert where[3:] == ["/exports/v1"]
    with pytest.raises(AlreadyExists):
        store.create("v1/a", b"x")
    assert forced[-1] == str(tmp_path / "exports/v1"), "what exists is on disk, whoever made it"
