"""Lists of targets as sites answer with them: sitemaps, and those of OAI-PMH."""

from __future__ import annotations

from tests.servers.scripted import Answer

OAI = "oai.ukdataservice.ac.uk/oai/provider"
FIRST = f"{OAI}?verb={{}}&metadataPrefix=ddi&set=DataCollections"
NEXT = f"{OAI}?verb={{}}&resumptionToken={{}}"
ROBOTS = "harmonydata.ac.uk/robots.txt"


def listed(verb: str, token: str, *identifiers: int | str) -> Answer:
    headers = "".join(f"<header><identifier>{each}</identifier></header>" for each in identifiers)
    return Answer(
        body=f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><{verb}>{headers}'
        f"<resumptionToken>{token}</resumptionToken></{verb}></OAI-PMH>".encode()
    )


def sitemap(*slugs: str) -> Answer:
    urls = "".join(f"<url><loc>https://harmonydata.ac.uk/search/items/{slug}</loc></url>" for slug in slugs)
    return Answer(body=f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode())
