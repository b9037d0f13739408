"""Who may, what was damaged, and a line that is cut: proven on a server that checks, which moto does not."""

from __future__ import annotations

import dataclasses
import logging
import threading
from typing import TYPE_CHECKING

import pytest

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable
from crawler.export.patience import Patient
from crawler.export.s3 import S3Store
from tests.servers.proxy import Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSRequest

    from tests.servers.s3 import Server

    Use = Callable[..., S3Store]

LONG = 3600.0


@pytest.fixture
def use(seaweed_server: Server, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Make a store in one new bucket, with what is changed of the server."""
    bucket = seaweed_server.new_bucket()

    def make(**changes: str) -> S3Store:
        for name, value in dataclasses.replace(seaweed_server, **changes).environment.items():
            monkeypatch.setenv(name, value)
        return S3Store(bucket, "prefix")

    return make


@pytest.fixture
def line(seaweed_server: Server) -> Iterator[Proxy]:
    with proxy(seaweed_server.endpoint) as line:
        yield line


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"secret_key": "wrong"}, r"403 \(SignatureDoesNotMatch: .*; set AWS_SECRET_ACCESS_KEY to the secret of that"),
        ({"access_key": "stranger"}, r"403 \(InvalidAccessKeyId: .*; the store does not know that key"),
    ],
)
def test_who_is_not_who_they_say_may_do_nothing(use: Use, user: dict[str, str], words: str) -> None:
    store = use(**user)
    calls: list[Callable[[], object]] = [
        lambda: store.put("v1/a", b""),
        lambda: store.create("v1/a", b""),
        lambda: store.get("v1/a"),
        lambda: store.exists("v1/a"),
        lambda: store.list("v1/a"),
    ]
    for call in calls:
        with pytest.raises(StoreError, match=words) as refused:
            call()
        assert type(refused.value) is StoreError


def test_who_may_only_read_may_not_write(use: Use) -> None:
    use().put("v1/a", b"before")
    reader = use(access_key="reader", secret_key="reads-only")  # noqa: S106 - of a server of the tests
    assert reader.get("v1/a") == b"before"
    assert reader.list("v1/") == ["v1/a"]
    for write in (reader.put, reader.create):
        with pytest.raises(StoreError, match=r"403 \(AccessDenied: .*; allow these credentials s3:PutObject"):
            write("v1/b", b"")
    with pytest.raises(StoreError, match="AccessDenied"):
        reader.put("v1/a", b"after")
    assert use().get("v1/a") == b"before"


def test_a_bucket_that_is_not_there_is_named(use: Use) -> None:
    use()
    with pytest.raises(StoreError, match=r"^v1/a: PutObject in s3://nonesuch was .* \(NoSuchBucket: .*; create that"):
        S3Store("nonesuch").put("v1/a", b"")
    with pytest.raises(StoreError, match="NoSuchBucket"):
        S3Store("nonesuch").exists("v1/a")


def test_a_page_comes_as_one_that_a_browser_shows(use: Use) -> None:
    store = use()
    store.put("v1/report.html", b"<p>")
    answer = store._client.head_object(Bucket=store._bucket, Key="prefix/v1/report.html")  # noqa: SLF001 - as it is kept
    assert answer["ContentType"] == "text/html; charset=utf-8"


def test_bytes_that_changed_on_the_way_are_not_stored(use: Use) -> None:
    store = use()
    store.put("v1/a", b"before")

    def damage(request: AWSRequest, **_: object) -> None:
        assert request.headers["x-amz-checksum-crc32"] not in {None, "AAAAAA=="}
        request.headers.replace_header("x-amz-checksum-crc32", "AAAAAA==")

    store._client.meta.events.register("before-sign.s3.PutObject", damage)  # noqa: SLF001 - stands for a bad line
    for write in (store.put, store.create):
        with pytest.raises(StoreError, match="its bytes changed on the way") as refused:
            write("v1/a" if write == store.put else "v1/b", b"after")
        assert not isinstance(refused.value, AlreadyExists)
    assert store.get("v1/a") == b"before"
    assert store.list("v1/") == ["v1/a"]


@pytest.mark.parametrize("data", [b"mine", b"m" * 1_000_000])
def test_a_create_whose_answer_was_lost_is_its_own_work(use: Use, line: Proxy, data: bytes) -> None:
    store = Patient(use(endpoint=line.endpoint), LONG)
    line.lose_answer()
    store.create("v1/a", data)
    assert store.get("v1/a") == data
    with pytest.raises(AlreadyExists):
        store.create("v1/a", data)


def test_without_patience_a_lost_answer_is_not_known(use: Use, line: Proxy) -> None:
    store = use(endpoint=line.endpoint)
    line.lose_answer()
    with pytest.raises(StoreUnavailable):
        store.create("v1/a", b"mine")
    with pytest.raises(AlreadyExists):
        store.create("v1/a", b"mine")


def test_an_outage_is_waited_out(use: Use, line: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    """Threads that write while the line is cut again and again: every object is there in the end, and as written."""
    caplog.set_level(logging.INFO, "crawler")
    store = Patient(use(endpoint=line.endpoint), LONG)
    keys = [[f"v1/log/{thread}-{number}" for number in range(20)] for thread in range(4)]

    def write(some: list[str]) -> None:
        for key in some:
            store.create(key, key.encode() * 10_000)

    threads = [threading.Thread(target=write, args=(some,)) for some in keys]
    for thread in threads:
        thread.start()
    for cut in range(5):
        while len(caplog.records) < 2 * cut:  # until the last one was noticed, and was over
            threads[0].join(0.01)
            if not any(thread.is_alive() for thread in threads):
                break
        line.cut()
        threads[0].join(0.05)
        line.mend()
    for thread in threads:
        thread.join()
    assert caplog.messages[0].startswith("The store is not available, and is waited for up to 3600 s: v1/log/")
    assert store.list("v1/log/") == sorted(key for some in keys for key in some)
    assert all(store.get(key) == key.encode() * 10_000 for some in keys for key in some)


def test_a_line_that_stays_cut_ends_the_patience(use: Use, line: Proxy) -> None:
    store = Patient(use(endpoint=line.endpoint), 0.3)
    store.put("v1/a", b"x")
    line.cut()
    with pytest.raises(StoreUnavailable, match=r"Could not connect.*; the store was waited for 0 s: start the same"):
        store.get("v1/a")
    line.mend()
    assert store.get("v1/a") == b"x"
