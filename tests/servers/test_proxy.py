from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.servers.ports import free_ports
from tests.servers.proxy import Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator


class Echo(socketserver.ThreadingTCPServer):
    """Says what it hears, and keeps how every connection ended: with FIN or RST."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Echoing)
        self.heard: list[bytes] = []
        self.endings: list[str] = []


class _Echoing(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Echo)
        try:
            while data := self.request.recv(1 << 16):
                self.server.heard.append(data)
                self.request.sendall(data)
            self.server.endings.append("FIN")
        except ConnectionError:
            self.server.endings.append("RST")


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def line(echo: Echo) -> Iterator[Proxy]:
    with proxy(f"http://127.0.0.1:{echo.server_address[1]}") as line:
        yield line


def connect(line: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(line.endpoint).port or 0), timeout=10)


def says(client: socket.socket, data: bytes) -> bytes:
    """Say it, and return as many bytes of answer."""
    client.sendall(data)
    answer = b""
    while len(answer) < len(data) and (more := client.recv(1 << 16)):
        answer += more
    return answer


def test_bytes_pass_both_ways_to_the_end(line: Proxy, echo: Echo) -> None:
    with connect(line) as client:
        assert says(client, b"hello") == b"hello"
        whole = bytes(range(256)) * 4000
        sender = threading.Thread(target=client.sendall, args=(whole,))
        sender.start()
        answer = b""
        while len(answer) < len(whole):
            answer += client.recv(1 << 16)
        sender.join()
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert answer == whole
    echo.server_close()  # waits for its connections
    assert echo.endings == ["FIN"]


def test_a_cut_resets_what_is_there_and_refuses_what_comes(line: Proxy, echo: Echo) -> None:
    endpoint = line.endpoint
    clients = [connect(line) for _ in range(20)]
    for client in clients:
        assert says(client, b"hello") == b"hello"
    line.cut()
    for client in clients:
        with client, pytest.raises(ConnectionResetError):
            client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(line)
    line.cut()
    line.mend()
    line.mend()
    assert line.endpoint == endpoint
    with connect(line) as client:
        assert says(client, b"again") == b"again"
    echo.server_close()
    assert sorted(echo.endings) == ["FIN"] + ["RST"] * 20


def test_cutting_at_any_moment_leaves_nothing_open(line: Proxy) -> None:
    """Clients come while the line is cut and mended; an unclosed socket would be a warning, which is an error here."""
    done = threading.Event()

    def come() -> None:
        while not done.is_set():
            with suppress(ConnectionError), connect(line) as client:
                says(client, b"hello" * 1000)

    clients = [threading.Thread(target=come) for _ in range(4)]
    for client in clients:
        client.start()
    for _ in range(50):
        line.cut()
        line.mend()
    done.set()
    for client in clients:
        client.join()
    with connect(line) as last:
        assert says(last, b"hello") == b"hello"


def test_a_lost_answer_is_one_that_the_server_gave(line: Proxy, echo: Echo) -> None:
    line.lose_answer()
    with connect(line) as client, pytest.raises(ConnectionResetError):
        says(client, b"hello")
    assert echo.heard == [b"hello"]
    with connect(line) as client:
        assert says(client, b"again") == b"again"


def test_a_server_that_is_not_there_resets() -> None:
    with (
        proxy(f"http://127.0.0.1:{free_ports(1)[0]}") as nowhere,
        pytest.raises(ConnectionResetError),
        connect(nowhere) as client,
    ):
        client.recv(1)
