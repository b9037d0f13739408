"""Ports of this machine that a server may take."""

from __future__ import annotations

import random
import socket


def free_ports(number: int) -> list[int]:
    """Return ports that are free, and below those that clients are given for their own end of a connection."""
    found: set[int] = set()
    while len(found) < number:
        with socket.socket() as probe:
            port = random.randrange(10_000, 32_000)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.add(port)
    return sorted(found)
