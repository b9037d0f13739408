"""Forms of the Harmony catalogue's URLs.

An item has a page by its slug and one by its uuid, under /search/items/; a study has one under /search/studies/ too.
Each page is a static export: `<page>.html`, served without the ending, and `<page>.txt`, the same as a Flight stream.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit

from crawler.sites.page import Route

HOST = "harmonydata.ac.uk"
HOSTS = (HOST,)
BROWSER_HOSTS = ("harmonydataweaviate.azureedge.net",)
"""The catalogue's API, which its pages ask for what their build has not brought along."""
SITEMAPS = (f"https://{HOST}/sitemap.xml", f"https://{HOST}/search/sitemap.xml")
LONGEST_SLUG = 220
"""The page of an item with a longer slug is named by its uuid."""

_PAGE = re.compile(
    r"""/search/(items|studies)
        /(?!index(?:\.html|\.txt)?$) ([^/]+?)         # index is the list of all
        (?:(/)(?:index\.html|index\.txt)? | \.html | \.txt)?""",
    re.VERBOSE,
)
_ITEM_PATH = re.compile(r"/(?:items|studies)/[^/]+/?")
_ITEM_URL = re.compile(
    r"""https?://(?:harmonydata\.ac\.uk | [\w.-]+\.vercel\.app | localhost(?::\d+)?)     # trials ran on the last two
        (?:/search)? /(?:items|studies)/ ([^/?#]+?) (?:/ | \.html | \.txt)? (?:[?#].*)?""",
    re.IGNORECASE | re.VERBOSE,
)
_UUID = re.compile(r"[0-9a-f]{32}")


def canonical(url: str) -> str | None:
    """Return the canonical URL of the catalogue page that a URL names in any form, or None when it names none.

    >>> canonical("HTTP://HarmonyData.ac.uk/search/items/a-study.txt?x=1#top")
    'https://harmonydata.ac.uk/search/items/a-study'
    >>> canonical("https://harmonydata.ac.uk/search/studies/a-study/index.html")
    'https://harmonydata.ac.uk/search/studies/a-study/'
    >>> canonical("https://harmonydata.ac.uk/search/"), canonical("https://example.org/search/items/a")
    (None, None)
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:  # an IPv6 literal or a port that is none
        return None
    page = _PAGE.fullmatch(parts.path)
    if parts.scheme not in {"http", "https"} or host != HOST or port not in {None, 80, 443} or page is None:
        return None
    section, name, slash = page.groups(default="")
    return f"https://{HOST}/search/{section}/{_quoted(unquote(name))}{slash}"


def routes(url: str) -> list[Route]:
    """Return the ways to ask for a canonical page: its `.txt` twin, which is half the bytes, the HTML, and a browser.

    >>> [route.url for route in routes("https://harmonydata.ac.uk/search/items/a-study")][:2]
    ['https://harmonydata.ac.uk/search/items/a-study.txt', 'https://harmonydata.ac.uk/search/items/a-study']
    >>> routes("https://harmonydata.ac.uk/search/studies/a-study/")[0].url
    'https://harmonydata.ac.uk/search/studies/a-study/index.txt'
    """
    twin = url + ("index.txt" if url.endswith("/") else ".txt")
    return [Route(url=twin), Route(url=url), Route(url=url, browser=True)]


def name_of(url: str) -> str:
    """Return the name in a canonical URL: the uuid (32 hex digits) or the slug.

    >>> name_of("https://harmonydata.ac.uk/search/studies/a-study/")
    'a-study'
    """
    name = unquote(url.rstrip("/").rpartition("/")[2])
    return uuid_of(name) or name


def uuid_of(value: object) -> str | None:
    """Return a uuid as 32 lower-case hex digits, or None for what is none.

    >>> uuid_of("6B2A2558-2917-72A1-AB0E-97C9BAE1E35D"), uuid_of("a-study")
    ('6b2a2558291772a1ab0e97c9bae1e35d', None)
    """
    digits = value.replace("-", "").lower() if isinstance(value, str) else ""
    return digits if _UUID.fullmatch(digits) else None


def item_url(uuid: str | None, slug: str | None) -> str:
    """Return the canonical URL of an item, which a study has too; `uuid` or `slug` is given.

    >>> item_url("0" * 32, "a-study"), item_url("0" * 32, "a" * 221) == item_url("0" * 32, None)
    ('https://harmonydata.ac.uk/search/items/a-study', True)
    """
    name = slug if slug and (len(slug) <= LONGEST_SLUG or not uuid) else uuid or ""
    return f"https://{HOST}/search/items/{_quoted(name)}"


def own_name(url: object) -> str | None:
    """Return the name of the item whose catalogue page a URL is, on the hosts of trial deployments too.

    >>> own_name("https://discoverynext.vercel.app/items/a-study"), own_name("https://example.org/items/a-study")
    ('a-study', None)
    """
    page = _ITEM_URL.fullmatch(url) if isinstance(url, str) else None
    return name_of(page[1]) if page else None


def redirected(page: str, target: str) -> str | None:
    """Return where a script on a page sends a browser to: canonical in the catalogue, elsewhere as it is, or None.

    The stubs of the static export leave out the `/search` under which the host serves them.

    >>> redirected("https://harmonydata.ac.uk/search/items/0", "/items/a-study")
    'https://harmonydata.ac.uk/search/items/a-study'
    """
    try:
        url = urljoin(page, target)
        parts = urlsplit(url)
    except ValueError:  # an IPv6 literal that is none
        return None
    if parts.hostname == HOST and _ITEM_PATH.fullmatch(parts.path):
        url = f"https://{HOST}/search{parts.path}"
    return canonical(url) or url


def pages_of(name: str) -> list[str]:
    """Return the canonical URLs that the page of an item with a name can have, the one that every item has first.

    >>> pages_of("a-study")
    ['https://harmonydata.ac.uk/search/items/a-study', 'https://harmonydata.ac.uk/search/studies/a-study']
    """
    sections = ("items",) if uuid_of(name) else ("items", "studies")
    return [f"https://{HOST}/search/{section}/{_quoted(name)}" for section in sections]


def rank(url: str) -> int:
    """Return how good a canonical URL is to ask for an item by: 0 by its slug, 1 as a study, 2 by its uuid.

    Every item has the first unless its slug is too long; the others mostly repeat it.

    >>> [rank(f"https://harmonydata.ac.uk/search/{page}") for page in ("items/a", "studies/a", "items/" + "0" * 32)]
    [0, 1, 2]
    """
    if uuid_of(name_of(url)):
        return 2
    return int("/search/studies/" in url)


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="replace")  # half of a surrogate pair has no bytes
