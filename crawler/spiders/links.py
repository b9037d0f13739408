"""Where what a page tells leads to at the other sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.identity import doi, ukda
from crawler.items import Source
from crawler.sites import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.items import Sighting

_OF_CATALOGUE = (Source.HARMONY_FLIGHT, Source.HARMONY_JSONLD)


def elsewhere(sightings: Iterable[Sighting]) -> list[str]:
    """Return the canonical URLs of the targets that sightings name at any source, each once, in order.

    The landing page of an edition names that edition's DOI as well.

    >>> from crawler.items import Sighting
    >>> beta = "https://beta.ukdataservice.ac.uk/datacatalogue/doi/?id=6614#!#20"
    >>> elsewhere([Sighting(urls=[beta, "https://example.org/"], dois=["10.5255/ukda-sn-6614-19"])])
    ... # doctest: +NORMALIZE_WHITESPACE
    ['https://datacatalogue.ukdataservice.ac.uk/studies/study/6614', 'https://doi.org/10.5255/ukda-sn-6614-20',
     'https://doi.org/10.5255/ukda-sn-6614-19']
    """
    return list(dict.fromkeys(located[1] for url in _urls(sightings) if (located := locate(url))))


def file_pages(sightings: Iterable[Sighting]) -> list[str]:
    """Return the pages at the UK Data Service of the files that the catalogue describes from them."""
    told = (sighting for sighting in sightings if sighting.source in _OF_CATALOGUE)
    return [located[1] for each in told for url in each.urls if ukda.file_of(url) and (located := locate(url))]


def _urls(sightings: Iterable[Sighting]) -> Iterator[str]:
    for sighting in sightings:
        for url in [*sighting.urls, *(catalogue.url for catalogue in sighting.catalogues if catalogue.url)]:
            yield url
            study = ukda.from_url(url)
            if study is not None and study.edition is not None:
                yield doi.url(ukda.to_doi(study))
        yield from map(doi.url, sighting.dois)
