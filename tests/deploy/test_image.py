"""What deploy/Dockerfile builds crawls with no right to write anywhere but in /tmp and its exports."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from sandbox.server import serving
from tests.crawl import small
from tests.crawl.crawling import FAST, Ended, Export, asked
from tests.deploy.image import EXPORTS, Builder, Image

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.image
IN_TIME = 20
"""Seconds after a signal within which a crawl has ended."""
COMPILED = """
import sys, crawler.settings, crawler.commands.crawl, crawler.export.s3, pyarrow.parquet, scrapy.crawler, sandbox.server
from importlib.util import cache_from_source
for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None) or ""
    if path.startswith("/opt/") and path.endswith(".py"):
        flags = open(cache_from_source(path), "rb").read(8)[4:]
        assert int.from_bytes(flags, "little") == 0b01, path  # PEP 552: goes by a hash, and that is not looked at
        print(path)
"""
"""Fails on a module without bytecode that is good for it, and prints the others."""


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    if os.getuid():
        pytest.skip("only root may mount what an image is built from")
    with TemporaryDirectory(prefix="image-") as folder, closing(Builder(folder)) as builder:
        yield builder


@pytest.fixture(scope="module", params=["crawler", "browser"])
def image(request: pytest.FixtureRequest, builder: Builder) -> Image:
    return builder.build(request.param)


@pytest.fixture
def exports(tmp_path: Path, image: Image) -> Path:
    """A folder that the image's user may write to, as a volume is."""
    folder = tmp_path / "exports"
    folder.mkdir()
    os.chown(folder, *map(int, image.config["User"].split(":")))
    return folder


def run(image: Image, *args: str, exports: Path, **more: str) -> Ended:
    ran = subprocess.run(
        image.command(*args, exports=exports, environment=more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def test_a_crawl_writes_its_export_and_nothing_else(image: Image, exports: Path) -> None:
    with serving(tree=small.tree()) as mirror:
        ended = run(image, *image.config["Cmd"], *FAST, exports=exports, MIRROR=mirror)
    assert ended.code == 0, ended.log
    assert len(Export(exports).records) == small.STUDIES + 1


def test_it_is_told_where_nothing_can_be_written(image: Image, exports: Path) -> None:
    ended = run(image, exports=exports, EXPORT_URI="exports/")
    assert ended.code == 4
    assert "Read-only file system in /opt/study-crawler/exports" in ended.error


def test_wrong_use_ends_with_2(image: Image, exports: Path) -> None:
    ended = run(image, "crawl", "harmny", exports=exports, ALERTS_FILE=f"{EXPORTS}/alarms")
    assert ended.code == 2
    assert "exit_code" in (exports / "alarms").read_text()


def test_sigterm_ends_a_crawl_in_time(image: Image, exports: Path) -> None:
    slow = [f"slow=5:1@{small.path(small.slug(1))}"]
    with serving(tree=small.tree(), faults=slow) as mirror:
        command = image.command(*image.config["Cmd"], *FAST, exports=exports, environment={"MIRROR": mirror})
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            while len(asked(mirror)) < small.STUDIES:
                assert process.poll() is None
                time.sleep(0.05)
            began = time.monotonic()
            (first,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.kill(int(first), signal.SIGTERM)
            _, log = process.communicate(timeout=60)
    assert process.returncode == 1, log
    assert time.monotonic() - began < IN_TIME


def test_it_holds_what_the_crawl_needs_compiled_and_nothing_else(image: Image, exports: Path) -> None:
    project = {path.name for path in (image.root / "opt/study-crawler").iterdir()}
    assert project == {".venv", "LICENSE", "crawler", "sandbox", "scrapy.cfg"}
    assert not list((image.root / "opt/study-crawler").rglob("catalogue/package.json"))
    assert not {"pip", "uv"} & {path.name for path in (image.root / "opt/study-crawler/.venv/bin").iterdir()}
    command = image.command("-c", COMPILED, exports=exports, entrypoint=("python",))
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) > 300


def test_a_page_that_only_a_browser_sees(image: Image, exports: Path) -> None:
    one = ("-a", "items=lantern-festivals-and-belonging-2018", "-a", "follow=none", "-s", "GATE_MIN_RECORDS=0")
    with serving() as mirror:
        ended = run(image, *image.config["Cmd"], *FAST, *one, exports=exports, MIRROR=mirror)
    assert ended.code == 0, ended.log
    (state,) = {state for url, state in Export(exports).states.items() if url.startswith("/items/lantern-festivals")}
    assert (state == "stored") is ("Launching browser chromium" in ended.log)
    assert state == ("stored" if (image.root / "usr/bin/chromium-headless-shell").exists() else "not_attempted")


def test_it_says_what_it_is(image: Image) -> None:
    told = {name.removeprefix("org.opencontainers.image."): text for name, text in image.config["Labels"].items()}
    assert {"title", "description", "licenses", "revision"} <= told.keys()
    assert int(image.config["User"].split(":")[0]) > 0
