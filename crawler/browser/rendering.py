"""scrapy-playwright's browser, cut off from the network: all that its pages ask for is answered by `Traffic`."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from playwright import async_api as playwright
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler import stats
from crawler.browser import executable
from crawler.browser.deadline import Deadline
from crawler.errors import HostRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy_playwright.provider import BrowserProvider

    from crawler.browser.traffic import Traffic

_OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # addresses in digits included: what is not routed leads nowhere
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # WebRTC's own packets pass by the resolver
)
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",  # containers have little of it
    "--disable-gpu",
)
_CONTEXT = {"service_workers": "block", "accept_downloads": False}
_ANSWERED = {"document", "script", "xhr", "fetch"}
_NOT_SENT = {"accept-encoding", "connection", "content-length", "host"}  # of the connection, which is not the browser's
_NOT_PASSED_ON = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}  # likewise
_OF_THE_DOCUMENT = ("ETag", "Last-Modified", "Content-Length")  # of its bytes, which tell nothing of what came of them
_MOST_BROWSERS = 4
"""How often a page is opened anew because the browser that has it open is gone, for its fault or another's."""
_LAST_SECONDS = 5
"""How long a page has to be read and closed."""


@dataclass(slots=True, kw_only=True)
class _Visit:
    """A page that is open."""

    request: Request
    document: Response
    hosts: frozenset[str]
    wait: str | None
    failed: str = ""
    """What it asked for last that failed for a reason which may pass."""
    opening: asyncio.Future[Response] | None = None
    deadlines: list[Deadline] = field(default_factory=list)
    """Those that run while the page is open."""
    loaded: bool = False
    answers: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def limited(self, seconds: float) -> AsyncIterator[None]:
        """Raise TimeoutError when the page has had so many seconds."""
        async with Deadline(seconds) as deadline:
            self.deadlines.append(deadline)
            try:
                yield
            finally:
                self.deadlines.remove(deadline)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let its time stand still while the page waits for its turn at a host."""
        with ExitStack() as standing:
            for deadline in self.deadlines:
                standing.enter_context(deadline.standing())
            yield


class Renderer(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # it ships no type information
    """Opens each document in a page of its own, whose cookies and storage end with it.

    Where the browser is gone, another one is started, and what it had open is opened again.
    """

    def __init__(self, crawler: Crawler, traffic: Traffic) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._seconds = settings.getfloat("BROWSER_TIMEOUT")
        self._temporary = {int(status) for status in settings.getlist("RETRY_HTTP_CODES")}
        self._traffic = traffic
        self._room = asyncio.Semaphore(settings.getint("BROWSER_PAGES"))
        self._start = asyncio.Lock()
        self._started = False
        self._names = map(str, count())
        self._visits: dict[str, _Visit] = {}
        self.config.download_timeout_secs = 0  # of files, which are not kept
        self.config.launch_options = {
            "executable_path": executable(settings),
            "args": [*_OFFLINE, *_QUIET, f"--user-agent={settings['USER_AGENT']}"],
            "handle_sigint": False,  # the crawl ends it, when what is in flight has come in
            "handle_sigterm": False,
            "handle_sighup": False,
        }

    async def close(self) -> None:
        if self._started:
            await self._end(self.browser_provider)
        await super().close()

    async def render(self, request: Request, document: Response, hosts: frozenset[str]) -> Response:
        """Return what a document has become when it holds what the request waits for, or never will."""
        visit = _Visit(request=request, document=document, hosts=hosts, wait=request.meta.get("browser_wait"))
        async with self._room:
            for _ in range(_MOST_BROWSERS):
                rendered = await self._visit(visit)
                if rendered is not None:
                    for header in _OF_THE_DOCUMENT:
                        rendered.headers.pop(header, None)
                    return rendered.replace(request=request)
        raise DownloadFailedError(f"{_MOST_BROWSERS} browsers ended with the page open")

    async def _visit(self, visit: _Visit) -> Response | None:
        """Return what comes of a page, or None where the browser is gone before."""
        provider = await self._launched()
        name = next(self._names)
        self._visits[name] = visit
        visit.failed, visit.loaded = "", False
        try:
            visit.opening = asyncio.ensure_future(self.download_request(self._asking(name, visit)))
            async with visit.limited(self._seconds):
                return await visit.opening
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # the crawl does not wait for the page any more
            return None
        except TimeoutError as error:
            if visit.loaded:
                await self._end(provider)
            why = "does not answer the browser" if visit.loaded else "takes too long to load"
            raise DownloadTimeoutError(f"the page {why}") from error
        except playwright.Error as error:
            await self._end(provider)
            raise DownloadFailedError(f"the browser failed: {_line(error)}") from error
        finally:
            await self._leave(name, visit, provider)

    def _asking(self, name: str, visit: _Visit) -> Request:
        """Return what scrapy-playwright is to be asked for: a page in a context of its own, which `_visit` limits."""
        options = {"wait_until": "commit" if visit.wait else "load", "timeout": 0}
        meta = {
            "playwright": True,
            "playwright_context": name,
            "playwright_context_kwargs": _CONTEXT,
            "playwright_page_goto_kwargs": options,
        }
        return Request(visit.request.url, meta=meta)

    async def _launched(self) -> BrowserProvider:
        """Return what starts browsers, started."""
        async with self._start:
            if not self._started:
                await self._launch()
                self._started = True
            return self.browser_provider

    async def _end(self, provider: BrowserProvider) -> None:
        """End a browser that failed, and what started it: it may hang, or be gone without anybody being told."""
        async with self._start:
            if self._started and provider is self.browser_provider:
                self._started = False
                del self.browser_provider
                self._forget()
                with suppress(Exception):  # it is left, whatever comes of it
                    async with asyncio.timeout(_LAST_SECONDS):
                        await provider.close()

    async def _browser_disconnected_callback(self, gone: playwright.Browser) -> None:
        if gone is getattr(self, "browser", None):
            self._forget()

    def _forget(self) -> None:
        """Forget a browser: what it has open fails, and the next page starts another one.

        scrapy-playwright closes the contexts of a browser that is gone first. That may take for ever, and so may a page
        that was about to be opened.
        """
        self.context_wrappers.clear()
        self.__dict__.pop("browser", None)
        for visit in self._visits.values():
            if visit.opening is not None:
                visit.opening.cancel()

    async def _leave(self, name: str, visit: _Visit, provider: BrowserProvider) -> None:
        """Close a page; a browser that does not manage to do it is ended."""
        del self._visits[name]
        for answer in visit.answers:
            answer.cancel()
        opened = self.context_wrappers.get(name)
        try:
            if opened is not None:
                async with asyncio.timeout(_LAST_SECONDS):
                    await opened.context.close()
        except TimeoutError:
            if opened is not None and opened.context.browser is getattr(self, "browser", None):
                await self._end(provider)
        except playwright.Error:  # it is gone already
            pass

    async def _apply_page_methods(self, page: playwright.Page, request: Request, _spider: Spider) -> None:
        """Wait, where scrapy-playwright does what a request's meta says: a page that waits in vain is read as it is."""
        visit = self._visits[request.meta["playwright_context"]]
        visit.loaded = True
        visit.deadlines[0].restart(self._seconds + _LAST_SECONDS)
        if visit.wait is None:
            return
        held = False
        try:
            async with visit.limited(self._seconds):
                await page.wait_for_selector(visit.wait, state="attached", timeout=0)
                held = True
                await page.wait_for_load_state("networkidle", timeout=0)  # more may be drawn of what it still asks for
        except TimeoutError:
            if held:
                return
            if visit.failed:
                raise DownloadFailedError(visit.failed) from None
            self.stats.inc_value(stats.BROWSER_UNREADY)

    def _make_request_handler(self, context_name: str, **_: Any) -> Callable[..., Any]:  # noqa: ANN401 - the base class's
        """Return what a page calls for each of its requests; the first one is for the document."""
        visit = self._visits[context_name]
        documents = iter([visit.document])

        async def handle(route: playwright.Route, asked: playwright.Request) -> None:
            answer = asyncio.current_task()
            if answer is not None:
                visit.answers.add(answer)
                answer.add_done_callback(visit.answers.discard)
            with suppress(playwright.Error):  # the page is gone
                response = next(documents, None) or await self._answer(visit, asked)
                if response is None:
                    await route.abort("aborted")  # what would lead the page away leaves it where it is
                else:
                    await route.fulfill(status=response.status, headers=_passed_on(response), body=response.body)

        return handle

    async def _answer(self, visit: _Visit, asked: playwright.Request) -> Response | None:
        """Return the answer to what a page asks for, or None where it is to get none."""
        kind = asked.resource_type
        if kind not in _ANSWERED or not asked.url.startswith(("http://", "https://")):
            return None
        headers = {name: value for name, value in (await asked.all_headers()).items() if name not in _NOT_SENT}
        answer = self._traffic.script if kind == "script" and asked.method == "GET" else self._traffic.answer
        said = f"{asked.method} {asked.url.partition('?')[0]}"  # a query may hold a key that is the site's own
        try:
            request = Request(asked.url, method=asked.method, headers=headers, body=asked.post_data_buffer)
            response = await answer(request, visit.hosts, visit.waiting)
        except HostRefused:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it fails of, the page goes on without it
            visit.failed = f"{said}: {type(error).__name__}"
            return None
        if response.status in self._temporary:
            visit.failed = f"{said}: HTTP {response.status}"
        return response


def _passed_on(response: Response) -> dict[str, str]:
    """Return headers as playwright takes them: of one name several lines, for cookies; a list for all others."""
    headers = {}
    for name, values in response.headers.items():
        key = name.decode("latin-1").lower()
        if key not in _NOT_PASSED_ON:
            headers[key] = ("\n" if key == "set-cookie" else ", ").join(value.decode("latin-1") for value in values)
    return headers


def _line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
