"""Every command that is not run, but named in a text, is one that exists, with its options and arguments."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.errors import UsageError
from crawler.spiders.arguments import Arguments
from crawler.spiders.catalogue import CatalogueSpider
from tests.conftest import ROOT
from tests.docs.documents import CONTRIBUTING, DOCUMENTS, OPERATIONS, blocks, code_spans, names, table
from tests.docs.reader import commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.commands import ScrapyCommand

SETTINGS = Settings()
SETTINGS.setmodule("crawler.settings", priority="project")
FROM_ENVIRONMENT = set(re.findall(r"os\.environ\.get\(\"(\w+)\"", (ROOT / "crawler/settings.py").read_text()))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
_VARIABLE = re.compile(r"([A-Z_]+)=.*")
_OURS = re.compile(r"(?:file://)?(deploy/.+)")
"""A file of the project, as other programs are told of it."""


def make(words: list[str]) -> None:
    for word in words:
        assert word in TARGETS or "=" in word


def python(words: list[str]) -> None:
    option, module, *_ = words
    assert option == "-m"
    assert importlib.util.find_spec(module)


def paths(words: list[str]) -> None:
    for word in words:
        assert word.startswith("-") or (ROOT / word).exists(), word


def scrapy(words: list[str]) -> None:
    name, *rest = words
    command = scrapy_command(name)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--help", action="store_true")  # which would end the test
    command.settings = SETTINGS
    command.add_options(parser)
    options, others = parser.parse_known_args(rest)
    assert not [word for word in others if word.startswith("-")], f"{name} has no such option"
    assert {setting.partition("=")[0] for setting in options.set} <= set(SETTINGS)
    for spider in others if name == "crawl" else ():
        Arguments.parse(dict(given.split("=", 1) for given in options.spargs), spider_named(spider).names)


def spider_named(name: str) -> type[CatalogueSpider]:
    loader = SpiderLoader.from_settings(SETTINGS)
    assert name in loader.list(), f"there is no spider {name}"
    found = loader.load(name)
    assert issubclass(found, CatalogueSpider)
    return found


def scrapy_command(name: str) -> ScrapyCommand:
    """Return a command of the project, else one of Scrapy's own."""
    modules = [f"{package}.{name}" for package in ("crawler.commands", "scrapy.commands")]
    module = next((module for module in modules if importlib.util.find_spec(module)), None)
    assert module, f"there is no scrapy {name}"
    command: ScrapyCommand = importlib.import_module(module).Command()
    return command


CHECKS: dict[str, Callable[[list[str]], None]] = {
    "make": make,
    "python": python,
    "scrapy": scrapy,
    "pytest": paths,
    "ruff": paths,
    "mypy": paths,
}


def check(line: str) -> None:
    """Raise AssertionError where a line of the shell names what does not exist."""
    words = shlex.split(line, comments=True)
    while words and (variable := _VARIABLE.fullmatch(words[0])):
        assert variable[1] in FROM_ENVIRONMENT
        words = words[1:]
    assert all((ROOT / ours[1]).exists() for word in words if (ours := _OURS.fullmatch(word))), line
    if words and (own := CHECKS.get(Path(words[0]).name)):
        own(words[1:])


def lines(document: Path) -> list[str]:
    text = document.read_text()
    unrun = [command for block in blocks(text, "sh") for command in commands(document, block, run=False)]
    return unrun + [span for span in code_spans(text) if span.startswith(("make ", "scrapy "))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_command_exists(document: Path) -> None:
    for line in lines(document):
        check(line)


def test_every_spider_is_documented() -> None:
    assert names(table(OPERATIONS, "Operations", "spider")) == SpiderLoader.from_settings(SETTINGS).list()


def test_every_target_of_the_makefile_is_documented() -> None:
    documented = {span.removeprefix("make ") for span in names(table(CONTRIBUTING, "Contributing", "command"))}
    assert documented == TARGETS - {"clean"}


@pytest.mark.parametrize(
    "line",
    [
        "make crwal",
        "scrapy crwal harmony",
        "scrapy crawl harmny",
        "scrapy crawl harmony -a studies=3535",
        "scrapy crawl harmony --speed 3",
        "scrapy crawl harmony -s DOWNLOD_DELAY=1",
        "scrapy inspect x --xml",
        ".venv/bin/python -m sandbox.dmeo",
        "EXPORTS=/tmp/x make crawl",
        "pytest tests/dosc",
        "kubectl apply -f deploy/kubernetes/conjob.yaml",
        "aws iam put-user-policy --policy-document file://deploy/s3/polcy.json",
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    with pytest.raises((AssertionError, UsageError)):
        check(line)
