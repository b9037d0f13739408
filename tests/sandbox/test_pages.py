"""The committed pages hold every era of the site and every oddity of its records, in every version of Next.js."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).parents[2]
PAGES = CHECKOUT / "sandbox" / "pages"
REAL_PAGE = CHECKOUT.parent / "shared" / "fixtures" / "harmony-item.flight.txt"
VERSIONS = ("next-15.1.12", "next-15.5.29", "next-16.4.6")
HOST = "harmonydata.ac.uk"
HOST_FILES = {"robots.txt", "sitemap.xml", "en/sitemap.xml", "search/sitemap.xml", "search/404.html"}
GONE = "9904-kitchens-geo-detail"
LONGEST_SLUG = 220

LD_JSON_TAG = b'<script type="application/ld+json">'
BAILOUT = re.compile(rb'<!--\$!--><template data-dgst="(BAILOUT_TO_CLIENT_SIDE_RENDERING)?"></template><div>Loading')
PUSH = re.compile(rb"self\.__next_f\.push\((.*?)\)</script>")
TEXT_ROW = re.compile(rb"(?<![0-9a-f])[0-9a-f]+:T([0-9a-f]+),")


@dataclass(frozen=True)
class Page:
    """One committed page, and what expected.json says of it."""

    version: str
    path: str
    era: str
    uuid: str | None
    slug: str
    kind: str
    listed: bool
    oddities: list[str]

    @property
    def name(self) -> str:
        return self.path.removesuffix("/index").rpartition("/")[2]

    @cached_property
    def stream(self) -> bytes:
        return (PAGES / self.version / f"{self.path}.txt").read_bytes()

    @cached_property
    def html(self) -> bytes:
        return (PAGES / self.version / f"{self.path}.html").read_bytes()


EXPECTED = json.loads((PAGES / "expected.json").read_bytes())
SITES = {version: [Page(version, path, **row) for path, row in EXPECTED.items()] for version in VERSIONS}
ALL = [page for site in SITES.values() for page in site]


def has(*patterns: bytes) -> Callable[[Page], bool]:
    return lambda page: all(re.search(pattern, page.stream, re.DOTALL) for pattern in patterns)


def lacks(*patterns: bytes) -> Callable[[Page], bool]:
    return lambda page: not any(re.search(pattern, page.stream, re.DOTALL) for pattern in patterns)


def both(*checks: Callable[[Page], bool]) -> Callable[[Page], bool]:
    return lambda page: all(check(page) for check in checks)


def in_html(part: bytes) -> Callable[[Page], bool]:
    return lambda page: part in page.html


def tagless(page: Page) -> bool:
    return LD_JSON_TAG not in page.html and b"self.__next_s" in page.html


def rendered_by_browser(page: Page) -> bool:
    """Whether the body holds a fallback alone; the digest of the template is empty in Next 16."""
    return BAILOUT.search(page.html) is not None


def named_by_uuid(page: Page) -> bool:
    return page.name == page.uuid and re.fullmatch(r"[0-9a-f]{32}", page.name) is not None


def longer_in_bytes(page: Page) -> bool:
    """Whether a text row is framed by bytes where a count of characters would end elsewhere."""
    for row in TEXT_ROW.finditer(page.stream):
        body = page.stream[row.end() : row.end() + int(row[1], 16)]
        if len(body.decode()) < len(body):
            return True
    return False


def deleted(page: Page) -> bool:
    return GONE.encode() in page.stream and all(other.slug != GONE for other in SITES[page.version])


def listed_by_another(page: Page) -> bool:
    stub = f'"dataset_schema":{{}},"extra_data":{{"end_year":2020,"resource_type":"dataset","slug":"{page.slug}"'
    return any(stub.encode() in other.stream for other in SITES[page.version])


def told_elsewhere(page: Page) -> bool:
    return any(p.uuid == page.uuid and p.path != page.path for p in SITES[page.version])


STRUCTURED_DATA = rb'"id":"structured-data"'
FILE_PAGE = rb"/datasets/dataset/[0-9a-f]{8}-[0-9a-f]{4}-"

ERAS: dict[str, Callable[[Page], bool]] = {
    "E0": has(rb'"study":{"title":', rb'"c":\["","studies","[^"]+",""\]'),
    "E1": both(
        has(rb'\["\$","script",null,{"type":"application/ld\+json"', rb'"dataset":{"title":'),
        in_html(LD_JSON_TAG),
    ),
    "E1b": both(has(rb"window\.location\.replace\('/items/"), in_html(b"window.location.replace('/items/")),
    "E1j": both(has(STRUCTURED_DATA, rb'"dataset":{"title":'), tagless),
    "E2": both(has(STRUCTURED_DATA, rb'"study":{"dataset_schema":'), tagless, rendered_by_browser),
    "E2s": both(has(STRUCTURED_DATA, rb'"studyDataComplete":false'), rendered_by_browser),
    "E3": lambda page: page.kind == "absent" or has(rb'"slug":"%s","initialData":(null|{)' % page.name.encode())(page),
    "E4": both(
        has(rb'"identifier":"[^"]+","initialData":{"dataset_schema":', rb'"num_descendant_variables"'),
        lacks(rb"google-analytics"),
        rendered_by_browser,
    ),
    "E5": both(
        has(rb'"identifier":"[^"]+","initialData":{', rb'"id":"google-analytics"', rb'"oc"'),
        rendered_by_browser,
    ),
    "EX": both(
        has(rb'"\$Q[0-9a-f]+"'),
        lacks(rb'"(initialData|study|dataset)":'),
        rendered_by_browser,
    ),
}

ODDITIES: dict[str, Callable[[Page], bool]] = {
    "access-prose": has(rb'"data_access":"[^"]+ [^"]+\\n[^"]+"'),
    "ancestors": has(rb'"ancestors":\[{"dataset_schema":{"@context"', rb'"top_level_ancestor_uuid":"[0-9a-f]{32}"'),
    "bracket-url": has(rb'"(https://[^"]+/)"[^]]*"\1\)"'),
    "child": lambda page: has(rb'"slug":"%s"[^]]+\],"resource_type":"dataset"' % page.slug.encode())(page),
    "child-json-ld-names-study-doi": has(
        rb'\\"identifier\\":\[\\"10\.5255/UKDA-SN-9902-3\\"\]', rb'"dois":\["10\.5255/UKDA-SN-9902-3"\]'
    ),
    "comma-in-keyword": has(rb'"(topics|keywords)":\[[^]]*"[^"]+, [^"]+"'),
    "deleted-child": deleted,
    "description-cut-at-80": has(rb'"description":"[^"]{79}[a-z]"}'),
    "doi-in-three-forms": has(rb'"dois":\["http://dx\.doi\.org/(10[^"]+)","https://doi\.org/\1","\1"\]'),
    "doi-with-scheme": has(rb'"additionalLinks":\[[^]]*"https://doi\.org/(10\.[^"]+)","doi:\1"\]'),
    "dollar-text": has(rb'"name":"\$\$5 ', rb'"description":"\$\$5 ', rb'"\$\$5"'),
    "editions": has(rb'"dois":\["(10\.5255/UKDA-SN-\d+)-1","\1-3"\]'),
    "empty-ancestors": both(has(rb'"ancestors":\[\]'), lacks(rb'"ancestors":\[{', rb"top_level_ancestor_uuid")),
    "empty-summary": has(rb'"ai_summary":""'),
    "empty-url": has(rb'"url":\["",', rb'"urls":\["",'),
    "file-name-slug": lambda page: has(rb'"name":"[^" ]*_[^" ]*[A-Z]', re.escape(page.slug.encode()))(page),
    "file-page-url": has(FILE_PAGE, rb'"harmony_id":"ukds/dataset/'),
    "foreign-host-in-json-ld": has(
        rb'\\"url\\":\\"https://discoverynext\.vercel\.app/', rb"http://localhost:3000/harmony\.png"
    ),
    "full-children": has(rb'"child_datasets":\[{"dataset_schema":{"@context"[^]]', rb'"ancestors":\[\]}\]'),
    "generic-title": has(rb'"children":"Academic Resource Discovery"'),
    "html-in-text": has(rb'"description":"[^"]*<p>[^"]*&amp;[^"]*</p><br>[^"]*&#39;[^"]*&pound;'),
    "html-keyword": has(rb'"keywords":\[[^]]*"<a title="'),
    "initial-data-null": has(rb'"initialData":null'),
    "inline-json-ld": in_html(LD_JSON_TAG),
    "js-redirect": lambda page: f"replace('/items/{page.slug}')".encode() in page.html,
    "json-ld-extra-fields": has(
        *(rb'"%s\\?":' % key for key in (b"publisher", b"creator", b"license", b"dateModified"))
    ),
    "json-ld-only-in-flight": both(has(rb"[0-9a-f]+:T[0-9a-f]+,{\"@context\"|\\\"@context"), tagless),
    "keyword-case-duplicates": has(rb'"keywords":\[[^]]*"(?i:(rivers|surveys|hospitals))".*"(?i:\1)"'),
    "long-slug": lambda page: len(page.slug) > LONGEST_SLUG and page.name == page.uuid,
    "match-fields": has(rb'"match_type":"exact"', rb'"cosine_similarity":0\.\d'),
    "merged-study": has(rb'"urls":\["",("[^"]*",){80,}"', rb'"dois":\[("10\.5255/[^"]+",?){87}\]'),
    "nested-child": has(rb'"ancestors":\[{.*"resource_type":"dataset".*"resource_type":"study"'),
    "no-creator": has(rb'"creator":\[\]'),
    "no-doi": both(has(rb'"identifier":\[\]', rb'"dois":\[\]'), lacks(rb"10\.5255")),
    "no-keywords": has(rb'"keywords":\[\]'),
    "no-place": has(rb'"country_codes":\[\]', rb'"geographic_coverage":""'),
    "no-variable-count": has(rb'"num_variables":null'),
    "not-found-title": has(rb'"children":"Dataset Not Found"', rb"The requested dataset could not be found\."),
    "nothing": lacks(rb"initialData", rb"dataset_schema"),
    "old-ukds": has(
        rb'"https://beta\.ukdataservice\.ac\.uk/datacatalogue/studies/study\?id=(\d{6})",'
        rb'"https://reshare\.ukdataservice\.ac\.uk/\1"',
        rb'"http://dx\.doi\.org/10\.5255/UKDA-SN-\d{6}"',
    ),
    "placeholder-url": has(rb"https://web\.www\.healthdatagateway\.org/dataset/{id}"),
    "record-in-map": has(rb'"shelf":"\$Q|"catalogue":"\$Q', rb'\[\["[0-9a-f]{32}",({"dataset_schema"|"\$)'),
    "record-in-promise": has(rb'"resource":"\$@[0-9a-f]+"'),
    "repeated-doi": has(rb'"additionalLinks":\[.*"(http://dx\.doi\.org/[^"]+)","\1"\]'),
    "several-countries": has(rb'"country_codes":\["[A-Z]{2}","', rb'"geographic_coverage":"\w[^"]+, \w'),
    "size-is-text": has(rb'"size":"312"', rb'"sample_size":309,'),
    "standalone-study": has(rb'"ancestors":\[\],"child_datasets":\[\]', rb'"resource_type":"study"'),
    "stub-children": has(rb'"child_datasets":\[{"dataset_schema":{},"extra_data":{'),
    "stub-only-child": both(lacks(FILE_PAGE, rb"top_level_ancestor_uuid"), listed_by_another),
    "second-page": told_elsewhere,
    "tags-stripped-without-space": has(rb"[a-z]\.[A-Z][a-z]+ "),
    "text-row": longer_in_bytes,
    "trailing-slash": lambda page: page.path.endswith("/index"),
    "two-urls-in-access": has(rb'"data_access":"https://[^" ]+ https://[^" ]+"'),
    "unknown-type": both(has(rb'"resource_type":"'), lacks(rb'"resource_type":"(study|dataset)"')),
    "uuid-page": named_by_uuid,
    "variable-count-differs": has(rb'"number_of_variables":3}', rb'"num_variables":4,'),
    "variables-cut": has(rb'"variableMeasured":"\$undefined"', rb'"studyDataComplete":false'),
    "year-range": has(rb'"temporalCoverage":"(\d{4})-01-01/\1-12-31"'),
}


def name_of(page: Page) -> str:
    return f"{page.version}:{page.path}"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_tree_holds_the_expected_pages_and_the_files_of_the_host(version: str) -> None:
    site = PAGES / version
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages = {page.path + ending for page in SITES[version] for ending in (".txt", ".html")}
    assert files == pages | {f"{HOST}/{path}" for path in HOST_FILES}


def test_every_era_and_every_oddity_is_on_some_page_and_no_other_is_named() -> None:
    assert {page.era for page in ALL} == ERAS.keys()
    assert {oddity for page in ALL for oddity in page.oddities} == ODDITIES.keys()
    assert {page.kind for page in ALL} == {"record", "redirect", "absent", "browser"}


@pytest.mark.parametrize("page", ALL, ids=name_of)
def test_a_page_shows_its_era_and_its_oddities(page: Page) -> None:
    assert ERAS[page.era](page)
    assert [oddity for oddity in page.oddities if not ODDITIES[oddity](page)] == []


@pytest.mark.parametrize("page", ALL, ids=name_of)
def test_the_html_embeds_the_same_stream(page: Page) -> None:
    pushes = [json.loads(push) for push in PUSH.findall(page.html)]
    assert "".join(push[1] for push in pushes if push[0] == 1).encode() == page.stream


@pytest.mark.parametrize("page", ALL, ids=name_of)
def test_a_page_names_its_item_and_links_to_pages_that_exist(page: Page) -> None:
    if page.kind == "record" and b"dataset_schema" in page.stream:
        assert f'"uuid":"{page.uuid}","slug":"{page.slug}"'.encode() in page.stream
    slugs = {slug.decode() for slug in re.findall(rb'"slug":"([^"]+)"', page.stream)}
    items = {other.slug for other in SITES[page.version] if "/items/" in other.path}
    missing = slugs - items - {page.slug, page.name}
    assert missing == ({GONE} if "deleted-child" in page.oddities else set())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_sitemap_lists_some_of_the_pages(version: str) -> None:
    sitemap = (PAGES / version / HOST / "search" / "sitemap.xml").read_text()
    found = set(re.findall(r"<loc>([^<]+)</loc>", sitemap))
    urls = {f"https://{page.path.removesuffix('index')}": page for page in SITES[version]}
    assert {url for url, page in urls.items() if page.listed} == found & urls.keys()
    assert any(not page.listed for page in urls.values())
    too_long = {page.slug for page in urls.values() if len(page.slug) > LONGEST_SLUG}
    assert {f"https://{HOST}/search/items/{slug}" for slug in too_long} <= found


def test_the_versions_hold_the_same_records_in_streams_of_their_own() -> None:
    by_path: dict[str, list[Page]] = {}
    for page in ALL:
        by_path.setdefault(page.path, []).append(page)
    for pages in by_path.values():
        records = [
            set(re.findall(rb'"dataset_schema":{"@context".*?"@type":"Dataset","name":"[^"]*"', page.stream))
            for page in pages
        ]
        assert records[0] == records[1] == records[2]
        assert len({page.stream for page in pages}) == len(VERSIONS)


def test_the_pages_stay_small() -> None:
    assert sum(path.stat().st_size for path in PAGES.rglob("*") if path.is_file()) < 3_000_000


def test_no_file_holds_an_address_or_the_words_of_the_real_page() -> None:
    texts = {path: path.read_bytes() for path in PAGES.rglob("*") if path.is_file()}
    assert [path for path, text in texts.items() if re.search(rb"[\w.+-]@[\w-]+\.[a-z]{2,}", text)] == []
    real = REAL_PAGE.read_bytes() if REAL_PAGE.exists() else b""
    sentences = {part for part in re.split(rb"[.;:?] |\n", real[real.find(b":T") :]) if len(part) > 80}
    assert [path for path, text in texts.items() if any(part in text for part in sentences)] == []
