"""ReShare: the statuses and redirects of EPrints, its JSON with its oddities, and the page of an item."""

from __future__ import annotations

import hashlib
import json
from html.parser import HTMLParser
from typing import Any

import pytest

from sandbox.holdings import holding, withdrawn
from tests.sandbox.asking import told

SITE = "https://reshare.ukdataservice.ac.uk"
DEPOSITS = [index for index in range(60) if holding(index).is_deposit and not withdrawn(index)]
HTML = "text/html,application/xhtml+xml;q=0.9"


@pytest.mark.parametrize(
    ("path", "accept", "status", "location"),
    [
        ("/85000004", None, 302, "/85000004/"),
        ("/85000004?a=b&c", None, 302, "/85000004/?a=b&c"),
        ("/085000004", None, 302, "/85000004/"),
        ("/0085000004/", None, 302, "/85000004/"),
        ("/085000004/1/x.zip?a=1", None, 302, "/85000004/1/x.zip?a=1"),
        ("/85000004/", None, 200, None),
        ("/85000004/", "application/json", 200, None),
        ("/99999999", None, 302, "/99999999/"),
        ("/99999999/", None, 404, None),
        ("/1000005/", None, 404, None),  # a study that is no self-deposit
        ("/85000060/", None, 404, None),
        ("/85000008/", None, 410, None),
        ("/id/eprint/85000004", None, 303, "/85000004/"),
        ("/id/eprint/85000004", "*/*", 303, "/85000004/"),
        ("/id/eprint/85000004", HTML, 303, "/85000004/"),
        ("/id/eprint/85000004", "text/html;q=0.9, application/json;q=0.1", 303, "/85000004/"),
        ("/id/eprint/85000004", "application/json", 200, None),
        ("/id/eprint/85000004", "application/json, */*;q=0.1", 200, None),
        ("/id/eprint/085000004", "application/json", 200, None),
        ("/id/eprint/85000004", "image/png", 415, None),
        ("/id/eprint/99999999", "application/json", 404, None),
        ("/id/eprint/85000008", "application/json", 410, None),
        ("/cgi/export/eprint/85000004/JSON/reshare-eprint-85000004.js", None, 200, None),
        ("/cgi/export/eprint/99999999/JSON/reshare-eprint-99999999.js", None, 404, None),
        ("/cgi/users/login", None, 200, None),
        ("/85000004/1/85000004_documentation.zip", None, 200, None),
        ("/id/document/850000041", None, 303, "/85000004/1/85000004_documentation.zip"),
        ("/id/file/850000041", None, 200, None),
        ("/archive/85000004", None, 302, "/85000004"),
        ("/robots.txt", None, 200, None),
        ("/sitemap.xml", None, 200, None),
        ("/", None, 200, None),
        ("/information/", None, 404, None),
    ],
)
def test_statuses_and_redirects(path: str, accept: str | None, status: int, location: str | None) -> None:
    answer = told(SITE + path, **({} if accept is None else {"Accept": accept}))
    assert (answer.status, answer.headers.get("Location")) == (status, location)
    assert answer.body or status == 304


def test_what_is_gone_has_a_page() -> None:
    answer = told(f"{SITE}/85000008/")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"removed" in answer.body


def test_robots_keep_out_of_the_programs() -> None:
    assert told(f"{SITE}/robots.txt").body.decode().splitlines()[0] == "User-agent: *"
    assert b"\nDisallow: /cgi/\n" in told(f"{SITE}/robots.txt").body


def test_the_json_is_one_object_and_varies_by_accept() -> None:
    answer = told(f"{SITE}/id/eprint/85000004", Accept="application/json")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Vary"] == "Accept"
    assert told(f"{SITE}/id/eprint/85000004").headers["Vary"] == "Accept"
    assert json.loads(answer.body)["eprintid"] == 85000004
    export = told(f"{SITE}/cgi/export/eprint/85000004/JSON/reshare-eprint-85000004.js")
    assert export.body == answer.body
    hits = told(f"{SITE}/cgi/search/simple/export_reshare_JSON.js?output=JSON&q=85000004&_action_export=1")
    assert json.loads(hits.body) == [json.loads(answer.body)]


