"""The guard itself: a connection to the outside is refused before a packet leaves, here and in child processes."""

import socket
import subprocess
import sys

import pytest

from tests.loopback import sitecustomize

LOADED = sys.modules.get("sitecustomize")
"""The guard as Python loaded it by itself, in a process that runs a share of the tests."""
LeavesThisMachine = getattr(LOADED, "LeavesThisMachine", sitecustomize.LeavesThisMachine)
OUTSIDE = "192.0.2.1"  # reserved for documentation (RFC 5737)


def test_a_connection_to_the_outside_is_refused() -> None:
    with socket.socket() as sock, pytest.raises(LeavesThisMachine):
        sock.connect((OUTSIDE, 80))


def test_a_look_up_of_an_outside_name_is_refused() -> None:
    with pytest.raises(LeavesThisMachine):
        socket.getaddrinfo("example.org", 80)


def test_a_child_process_is_guarded_too() -> None:
    code = f"import socket; socket.socket().connect(({OUTSIDE!r}, 80))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LeavesThisMachine" in child.stderr


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
