"""Many DOIs in one request to DataCite's REST API. One that its answer leaves out is to be asked for alone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from crawler.identity import doi
from crawler.sites.datacite.read import read_resource
from crawler.sites.datacite.urls import API

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.sites.page import Page

BATCH = 25
"""Most DOIs in one request."""
_LONGEST = 2000  # of a URL that every server on the way takes


def batch_url(dois: Sequence[str]) -> str:
    """Return the URL that asks for some DOIs, at most `BATCH`, bare or as canonical targets.

    >>> batch_url(["10.5255/ukda-sn-1-1", "https://doi.org/10.5255/ukda-sn-1-2"])
    'https://api.datacite.org/dois?ids=10.5255%2Fukda-sn-1-1%2C10.5255%2Fukda-sn-1-2&page%5Bsize%5D=2'
    """
    names = quote(",".join(filter(None, map(doi.normalise, dois))), safe="")
    return f"{API}?ids={names}&page%5Bsize%5D={len(dois)}"


def batches(urls: Iterable[str]) -> Iterator[list[str]]:
    """Yield the canonical targets in groups that `batch_url` takes, and those that no group can hold alone.

    A URL of a batch has at most 2,000 characters, and a DOI with a comma would be taken for two.

    >>> [len(batch) for batch in batches(f"https://doi.org/10.1234/{n}" for n in range(30))]
    [25, 5]
    >>> list(batches(["https://doi.org/10.1234/a", "https://doi.org/10.1234/b%2Cc", "https://doi.org/10.1234/d"]))
    [['https://doi.org/10.1234/b%2Cc'], ['https://doi.org/10.1234/a', 'https://doi.org/10.1234/d']]
    """
    batch: list[str] = []
    for url in urls:
        if "," in (doi.normalise(url) or ",") or len(batch_url([url])) > _LONGEST:
            yield [url]
            continue
        if len(batch) == BATCH or len(batch_url([*batch, url])) > _LONGEST:
            yield batch
            batch = []
        batch.append(url)
    if batch:
        yield batch


def read_batch(body: bytes) -> dict[str, Page]:
    """Return canonical target -> page for each DOI that the answer to a batch describes; never raises.

    >>> page = read_batch(b'{"data": [{"attributes": {"doi": "10.1234/A", "titles": [{"title": "Roads"}]}}]}')
    >>> page["https://doi.org/10.1234/a"].found[0].values["title"]
    'Roads'
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    resources = answer.get("data") if isinstance(answer, dict) else None
    pages = [read_resource("", each) for each in (resources if isinstance(resources, list) else [])]
    return {page.found[0].url: page for page in pages if page.found}
