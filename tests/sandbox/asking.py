"""Asks a sandbox as a client does that knows nothing of it: one request, one connection, what came back."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True)
class Got:
    """An answer."""

    status: int
    headers: HTTPMessage
    body: bytes


def ask(url: str, target: str, method: str = "GET", **headers: str) -> Got:
    """Ask for `target` (`host/path`) as it is, without cleaning its path."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/{target}", headers=named)
        response = connection.getresponse()
        with closing(response):
            return Got(response.status, response.headers, response.read())


def seen(url: str) -> dict[str, Any]:
    """What the sandbox says it was asked."""
    told: dict[str, Any] = json.loads(ask(url, "_sandbox/requests").body)
    return told
