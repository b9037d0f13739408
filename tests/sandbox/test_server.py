"""The server: it answers as GitHub Pages does, from its tree and from nothing else."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.errors import UsageError
from sandbox.generator import Catalogue
from sandbox.server import Server, listening, serving
from sandbox.studies import item
from sandbox.tree import Edited, Folder
from tests.sandbox.asking import ask, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN_FILES = Path("/proc/self/fd")
HOST = "example.org"
PAGES = {
    f"{HOST}/items/x.html": b"<p>x</p>",
    f"{HOST}/items/x.txt": "0:“x”\n".encode(),
    f"{HOST}/items/d/index.html": b"<p>d</p>",
    f"{HOST}/items/d/index.txt": b"d",
    f"{HOST}/items/both.html": b"file",
    f"{HOST}/items/both/index.html": b"folder",
    f"{HOST}/items/é x.txt": b"accent",
    f"{HOST}/sitemap.xml": b"<urlset/>",
    f"{HOST}/robots.txt": b"User-agent: *\n",
    f"{HOST}/picture": b"\x00",
    f"{HOST}/empty.txt": b"",
    f"{HOST}/index.html": b"home",
    f"{HOST}/404.html": b"<h1>lost</h1>",
    f"{HOST}/items/404.html": b"<h1>no such item</h1>",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(tree=PAGES) as url:
        yield url


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("items/x", "text/html; charset=utf-8", b"<p>x</p>"),
        ("items/x.html", "text/html; charset=utf-8", b"<p>x</p>"),
        ("items/x.txt", "text/plain; charset=utf-8", "0:“x”\n".encode()),
        ("items/x?utm=1", "text/html; charset=utf-8", b"<p>x</p>"),
        ("items/d/", "text/html; charset=utf-8", b"<p>d</p>"),
        ("items/d/index.txt", "text/plain; charset=utf-8", b"d"),
        ("items/both", "text/html; charset=utf-8", b"file"),
        ("items/%C3%A9%20x.txt", "text/plain; charset=utf-8", b"accent"),
        ("sitemap.xml", "application/xml", b"<urlset/>"),
        ("robots.txt", "text/plain; charset=utf-8", b"User-agent: *\n"),
        ("picture", "application/octet-stream", b"\x00"),
        ("empty.txt", "text/plain; charset=utf-8", b""),
        ("", "text/html; charset=utf-8", b"home"),
    ],
)
def test_a_page_is_served(url: str, path: str, kind: str, body: bytes) -> None:
    got = ask(url, f"{HOST}/{path}")
    assert (got.status, got.headers["Content-Type"], got.body) == (200, kind, body)
    assert got.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("example.org/items/y", b"<h1>no such item</h1>"),
        ("example.org/items/x/", b"<h1>no such item</h1>"),
        ("example.org/items/x.", b"<h1>no such item</h1>"),
        ("example.org/y", b"<h1>lost</h1>"),
        ("example.org/studies/deep/y", b"<h1>lost</h1>"),
        ("example.com/items/x", b"There is no such host.\n"),
        ("example.com", b"There is no such host.\n"),
        ("", b"There is no such host.\n"),
    ],
)
def test_what_is_not_there_is_404_with_the_page_of_the_host(url: str, target: str, body: bytes) -> None:
    got = ask(url, target)
    assert (got.status, got.body) == (404, body)
    assert "ETag" not in got.headers


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("example.org/items/d", "https://example.org/items/d/"),
        ("example.org/items/d?a=b&c", "https://example.org/items/d/?a=b&c"),
        ("example.org", "https://example.org/"),
    ],
)
def test_a_folder_redirects_to_its_canonical_address(url: str, target: str, location: str) -> None:
    got = ask(url, target)
    assert (got.status, got.headers["Location"]) == (301, location)


def test_head_is_get_without_the_body(url: str) -> None:
    for path in ("items/x", "items/y"):
        got, head = (ask(url, f"{HOST}/{path}", method) for method in ("GET", "HEAD"))
        assert head.body == b""
        assert head.status == got.status
        drop = {"Date"}
        assert [pair for pair in head.headers.items() if pair[0] not in drop] == [
            pair for pair in got.headers.items() if pair[0] not in drop
        ]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(url: str, method: str) -> None:
    assert ask(url, f"{HOST}/items/x", method).status == 405


def test_a_tag_is_strong_and_follows_the_content(url: str) -> None:
    tags = {ask(url, f"{HOST}/{path}").headers["ETag"] for path in ("items/x", "items/x.html", "items/x.txt")}
    assert len(tags) == 2
    assert all(tag.startswith('"') for tag in tags)


def test_what_the_client_has_is_not_sent_again(url: str) -> None:
    first = ask(url, f"{HOST}/items/x")
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    older = "Mon, 26 Jan 2015 15:41:08 GMT"

    def status(**headers: str) -> int:
        got = ask(url, f"{HOST}/items/x", **headers)
        assert got.headers["ETag"] == tag
        assert got.body == (b"" if got.status == 304 else first.body)
        return got.status

    assert status(If_None_Match=tag) == status(If_None_Match=f'"other", W/{tag}') == status(If_None_Match="*") == 304
    assert status(If_None_Match='"other"') == 200
    assert status(If_Modified_Since=modified) == 304
    assert status(If_Modified_Since=older) == status(If_Modified_Since="no date") == 200
    assert status(If_None_Match='"other"', If_Modified_Since=modified) == 200
    assert status(If_None_Match=tag, If_Modified_Since=older) == 304


def test_a_body_is_compressed_when_asked_for(url: str) -> None:
    plain, zipped = ask(url, f"{HOST}/items/x"), ask(url, f"{HOST}/items/x", Accept_Encoding="gzip, deflate")
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    assert zipped.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert zipped.headers["Vary"] == "Accept-Encoding"
    again = ask(url, f"{HOST}/items/x", Accept_Encoding="gzip", If_None_Match=zipped.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert "Content-Encoding" not in ask(url, f"{HOST}/picture", Accept_Encoding="gzip").headers


def test_no_path_leads_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "tree" / HOST).mkdir(parents=True)
    (tmp_path / "tree" / HOST / "a.txt").write_text("a")
    targets = [
        f"{HOST}/../../secret",
        f"{HOST}/%2e%2e/%2e%2e/secret",
        f"{HOST}/..%2f..%2fsecret",
        "../secret",
        "%2e%2e/secret",
        f"/{tmp_path}/secret",
        f"{HOST}/./a.txt",
        f"{HOST}//a.txt",
        f"{HOST}/a.txt%00",
        f"{HOST}/a.txt/b",
        f"{HOST}/{'n' * 400}",
        f"{HOST}/%ff",
    ]
    with serving(tree=Folder(tmp_path / "tree")) as url:
        assert ask(url, f"{HOST}/a.txt").body == b"a"
        assert [target for target in targets if ask(url, target).status != 404] == []


def test_a_page_can_change_while_it_is_served() -> None:
    tree = Edited(PAGES)
    with serving(tree=tree) as url:
        before = ask(url, f"{HOST}/items/x").headers["ETag"]
        tree.pages[f"{HOST}/items/x.html"] = b"new"
        assert ask(url, f"{HOST}/items/x").body == b"new"
        assert ask(url, f"{HOST}/items/x", If_None_Match=before).status == 200
        tree.pages[f"{HOST}/items/x.html"] = None
        assert ask(url, f"{HOST}/items/x").status == 404


def test_requests_are_noted_until_reset(url: str) -> None:
    ask(url, "_sandbox/reset", "POST")
    ask(url, f"{HOST}/items/x?q=%20", User_Agent="one", If_None_Match='"t"', Accept="text/html, */*;q=0.1")
    ask(url, f"{HOST}/items/y", User_Agent="two")
    ask(url, f"{HOST}/items/y", "HEAD", If_Modified_Since="then")
    told = seen(url)
    assert told["counts"] == {"https://example.org/items/x?q=%20": 1, "https://example.org/items/y": 2}
    first, second, third = told["requests"]
    assert (first["user_agent"], first["if_none_match"], first["method"]) == ("one", '"t"', "GET")
    assert (first["accept"], second["accept"]) == ("text/html, */*;q=0.1", None)
    assert (second["user_agent"], second["if_none_match"]) == ("two", None)
    assert (third["if_modified_since"], third["method"]) == ("then", "HEAD")
    assert first["start"] <= second["start"] <= third["start"]
    assert ask(url, "_sandbox/reset", "POST").status == 204
    assert seen(url) == {"counts": {}, "requests": []}
    assert ask(url, "_sandbox/reset").status == ask(url, "_sandbox/other").status == 404


def test_the_catalogue_is_served_by_default() -> None:
    with serving(scale=2) as url:
        page = f"harmonydata.ac.uk/search/{item(1).pages[0]}"
        html, twin = ask(url, page), ask(url, f"{page}.txt")
        assert html.headers["Content-Type"].startswith("text/html")
        assert twin.headers["Content-Type"].startswith("text/plain")
        assert html.headers["Last-Modified"] == twin.headers["Last-Modified"]
        assert ask(url, "harmonydata.ac.uk/robots.txt").status == 200
        missing = ask(url, f"harmonydata.ac.uk/search/{item(2).pages[0]}")
        assert (missing.status, missing.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_sites_beside_the_catalogue_are_served() -> None:
    with serving(scale=2) as url:
        found = ask(url, "reshare.ukdataservice.ac.uk/id/eprint/85000000", Accept="application/json")
        assert (found.status, json.loads(found.body)["eprintid"]) == (200, 85000000)
        assert ask(url, "reshare.ukdataservice.ac.uk/85000004/").status == 404
        assert ask(url, "reshare.ukdataservice.ac.uk/cgi/users/login").status == 200
        listed = ask(url, "oai.ukdataservice.ac.uk:8443/oai/provider?verb=ListIdentifiers&metadataPrefix=ddi")
        assert listed.body.count(b"<identifier>") == 2
        asked = {seen_["url"] for seen_ in seen(url)["requests"]}
        assert "https://reshare.ukdataservice.ac.uk/cgi/users/login" in asked
        head = ask(url, "doi.org/10.5255/UKDA-SN-85000000", "HEAD")
        assert (head.status, head.body) == (302, b"")


def test_only_the_api_is_told_anything() -> None:
    api = "sandbox.appsync-api.eu-west-2.amazonaws.com/graphql"
    hosts = ("oai.ukdataservice.ac.uk/oai/provider", "doi.org/x", "api.datacite.org/dois", "harmonydata.ac.uk/search/")
    with serving(scale=1) as url:
        assert {ask(url, host, "POST").status for host in hosts} == {405}
        assert (ask(url, api, "POST").status, ask(url, api, "OPTIONS").status) == (401, 204)
        refused = ask(url, api)
        assert (refused.status, refused.headers["Allow"]) == (405, "POST, OPTIONS")
        query = json.dumps({"query": "{ getStudyItem }", "variables": {"FriendlyId": "85000000"}}).encode()
        told = ask(url, api, "POST", query, x_api_key="da2-assumed")
        assert json.loads(told.body)["data"]["getStudyItem"]["FriendlyId"] == "85000000"
    with serving(tree=PAGES) as url:
        assert (ask(url, api, "POST").status, ask(url, api).status) == (405, 404)


def test_a_file_goes_before_what_a_host_says() -> None:
    tree = Edited(Catalogue({}, 1))
    tree.pages["reshare.ukdataservice.ac.uk/robots.txt"] = b"User-agent: *\nDisallow: /\n"
    with serving(tree=tree) as url:
        assert ask(url, "reshare.ukdataservice.ac.uk/robots.txt").body == b"User-agent: *\nDisallow: /\n"
        assert ask(url, "reshare.ukdataservice.ac.uk/85000000/").status == 200
    with serving(tree=Edited(PAGES)) as url:
        assert ask(url, "reshare.ukdataservice.ac.uk/85000000/").status == 404


def test_another_build_was_deployed_at_another_time() -> None:
    with serving(tree=PAGES) as one, serving(tree=PAGES, build="next-15.1.12") as two:
        assert (
            ask(one, f"{HOST}/items/x").headers["Last-Modified"] != ask(two, f"{HOST}/items/x").headers["Last-Modified"]
        )


def test_nothing_is_left_behind() -> None:
    before = threading.active_count(), len(list(OPEN_FILES.iterdir()))
    with pytest.raises(KeyError), serving(tree=PAGES):
        raise KeyError
    assert (threading.active_count(), len(list(OPEN_FILES.iterdir()))) == before


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - to see them refused
def test_only_loopback_is_listened_on(bind: str) -> None:
    async def listen() -> None:
        async with listening(Server(PAGES), bind=bind):
            pytest.fail("it listens")

    with pytest.raises(UsageError, match="on loopback only"):
        asyncio.run(listen())
