"""Several hosts behind one mirror on loopback, which answer as a test says and note when they were asked."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.servers.scripted import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Seen:
    """A request: when it came in, and when it was sent, by the clock that all processes of the machine share."""

    path: str
    at: float
    sent: float


class Sites:
    """What each `host/path` is to answer, one after the other, the last for ever; and what was asked, and when.

    A page that is not named is there, and a robots.txt that is not named is not. Status 0 is a connection that is
    closed without an answer, a header `Wait` a time to wait before it, and a header `Length` of `none` a body without
    its length.
    """

    def __init__(self, answers: Mapping[str, list[Answer]]) -> None:
        self.answers = {path: list(each) for path, each in answers.items()}
        self.seen: list[Seen] = []
        self.mirror = ""

    def asked(self, prefix: str = "") -> list[str]:
        """Return what was asked, in order."""
        return [seen.path for seen in self.seen if seen.path.startswith(prefix)]

    def times(self, prefix: str = "") -> list[float]:
        """Return when it was asked."""
        return [seen.at for seen in self.seen if seen.path.startswith(prefix)]

    def gaps(self, prefix: str) -> list[float]:
        """Return the seconds from where each request was sent to where the next came in."""
        seen = [each for each in self.seen if each.path.startswith(prefix)]
        return [later.at - sooner.sent for sooner, later in pairwise(seen)]

    def counts(self) -> dict[str, int]:
        """Return how often each was asked."""
        counts: dict[str, int] = defaultdict(int)
        for path in self.asked():
            counts[path] += 1
        return dict(counts)

    def answer(self, path: str, sent: str | None) -> Answer:
        """Note a request, and return what it is to be answered."""
        self.seen.append(Seen(path, time.monotonic(), float(sent or "nan")))
        left = self.answers.get(path) or [Answer(404 if path.endswith("/robots.txt") else 200)]
        return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def sites(answers: Mapping[str, list[Answer]] | None = None) -> Iterator[Sites]:
    """Serve some hosts as long as the block runs."""
    served = Sites(answers or {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = served.answer(self.path.removeprefix("/"), self.headers["Sent"])
            headers = dict(answer.headers)
            time.sleep(float(headers.pop("Wait", 0)))
            self.close_connection = not answer.status or headers.pop("Length", "") == "none"
            if answer.status:
                self.send_response(answer.status)
                length = {"Connection": "close"} if self.close_connection else {"Content-Length": str(len(answer.body))}
                for name, value in (length | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of clients that go away."""

    with Server(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        served.mirror = f"http://127.0.0.1:{http.server_port}/"
        try:
            yield served
        finally:
            http.shutdown()
            thread.join()
