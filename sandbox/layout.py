"""What all pages of one build and era share: component imports, hints, and the root row that lays a page out.

A build stands for a deployment: another one has other chunk names, module, row and build numbers, and the same records.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sandbox.flight_stream import FRAGMENT, SUSPENSE, UNDEFINED, Element, Ref, Stream, Value
from sandbox.studies import Era

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTION: Final = "section-of-the-page"
NAME: Final = "name-of-the-page"
"""Stand in a frame for the two parts of a page's path, whose characters neither JSON nor HTML escapes."""

PROVIDERS: Final = ("ThemeRegistry", "AuthProvider", "SearchProvider", "ToastProvider", "HelpProvider", "MapProvider")
BOUNDARIES: Final = ("OutletBoundary", "ViewportBoundary", "MetadataBoundary")


@dataclass(frozen=True, slots=True)
class Build:
    """A deployment of the catalogue, by name.

    >>> Build("a").chunks(Era.E2, "main") == Build("b").chunks(Era.E2, "main")
    False
    """

    name: str

    def digits(self, of: str) -> str:
        """Sixteen hex digits for a thing of this build."""
        return hashlib.blake2b(f"{self.name}/{of}".encode(), digest_size=8).hexdigest()

    def module(self, name: str) -> int:
        """The number of a client component or chunk in this build."""
        return int(self.digits(name)[:4], 16)

    def chunks(self, era: Era, *names: str) -> list[str]:
        """Number and file of each chunk, in turns, as a component import lists them."""
        folder = "static/js" if era is Era.E2 else "static/chunks"
        pairs = ((str(self.module(name)), f"{folder}/{name}-{self.digits(name)}.js") for name in names)
        return [part for pair in pairs for part in pair]

    def page_chunks(self, era: Era) -> list[str]:
        """The chunks of an item's page."""
        route = "%5B%5B...slug%5D%5D" if era in {Era.E4, Era.E5} else "%5Bslug%5D"
        shared = (f"shared-{number}" for number in range(1, 12))
        return self.chunks(era, "vendor", "charts", *shared, f"app/items/{route}/page")

    @property
    def modified(self) -> datetime:
        """When it was deployed: the time that every file of it was last changed."""
        return datetime(2026, 1, 26, 15, 41, 8, tzinfo=UTC) + timedelta(hours=self.module("deployed") % 4000)

    @property
    def providers(self) -> tuple[str, ...]:
        """The components around a page: as many as the build has, so that its row numbers differ from another's."""
        return PROVIDERS[: 2 + self.module("shell") % (len(PROVIDERS) - 1)]


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows before a page's own, and where the root row expects those: `at` maps their names to numbers."""

    rows: bytes
    next_row: int
    at: Mapping[str, int]

    def start(self, section: str, name: str) -> Stream:
        """The stream of the page `<section>/<name>`, up to its own rows."""
        rows = self.rows.replace(SECTION.encode(), section.encode()).replace(NAME.encode(), name.encode())
        return Stream(rows, self.next_row)

    def ref(self, kind: str, row: str) -> Ref:
        """A reference to the row of that name: `kind` is `$`, `$L` (lazy) or `$@` (promise)."""
        return Ref(f"{kind}{self.at[row]:x}")


@lru_cache(maxsize=32)
def frame(build: Build, era: Era) -> Frame:
    """The frame of the pages of `era` in `build`."""
    stream = Stream(next_row=1)
    at = {"fragment": stream.symbol(FRAGMENT)}
    chunks = build.chunks(era, "vendor", "main", *(f"shared-{number}" for number in range(1, 7)), "app/layout")
    for name in build.providers:
        at[name] = stream.module(build.module(name), chunks, name)
    for name in ("LayoutRouter", "RouterTemplate"):
        at[name] = stream.module(build.module(name), [], "")
    at["suspense"] = stream.symbol(SUSPENSE)
    told = ("metadata",) if era is Era.E2 else ("streamed", "head")
    at |= {name: stream.reserve() for name in ("page", "ready", "viewport", *told)}
    for name in BOUNDARIES:
        at[name] = stream.module(build.module("boundaries"), [], name)
    if era is not Era.E2:
        at["MetadataOutlet"] = stream.module(build.module("MetadataOutlet"), [], "AsyncMetadataOutlet")
    at["GlobalError"] = stream.module(build.module("GlobalError"), [], "")
    for name in ("layout", "page"):
        stream.hint("L", [f"/search/_next/static/css/{build.digits(f'{name}.css')}.css", "style"])
    unfinished = Frame(b"", 0, at)
    stream.model(_root(unfinished, build, era), row=0)
    if era is Era.E2:
        at["Script"] = stream.module(build.module("Script"), build.page_chunks(era), "")
    at["view"] = stream.module(build.module("view"), build.page_chunks(era), "default")
    return Frame(stream.body(), stream.next_row, at)


