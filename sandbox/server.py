"""Serves a tree of hosts on loopback as GitHub Pages would, with faults on request and a log of what was asked.

`https://HOST/PATH` is found at `http://127.0.0.1:PORT/HOST/PATH`, which is how `MIRROR` maps it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import ipaddress
import re
import signal
import struct
import time
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from email.utils import format_datetime
from functools import lru_cache
from socket import SO_LINGER, SOL_SOCKET
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from aiohttp import web

from crawler.errors import UsageError
from sandbox import faults as fault_kinds
from sandbox.generator import DEFAULT_BUILD, DEFAULT_SCALE, Catalogue, committed
from sandbox.layout import Build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from sandbox.faults import Fault
    from sandbox.tree import Tree

LOOPBACK: Final = "127.0.0.1"
SLOW_SECONDS: Final = 2.0
MISSING_BYTES: Final = 1000
"""How many bytes fewer are sent than announced, where the fault `length` strikes."""

TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "json": "application/json; charset=utf-8",
    "js": "application/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in."""

    url: str
    method: str
    start: float
    user_agent: str | None
    if_none_match: str | None
    if_modified_since: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be sent, before a fault has its way with it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Server:
    """Answers requests from `tree`; `modified` is the time that all its files were last changed."""

    def __init__(self, tree: Tree, faults: Sequence[Fault] = (), seed: int = 0, build: str = DEFAULT_BUILD) -> None:
        self.tree = tree
        self.faults = faults
        self.seed = seed
        self.modified = format_datetime(Build(build).modified, usegmt=True)
        self.seen: list[Seen] = []
        self.counts: Counter[str] = Counter()

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to one request, sent."""
        path, _, query = request.raw_path.removeprefix("/").partition("?")
        if path.startswith("_sandbox/"):
            return self._about(request.method, path)
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        target = f"{path}?{query}" if query else path
        self._note(target, request)
        fault = fault_kinds.first(self.faults, target, self.counts[f"https://{target}"], self.seed)
        return await _send(request, self._answer(request, unquote(path), query, fault), fault)

    def _note(self, target: str, request: web.BaseRequest) -> None:
        url, get = f"https://{target}", request.headers.get
        now = time.monotonic()
        conditions = get("If-None-Match"), get("If-Modified-Since")
        self.seen.append(Seen(url, request.method, now, get("User-Agent"), *conditions))
        self.counts[url] += 1

    def _about(self, method: str, path: str) -> web.Response:
        if (method, path) == ("GET", "_sandbox/requests"):
            return web.json_response({"counts": self.counts, "requests": [asdict(seen) for seen in self.seen]})
        if (method, path) == ("POST", "_sandbox/reset"):
            self.seen.clear()
            self.counts.clear()
            return web.Response(status=204)
        return web.Response(status=404)

    def _answer(self, request: web.BaseRequest, path: str, query: str, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind.isdecimal():
            page = self._missing(path)
            wait = {} if fault.seconds is None else {"Retry-After": f"{fault.seconds:.0f}"}
            return replace(page, status=int(fault.kind), headers={**page.headers, **wait})
        found = self._file(path)
        if found is None:
            if not path.endswith("/") and self.tree.get(f"{path}/index.html") is not None:
                suffix = f"?{query}" if query else ""
                return Answer(301, {"Location": f"https://{request.raw_path.partition('?')[0][1:]}/{suffix}"})
            return self._missing(path)
        name, body = found
        if fault is not None and fault.kind == "truncate":
            body = body[: len(body) // 2]
        return self._file_answer(request.headers, name, body)

    def _file(self, path: str) -> tuple[str, bytes] | None:
        names = (f"{path}index.html",) if path.endswith("/") else (path, f"{path}.html")
        files = ((name, self.tree.get(name)) for name in names)
        return next(((name, body) for name, body in files if body is not None), None)

    def _missing(self, path: str) -> Answer:
        """The 404 page of the nearest folder above that has one."""
        while "/" in path:
            path = path.rpartition("/")[0]
            body = self.tree.get(f"{path}/404.html")
            if body is not None:
                return Answer(404, {"Content-Type": TYPES["html"]}, body)
        return Answer(404, {"Content-Type": TYPES["txt"]}, b"There is no such host.\n")

    def _file_answer(self, asked: Mapping[str, str], name: str, body: bytes) -> Answer:
        """The file, compressed if asked for; 304 if the client has it already.

        As at the real host, the validator of a compressed body is weak, a tag decides before a time, and a time has to
        be the very one that was sent before.
        """
        kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        tag = _tag(body)
        zipped = name.rpartition(".")[2] in TYPES and _takes_gzip(asked.get("Accept-Encoding", ""))
        headers = {
            "ETag": f"W/{tag}" if zipped else tag,
            "Last-Modified": self.modified,
            "Cache-Control": "max-age=600",
            "Vary": "Accept-Encoding",
        }
        tags = asked.get("If-None-Match")
        known = asked.get("If-Modified-Since") == self.modified if tags is None else tag in tags or tags == "*"
        if known:
            return Answer(304, headers)
        if zipped:
            return Answer(200, headers | {"Content-Type": kind, "Content-Encoding": "gzip"}, _zipped(body))
        return Answer(200, headers | {"Content-Type": kind}, body)


@lru_cache(maxsize=256)
def _tag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


@lru_cache(maxsize=256)
def _zipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


def _takes_gzip(accepted: str) -> bool:
    """True if an Accept-Encoding header allows gzip.

    >>> _takes_gzip("br, gzip"), _takes_gzip("gzip;q=0, br"), _takes_gzip("identity")
    (True, False, False)
    """
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", accepted) is not None


async def _send(request: web.BaseRequest, answer: Answer, fault: Fault | None) -> web.StreamResponse:
    if fault is None or fault.kind not in {"slow", "reset", "length"}:
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    if fault.kind == "length":
        response.content_length += MISSING_BYTES
        response.force_close()
    await response.prepare(request)
    half = len(answer.body) // 2
    await response.write(answer.body[:half])
    if fault.kind == "reset":
        _reset(request)
        return response
    if fault.kind == "slow":
        await asyncio.sleep(SLOW_SECONDS if fault.seconds is None else fault.seconds)
    await response.write(answer.body[half:])
    return response


def _reset(request: web.BaseRequest) -> None:
    """Drop the connection so that the client sees it reset, not closed."""
    transport = request.transport
    if transport is not None:
        at_once = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, at_once)
        transport.abort()


@asynccontextmanager
async def listening(server: Server, port: int = 0, bind: str = LOOPBACK) -> AsyncIterator[str]:
    """The URL at which `server` answers; OSError if the port is taken, UsageError unless `bind` is loopback."""
    if not ipaddress.ip_address(bind).is_loopback:
        raise UsageError(f"the sandbox listens on loopback only, not on {bind}")
    runner = web.ServerRunner(web.Server(server.respond, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, bind, port).start()
        yield f"http://{bind}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def run(server: Server, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called with the URL."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with listening(server, port) as url:
        ready(url)
        await stop.wait()


@contextmanager
def serving(
    *,
    scale: int = DEFAULT_SCALE,
    build: str = DEFAULT_BUILD,
    faults: Sequence[str] = (),
    seed: int = 0,
    tree: Tree | None = None,
) -> Iterator[str]:
    """The URL of a sandbox that answers from another thread as long as the block runs: the catalogue, or `tree`."""
    served = Catalogue(committed(build), scale, build) if tree is None else tree
    server = Server(served, [fault_kinds.parse(spec) for spec in faults], seed, build)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="sandbox")
    thread.start()
    try:
        listener = listening(server)
        url = asyncio.run_coroutine_threadsafe(listener.__aenter__(), loop).result()
        try:
            yield url
        finally:
            asyncio.run_coroutine_threadsafe(listener.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
