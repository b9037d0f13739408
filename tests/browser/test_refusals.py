"""A page asks nobody but its own host and those that its site names, and nobody in a private network."""

from __future__ import annotations

import socket

import pytest

from tests.browser.crawling import asking, crawl
from tests.browser.site import Reply, data, page, serving

URL = "https://example.org/x"
READY = "document.body.insertAdjacentHTML('beforeend', `<h1 id=ready>${told}</h1>`)"
TRIES = """(async () => {
    const refused = await fetch(`${OTHER}fetch`, {mode: "no-cors"}).catch(() => "refused")
    const moved = await fetch("/moved", {mode: "no-cors"}).catch(() => "refused")
    const add = (name, source) => document.body.append(Object.assign(document.createElement(name), source))
    add("a", {href: "/download", download: "x", id: "a"})
    document.getElementById("a").click()
    add("script", {src: `${OTHER}script`})
    add("iframe", {src: `${OTHER}iframe`})
    add("img", {src: `${OTHER}image`})
    navigator.sendBeacon(`${OTHER}beacon`, "x")
    open(`${OTHER}popup`)
    const work = `importScripts("${OTHER}imported"); fetch("${OTHER}worker")`
    new Worker(URL.createObjectURL(new Blob([work])))
    const socket = await new Promise(tell => {
        const socket = new WebSocket(OTHER.replace("http", "ws") + "socket")
        socket.onopen = () => tell("open")
        socket.onerror = () => tell("refused")
    })
    const peer = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${STUN}`}]})
    peer.createDataChannel("x")
    await peer.setLocalDescription()
    const transport = await new WebTransport(`https://127.0.0.1:${STUN}/`).ready.then(() => "open", () => "refused")
    await new Promise(tell => setTimeout(tell, 500))
    location = `${OTHER}away`
    const told = [refused, moved, socket, transport]
"""


@pytest.mark.parametrize("through_a_mirror", [True, False])
def test_nothing_reaches_a_host_that_is_not_named(*, through_a_mirror: bool) -> None:
    """Whatever a page uses for it; the browser has no network to go by the crawler with."""
    with (
        serving({}) as other,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stun,
        serving({}) as site,
    ):
        stun.bind(("127.0.0.1", 0))
        stun.setblocking(False)
        told = f"const OTHER = '{other.url}', STUN = {stun.getsockname()[1]}"
        own = "/example.org" if through_a_mirror else ""
        site.replies[f"{own}/x"] = page(f"{told}; {TRIES}; {READY} }})()")
        site.replies[f"{own}/moved"] = Reply(status=307, headers={"Location": f"{other.url}moved"})
        if through_a_mirror:
            opened = crawl(asking(URL), MIRROR=site.url)
        else:
            opened = crawl(asking(site.url.replace("127.0.0.1", "localhost") + "x"), public=True)
        assert sorted(site.paths) == [f"{own}/moved", f"{own}/x"]
        assert other.asked == []
        with pytest.raises(BlockingIOError):
            stun.recv(100)
    assert '<h1 id="ready">refused,refused,refused,refused</h1>' in opened.body
    assert opened.stats["browser/refused/127.0.0.1"] > 3


def test_an_entry_with_a_dot_is_every_host_below_it() -> None:
    hosts = "['a.b.example.net', 'example.net', 'www.example.org']"
    asks = f"Promise.all({hosts}.map(host => fetch(`https://${{host}}/`).then(() => 1, () => 0)))"
    site_of = {"/example.org/x": page(f"{asks}.then(told => {READY})"), "/a.b.example.net/": data("1")}
    with serving(site_of) as site:
        opened = crawl(asking(URL, ".example.net"), MIRROR=site.url)
        assert site.paths == ["/example.org/x", "/a.b.example.net/"]
    assert '<h1 id="ready">1,0,0</h1>' in opened.body
    assert opened.stats["browser/refused/example.net"] == 1


def test_of_many_refused_hosts_twenty_are_counted_by_name() -> None:
    asks = "Promise.all([...Array(25).keys()].map(n => fetch(`https://h${n}.example.net/`).catch(() => 0)))"
    with serving({"/example.org/x": page(f"{asks}.then(told => {READY})")}) as site:
        opened = crawl(asking(URL), asking(f"{URL}?2"), MIRROR=site.url, BROWSER_PAGES=1)
    refused = {key: number for key, number in opened.stats.items() if key.startswith("browser/refused/")}
    assert (len(refused), refused["browser/refused/other"], sum(refused.values())) == (21, 10, 50)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
def test_a_page_of_a_private_network_is_not_opened(host: str) -> None:
    with serving({"/x": page("")}) as site:
        opened = crawl(asking(f"http://{host}:{site.port}/x"))
        assert site.asked == []
    assert opened.answer["failure"] == "HostRefused"
    assert opened.stats[f"browser/refused/{host.strip('[]')}"] == 1
    assert "retry/count" not in opened.stats
