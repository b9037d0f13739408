"""Real servers of S3 on loopback, each a process of its own: moto, and SeaweedFS, which checks who asks and what."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from tests.servers.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_T = TypeVar("_T")
_BIN = Path(sys.executable).parent
_START_SECONDS = 60
NOBODY = {  # of the AWS_* variables of who runs the tests, none may reach a test
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server of S3 and one who may use it; `dataclasses.replace` gives it another endpoint or user."""

    endpoint: str
    access_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        """The AWS_* variables of a process that uses this server."""
        return {
            **NOBODY,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    def new_bucket(self) -> str:
        """Make an empty bucket and return its name."""
        from boto3.session import Session  # noqa: PLC0415 - takes 0.3 s, and every run of pytest imports this module

        name = f"bucket-{secrets.token_hex(6)}"
        session = Session(self.access_key, self.secret_key, region_name=NOBODY["AWS_DEFAULT_REGION"])
        with closing(session.client("s3", endpoint_url=self.endpoint)) as client:
            client.create_bucket(Bucket=name)
        return name


@contextmanager
def moto() -> Iterator[Server]:
    """Serve S3 with moto, which keeps conditional writes but accepts any secret and any checksum."""
    with TemporaryDirectory(prefix="moto-") as folder:
        log = Path(folder, "log")

        def endpoint() -> str | None:
            told = re.search(r"Running on (http://127\.0\.0\.1:\d+)", log.read_text())
            return told and told[1]

        with _running(log, str(_BIN / "moto_server"), "-H", "127.0.0.1", "-p", "0") as process:
            yield Server(endpoint=_ready(endpoint, process, log), access_key="anyone", secret_key=secrets.token_hex(8))


@contextmanager
def seaweed(**readers: str) -> Iterator[Server]:
    """Serve S3 with SeaweedFS to one who may do all; `readers` are the keys and secrets of those who may only read.

    The same endpoint serves IAM, whose users may do what their policies allow.
    """
    key, secret = secrets.token_hex(8), secrets.token_hex(16)
    with TemporaryDirectory(prefix="seaweed-") as folder:
        log, users = Path(folder, "log"), Path(folder, "users.json")
        identities = [_identity(key, secret, "Admin", "Read", "Write", "List")]
        identities += [_identity(name, word, "Read", "List") for name, word in readers.items()]
        users.write_text(json.dumps({"identities": identities}))
        names = [
            f"{part}.port{kind}" for part in ("s3", "filer", "master", "volume", "admin") for kind in ("", ".grpc")
        ]
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        endpoint = f"http://127.0.0.1:{ports['s3.port']}"
        options = [f"-{name}={port}" for name, port in ports.items()]
        options += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"]
        options += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}"]
        options += [f"-s3.config={users}", "-s3.iam.readOnly=false", "-s3.autoCreateBucket=false"]
        with _running(log, str(_BIN / "weed"), "mini", *options) as process:
            _ready(lambda: _healthy(ports["s3.port"]), process, log)
            yield Server(endpoint=endpoint, access_key=key, secret_key=secret)


@contextmanager
def _running(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server that writes into `log`, and kill it in the end: nothing that it holds is kept."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | NOBODY
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def _ready(ask: Callable[[], _T | None], process: subprocess.Popen[bytes], log: Path) -> _T:
    """Ask until there is an answer, and return it; raises RuntimeError with what the server wrote where none comes."""
    give_up = time.monotonic() + _START_SECONDS
    while not (answer := ask()):
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.05)
    return answer


def _healthy(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz")
            with closing(connection.getresponse()) as response:
                return response.status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def _identity(key: str, secret: str, *actions: str) -> dict[str, object]:
    return {"name": key, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}
