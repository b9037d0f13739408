"""What is left of the crawl beyond the catalogue where that is not wanted, or does not work."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from sandbox.generator import Catalogue
from sandbox.server import serving
from tests.crawl.crawling import BROWSER, FAST, Export, Started, asked, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEW = 13
"""Studies of a catalogue that has a study on a page alone, withdrawn studies and deposits."""
SHORT = (*BROWSER, "-s", "BROWSER_TIMEOUT=2")
REGISTRY = ("api.datacite.org", "doi.org", "data.crosscite.org")
DATACATALOGUE = "datacatalogue.ukdataservice.ac.uk"
SERIES = f"https://{DATACATALOGUE}/series/series/200001"
PAGE_ALONE = f"https://{DATACATALOGUE}/studies/study/1000009"
SOURCES = {  # of `follow`, the hosts of the targets that each leads to
    "ukds": DATACATALOGUE,
    "reshare": "reshare.ukdataservice.ac.uk",
    "doi": "doi.org",
}


def crawled(exports: Path, *args: str, faults: Sequence[str] = ()) -> tuple[Export, list[str]]:
    """Crawl the few studies, and what they link to; return what was published and what was asked for."""
    with serving(tree=Catalogue({}, FEW), faults=faults) as mirror:
        return crawl(mirror, exports, *args), asked(mirror)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Return what a crawl comes to if nothing gets in its way."""
    return crawled(tmp_path_factory.mktemp("whole"), *SHORT)[0]


@pytest.mark.parametrize("follow", ["none", "doi", "ukds,reshare"])
def test_only_the_sources_that_are_named_are_followed(tmp_path: Path, follow: str) -> None:
    export, urls = crawled(tmp_path, "-a", f"follow={follow}")
    followed = {host for source, host in SOURCES.items() if source in follow.split(",")}
    states: dict[str, set[str]] = {}
    for url, row in export.ledger.items():
        if row["state"] != "duplicate":  # of a file that the catalogue tells
            states.setdefault(urlsplit(url).netloc, set()).add(row["state"])
    assert {host for host in SOURCES.values() if states[host] == {"out_of_scope"}} == {*SOURCES.values()} - followed
    assert all("stored" in states[host] for host in followed)
    assert bool([url for url in urls if "datacite" in url]) == ("doi" in follow)
    assert bool([url for url in urls if "ukdataservice" in url]) == ("ukds" in follow)


def test_without_a_browser_the_others_are_published(whole: Export, tmp_path: Path) -> None:
    export, urls = crawled(tmp_path)
    left = {url: row["reason"] for url, row in export.ledger.items() if row["state"] == "not_attempted"}
    assert left == dict.fromkeys(
        [PAGE_ALONE, SERIES], "needs a browser: BROWSER_EXECUTABLE=/bin/no-chromium is no program; name a Chromium"
    )
    assert export.records.keys() == whole.records.keys()
    assert not [url for url in urls if "appsync" in url]


def test_a_registry_whose_api_is_down_is_asked_by_negotiation(whole: Export, tmp_path: Path) -> None:
    export, _ = crawled(tmp_path, "-s", "RETRY_TIMES=0", faults=["503:1@api.datacite.org/"])
    differ = {key for key, digest in whole.digests.items() if export.digests[key] != digest}
    assert differ <= {key for key, record in whole.records.items() if record["study_number"] == 1000009}
    assert export.manifest["kept"] == []


def test_a_source_that_is_down_is_named_and_costs_only_its_own_records(whole: Export, tmp_path: Path) -> None:
    export, _ = crawled(tmp_path, "-s", "RETRY_TIMES=0", faults=[f"503:1@{host}/" for host in REGISTRY])
    verdicts = {each["setting"]: each["passed"] for each in export.manifest["gate"] if each["name"] == "failed"}
    assert not verdicts["GATE_MAX_FAILED[datacite]"]
    assert verdicts["GATE_MAX_FAILED[harmony]"]
    older = {key for key, record in whole.records.items() if record["superseded_by"]}
    assert older
    assert whole.records.keys() - export.records.keys() == older
    assert "datacite" not in export.manifest["counts"]["sightings"]


def test_what_was_known_of_a_source_that_is_down_stays_whole(whole: Export, tmp_path: Path) -> None:
    copytree(whole.folder, tmp_path, dirs_exist_ok=True)
    export, _ = crawled(tmp_path, "-s", "RETRY_TIMES=0", faults=[f"503:1@{host}/" for host in REGISTRY])
    assert export.commit["number"] == 2
    assert "datacite" in export.manifest["kept"]
    assert export.changes == []
    assert export.digests == whole.digests
    told = whole.manifest["counts"]["sightings"]["datacite"]
    assert export.manifest["counts"]["sightings"]["datacite"] == told > 30


def test_a_source_that_is_up_is_not_kept(whole: Export, tmp_path: Path) -> None:
    """Of the few studies' targets at the UK Data Service one fails, a series that has no record."""
    copytree(whole.folder, tmp_path, dirs_exist_ok=True)
    export, _ = crawled(tmp_path, *SHORT)
    verdicts = {each["setting"]: each["passed"] for each in export.manifest["gate"] if each["name"] == "failed"}
    assert verdicts["GATE_MAX_FAILED[ukds]"] == ("ukds" not in export.manifest["kept"])


def browsers(pid: int) -> Iterator[int]:
    """The processes of a browser among all that a process has started."""
    found = {pid}
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
        try:
            told = re.fullmatch(r"(\d+) \((.*)\) . (\d+) .*", stat.read_text().strip())
        except OSError:  # it has ended
            continue
        if told and int(told[3]) in found:
            found.add(int(told[1]))
            if "chrom" in told[2] or "headless" in told[2]:
                yield int(told[1])


def test_a_browser_that_is_killed_loses_nothing(whole: Export, tmp_path: Path) -> None:
    args = ("crawl", "harmony", *FAST, *BROWSER, "-s", "BROWSER_TIMEOUT=6")
    slow = [f"slow=1:1@{DATACATALOGUE}/static/js/main.js"]
    with (
        serving(tree=Catalogue({}, FEW), faults=slow) as mirror,
        Started(*args, mirror=mirror, exports=tmp_path) as process,
    ):
        give_up = time.monotonic() + 60
        while not any("main.js" in url for url in asked(mirror)):
            assert process.alive
            assert time.monotonic() < give_up
            time.sleep(0.02)
        killed = list(browsers(process.pid))
        assert killed
        for pid in killed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # it went with its parent
                continue
        ended = process.ended()
    assert ended.code == 0, ended.log
    export = Export(tmp_path)
    assert (export.digests, export.states) == (whole.digests, whole.states)