@pytest.mark.parametrize("path", ["/85000004/", "/id/eprint/85000004"])
def test_what_the_client_has_is_not_sent_again(path: str) -> None:
    first = told(SITE + path, Accept="application/json")
    since = first.headers["Last-Modified"]
    assert told(SITE + path, Accept="application/json", If_Modified_Since=since).status == 304
    assert told(SITE + path, Accept="application/json", If_Modified_Since="Mon, 26 Jan 2015 15:41:08 GMT").status == 200
    assert told(SITE + path, Accept="application/json", If_Modified_Since="never").status == 200


def test_a_callback_wraps_the_json() -> None:
    body = told(f"{SITE}/id/eprint/85000004?jsonp=show", Accept="application/json").body.decode()
    assert (body[:6], body[-2:]) == ("show({", ");")
    assert json.loads(body[5:-2])["eprintid"] == 85000004


def item(index: int) -> dict[str, Any]:
    number = holding(index).number
    found: dict[str, Any] = json.loads(told(f"{SITE}/id/eprint/{number}", Accept="application/json").body)
    return found


def test_the_oddities_of_the_export_all_occur() -> None:
    found = [item(index) for index in DEPOSITS]
    assert all(
        b"\\/" in told(f"{SITE}/id/eprint/{holding(i).number}", Accept="application/json").body for i in DEPOSITS
    )
    assert {type(word) for each in found for word in each["keywords"]} == {str, int}
    assert {type(each["date"]) for each in found} == {int, str}
    makers = [maker for each in found for maker in each["creators"]]
    assert {} in [maker.get("name") for maker in makers]
    assert {"name": None} in makers
    assert {"id": "nobody"} in makers
    assert [maker for maker in makers if (maker.get("name") or {}).get("lineage", "") is None]
    dates = [each["collection_dates"]["date_from"] for each in found]
    assert [date for date in dates if date.startswith("0005-01-")]
    assert len({tuple(each) for each in found}) > 1
    assert all("<b>" in each["abstract"] for each in found)
    addresses = {maker["id"] for maker in makers if "@" in maker.get("id", "")}
    assert addresses
    assert all(address.endswith("@example.com") for address in addresses)
    assert {each["doi"].rpartition("-")[2] for each in found} >= {"2"}


def test_a_file_is_what_the_json_says() -> None:
    file = item(4)["documents"][0]["files"][0]
    answer = told(f"{SITE}/id/file/{file['fileid']}")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert hashlib.md5(answer.body, usedforsecurity=False).hexdigest() == file["hash"]
    assert len(answer.body) == file["filesize"]


class Metas(HTMLParser):
    """The metadata of a page's head."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.alternates: list[str] = []
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told_of = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in told_of:
            self.pairs.append((told_of["name"], told_of["content"]))
        elif told_of.get("rel") == "alternate":
            self.alternates.append(told_of["href"])


@pytest.mark.parametrize("index", DEPOSITS)
def test_the_page_and_the_json_tell_alike(index: int) -> None:
    of = holding(index)
    page, export = Metas(told(f"{SITE}/{of.number}/").body), item(index)
    metas = dict(page.pairs)
    for field in ("title", "abstract", "doi", "eprintid", "publisher", "geographic_cover"):
        assert metas[f"eprints.{field}"] == str(export[field])
    assert [text for name, text in page.pairs if name == "eprints.keywords"] == [
        str(each) for each in export["keywords"]
    ]
    assert metas["DC.title"] == of.title
    assert metas["DC.relation"] == of.doi
    assert len(page.alternates) == 4
    assert all("/cgi/export/eprint/" in link for link in page.alternates)
