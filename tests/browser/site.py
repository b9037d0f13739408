"""A server on loopback that is a mirror, or a site by itself: what it answers, and what it was asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `seconds` pass before it is sent."""

    body: str = ""
    kind: str = "text/html"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in; `path` has its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


Replies = Mapping[str, "Reply | list[Reply] | Callable[[Asked], Reply]"]


def script(body: str) -> Reply:
    return Reply(body, "text/javascript")


def data(body: str, status: int = 200) -> Reply:
    return Reply(body, "application/json", status)


def page(script: str, body: str = "<p>Loading", head: str = "") -> Reply:
    """Return a page with a script in it."""
    return Reply(
        f"<!doctype html><html><head><title>x</title>{head}</head><body>{body}<script>{script}</script></body>"
    )


class Site:
    """Answers each path with what it has for it, by its order where that is a list (the last one for ever)."""

    def __init__(self, replies: Replies) -> None:
        self.replies = dict(replies)
        self.asked: list[Asked] = []
        self.port = 0
        self.ended = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def answer(self, request: web.Request) -> web.Response:
        asked = Asked(request.method, request.path_qs, dict(request.headers), (await request.read()).decode())
        self.asked.append(asked)
        reply = self.replies.get(request.path, Reply(status=404))
        if callable(reply):
            reply = reply(asked)
        elif isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), reply.seconds)
        return web.Response(text=reply.body, content_type=reply.kind, status=reply.status, headers=reply.headers)


@contextmanager
def serving(replies: Replies) -> Iterator[Site]:
    """Serve paths on loopback; a mirror has the page `https://example.org/x` at `/example.org/x`."""
    site = Site(replies)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def serve() -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", site.answer)
        runner = web.AppRunner(application, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.port = runner.addresses[0][1]
        ready.set()
        await site.ended.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        ready.wait(10)
        yield site
    finally:
        loop.call_soon_threadsafe(site.ended.set)
        thread.join()
        loop.close()
