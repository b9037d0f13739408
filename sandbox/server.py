"""Serves a tree of hosts and the sites beside it on loopback, with faults on request and a log of what was asked.

`https://HOST/PATH` is found at `http://127.0.0.1:PORT/HOST/PATH`, which is how `MIRROR` maps it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import struct
import time
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from email.utils import format_datetime
from socket import SO_LINGER, SOL_SOCKET
from threading import Thread
from typing import TYPE_CHECKING, Final

from aiohttp import web

from crawler.errors import UsageError
from sandbox import faults as fault_kinds
from sandbox import hosts
from sandbox.exchange import Answer, Asked, page
from sandbox.files import Files
from sandbox.generator import DEFAULT_BUILD, DEFAULT_SCALE, Catalogue, committed
from sandbox.holdings import Holdings
from sandbox.layout import Build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from sandbox.faults import Fault
    from sandbox.tree import Tree

LOOPBACK: Final = "127.0.0.1"
SLOW_SECONDS: Final = 2.0
MISSING_BYTES: Final = 1000
"""How many bytes fewer are sent than announced, where the fault `length` strikes."""

GET_ONLY: Final = ("GET", "HEAD")
NOTED: Final = ("user-agent", "accept", "if-none-match", "if-modified-since")
"""The headers of a request that are noted, in the order of the fields of `Seen`."""

FAILED: Final = page("Out of order", "A fault was asked for.")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in."""

    url: str
    method: str
    start: float
    user_agent: str | None
    accept: str | None
    if_none_match: str | None
    if_modified_since: str | None


class Server:
    """Answers requests: a file of `tree` goes before what the hosts beside the catalogue say.

    These tell the studies of a tree that has a `scale`, as a catalogue has; beside any other tree there are none.
    """

    def __init__(self, tree: Tree, faults: Sequence[Fault] = (), seed: int = 0, build: str = DEFAULT_BUILD) -> None:
        modified = Build(build).modified
        scale = getattr(tree, "scale", None)
        self.files = Files(tree, format_datetime(modified, usegmt=True))
        self.holdings = None if scale is None else Holdings(scale, modified)
        self.faults = faults
        self.seed = seed
        self.seen: list[Seen] = []
        self.counts: Counter[str] = Counter()

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to one request, sent."""
        target = request.raw_path.removeprefix("/")
        path, _, query = target.partition("?")
        if path.startswith("_sandbox/"):
            return self._about(request.method, path)
        host, slash, rest = path.partition("/")
        allowed = GET_ONLY if self.holdings is None else hosts.methods(host)
        if request.method not in allowed:
            return web.Response(status=405, headers={"Allow": ", ".join(allowed)})
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = target.removesuffix("?")
        self._note(target, request.method, headers)
        asked = Asked(host, slash + rest, query, headers, await request.read(), request.method)
        fault = fault_kinds.first(self.faults, target, self.counts[f"https://{target}"], self.seed)
        return await _send(request, self._answer(asked, fault), fault)

    def _note(self, target: str, method: str, headers: Mapping[str, str]) -> None:
        url, now = f"https://{target}", time.monotonic()
        self.seen.append(Seen(url, method, now, *(headers.get(name) for name in NOTED)))
        self.counts[url] += 1

    def _about(self, method: str, path: str) -> web.Response:
        if (method, path) == ("GET", "_sandbox/requests"):
            return web.json_response({"counts": self.counts, "requests": [asdict(seen) for seen in self.seen]})
        if (method, path) == ("POST", "_sandbox/reset"):
            self.seen.clear()
            self.counts.clear()
            return web.Response(status=204)
        return web.Response(status=404)

    def _tells(self, host: str) -> bool:
        return self.holdings is not None and host in hosts.HOSTS

    def _answer(self, asked: Asked, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind.isdecimal():
            failed = FAILED if self._tells(asked.host) else self.files.missing(asked)
            wait = {} if fault.seconds is None else {"Retry-After": f"{fault.seconds:.0f}"}
            return replace(failed, status=int(fault.kind), headers={**failed.headers, **wait})
        cut = fault is not None and fault.kind == "truncate"
        found = self.files.answer(asked, cut=cut)
        if found is None and self.holdings is not None and self._tells(asked.host):
            found = hosts.HOSTS[asked.host](asked, self.holdings)
            if cut:
                kept = {name: text for name, text in found.headers.items() if name not in {"ETag", "Last-Modified"}}
                return replace(found, headers=kept, body=found.body[: len(found.body) // 2])
        return self.files.missing(asked) if found is None else found


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
