"""Refuses every connection and every look-up of a name that would leave this machine, from its import on.

Python imports a `sitecustomize` that is on its path at its start, so processes that tests start are guarded as well.
"""

from __future__ import annotations

import ipaddress
import sys

_LOCAL_NAMES = {"localhost", "", None}


class LeavesThisMachine(BaseException):
    """Raised in a test that contacts the outside; no handler of ordinary errors hides it."""


def install() -> None:
    sys.addaudithook(_audit)


def _audit(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in _LOCAL_NAMES and not _is_loopback(str(host)):
        raise LeavesThisMachine(f"{event} to {host}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


install()
