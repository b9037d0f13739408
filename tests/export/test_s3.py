"""What the store that is a bucket makes of every answer, and of none; each answer is real bytes on a real socket."""

from __future__ import annotations

import re
import socket
import time
import zlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from urllib3.exceptions import SSLError
from urllib3.response import HTTPResponse
from werkzeug.serving import make_ssl_devcert

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable
from crawler.export import s3
from crawler.export.s3 import S3Store
from tests.servers.ports import free_ports
from tests.servers.s3 import Server
from tests.servers.scripted import Answer, Scripted, error, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WHERE = "s3://bucket/prefix"
CALLS: dict[str, Callable[[S3Store], object]] = {
    "PutObject": lambda store: store.put("v1/a", b"x"),
    "PutObject if absent": lambda store: store.create("v1/a", b"x"),
    "GetObject": lambda store: store.get("v1/a"),
    "ListObjectsV2 of one": lambda store: store.exists("v1/a"),
    "ListObjectsV2": lambda store: store.list("v1/a"),
}


def use(server: Server, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return S3Store("bucket", "prefix")


@pytest.fixture(scope="module")
def script() -> Iterator[Scripted]:
    with scripted(Answer()) as there:
        yield there


@pytest.fixture(scope="module")
def store(script: Scripted) -> Iterator[S3Store]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield use(script.server, monkeypatch)


def failure(store: S3Store, call: str, server: Server) -> StoreError:
    """Return what a call raises: one line that names bucket and key, and holds no secret."""
    with pytest.raises(StoreError) as failed:
        CALLS[call](store)
    said = str(failed.value)
    assert failed.value.key == "v1/a"
    assert said.startswith("v1/a: ")
    assert WHERE in said
    assert "\n" not in said
    assert server.secret_key not in said
    return failed.value


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(404, "NoSuchBucket"), r"404 \(NoSuchBucket: Words\); create that bucket, or set EXPORT_URI to another"),
        (error(403, "AccessDenied"), "allow these credentials s3:PutObject, s3:GetObject and s3:ListBucket there"),
        (Answer(403, b"<html>no</html>"), "allow these credentials s3:PutObject"),
        (error(400, "ExpiredToken"), "renew the credentials, then start the same run_id again"),
        (error(403, "InvalidAccessKeyId"), "set AWS_ACCESS_KEY_ID, or AWS_PROFILE"),
        (error(403, "SignatureDoesNotMatch"), "set AWS_SECRET_ACCESS_KEY to the secret of that"),
        (error(403, "RequestTimeTooSkewed"), "set the clock of this machine"),
        (error(400, "BadDigest"), "its bytes changed on the way"),
        (error(501, "NotImplemented"), "must know conditional writes"),
        (error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-9"), "bucket's region, eu-west-9$"),
        (
            error(400, "Unheard", "Two\nlines"),
            r"400 \(Unheard: Two lines\); see to it, then start the same run_id again",
        ),
        (Answer(404, b"<html>not here</html>"), "look whether AWS_ENDPOINT_URL_S3"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(
    script: Scripted, store: S3Store, call: str, answer: Answer, words: str
) -> None:
    script.answers[:] = [answer]
    failed = failure(store, call, script.server)
    assert type(failed) is StoreError
    assert f"{call.split(maxsplit=1)[0]} in {WHERE} was answered" in str(failed)
    assert re.search(words, str(failed))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        error(500, "InternalError"),
        error(503, "SlowDown"),
        error(503, "ServiceUnavailable"),
        error(400, "RequestTimeout"),
        error(409, "ConditionalRequestConflict"),
        error(409, "OperationAborted"),
        Answer(429),
        Answer(502, b"<html>bad gateway</html>"),
        Answer(504),
        Answer(0),
    ],
)
def test_what_may_pass_is_told_apart_and_asked_once(
    script: Scripted, store: S3Store, call: str, answer: Answer
) -> None:
    script.answers[:] = [answer]
    script.asked.clear()
    assert type(failure(store, call, script.server)) is StoreUnavailable
    assert len(script.asked) == 1


@pytest.mark.parametrize("call", ["GetObject", "ListObjectsV2"])
def test_an_answer_that_is_cut_short_may_pass(script: Scripted, store: S3Store, call: str) -> None:
    whole = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    script.answers[:] = [Answer(200, whole[:40], {"Content-Length": str(len(whole))})]
    assert type(failure(store, call, script.server)) is StoreUnavailable


