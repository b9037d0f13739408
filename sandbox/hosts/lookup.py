"""The catalogue's own API, which a page asks whose build had no record for it: one item by its uuid or slug.

Of the real one the URL and the shape of an answer are on record; what else it sends is assumed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.exchange import JSON, Answer
from sandbox.search_result import search_result
from sandbox.studies import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import Asked
    from sandbox.holdings import Holdings
    from sandbox.studies import Json

HOSTS: Final = ("harmonydataweaviate.azureedge.net",)
PATH: Final = "/discover/lookup"

COMMITTED: Final[Mapping[str, Json]] = {
    told["extra_data"][name]: told
    for told in json.loads(Path(__file__).parents[1].joinpath("pages", "results.json").read_bytes())
    for name in ("uuid", "slug")
}
"""The records of the committed pages, each by its uuid and by its slug."""

_HEADERS: Final = {"Content-Type": JSON, "Access-Control-Allow-Origin": "*"}


def answer(asked: Asked, holdings: Holdings) -> Answer:
    """The record of the item that is asked for, in a list; of an item that is not known, the list is empty."""
    if asked.path != PATH:
        return Answer(404, _HEADERS, b"{}")
    found = _result(asked.parameters.get("uuid", ""), holdings.scale)
    return Answer(200, _HEADERS, json.dumps({"results": [found] if found else []}).encode())


def _result(name: str, scale: int) -> Json | None:
    if name in COMMITTED:
        return COMMITTED[name]
    generated = find(name, scale)
    return search_result(generated) if generated else None
