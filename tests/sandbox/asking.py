"""Asks a sandbox as a client does that knows nothing of it: one request, one connection, what came back."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPMessage
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sandbox.exchange import Asked
from sandbox.holdings import Holdings
from sandbox.hosts import HOSTS

if TYPE_CHECKING:
    from sandbox.exchange import Answer

MODIFIED: Final = datetime(2026, 1, 26, 15, 41, 8, tzinfo=UTC)


@dataclass(slots=True)
class Got:
    """An answer."""

    status: int
    headers: HTTPMessage
    body: bytes


def ask(url: str, target: str, method: str = "GET", body: bytes | None = None, /, **headers: str) -> Got:
    """Ask for `target` (`host/path`) as it is, without cleaning its path."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/{target}", body, named)
        response = connection.getresponse()
        with closing(response):
            return Got(response.status, response.headers, response.read())


def seen(url: str) -> dict[str, Any]:
    """What the sandbox says it was asked."""
    told: dict[str, Any] = json.loads(ask(url, "_sandbox/requests").body)
    return told


def told(url: str, scale: int = 60, method: str = "GET", body: bytes = b"", /, **headers: str) -> Answer:
    """Return what the host of a URL answers, without a server: the sandbox has `scale` studies."""
    parts = urlsplit(url)
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    asked = Asked(parts.netloc, parts.path or "/", parts.query, named, body, method)
    return HOSTS[parts.netloc](asked, Holdings(scale, MODIFIED))
