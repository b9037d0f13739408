"""Every value a server can send, as React's own client has it: see tests/truth, where both sides are made."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from crawler import flight
from sandbox import generator

if TYPE_CHECKING:
    from collections.abc import Callable

Json: TypeAlias = Any
TRUTH = Path(__file__).parent.parent / "truth"
PAGES = TRUTH.parent.parent / "sandbox" / "pages"
EXPECTED = sorted((TRUTH / "expected").glob("*/*.json"))
SINGULAR = {"object", "list", "element"}


def stream_of(expected: Path) -> bytes:
    return (TRUTH / "streams" / expected.parent.name / f"{expected.name.split('.')[0]}.txt").read_bytes()


needs_react = pytest.mark.skipif(
    not (TRUTH / "node_modules").exists(), reason="make truth runs it, with React's own client"
)


class Comparison:
    """Walks what React made and what we made side by side: one object there is one object here, and the reverse."""

    def __init__(self) -> None:
        self.ours: dict[int, object] = {}
        self.theirs: dict[int, int] = {}

    def check(self, expected: Json, value: object, at: str) -> None:
        if not isinstance(expected, dict):
            assert type(value) is type(expected) or type(value) is int, at
            assert value == expected, at
        elif expected["t"] == "ref":
            assert value is self.ours[expected["id"]], at
        elif "id" in expected and expected["t"] != "module":
            self.ours[expected["id"]] = value
            if expected["t"] in SINGULAR:
                assert self.theirs.setdefault(id(value), expected["id"]) == expected["id"], at
            self.container(expected["t"], expected["v"], value, at)
        else:
            assert repr(value) == repr(LEAVES[expected["t"]](expected)), at

    def container(self, kind: str, expected: Json, value: Json, at: str) -> None:
        if kind == "object":
            assert list(value) == list(expected), at
            self.all(expected.values(), value.values(), at)
        elif kind == "element":
            assert flight.is_element(value), at
            self.all(expected, value[1:], at)
        elif kind in {"map", "pairs"}:
            pairs = value.items() if isinstance(value, dict) else value
            self.all(expected, [part for pair in pairs for part in pair], at)
        else:
            assert not flight.is_element(value), at
            self.all(expected, value, at)

    def all(self, expected: Json, values: Json, at: str) -> None:
        assert len(expected) == len(values), at
        for index, (theirs, ours) in enumerate(zip(expected, values, strict=True)):
            self.check(theirs, ours, f"{at}:{index}")


def date(text: str) -> object:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return text


LEAVES: dict[str, Callable[[Json], object]] = {
    "undefined": lambda _: None,
    "number": lambda leaf: float(leaf["v"]),
    "bigint": lambda leaf: int(leaf["v"]),
    "date": lambda leaf: date(leaf["v"]),
    "bytes": lambda leaf: base64.b64decode(leaf["v"]),
    "symbol": lambda leaf: flight.Symbol(leaf["v"]),
    "module": lambda leaf: flight.Module(leaf["id"], leaf["name"]),
    "function": lambda leaf: flight.ServerFunction(leaf["v"]),
    "error": lambda leaf: flight.RemoteError(leaf["digest"]),
}


def number(digits: str) -> int | float:
    """All numbers are floats to JavaScript; those of up to 53 bits are whole as well."""
    return int(digits) if abs(int(digits)) <= 2**53 else float(digits)


def check(body: bytes, expectation: Path) -> None:
    payload = flight.decode(body)
    rows = dict(payload.rows)
    expected = json.loads(expectation.read_text(), parse_int=number)
    comparison = Comparison()
    assert sorted(rows) == sorted(map(int, expected))
    for row, value in expected.items():
        comparison.check(value, rows[int(row)], row)
    assert payload.problems == []


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_row_is_what_react_makes_of_it(path: Path) -> None:
    check(stream_of(path), path)


@needs_react
@pytest.mark.parametrize("build", sorted(PAGES.glob("next-*")), ids=lambda path: path.name)
def test_built_pages_are_what_react_makes_of_them(build: Path, tmp_path: Path) -> None:
    check_pages(build, tmp_path, build.name.removeprefix("next-"), "16.4.6")


@needs_react
def test_generated_pages_are_what_react_makes_of_them(tmp_path: Path) -> None:
    generator.main([str(tmp_path / "pages"), "--scale", "60"])
    check_pages(tmp_path / "pages", tmp_path / "truth", "15.1.12", "15.5.29", "16.4.6")


def check_pages(folder: Path, out: Path, *versions: str) -> None:
    """Compare every page below a folder with what the clients make of it, which has to be the same for all of them."""
    node = shutil.which("node")
    assert node is not None
    clients = [part for version in versions for part in ("--version", version)]
    subprocess.run([node, TRUTH / "decode.mjs", folder, "--out", out, *clients], check=True)
    pages = [path for path in sorted(folder.rglob("*.txt")) if path.name != "robots.txt"]
    assert len(pages) > 5
    for page in pages:
        expectation = out / page.relative_to(folder).with_suffix(".json")
        check(page.read_bytes(), expectation)
        assert not list(expectation.parent.glob(f"{expectation.stem}.*.json"))


def test_there_is_an_expectation_for_every_stream() -> None:
    streams = {(path.parent.name, path.stem) for path in (TRUTH / "streams").glob("*/*.txt")}
    assert streams == {(path.parent.name, path.name.split(".")[0]) for path in EXPECTED}
    assert len(streams) > 60
