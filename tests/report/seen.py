"""A report in a real Chromium, as a person meets it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NARROW, WIDE = 390, 1280
Scheme = Literal["light", "dark"]
_SCROLLERS = """() => [...document.querySelectorAll('*')].filter(each =>
    each !== document.scrollingElement && each.checkVisibility() &&
    ['auto', 'scroll'].includes(getComputedStyle(each).overflowX) &&
    (each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight))"""
_ACTIVE = "document.activeElement.getAttribute('aria-labelledby')"


@dataclass(slots=True)
class Seen:
    """A page that is open, and what it has done since."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Messages on its console, and errors."""

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than what shows it."""
        wider: int = self.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
        return wider

    def top_of(self, selector: str) -> float:
        """Return how far an element is below the upper edge of the window, in pixels."""
        top: float = self.page.locator(selector).evaluate("each => each.getBoundingClientRect().top")
        return top

    def wait_for(self, condition: str) -> None:
        """Wait for a condition in JavaScript; playwright's own way to do so is what the page's policy forbids."""
        look = f"const look = () => {condition} ? done() : requestAnimationFrame(look); look()"
        self.page.evaluate(f"new Promise(done => {{ {look} }})")

    def open_all(self) -> None:
        """Open everything that can be opened."""
        self.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")

    def violations(self) -> str:
        """Return what axe-core has to say against the page, as it is now."""
        return str(Axe().run(self.page).generate_snapshot())

    def scrollers(self) -> set[str]:
        """Return what names each part of the page that scrolls by itself now."""
        names: list[str] = self.page.evaluate(f"({_SCROLLERS})().map(each => each.getAttribute('aria-labelledby'))")
        return set(names)

    def reached_by_tab(self) -> set[str]:
        """Return what names each part of the page that the tab key comes to, from the first to the last."""
        reached, count = set(), self.page.evaluate("document.querySelectorAll('a, summary, [tabindex]').length")
        for _ in range(count + 1):
            self.page.keyboard.press("Tab")
            reached.add(self.page.evaluate(_ACTIVE))
        return reached


@contextmanager
def opened(browser: Browser, path: Path, width: int, scheme: Scheme = "light", **more: Any) -> Iterator[Seen]:  # noqa: ANN401 - playwright's
    """Open a file in a window of some width."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    seen = Seen(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("console", lambda message: seen.said.append(message.text))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    try:
        seen.page.goto(path.as_uri())
        yield seen
    finally:
        context.close()