SEGMENT_PATH: Final = Ref("$0:f:0:1:2:children:2:children:0")
"""The page's segment inside the root row: React names an object by its path where it occurs again."""


def _root(of: Frame, build: Build, era: Era) -> Value:
    segment = ["slug", NAME, "oc" if era in {Era.E4, Era.E5} else "d"]
    tree: list[Value] = ["", {"children": [SECTION, {"children": [segment, {"children": ["__PAGE__", {}]}]}]}]
    page = _fragment(of, "c", of.ref("$L", "page"), _style(build, "page"), _outlet(of, era))
    around_page = _fragment(of, "c", None, _router(of, era, SECTION, SEGMENT_PATH))
    around_section = _fragment(of, "c", None, _router(of, era, SECTION))
    layout = _fragment(of, "c", _style(build, "layout"), _html(of, build, era))
    seed: Value = ["__PAGE__", page, {}, None, False]
    for name, parts in ((segment, around_page), (SECTION, around_section), ("", layout)):
        seed = [name, parts, {"children": seed}, None, False]
    return {
        "P": None,
        "b": build.digits("id"),
        "p": "/search",
        "c": ["", SECTION, NAME],
        "i": False,
        "f": [[[*tree, UNDEFINED, UNDEFINED, True], seed, _head(of, build, era), False]],
        "m": UNDEFINED,
        "G": [of.ref("$", "GlobalError"), UNDEFINED if era is Era.E2 else []],
        "s": False,
        "S": True,
    }


def _fragment(of: Frame, key: str, *children: Value) -> Element:
    return Element(of.ref("$", "fragment"), {"children": children}, key)


def _style(build: Build, name: str) -> Element:
    href = f"/search/_next/static/css/{build.digits(f'{name}.css')}.css"
    unset = {"crossOrigin": UNDEFINED, "nonce": UNDEFINED}
    return Element("link", {"rel": "stylesheet", "href": href, "precedence": "next", **unset}, "0")


def _router(of: Frame, era: Era, *segments: Value, not_found: Value = UNDEFINED) -> Element:
    unset = ("error", "errorStyles", "errorScripts", "templateStyles", "templateScripts")
    path = [part for segment in segments for part in (segment, "children")]
    return Element(
        of.ref("$L", "LayoutRouter"),
        {"parallelRouterKey": "children"}
        | ({"segmentPath": ["children", *path]} if era is Era.E2 else {})
        | {"template": Element(of.ref("$L", "RouterTemplate"), {})}
        | dict.fromkeys(unset, UNDEFINED)
        | {"notFound": not_found, "forbidden": UNDEFINED, "unauthorized": UNDEFINED},
    )


def _html(of: Frame, build: Build, era: Era) -> Element:
    title, heading = Element("title", {"children": "Not here"}), Element("h1", {"children": "No such page."})
    lost: Value = [[], [title, heading]]
    main: Element = Element("main", {"style": {"minHeight": "100vh"}, "children": _router(of, era, not_found=lost)})
    for name in reversed(build.providers):
        main = Element(of.ref("$L", name), {"children": main})
    point = Element("meta", {"name": "insertion-point", "content": ""})
    body = Element("body", {"className": f"__className_{build.digits('font')[:6]}", "children": main})
    return Element("html", {"lang": "en", "children": [Element("head", {"children": point}), body]})


def _outlet(of: Frame, era: Era) -> Element:
    ready: Value = of.ref("$L", "ready")
    if era is not Era.E2:
        ready = [ready, Element(of.ref("$L", "MetadataOutlet"), {"promise": of.ref("$@", "streamed")})]
    return Element(of.ref("$L", "OutletBoundary"), {"children": ready})


def _head(of: Frame, build: Build, era: Era) -> Element:
    viewport = Element(of.ref("$L", "ViewportBoundary"), {"children": of.ref("$L", "viewport")})
    if era is Era.E2:
        metadata: Value = of.ref("$L", "metadata")
    else:
        waiting = Element(of.ref("$", "suspense"), {"fallback": None, "children": of.ref("$L", "head")})
        metadata = Element("div", {"hidden": True, "children": waiting})
    shown = Element(of.ref("$L", "MetadataBoundary"), {"children": metadata})
    size = Element("meta", {"name": "next-size-adjust", "content": ""})
    return _fragment(of, "h", None, _fragment(of, build.digits("head"), shown, viewport, size))
