"""Where an answer sends a visit to, and what that says of its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.http import Response

from crawler.items import State, Target
from crawler.sites import SITES, locate
from crawler.sites.page import Route
from crawler.spiders.answers import location_of
from crawler.spiders.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

ITEM = "https://harmonydata.ac.uk/search/items/roads"
EPRINT = "https://reshare.ukdataservice.ac.uk/856334/"
JSON = "https://reshare.ukdataservice.ac.uk/id/eprint/856334"
UNKNOWN = "https://reshare.ukdataservice.ac.uk/cgi/elsewhere"


def visited(url: str, locations: Iterable[str]) -> Visit:
    """Let each request of a visit be sent to the next of some places."""
    site = next(site for site in SITES if (located := locate(url)) and located[0] is site)
    visit = Visit(target=Target(url=url, state=None), site=site, routes=site.routes(url))
    for location in locations:
        route = visit.next_route()
        assert route is not None
        visit.move(route, location, "HTTP 302")
    return visit


@pytest.mark.parametrize(("url", "another"), [(EPRINT, "856335"), (ITEM, "rails")])
def test_another_item_of_the_site_is_where_the_target_has_moved_to(url: str, another: str) -> None:
    moved = url.replace("856334", another).replace("roads", another)
    visit = visited(url, [moved])
    assert (visit.target.state, visit.target.links) == (State.REDIRECTED, [moved])
    assert visit.next_route() is None


def test_a_target_all_of_whose_routes_lead_away_has_moved() -> None:
    away = "https://example.org/back-soon"
    visit = visited(ITEM, [away])
    assert visit.target.state is State.NOT_FOUND
    visit = visited(ITEM, [away, away])
    assert (visit.target.state, visit.target.links, visit.next_route()) == (State.REDIRECTED, [away], None)


def test_another_form_of_the_target_is_asked_for() -> None:
    visit = visited(ITEM, [f"{ITEM}.txt?again"])
    assert visit.next_route() == Route(url=f"{ITEM}.txt?again")
    assert visit.target.state is None


def test_a_form_that_another_route_leads_to_is_asked_for_once() -> None:
    visit = visited(EPRINT, [EPRINT])
    assert [visit.next_route(), visit.next_route()] == [Route(url=EPRINT, accept="text/html"), None]


@pytest.mark.parametrize(("url", "twin"), [(EPRINT, ""), (ITEM, ".txt")])
def test_who_is_sent_to_where_it_was_has_no_answer(url: str, twin: str) -> None:
    visit = visited(url, [])
    while route := visit.next_route():
        visit.move(route, route.url, "HTTP 302")
    assert (visit.target.state, visit.target.reason) == (State.FETCH_FAILED, f"HTTP 302 to {url}{twin}, in circles")
    assert not visit.target.links


def test_circles_come_to_an_end() -> None:
    visit = visited(EPRINT, [UNKNOWN, JSON] * 3)
    assert visit.target.state is State.FETCH_FAILED
    assert visit.next_route() == Route(url=EPRINT, accept="text/html")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/a", "https://a.example/a"),
        ("/caf\u00e9", "https://a.example/caf%C3%A9"),
        ("https://b.example/?to=someone%40example.org", "https://b.example"),
        ("https://b.example:8443/someone@example.org", "https://b.example"),
        ("mailto:someone@example.org", "mailto://"),
        ("http://[x/", None),
    ],
)
def test_where_an_answer_sends_to_holds_no_address_of_anybody(location: str, url: str | None) -> None:
    response = Response("https://a.example/x", status=302, headers={"Location": location})
    assert location_of(response) == url
