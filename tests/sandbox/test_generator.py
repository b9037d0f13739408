"""The generated pages: sound streams that hold the records they were made from, and a catalogue that can be walked."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from crawler import flight
from crawler.errors import UsageError
from sandbox.eras import document, stream
from sandbox.generator import Catalogue, committed, expected, items, main
from sandbox.layout import Build
from sandbox.search_result import initial_data, json_ld, search_result
from sandbox.studies import MAX_SLUG, Era, Item, find, item, part_count

if TYPE_CHECKING:
    from pathlib import Path

SCALE = 40
HOME = "harmonydata.ac.uk/search"
BUILD = Build("next-16.4.6")
ITEMS = list(items(SCALE))


def record(of: Item) -> dict[str, Any]:
    return search_result(of) if of.era is Era.E2 else initial_data(of)


def prop(of: Item) -> str:
    return "study" if of.era is Era.E2 else "initialData"


@pytest.mark.parametrize("of", ITEMS, ids=lambda of: f"{of.index}.{of.part}")
def test_a_page_is_a_sound_stream_that_holds_its_record(of: Item) -> None:
    body = stream(of, of.pages[0], BUILD)
    payload = flight.decode(body)
    root: Any = dict(payload.rows.items())[0]
    assert payload.problems == []
    assert list(payload.find_prop(prop(of))) == [record(of)]
    assert root["c"] == ["", *of.pages[0].split("/")]


@pytest.mark.parametrize("of", ITEMS[:12], ids=lambda of: f"{of.index}.{of.part}")
def test_the_html_embeds_the_stream_of_its_twin(of: Item) -> None:
    page = document(of, of.pages[0], BUILD)
    assert list(flight.decode(page).find_prop(prop(of))) == [record(of)]
    assert page.count(b"<script>self.__next_f.push(") > 2
    assert b"application/ld+json" not in re.sub(rb"<script>.*?</script>", b"", page)


def test_the_json_ld_of_e2_is_in_the_stream_and_in_the_inserted_script() -> None:
    of = item(0)
    assert of.era is Era.E2
    told = flight.decode(stream(of, of.pages[0], BUILD)).find_prop("dangerouslySetInnerHTML")
    assert [json.loads(props["__html"]) for props in told if isinstance(props, dict)] == [json_ld(of)]
    inserted = re.findall(
        rb"\(self\.__next_s=self\.__next_s\|\|\[\]\)\.push\((.*?)\)</script>", document(of, of.pages[0], BUILD)
    )
    assert [json.loads(json.loads(pushed)[1]["children"]) for pushed in inserted] == [json_ld(of)]
    assert json_ld(of)["identifier"] == record(of)["dataset_schema"]["identifier"]


def test_only_a_study_of_e3_denies_itself() -> None:
    denied = [of for of in ITEMS if b"Dataset Not Found" in stream(of, of.pages[0], BUILD)]
    assert denied == [of for of in ITEMS if of.era is Era.E3 and of.part == 0]


def test_equal_arguments_give_equal_bytes_whatever_the_scale() -> None:
    of = ITEMS[5]
    path = f"{HOME}/{of.pages[0]}.txt"
    assert Catalogue({}, SCALE).get(path) == Catalogue({}, 10**7).get(path) == stream(of, of.pages[0], BUILD)


def test_another_build_has_other_bytes_and_the_same_records() -> None:
    other = Build("next-15.1.12")
    for of in ITEMS[:12]:
        page = of.pages[0]
        one, two = stream(of, page, BUILD), stream(of, page, other)
        assert one != two
        assert list(flight.decode(one).find_prop(prop(of))) == list(flight.decode(two).find_prop(prop(of)))
        assert max(flight.decode(one).rows) != max(flight.decode(two).rows)


def test_names_are_unique_and_find_their_item() -> None:
    names = [name for of in ITEMS for name in (of.slug, of.uuid)]
    assert [count for count in Counter(names).values() if count > 1] == []
    assert all(find(name, SCALE) == of for of in ITEMS for name in (of.slug, of.uuid))
    assert all(re.fullmatch("[0-9a-f]{32}", of.uuid) for of in ITEMS)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "0" * 32,
        "f" * 32,
        "sn-1000001",
        "1000001",
        "1000001-",
        "9999999999999-x",
        "85000000-x",
        item(SCALE).slug,
    ],
)
def test_other_names_find_nothing(name: str) -> None:
    assert find(name, SCALE) is None


def test_the_small_catalogue_has_all_kinds() -> None:
    assert {of.era for of in ITEMS} == set(Era)
    assert {part_count(index) for index in range(SCALE)} == set(range(9))
    assert {of.part > 0 for of in ITEMS if len(of.slug) > MAX_SLUG} == {True, False}
    assert [of for of in ITEMS if of.part == 0 and not record(of)["extra_data"]["dois"]]
    forms = {doi.partition("10.5255")[0] for of in ITEMS for doi in record(of)["extra_data"]["dois"]}
    assert forms >= {"", "http://dx.doi.org/", "https://doi.org/", "doi: ", "https://doi.org/doi:"}
    assert {record(of)["extra_data"]["urls"][0] for of in ITEMS} >= {""}


def test_sizes_are_those_of_real_pages() -> None:
    sizes = [len(stream(of, of.pages[0], BUILD)) for of in ITEMS]
    assert 15_000 < sum(sizes) / len(sizes) < 40_000


def test_a_child_carries_the_doi_of_its_study() -> None:
    for of in ITEMS:
        study = search_result(item(of.index))
        assert search_result(of)["extra_data"]["dois"] == study["extra_data"]["dois"]


def test_every_page_that_is_expected_is_served() -> None:
    catalogue = Catalogue({}, SCALE)
    pages = [page for of in ITEMS for page in of.pages]
    assert expected(SCALE).pages == len(set(pages)) == len(pages)
    assert expected(SCALE).studies + expected(SCALE).datasets == len(ITEMS)
    assert all(catalogue.get(f"{HOME}/{page}.{ending}") for page in pages for ending in ("txt", "html"))


def test_a_long_slug_has_no_page() -> None:
    of = next(of for of in ITEMS if len(of.slug) > MAX_SLUG)
    assert Catalogue({}, SCALE).get(f"{HOME}/items/{of.slug}.txt") is None
    assert Catalogue({}, SCALE).get(f"{HOME}/items/{of.uuid}.txt")


def test_every_item_is_reached_from_the_sitemap() -> None:
    catalogue = Catalogue({}, SCALE)
    todo = listed(catalogue)
    seen: dict[str, set[str]] = {}
    while todo:
        page = todo.pop()
        if page not in seen:
            body = catalogue.get(f"{HOME}/{page}.txt")
            assert body is not None, page
            found: list[Any] = list(flight.decode(body).find_objects("dataset_schema", "extra_data"))
            names = [each["extra_data"] for each in found]
            seen[page] = {name["uuid"] for name in names}
            todo += [f"items/{n['uuid'] if len(n['slug']) > MAX_SLUG else n['slug']}" for n in names]
    assert set().union(*seen.values()) == {of.uuid for of in ITEMS}
    assert len(listed(catalogue)) < expected(SCALE).pages / 8


def listed(catalogue: Catalogue, path: str = f"{HOME}/sitemap.xml") -> list[str]:
    body = catalogue.get(path)
    assert body is not None, path
    locations = [found.removeprefix(f"https://{HOME}/") for found in re.findall(r"<loc>(.+?)</loc>", body.decode())]
    if b"<sitemapindex" in body:
        return [page for part in locations for page in listed(catalogue, f"{HOME}/{part}")]
    return locations


def test_a_large_catalogue_has_an_index_of_sitemaps() -> None:
    core = committed("next-16.4.6")
    large = Catalogue(core, 2001)
    pages = listed(large)
    own = listed(Catalogue(core, 0))
    assert own
    assert pages == [*own, *(item(index).pages[-1] for index in range(2001))]
    index = large.get(f"{HOME}/sitemap.xml") or b""
    assert index.count(b"<loc>") == 4
    assert large.get(f"{HOME}/sitemap/4.xml") is None
    assert listed(Catalogue(core, 3)) == [*own, *(item(index).pages[-1] for index in range(3))]


def test_the_core_keeps_its_own_pages() -> None:
    core = committed("next-15.5.29")
    catalogue = Catalogue(core, SCALE, "next-15.5.29")
    for file in sorted(core.root.rglob("*.txt")):
        path = str(file.relative_to(core.root))
        assert catalogue.get(path) == file.read_bytes(), path
        assert Catalogue({}, SCALE).get(path) is None


def test_an_unknown_build_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'next-1' is not there; accepted: .*next-16\.4\.6"):
        committed("next-1")


def test_a_sample_can_be_written(tmp_path: Path) -> None:
    main([str(tmp_path / "sample"), "--scale", "2"])
    assert len(list((tmp_path / "sample").iterdir())) == sum(1 for _ in items(2))
    assert flight.decode((tmp_path / "sample" / f"{item(0).slug}.txt").read_bytes()).problems == []
