"""`scrapy sandbox`: serve the local catalogue until a signal comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.commands import ending, understood
from crawler.errors import CrawlerError, UsageError
from sandbox import faults
from sandbox.generator import DEFAULT_BUILD, DEFAULT_SCALE, Catalogue, committed

if TYPE_CHECKING:
    import argparse

    from sandbox.server import Server

_HELP = """
It holds all four sources, on loopback, until it is stopped. --build serves the
catalogue as another version of its site would: what a redeploy looks like.

Examples
========
  scrapy sandbox                            then, in another terminal:
  MIRROR=http://127.0.0.1:8765/ EXPORT_URI=/tmp/a-look scrapy crawl harmony

  scrapy sandbox --fault 503=1:0.1          one answer of ten is a 503
  scrapy sandbox --fault reset:0.2@oai.ukdataservice.ac.uk/
"""


class Command(ScrapyCommand):
    """Exits with 0 after SIGINT or SIGTERM, 1 when the port cannot be had, 2 on wrong use."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--port PORT] [--scale N] [--build NAME] [--fault SPEC]... [--seed S]"

    def short_desc(self) -> str:
        return "Serve the local catalogue, for a crawl with the MIRROR that it prints"

    def long_desc(self) -> str:
        return f"{self.short_desc()}.\n{_HELP}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        understood(self, parser)
        parser.add_argument("--port", default="8765", help="0 takes a free one (default: %(default)s)")
        parser.add_argument("--scale", default=str(DEFAULT_SCALE), help="generated studies (default: %(default)s)")
        parser.add_argument("--build", default=DEFAULT_BUILD, help="deployment to serve (default: %(default)s)")
        parser.add_argument("--fault", action="append", default=[], metavar="SPEC", help=faults.ACCEPTED)
        parser.add_argument("--seed", default="0", help="another one strikes other requests (default: %(default)s)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve, and set the exit code; every failure is one line on standard error."""
        from sandbox.server import run  # noqa: PLC0415 - every other command would start with its 0.4 s of imports

        with ending(self):
            server, port = self._server(args, opts), _number("--port", opts.port, 65_535)
            try:
                asyncio.run(run(server, port, _say))
            except OSError as error:
                raise CrawlerError(f"{error.strerror}; choose another --port") from error

    def _server(self, args: list[str], opts: argparse.Namespace) -> Server:
        from sandbox.server import Server  # noqa: PLC0415 - likewise

        if args:
            raise UsageError(f"unknown argument {args[0]!r}; accepted: {self.syntax()}")
        tree = Catalogue(committed(opts.build), _number("--scale", opts.scale), opts.build)
        chosen = [faults.parse(spec) for spec in opts.fault]
        return Server(tree, chosen, _number("--seed", opts.seed), opts.build)


def _say(url: str) -> None:
    print(f"MIRROR={url}", flush=True)  # noqa: T201 - the command's answer


def _number(option: str, text: str, largest: int = 10**9) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > largest:
        raise UsageError(f"{option} {text!r}: accepted is a number from 0 to {largest}")
    return int(text)
