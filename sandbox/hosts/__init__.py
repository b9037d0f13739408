"""The hosts beside the catalogue, each a function from a request and the archive's holdings to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.hosts import datacatalogue, datacite, doi, lookup, oai, reshare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.exchange import Answer, Asked
    from sandbox.holdings import Holdings

_FAMILIES: Final[tuple[tuple[tuple[str, ...], Callable[[Asked, Holdings], Answer]], ...]] = (
    (oai.HOSTS, oai.answer),
    (datacatalogue.HOSTS, datacatalogue.answer),
    (datacatalogue.API_HOSTS, datacatalogue.api),
    (datacatalogue.OLD_HOSTS, datacatalogue.old_portal),
    (reshare.HOSTS, reshare.answer),
    (doi.HOSTS, doi.answer),
    (doi.OLD_HOSTS, doi.older),
    (doi.NEGOTIATION_HOSTS, doi.negotiation),
    (datacite.HOSTS, datacite.answer),
    (lookup.HOSTS, lookup.answer),
)
HOSTS: Final = {host: answer for hosts, answer in _FAMILIES for host in hosts}
"""What answers for each host."""


def methods(host: str) -> Sequence[str]:
    """The methods that a host understands: only the API of the data catalogue is told anything.

    >>> methods("doi.org")
    ('GET', 'HEAD')
    """
    return ("POST", "OPTIONS") if host in datacatalogue.API_HOSTS else ("GET", "HEAD")
