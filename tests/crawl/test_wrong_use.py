"""Wrong use and failure: one line that says what to do, the documented exit code, and nothing published."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.server import serving
from tests.crawl.crawling import FAST, ROOT, SCRAPY, environment, scrapy

if TYPE_CHECKING:
    from pathlib import Path

ARGUMENTS = "limit, items, follow, run_id, redrive, full"
WRONG = {
    ("-a", "limti=3"): f"unknown argument 'limti'; accepted are {ARGUMENTS}",
    ("-a", "limit=0"): "limit='0' is no number of targets; give a whole number above 0",
    ("-a", "limit=ten"): "limit='ten' is no number of targets; give a whole number above 0",
    ("-a", "items=,"): "items= names no item; give slugs or uuids of the catalogue with commas between them",
    ("-a", "follow=ukds"): "follow='ukds' is no source that this version follows; accepted is none",
    ("-a", "full=yes"): "full='yes' is neither 0 nor 1",
    ("-a", "redrive=lost"): "redrive='lost' is no state of the ledger; accepted are stored, unchanged, duplicate, ",
    ("-a", "redrive=not_found"): "redrive=not_found: there is no published run yet whose ledger could be read",
    ("-a", "run_id=a/b"): "run_id",
    ("-a", "run_id=.."): "run_id",
    (
        "-s",
        "DOWNLOD_DELAY=1",
    ): "unknown setting 'DOWNLOD_DELAY': did you mean DOWNLOAD_DELAY? accepted are EXPORT_URI, ",
    ("-s", "EXPORT_BATCH_ITEMS=many"): "EXPORT_BATCH_ITEMS='many' is no number",
    ("-s", "DOWNLOAD_DELAY=fast"): "DOWNLOAD_DELAY='fast' is no number",
    ("-s", "EXPORT_BATCH_SECONDS=0"): "EXPORT_BATCH_SECONDS='0' is no number above 0",
    ("-s", "MIRROR=localhost:1"): "MIRROR='localhost:1' is no URL; give one such as http://127.0.0.1:8765/",
    ("-s", "EXPORT_URI=ftp://example.org/x"): "ftp",
}


@pytest.mark.parametrize(("args", "line"), WRONG.items())
def test_wrong_use_ends_with_2_and_names_what_is_accepted(tmp_path: Path, args: tuple[str, ...], line: str) -> None:
    ended = scrapy("crawl", "harmony", *args, exports=tmp_path / "exports")
    assert ended.code == 2
    assert line in ended.error
    assert not (tmp_path / "exports").exists()


def test_an_unknown_spider_ends_with_2_and_names_those_there_are(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmny", exports=tmp_path)
    assert (ended.code, ended.error) == (2, "error: name one spider to crawl: harmony")


def test_a_wrong_setting_in_the_environment_is_found_too(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmony", exports=tmp_path, EXPORT_BATCH_ITEMS="-1")
    assert (ended.code, ended.error) == (2, "error: EXPORT_BATCH_ITEMS='-1' is no number above 0")


def test_a_site_that_is_down_ends_with_1(tmp_path: Path) -> None:
    ended = scrapy("crawl", "harmony", *FAST, "-a", "run_id=down", exports=tmp_path)
    assert (ended.code, ended.error) == (1, "error: run down found no study or dataset; nothing was published")
    assert not (tmp_path / "v1/current.json").exists()


def test_a_store_that_takes_nothing_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("a file where a folder must be")
    with serving(scale=1) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, mirror=mirror, exports=tmp_path / "exports")
    assert ended.code == 1
    assert "exports" in ended.error


def test_a_store_that_fails_in_mid_crawl_ends_with_1_and_publishes_nothing(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1/log").write_text("a file where a folder must be")
    with serving(scale=9) as mirror:
        ended = scrapy("crawl", "harmony", *FAST, "-s", "EXPORT_BATCH_ITEMS=5", mirror=mirror, exports=tmp_path)
    assert ended.code == 1
    assert "did not finish (store_failed); nothing was published" in ended.error
    assert not (tmp_path / "v1/current.json").exists()


def test_a_crawl_that_is_stopped_ends_with_1_and_publishes_nothing(tmp_path: Path) -> None:
    with serving(scale=200) as mirror:
        command = [str(SCRAPY), "crawl", "harmony", "-s", "EXPORT_BATCH_ITEMS=1"]
        env = environment(mirror, tmp_path)
        with subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and not list(tmp_path.glob("v1/log/*/*")):
                pass  # until the crawl has stored something
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate()
    assert process.returncode == 1, log
    assert "did not finish (shutdown); nothing was published" in log
    assert not (tmp_path / "v1/current.json").exists()
