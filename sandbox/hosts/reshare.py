"""ReShare: an EPrints 3.3 repository, with the statuses and redirects of its code.

Everything below /cgi/ and every document answers as well, so that the server's log shows who asks for them.
"""

from __future__ import annotations

import re
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from sandbox.exchange import HTML, JSON, TEXT, Answer, conditional, moved, page, tagged
from sandbox.holdings import Standing
from sandbox.hosts.eprint import abstract_page, document, exported, file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.exchange import Asked
    from sandbox.holdings import Holding, Holdings

HOSTS: Final = ("reshare.ukdataservice.ac.uk",)
SITE: Final = "http://reshare.ukdataservice.ac.uk"

ROBOTS: Final = f"User-agent: *\nSitemap: {SITE}/sitemap.xml\nDisallow: /cgi/\n".encode()
"""The file of the software as it comes; assumed, as the real one is not on record."""

_NOT_FOUND: Final = page("Not found", "There is no such item.", 404)
_GONE: Final = page("Gone", "This item was removed from the repository.", 410)
_ROUTES: Final = (
    r"/(?P<number>[1-9]\d{0,8})",
    r"/0+(?P<padded>[1-9]\d{0,8})(?P<rest>/.*)?",
    r"/(?P<shown>[1-9]\d{0,8})/(?:index\.html)?",
    r"/(?P<holder>[1-9]\d{0,8})/(?P<position>\d+)/(?P<file>[^/]+)",
    r"/id/eprint/0*(?P<eprint>[1-9]\d{0,8})/?",
    r"/archive/0*(?P<archived>[1-9]\d{0,8})/?",
    r"/id/document/(?P<document>[1-9]\d{0,9})",
    r"/id/file/(?P<bytes>[1-9]\d{0,9})",
    r"/cgi/export/eprint/0*(?P<exported>[1-9]\d{0,8})/JSON/[^/]+\.js",
    r"/cgi/(?P<cgi>.*)",
)
_PATH: Final = re.compile("|".join(_ROUTES), re.ASCII)


def answer(asked: Asked, holdings: Holdings) -> Answer:
    """What the repository says."""
    match = _PATH.fullmatch(asked.path)
    if match is None:
        return _fixed(asked)
    # a later group may hold the rest of the path: the first one tells the route
    kind, name = next((kind, name) for kind, name in match.groupdict().items() if name is not None)
    query = f"?{asked.query}" if asked.query else ""
    elsewhere = {
        "number": f"/{name}/{query}",
        "padded": f"/{name}{match['rest'] or '/'}{query}",
        "archived": f"/{name}",
    }
    if kind in elsewhere:
        return moved(elsewhere[kind])
    if kind == "cgi":
        return _search(asked, holdings)
    number = int(name) // 10 if kind in {"document", "bytes"} else int(name)
    found = holdings.get(number)
    if found is None or not found.is_deposit:
        return _NOT_FOUND
    if not found.has_page:
        return _GONE if found.standing is Standing.WITHDRAWN else _NOT_FOUND
    return _ANSWERS[kind](asked, found)


def _fixed(asked: Asked) -> Answer:
    if asked.path == "/robots.txt":
        return conditional(asked, tagged(Answer(200, {"Content-Type": TEXT}, ROBOTS)))
    if asked.path == "/sitemap.xml":
        names = "http://sw.deri.org/2007/07/sitemapextension/scschema.xsd"
        dataset = "<sc:dataset><sc:datasetLabel>Sandbox</sc:datasetLabel></sc:dataset>"
        start = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:sc="{names}">'
        return Answer(200, {"Content-Type": "text/xml; charset=utf-8"}, f"{start}{dataset}</urlset>".encode())
    return page("ReShare", "The sandbox of a repository.") if asked.path == "/" else _NOT_FOUND


def _search(asked: Asked, holdings: Holdings) -> Answer:
    """An export of a search: an array of the items that it finds, at once; any other program says nothing."""
    if not asked.path.startswith("/cgi/search/"):
        return Answer(200, {"Content-Type": TEXT}, b"A program of the repository answers.\n")
    number = asked.parameters.get("q", "")
    found = holdings.get(int(number)) if re.fullmatch("[1-9][0-9]{0,8}", number) else None
    hits = [found] if found and found.is_deposit and found.has_page else []
    return Answer(200, {"Content-Type": JSON}, f"[{','.join(exported(hit) for hit in hits)}]".encode())


def _item(asked: Asked, of: Holding) -> Answer:
    """The item by content negotiation: its page and its JSON are what the sandbox can give."""
    offered = {"text/html", "application/xhtml+xml", "*/*", "text/*", "application/json"}
    wanted = next((kind for kind in asked.accepted if kind in offered), None)
    if wanted is None:
        return Answer(415, {"Content-Type": HTML, "Vary": "Accept"}, b"<p>No such type.</p>")
    if wanted != "application/json":
        return moved(f"/{of.number}/", 303, Vary="Accept")
    return _export(asked, of)


def _export(asked: Asked, of: Holding) -> Answer:
    headers = {"Content-Type": JSON, "Vary": "Accept", "Last-Modified": _modified(of)}
    body = exported(of)
    wrapper = next((asked.parameters[name] for name in ("json", "jsonp", "callback") if name in asked.parameters), None)
    if wrapper is not None:
        body = f"{wrapper}({body});"
    return conditional(asked, Answer(200, headers, body.encode()))


def _page(asked: Asked, of: Holding) -> Answer:
    headers = {"Content-Type": HTML, "Last-Modified": _modified(of)}
    return conditional(asked, tagged(Answer(200, headers, abstract_page(of).encode())))


def _document(_: Asked, of: Holding) -> Answer:
    body = document(of)
    told = {"Content-Type": "application/zip", "Accept-Ranges": "bytes"}
    return Answer(200, told, body)


def _to_document(_: Asked, of: Holding) -> Answer:
    return moved(f"/{of.number}/1/{file_name(of)}", 303)


def _modified(of: Holding) -> str:
    return format_datetime(of.changed, usegmt=True)


_ANSWERS: Final[dict[str, Callable[[Asked, Holding], Answer]]] = {
    "shown": _page,
    "holder": _document,
    "eprint": _item,
    "document": _to_document,
    "bytes": _document,
    "exported": _export,
}
