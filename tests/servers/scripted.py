"""A server on loopback that answers every request with what it was told to, in the bytes that S3 would send."""

from __future__ import annotations

import secrets
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.servers.s3 import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP; `status` 0 closes the connection without one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def error(status: int, code: str, message: str = "Words", **headers: str) -> Answer:
    """Return an error of S3, as the API reference of S3 shows it ("REST error responses")."""
    body = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body.encode(), {"Content-Type": "application/xml", **named})


@dataclass(frozen=True, slots=True)
class Scripted:
    """The server, what it is to answer (the last one for ever), and the method, path and body of all it was asked."""

    server: Server
    answers: list[Answer]
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def __init__(self, answers: tuple[Answer, ...], certificate: tuple[str, str] | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        endpoint = f"http://127.0.0.1:{self.server_port}"
        if certificate:
            endpoint = f"https://localhost:{self.server_port}"
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(*certificate)
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        server = Server(endpoint=endpoint, access_key="anyone", secret_key=secrets.token_hex(8))
        self.script = Scripted(server, list(answers))
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    def handle_one_request(self) -> None:
        assert isinstance(self.server, _Server)
        script = self.server.script
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            script.asked.append(f"{self.command} {self.path}")
            script.bodies.append(body)
        if answer.status:
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""


@contextmanager
def scripted(*answers: Answer, certificate: tuple[str, str] | None = None) -> Iterator[Scripted]:
    """Serve `answers` one after the other; over TLS with a certificate for `localhost` and its key, both files."""
    with _Server(answers, certificate) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield http.script
        finally:
            http.shutdown()
            thread.join()
