"""Faults: what goes wrong, how often, and that a retry sees another draw."""

from __future__ import annotations

import time
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest

from crawler.errors import UsageError
from sandbox.faults import Fault, first, parse
from sandbox.server import serving
from tests.sandbox.asking import Got, ask

HOST = "example.org"
BODY = b"".join(b"%d " % number for number in range(30_000))
PAGES = {f"{HOST}/{number}": BODY for number in range(200)} | {f"{HOST}/404.html": b"lost"}


def asked(spec: str, target: str = f"{HOST}/1") -> Got:
    with serving(tree=PAGES, faults=[spec]) as url:
        return ask(url, target)


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("503:0.1", Fault("503", 0.1)),
        ("503=3:1", Fault("503", 1, 3)),
        ("404:0", Fault("404", 0)),
        ("slow:.5", Fault("slow", 0.5)),
        ("slow=0.25:1.0@example.org/items/", Fault("slow", 1, 0.25, "example.org/items/")),
        ("reset:1@example.org", Fault("reset", 1, None, "example.org")),
        ("length:0.02", Fault("length", 0.02)),
        ("truncate:0.01", Fault("truncate", 0.01)),
    ],
)
def test_a_fault_is_understood(spec: str, fault: Fault) -> None:
    assert parse(spec) == fault


@pytest.mark.parametrize(
    "spec",
    [
        *("", "503", "503:", ":0.1", "200:0.1", "600:1", "5030:1", "boom:0.1", "٥٠٣:1"),
        *("slow:2", "slow:1.5", "slow:-1", "slow:x", "slow=:1", "slow:nan"),
        *("reset=2:1", "truncate=1:1", "503:0.1@", "503:0.1@a b", "503:0.1 "),
    ],
)
def test_a_fault_that_is_not_understood_names_the_accepted_ones(spec: str) -> None:
    with pytest.raises(UsageError, match=r"accepted: KIND.*slow.*reset.*length.*truncate") as caught:
        parse(spec)
    assert "\n" not in str(caught.value)


def test_a_share_of_requests_is_struck_and_always_the_same() -> None:
    fault = parse("503:0.25")
    draws = [fault.strikes(f"{HOST}/{number}", attempt, 7) for number in range(400) for attempt in range(1, 6)]
    assert 0.22 < sum(draws) / len(draws) < 0.28
    again = [fault.strikes(f"{HOST}/{number}", attempt, 7) for number in range(400) for attempt in range(1, 6)]
    assert again == draws
    other = [fault.strikes(f"{HOST}/{number}", attempt, 8) for number in range(400) for attempt in range(1, 6)]
    assert other != draws
    assert not all(draws[number * 5] == draws[number * 5 + 1] for number in range(400))


def test_two_kinds_strike_independently() -> None:
    one, two = parse("503:0.5"), parse("reset:0.5")
    both = [(one.strikes(str(n), 1, 0), two.strikes(str(n), 1, 0)) for n in range(200)]
    assert len(set(both)) == 4


def test_a_prefix_confines_a_fault() -> None:
    faults = [parse("503:1@example.org/items/")]
    assert first(faults, "example.org/items/x", 1, 0) == faults[0]
    assert first(faults, "example.org/studies/x", 1, 0) is None
    assert first(faults, "example.com/items/x", 1, 0) is None


def test_a_status_comes_with_its_retry_after_if_it_has_one() -> None:
    got = asked("503=3:1")
    assert (got.status, got.headers["Retry-After"]) == (503, "3")
    assert (got.headers["Content-Type"], got.body) == ("text/html; charset=utf-8", b"lost")
    assert "Retry-After" not in asked("429:1").headers
    assert (asked("404:1").status, asked("404:1").body) == (404, b"lost")


def test_too_many_requests_can_be_told_by_one_host_alone() -> None:
    faults = ["429=7:1@doi.org/", "410:1@reshare.ukdataservice.ac.uk/85000000/"]
    with serving(scale=1, faults=faults) as url:
        got = ask(url, "doi.org/10.5255/UKDA-SN-85000000")
        assert (got.status, got.headers["Retry-After"]) == (429, "7")
        gone = ask(url, "reshare.ukdataservice.ac.uk/85000000/")
        assert (gone.status, gone.headers["Content-Type"]) == (410, "text/html; charset=utf-8")
        assert gone.body
        others = (
            "www.doi.org/x",
            "data.crosscite.org/x",
            "harmonydata.ac.uk/x",
            "reshare.ukdataservice.ac.uk/85000000",
        )
        assert {ask(url, other).status for other in others} == {301, 302, 404}


def test_an_answer_that_is_cut_leaves_no_validator() -> None:
    page = "reshare.ukdataservice.ac.uk/85000000/"
    with serving(scale=1) as url:
        whole = ask(url, page)
    with serving(scale=1, faults=["truncate:1"]) as url:
        cut = ask(url, page)
    assert cut.body == whole.body[: len(whole.body) // 2]
    assert "ETag" in whole.headers
    assert "ETag" not in cut.headers
    assert "Last-Modified" not in cut.headers


def test_a_retry_can_succeed() -> None:
    with serving(tree=PAGES, faults=["503:0.5"], seed=3) as url:
        statuses = [[ask(url, f"{HOST}/{number}").status for _ in range(8)] for number in range(20)]
        ask(url, "_sandbox/reset", "POST")
        again = [[ask(url, f"{HOST}/{number}").status for _ in range(8)] for number in range(20)]
    assert all(200 in each for each in statuses)
    assert any(each[0] == 503 for each in statuses)
    assert again == statuses


def test_a_reset_loses_the_connection_in_the_body() -> None:
    with pytest.raises((ConnectionResetError, IncompleteRead)):
        asked("reset:1")


def test_a_wrong_length_announces_more_than_it_sends() -> None:
    with pytest.raises(IncompleteRead) as caught:
        asked("length:1")
    assert caught.value.partial == BODY
    assert caught.value.expected == 1000


def test_a_truncated_body_shows_no_sign_of_it() -> None:
    got = asked("truncate:1")
    assert (got.status, got.body) == (200, BODY[: len(BODY) // 2])
    assert got.headers["Content-Length"] == str(len(BODY) // 2)


def test_slow_waits_and_then_sends_all() -> None:
    started = time.monotonic()
    got = asked("slow=0.2:1")
    assert got.body == BODY
    assert time.monotonic() - started >= 0.2  # it cannot have been sent before


def test_a_client_that_gives_up_on_a_slow_answer_stops_nothing() -> None:
    with serving(tree=PAGES, faults=[f"slow=60:1@{HOST}/1"]) as url:
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=0.1)) as connection:
            connection.request("GET", f"/{HOST}/1")
            with closing(connection.getresponse()) as response, pytest.raises(TimeoutError):
                response.read()
        assert ask(url, f"{HOST}/2").body == BODY


@pytest.mark.parametrize("kind", ["slow=0", "length", "reset", "truncate", "500"])
def test_a_server_survives_its_faults(kind: str) -> None:
    with serving(tree=PAGES, faults=[f"{kind}:1@{HOST}/1", f"{kind}:1@{HOST}/none"]) as url:
        for method in ("GET", "HEAD"):
            for target in (f"{HOST}/1", f"{HOST}/none"):
                try:
                    ask(url, target, method)
                except (ConnectionResetError, IncompleteRead):
                    assert kind in {"reset", "length"}
        assert ask(url, f"{HOST}/2").body == BODY
