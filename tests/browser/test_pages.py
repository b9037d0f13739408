"""What comes of a page in a browser, from a mirror: scripts run, and whatever they ask for is served once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict

from tests.browser.crawling import Opened, asking, crawl
from tests.browser.site import Asked, Replies, Reply, data, page, script, serving

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://example.org/x"
READY = "document.body.insertAdjacentHTML('beforeend', `<h1 id=ready>${told}</h1>`)"


def showing(expression: str) -> Reply:
    """Return a page that comes to hold what an expression (it may wait) gives, as JSON in its title."""
    return page(f"(async () => {{ document.title = JSON.stringify({expression}); const told = ''; {READY} }})()")


def echo(header: str) -> Callable[[Asked], Reply]:
    """Return what answers with a header of the request."""
    return lambda asked: data(json.dumps(asked.headers.get(header)))


def shown(opened: Opened) -> object:
    title = opened.body.partition("<title>")[2].partition("</title>")[0]
    value: object = json.loads(title)
    return value


def test_a_page_is_returned_as_it_is_after_a_while() -> None:
    with serving({"/example.org/x": page(f"const told = 'Late'; setTimeout(() => {READY}, 500)")}) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
        assert site.paths == ["/example.org/x"]
    assert '<h1 id="ready">Late</h1>' in opened.body
    assert (opened.answer["url"], opened.answer["status"]) == (URL, 200)


def test_what_a_page_still_asks_for_is_waited_for() -> None:
    ask = f"const told = 'First'; {READY}; fetch('/data').then(answer => answer.text()).then(told => {READY})"
    with serving({"/example.org/x": page(ask), "/example.org/data": Reply('"Then"', seconds=1)}) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
    assert '<h1 id="ready">First</h1><h1 id="ready">"Then"</h1>' in opened.body


ASKS = """(async () => {
    const headers = {"Content-Type": "application/json", "X-Key": "open"}
    const asked = {method: "POST", headers, body: '{"q": "roads"}'}
    const query = await fetch("https://api.example.net/query?a=1", asked)
    const moved = await fetch("/old")
    const about = [query.status, query.url, query.headers.get("x-total")]
    const told = [...about, await query.text(), await moved.text(), loaded]
"""


def test_what_a_page_asks_for_comes_from_the_mirror_once_under_its_own_url() -> None:
    exposed = {"X-Total": "7", "Access-Control-Expose-Headers": "X-Total"}
    site_of = {
        "/example.org/x": page(f"{ASKS}; {READY} }})()", head="<script src='/loaded.js'></script>"),
        "/example.org/loaded.js": script("window.loaded = location.href"),
        "/example.org/old": Reply(status=302, headers={"Location": "https://api.example.net/new"}),
        "/api.example.net/new": data('"moved"'),
        "/api.example.net/query": Reply("[1]", "application/json", 201, exposed),
    }
    with serving(site_of) as site:
        opened = crawl(asking(URL, "api.example.net"), MIRROR=site.url)
        (posted,) = (asked for asked in site.asked if asked.method == "POST")
    told = '201,https://api.example.net/query?a=1,7,[1],"moved",https://example.org/x'
    assert f'<h1 id="ready">{told}</h1>' in opened.body
    assert sorted(site.paths) == sorted([*(set(site_of) - {"/api.example.net/query"}), "/api.example.net/query?a=1"])
    assert (posted.path, posted.body) == ("/api.example.net/query?a=1", '{"q": "roads"}')
    assert (posted.headers["Content-Type"], posted.headers["X-Key"]) == ("application/json", "open")
    assert posted.headers["Origin"] == "https://example.org"


def test_without_a_mirror_the_host_itself_is_asked() -> None:
    ask = f"fetch('/data').then(answer => answer.text()).then(told => {READY})"
    with serving({"/x": page(ask), "/data": data("7")}) as site:
        opened = crawl(asking(f"{site.url}x"), public=True)
        assert site.paths == ["/x", "/data"]
    assert '<h1 id="ready">7</h1>' in opened.body


def test_the_browser_says_who_it_is() -> None:
    shows = "[navigator.userAgent, navigator.webdriver, await fetch('/data').then(answer => answer.json())]"
    site_of: Replies = {"/example.org/x": showing(shows), "/example.org/data": echo("User-Agent")}
    with serving(site_of) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
        assert len(site.asked) == 2
    agent = site.asked[0].headers["User-Agent"]
    assert agent.startswith("study-crawler/")
    assert shown(opened) == [agent, True, agent]


def test_images_styles_fonts_and_the_like_are_not_asked_for() -> None:
    font = "@font-face {font-family: F; src: url(/f.woff)} p {font-family: F}"
    style = f"<link rel=stylesheet href=/a.css><style>{font}</style>"
    late = "new EventSource('/events'); navigator.sendBeacon('/beacon', 1)"
    body = "<p>x<img src=/i.png><video src=/v.mp4></video><link rel=prefetch href=/p.js>"
    told = page(f"{late}; const told = ''; setTimeout(() => {READY}, 300)", body, style)
    with serving({"/example.org/x": told}) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
        assert site.paths == ["/example.org/x"]
    assert 'id="ready"' in opened.body


def test_nothing_of_one_page_is_there_for_the_next() -> None:
    stored = "localStorage.n = (localStorage.n || 0) + 1, document.cookie = 'n=1; path=/'"
    shows = f"({stored}, [localStorage.n, document.cookie, await fetch('/data').then(answer => answer.json())])"
    cookies = CIMultiDict([("Set-Cookie", "seen=1; Path=/"), ("Set-Cookie", "also=2; Path=/")])
    site_of: Replies = {
        "/example.org/x": Reply(showing(shows).body, headers=cookies),
        "/example.org/data": echo("Cookie"),
    }
    with serving(site_of) as site:
        opened = crawl(asking(URL), asking(f"{URL}?2"), MIRROR=site.url, BROWSER_PAGES=1)
    told = '["1","seen=1; also=2; n=1","seen=1; also=2; n=1"]'
    assert [answer["body"].count(told) for answer in opened.answers] == [1, 1]
    assert [asked.headers.get("Cookie") for asked in site.asked if asked.path.startswith("/example.org/x")] == [
        None
    ] * 2


def test_a_page_gets_no_service_worker() -> None:
    shows = "await navigator.serviceWorker.register('/sw.js').then(worker => typeof worker)"
    site_of = {
        "/example.org/x": showing(shows),
        "/example.org/sw.js": script("self.addEventListener('fetch', () => {})"),
    }
    with serving(site_of) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
        assert site.paths == ["/example.org/x"]
    assert shown(opened) == "undefined"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply("<h1>Gone", status=404), 404),
        (Reply(status=302, headers={"Location": "https://example.org/y"}), 302),
        (data("{}"), 200),
        (Reply("<h1>A file", headers={"Content-Disposition": "Attachment; filename=a.html"}), 200),
    ],
)
def test_what_is_no_page_is_returned_as_it_came(reply: Reply, status: int) -> None:
    with serving({"/example.org/x": reply}) as site:
        opened = crawl(asking(URL, handle_httpstatus_all=True, dont_redirect=True), MIRROR=site.url)
        assert site.paths == ["/example.org/x"]
    assert (opened.answer["status"], opened.body) == (status, reply.body)
    assert opened.answer["headers"].get("Location") == reply.headers.get("Location")
    assert opened.imported == []


def test_a_redirect_is_followed_through_the_mirror() -> None:
    site_of = {
        "/example.org/x": Reply(status=301, headers={"Location": "https://example.org/y"}),
        "/example.org/y": showing("location.href"),
    }
    with serving(site_of) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
    assert opened.answer["url"] == shown(opened) == "https://example.org/y"


def test_validators_of_a_document_are_not_those_of_what_became_of_it() -> None:
    headers = {"ETag": '"1"', "Last-Modified": "Fri, 02 Jan 2026 15:41:08 GMT", "X-Other": "kept"}
    with serving({"/example.org/x": Reply(showing("1").body, headers=headers)}) as site:
        opened = crawl(asking(URL), MIRROR=site.url)
    assert headers.keys() & opened.answer["headers"].keys() == {"X-Other"}


@pytest.mark.parametrize(("headers", "times"), [({}, 1), ({"Cache-Control": "private, no-store"}, 2)])
def test_a_script_is_asked_for_once_in_a_crawl(headers: dict[str, str], times: int) -> None:
    site_of = {
        "/example.org/x": page(f"const told = loaded; {READY}", head="<script src='/loaded.js'></script>"),
        "/example.org/loaded.js": Reply("window.loaded = 'yes'", "text/javascript", headers=headers),
    }
    with serving(site_of) as site:
        opened = crawl(asking(URL), asking(f"{URL}?2"), MIRROR=site.url, BROWSER_PAGES=1)
        assert site.paths.count("/example.org/loaded.js") == times
    assert all('<h1 id="ready">yes</h1>' in answer["body"] for answer in opened.answers)


def test_plain_requests_need_no_browser() -> None:
    with serving({"/example.org/x": showing("1")}) as site:
        opened = crawl({"url": URL}, MIRROR=site.url)
    assert opened.body == showing("1").body
    assert opened.imported == []
