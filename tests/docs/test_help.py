"""The help of each command fits a terminal, and what it shows exists."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from crawler.commands import crawl, inspect, publish, rollback, runs, sandbox
from crawler.spiders.arguments import Arguments
from tests.docs.test_shell import SETTINGS, check

COMMANDS = [module.Command for module in (crawl, inspect, publish, rollback, runs, sandbox)]
EXAMPLE = re.compile(r"^  ((?:MIRROR=\S+ EXPORT_URI=\S+ )?scrapy .*?)(?:   .*)?$", re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__module__)
def test_the_help_of_a_command(command: type[crawl.Command]) -> None:
    made = command()
    made.settings = SETTINGS
    text = made.long_desc()
    assert [line for line in text.splitlines() if len(line) > 82] == []
    examples = EXAMPLE.findall(text)
    assert examples
    for example in examples:
        check(example)


def test_the_help_lists_the_arguments_of_a_crawl() -> None:
    listed = [name.partition("=")[0] for name in crawl.ARGUMENTS]
    assert sorted(listed) == sorted(field.name for field in fields(Arguments))


def test_what_stands_behind_an_example_is_none_of_it() -> None:
    assert EXAMPLE.findall("  scrapy runs --json      for scripts\n  else") == ["scrapy runs --json"]
