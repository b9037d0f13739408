"""A self-deposited study as EPrints exports it (`Export/JSON.pm`) and as it shows it (`Export/Simple.pm`, `DC.pm`)."""

from __future__ import annotations

import hashlib
import json
import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

from sandbox.draws import Draws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.holdings import Holding
    from sandbox.studies import Json

SITE: Final = "http://reshare.ukdataservice.ac.uk"
_NUMBER: Final = re.compile(r"-?\d*\.?\d+(?:e[-+]?\d+)?", re.ASCII)
_ALTERNATES: Final = (
    ("JSON", "js", "application/json; charset=utf-8", "JSON"),
    ("RDFXML", "rdf", "application/rdf+xml", "RDF+XML"),
    ("DC", "txt", "text/plain; charset=utf-8", "Dublin Core"),
    ("BibTeX", "bib", "text/plain; charset=utf-8", "BibTeX"),
)


def coerced(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """The value as the JSON export of EPrints writes it: every text that reads as a number becomes one.

    >>> coerced(["2011", "007", "1e3", ".5", "SN 7"])
    [2011, 7, 1000, 0.5, 'SN 7']
    """
    if isinstance(value, dict):
        return {key: coerced(each) for key, each in value.items()}
    if isinstance(value, list):
        return [coerced(each) for each in value]
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def exported(of: Holding) -> str:
    r"""The object of the JSON export: slashes are escaped, and keys come in any order."""
    fields = coerced(_fields(of) | _compounds(of))
    order = Draws(f"keys {of.index}").some(list(fields), len(fields))
    return json.dumps({key: fields[key] for key in order}, ensure_ascii=False).replace("/", "\\/")


def file_name(of: Holding) -> str:
    """The name of the document that belongs to the item."""
    return f"{of.number}_documentation.zip"


def document(of: Holding) -> bytes:
    """The bytes of that document."""
    return b"PK\x05\x06" + b"\x00" * 18 + str(of.number).encode()


def abstract_page(of: Holding) -> str:
    """The page of the item, with its metadata in the head."""
    title, url = escape(of.title), f"{SITE}/{of.number}/"
    metas = "\n".join(f'<meta name="{name}" content="{escape(text)}" />' for name, text in _metas(of))
    alternates = "\n".join(
        f'<link rel="alternate" href="{SITE}/cgi/export/eprint/{of.number}/{plugin}/reshare-eprint-{of.number}'
        f'.{ending}" type="{kind}" title="{name}" />'
        for plugin, ending, kind, name in _ALTERNATES
    )
    row = '<tr><th align="right">{}:</th><td valign="top">{}</td></tr>'
    rows = row.format("Keywords", escape(", ".join(_keywords(of)))) + row.format(
        "URI", f'<a href="{SITE}/id/eprint/{of.number}">{SITE}/id/eprint/{of.number}</a>'
    )
    link = f'<a class="ep_document_link" href="{url}1/{file_name(of)}">Download (1kB)</a>'
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title} - ReShare</title>\n'
        '<meta name="Generator" content="EPrints 3.3.12" />\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />\n'
        f'<link rel="Top" href="{SITE}/" />\n<link rel="Search" type="text/html" href="{SITE}/cgi/search" />\n'
        f'{metas}\n<link rel="schema.DC" href="http://purl.org/DC/terms/" />\n{alternates}\n</head><body>'
        f"<h1>{title}</h1><p>{escape(_citation(of))}</p><table><tr><td>{link}</td></tr></table>"
        f"<h2>Abstract</h2><p>{escape(_abstract(of))}</p><table>{rows}</table>"
        '<table class="ep_summary_page_actions"><tr><td><a href="/cgi/users/login">Log in</a></td></tr></table>'
        "</body></html>\n"
    )


def _fields(of: Holding) -> dict[str, Any]:
    """The fields with plain values, in the order of the dataset; a year alone as date, for some."""
    return {
        "eprintid": of.number,
        "rev_number": 3 + of.index % 20,
        "eprint_status": "archive",
        "datestamp": f"{of.released:%Y-%m-%d %H:%M:%S}",
        "lastmod": f"{of.changed:%Y-%m-%d %H:%M:%S}",
        "type": "data_collection",
        "metadata_visibility": "show",
        "title": of.title,
        "keywords": _keywords(of),
        "abstract": _abstract(of),
        "date": f"{of.released:%Y}" if of.index % 8 else f"{of.released:%Y-%m-%d}",
        "publisher": "UK Data Archive",
        "doi": of.doi,
        "subjects": [of.subject.upper().replace(" ", "_")],
        "language": ["English"],
        "data_kind": [*of.kinds],
        "country": of.place.split(", ") if of.place else [],
        "geographic_cover": of.place or "Several towns",
        "award_funders": [of.funder],
    }


