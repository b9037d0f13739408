"""Pages that only a browser sees: a Chromium that runs a page's scripts, and has no network of its own.

The document of a page, and all that its scripts ask for, is downloaded as every other request of the crawl is: through
the mirror, with the same name and the same checks. scrapy-playwright is imported with the first such page, not before.
"""

from __future__ import annotations

import os
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scrapy.http import HtmlResponse

from crawler.browser.traffic import Traffic
from crawler.errors import BrowserUnavailable
from crawler.middlewares.mirror import MirrorDownloadHandler

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from crawler.browser.rendering import Renderer

_EXECUTABLES = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
_OK = 200


def executable(settings: BaseSettings) -> str | None:
    """Return the path of the Chromium to start: `BROWSER_EXECUTABLE` alone where it is set; None if there is none.

    >>> from scrapy.settings import Settings
    >>> executable(Settings({"BROWSER_EXECUTABLE": "/bin/no-chromium"}))
    """
    named = settings.get("BROWSER_EXECUTABLE")
    return next((path for path in ([named] if named else _EXECUTABLES) if os.access(path, os.X_OK)), None)


def available(settings: BaseSettings) -> str | None:
    """Return None where pages can be opened in a browser, else in one line why not, and what to do.

    >>> from scrapy.settings import Settings
    >>> available(Settings({"BROWSER_EXECUTABLE": "/bin/no-chromium"}))
    'BROWSER_EXECUTABLE=/bin/no-chromium is no program; name a Chromium'
    """
    named = settings.get("BROWSER_EXECUTABLE")
    if executable(settings) is None:
        return f"BROWSER_EXECUTABLE={named} is no program; name a Chromium" if named else "no Chromium: make browser"
    missing = [name for name in ("playwright", "scrapy_playwright") if find_spec(name) is None]
    return f"{missing[0]} is not installed: make browser" if missing else None


class BrowserDownloadHandler(MirrorDownloadHandler):
    """Downloads a request; where its meta has `browser`, opens what came in a browser, and returns what became of it.

    `browser_hosts` in the meta are the hosts that the page may ask beside its own (`.example.org` is every host below
    example.org), and `browser_wait` is the CSS selector of what it is to hold; it is waited for no longer than
    BROWSER_TIMEOUT. Only an HTML page of status 200 is opened: a redirect or an error is returned as it came.

    Raises BrowserUnavailable, HostRefused for the page's own host, and what every download raises: DownloadTimeoutError
    and DownloadFailedError for the browser as well.
    """

    async def download_request(self, request: Request) -> Response:
        if not request.meta.get("browser"):
            return await super().download_request(request)
        return await self._until_abandoned(request, self._page(request))

    async def close(self) -> None:
        if "_renderer" in self.__dict__:
            await self._renderer.close()
        await super().close()

    async def _page(self, request: Request) -> Response:
        if reason := available(self._crawler.settings):
            raise BrowserUnavailable(reason)
        hosts = self._traffic.hosts(request)
        await self._traffic.check(request.url, hosts)
        answer = await self._fetch(request)
        document = self._traffic.decoded(request, answer)
        download = (answer.headers.get("Content-Disposition") or b"").strip().lower().startswith(b"attachment")
        if document.status != _OK or not isinstance(document, HtmlResponse) or download:
            return answer
        return await self._renderer.render(request, document, hosts)

    @cached_property
    def _traffic(self) -> Traffic:
        return Traffic(self._crawler, self._send, self._turns)

    @cached_property
    def _renderer(self) -> Renderer:
        from crawler.browser.rendering import Renderer  # noqa: PLC0415 - it imports playwright, which is an extra

        return Renderer(self._crawler, self._traffic)