def test_what_is_no_store_is_named(script: Scripted, store: S3Store) -> None:
    script.answers[:] = [Answer(201, b"<welcome")]
    assert "look whether AWS_ENDPOINT_URL_S3 is" in str(failure(store, "ListObjectsV2", script.server))


def test_a_damaged_object_is_final(script: Scripted, store: S3Store) -> None:
    crc = b64encode(zlib.crc32(b"whole").to_bytes(4, "big")).decode()
    script.answers[:] = [Answer(200, b"whole", {"x-amz-checksum-crc32": crc})]
    assert store.get("v1/a") == b"whole"
    script.answers[:] = [Answer(200, b"whale", {"x-amz-checksum-crc32": crc})]
    failed = failure(store, "GetObject", script.server)
    assert type(failed) is StoreError
    assert "checksum" in str(failed)
    assert "the object is damaged" in str(failed)


def test_an_object_that_exists_already(script: Scripted, store: S3Store) -> None:
    script.answers[:] = [error(412, "PreconditionFailed")]
    with pytest.raises(AlreadyExists, match=r"^v1/a: exists already$"):
        store.create("v1/a", b"")


def test_a_closed_port_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(endpoint=f"http://key:hush@127.0.0.1:{free_ports(1)[0]}", access_key="anyone", secret_key="hush")  # noqa: S106 - of nothing
    failed = failure(use(server, monkeypatch), "PutObject", server)
    assert type(failed) is StoreUnavailable
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:' in str(failed)


def test_a_store_that_nobody_vouches_for_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_ssl_devcert(str(tmp_path / "store"), host="localhost")
    with scripted(Answer(), certificate=certificate) as there:
        environments: list[dict[str, str]] = [{}, {"AWS_CA_BUNDLE": str(tmp_path / "none")}]
        for environment in environments:
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            failed = failure(use(there.server, monkeypatch), "PutObject", there.server)
            assert type(failed) is StoreError
            assert "set AWS_CA_BUNDLE" in str(failed)
        assert there.asked == []
        monkeypatch.setenv("AWS_CA_BUNDLE", certificate[0])
        use(there.server, monkeypatch).put("v1/a", b"x")
        assert there.asked == ["PUT /bucket/prefix/v1/a"]
        assert there.bodies == [b"x"], "not in chunks, with a checksum after them"


def test_a_line_that_damages_what_it_encrypts_may_pass(
    script: Scripted, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> bytes:
        raise SSLError("DECRYPTION_FAILED_OR_BAD_RECORD_MAC")

    monkeypatch.setattr(HTTPResponse, "read", damaged)
    script.answers[:] = [Answer()]
    assert type(failure(store, "GetObject", script.server)) is StoreUnavailable


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"AWS_PROFILE": "nobody"}, r"\(nobody\) could not be found; set AWS_PROFILE to one that"),
        ({"AWS_ENDPOINT_URL_S3": "127.0.0.1:9000"}, "set AWS_ENDPOINT_URL_S3 to http"),
        ({"AWS_DEFAULT_REGION": "not a region"}, "set AWS_DEFAULT_REGION"),
    ],
)
def test_an_environment_that_is_of_no_use_says_which_variable(
    environment: dict[str, str], words: str, script: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (script.server.environment | environment).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match=words) as failed:
        S3Store("bucket", "prefix").put("v1/a", b"")
    assert type(failed.value) is StoreError
    assert WHERE in str(failed.value)
    assert "\n" not in str(failed.value)
    assert script.server.secret_key not in str(failed.value)


def test_a_slow_line_is_not_a_dead_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object may take longer than the time for connecting, which is also that for one step of sending."""
    monkeypatch.setattr(s3, "_CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        size = 8_000_000
        listener.settimeout(10)
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = Server(endpoint=endpoint, access_key="anyone", secret_key="any")  # noqa: S106 - nobody checks it
        store, took = use(server, monkeypatch), thread.submit(take_slowly, listener, size)
        store.put("v1/a", bytes(size))
        head, _, _ = took.result().partition(b"\r\n\r\n")
    assert f"\r\nContent-Length: {size}\r\n".encode() in head + b"\r\n"
    assert b"expect:" not in head.lower(), "a second round trip for every object"


def take_slowly(listener: socket.socket, size: int) -> bytes:
    """Take a request in ten steps with pauses between them, and answer it."""
    connection, _ = listener.accept()
    took = b""
    with connection:
        for step in range(1, 11):
            while len(took) < size * step // 10 and (data := connection.recv(1 << 16)):
                took += data
            time.sleep(0.05)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    return took