def _compounds(of: Holding) -> Json:
    """The fields with parts: unset ones inside a part are null, and there are parts with nothing in them."""
    family, _, given = of.person.partition(", ")
    address = f"someone{of.index}@example.com"
    name = {"given": given, "family": family, "lineage": None, "honourific": None}
    makers: list[Json] = [{"name": name, "id": address, "orcid": "0000-0000-0000-0000"}]
    makers += [{"name": {"family": maker}} for maker in of.makers]
    nameless: list[Json] = [{"name": {}}, {"id": "nobody"}, {"name": None}]
    makers += nameless[: of.index // 4 % 4]
    start, end = f"{of.start}-01-01", f"{of.end}-12-31"
    if of.index % 16 == 4:  # noqa: PLR2004 - any remainder does
        start, end = f"0005-01-{of.start}", f"{of.end}-01-0005"
    uri, number = f"{SITE}/id/document/{of.number}1", of.number * 10 + 1
    body = document(of)
    file = {
        "fileid": number,
        "datasetid": "document",
        "objectid": number,
        "filename": file_name(of),
        "mime_type": "application/zip",
        "filesize": len(body),
        "hash": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        "hash_type": "MD5",
        "uri": f"{SITE}/id/file/{number}",
    }
    document_ = {"docid": number, "pos": 1, "placement": 1, "format": "application/zip", "content": "data"}
    rights = {"license": "cc_by", "security": "public", "language": "en", "main": file_name(of)}
    return {
        "creators": makers,
        "contact_details": [{"name": {"given": given, "family": family}, "id": address}],
        "collection_dates": {"date_from": start, "date_to": end},
        "documents": [
            document_ | rights | {"uri": uri, "files": [file]},
            {"docid": number + 1, "license": "ukda_eul", "security": "staffonly", "files": [{"filename": "data.zip"}]},
        ],
        "uri": f"{SITE}/id/eprint/{of.number}",
    }


def _metas(of: Holding) -> Iterator[tuple[str, str]]:
    """Names and contents of the head's metadata: `eprints.*`, then Dublin Core; unset fields are left out."""
    for field, value in _fields(of).items():
        if field == "title":
            yield "eprints.creators_name", of.person
            yield "eprints.creators_id", f"someone{of.index}@example.com"
            yield from (("eprints.creators_name", maker) for maker in of.makers)
        yield from ((f"eprints.{field}", str(each)) for each in (value if isinstance(value, list) else [value]))
    yield "eprints.collection_dates_date_from", f"{of.start}-01-01"
    yield "eprints.collection_dates_date_to", f"{of.end}-12-31"
    yield "eprints.citation", _citation(of)
    document_ = f"{SITE}/{of.number}/1/{file_name(of)}"
    yield "eprints.document_url", document_
    yield "DC.relation", f"{SITE}/{of.number}/"
    yield "DC.title", of.title
    yield from (("DC.creator", name) for name in [of.person, *of.makers])
    yield "DC.subject", of.subject
    yield "DC.description", _abstract(of)
    yield "DC.publisher", "UK Data Archive"
    yield "DC.date", f"{of.released:%Y-%m-%d}"
    yield "DC.type", "Data Collection"
    yield "DC.type", "NonPeerReviewed"
    yield "DC.identifier", document_
    yield "DC.identifier", _citation(of)
    yield "DC.relation", of.doi


def _keywords(of: Holding) -> list[str]:
    """The keywords, and the first year among them."""
    return [*of.keywords, str(of.start)]


def _abstract(of: Holding) -> str:
    """The abstract, with HTML in it."""
    first, dot, rest = of.abstract.partition(".")
    return f"<b>{escape(first, quote=False)}</b>{dot}{escape(rest, quote=False)} Write to someone@example.com."


def _citation(of: Holding) -> str:
    names = " and ".join([of.person, *of.makers])
    return f" {names} ({of.released.year}). {of.title}. [Data Collection]. Colchester, Essex: UK Data Archive. {of.doi}"
