"""The pages of generated items: the stream that a static export of Next.js 15 writes, and the HTML that embeds it."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.flight_stream import UNDEFINED, Element, Ref, Value, escaped, pushes
from sandbox.layout import Build, frame
from sandbox.search_result import initial_data, json_ld, search_result
from sandbox.studies import Era, Item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.flight_stream import Stream
    from sandbox.layout import Frame

SITE: Final = "https://harmonydata.ac.uk/search"


class Said(NamedTuple):
    """What a page's head says of its item."""

    title: str
    description: str


def said(of: Item) -> Said:
    """Title and description; in era E3 the page of a study denies that there is one, and holds the whole record."""
    if of.era is Era.E3 and of.part == 0:
        return Said("Dataset Not Found", "The requested dataset could not be found.")
    return Said(of.name, search_result(of)["dataset_schema"]["description"])


def stream(of: Item, page: str, build: Build) -> bytes:
    """The stream of `page` (such as `items/<slug>`): the body of its `.txt` twin."""
    section, name = page.split("/")
    shared = frame(build, of.era)
    out = shared.start(section, name)
    if of.era is Era.E2:
        _write_page(out, shared, {"study": search_result(of)}, _script(shared, of))
        out.model(_viewport(), shared.at["viewport"])
        out.model([Element("meta", {"charSet": "utf-8"}, "c"), *_metadata(of, page)], shared.at["metadata"])
    else:
        key = "slug" if of.era is Era.E3 else "identifier"
        _write_page(out, shared, {key: name, "initialData": initial_data(of)}, deferred=of.era is Era.E5)
        out.model([Element("meta", {"charSet": "utf-8"}, "c"), *_viewport()], shared.at["viewport"])
        told = {"metadata": _metadata(of, page), "error": None, "digest": UNDEFINED}
        out.model(told, shared.at["streamed"])
        out.model(Ref(f"${shared.at['streamed']:x}:metadata"), shared.at["head"])
    out.model(None, shared.at["ready"])
    return out.body()


def document(of: Item, page: str, build: Build) -> bytes:
    """The HTML of `page`: no visible text, the stream in pushes, and in era E2 the JSON-LD for the client to insert."""
    title, description = (html.escape(text) for text in said(of))
    chunks = build.page_chunks(of.era)[1::2]
    scripts = "".join(f'<script src="/search/_next/{file}" async=""></script>' for file in chunks)
    inserted = ""
    if of.era is Era.E2:
        block = {"type": "application/ld+json", "children": _json_ld(of), "id": "structured-data"}
        inserted = f"<script>(self.__next_s=self.__next_s||[]).push([0,{escaped(block)}])</script>"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"{scripts}<title>{title}</title>"
        f'<meta name="description" content="{description}"/>'
        f'<meta property="og:title" content="{title}"/><meta property="og:description" content="{description}"/>'
        f'<meta property="og:url" content="{SITE}/{page}"/></head><body>{inserted}'
        '<!--$!--><template data-dgst="BAILOUT_TO_CLIENT_SIDE_RENDERING"></template><div>Loading...</div><!--/$-->'
        f"{pushes(stream(of, page, build))}</body></html>"
    ).encode()


def _write_page(
    out: Stream, shared: Frame, props: Mapping[str, Value], *before: Element, deferred: bool = False
) -> None:
    """Write the page's row with the record in it, or with a reference to the record in the row after."""
    record: Value = Element(shared.ref("$L", "view"), props)
    row = out.reserve() if deferred else None
    waiting = Element("div", {"children": "Loading..."})
    shown = {"fallback": waiting, "children": record if row is None else Ref(f"$L{row:x}")}
    out.model([*before, Element(shared.ref("$", "suspense"), shown)], shared.at["page"])
    if row is not None:
        out.model(record, row)


def _json_ld(of: Item) -> str:
    return json.dumps(json_ld(of), ensure_ascii=False, separators=(",", ":"))


def _script(shared: Frame, of: Item) -> Element:
    kind = {"strategy": "beforeInteractive", "id": "structured-data", "type": "application/ld+json"}
    return Element(shared.ref("$L", "Script"), kind | {"dangerouslySetInnerHTML": {"__html": _json_ld(of)}})


def _viewport() -> list[Element]:
    return [Element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}, "0")]


def _metadata(of: Item, page: str) -> list[Element]:
    title, description = said(of)
    tags = {
        "name": {"description": description},
        "property": {
            "og:title": title,
            "og:description": description,
            "og:url": f"{SITE}/{page}",
            "og:site_name": "Academic Resource Discovery",
            "og:image": f"{SITE}/harmony.png",
            "og:type": "website",
        },
    }
    twitter = {"twitter:card": "summary_large_image", "twitter:title": title, "twitter:description": description}
    metas = [(kind, name, text) for kind, named in tags.items() for name, text in named.items()]
    metas += [("name", name, text) for name, text in twitter.items()]
    return [
        Element("title", {"children": title}, "0"),
        *(Element("meta", {kind: name, "content": text}, f"{key}") for key, (kind, name, text) in enumerate(metas, 1)),
    ]
