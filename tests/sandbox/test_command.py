"""`scrapy sandbox`: one line when it is ready, an honest exit code when it ends."""

from __future__ import annotations

import argparse
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from crawler.commands.sandbox import Command
from tests.sandbox.asking import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SANDBOX = (str(Path(sys.executable).with_name("scrapy")), "sandbox")


@contextmanager
def started(*args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [*SANDBOX, "--port", "0", *args]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("MIRROR=http://127.0.0.1:")
            yield process, line.removeprefix("MIRROR=").strip()
        finally:
            process.kill()


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """Run the command here; return its exit code and the one line that it says."""
    command, parser = Command(), argparse.ArgumentParser()
    command.settings = Settings()
    command.add_options(parser)
    opts, rest = parser.parse_known_args(args)
    command.run(rest, opts)
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1, err
    return command.exitcode, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_exits_0(number: signal.Signals) -> None:
    with started("--scale", "1", "--build", "next-15.5.29", "--fault", "503:1@example.org") as (process, mirror):
        assert ask(mirror, "harmonydata.ac.uk/robots.txt").status == 200
        assert ask(mirror, "example.org/").status == 503
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, error = refused(capsys, "--port", str(taken.getsockname()[1]))
    assert code == 1
    assert "already in use" in error


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("--fault", "boom:1"), "accepted: KIND"),
        (("--build", "next-1"), "accepted: next-15.1.12"),
        (("--scale", "-1"), "accepted is a number"),
        (("--scale", "x"), "accepted is a number"),
        (("--port", "65536"), "from 0 to 65535"),
        (("--seed", "1.5"), "accepted is a number"),
        (("--fauld", "503:1"), "accepted: [--port PORT]"),
        (("now",), "accepted: [--port PORT]"),
    ],
)
def test_wrong_use_exits_2_and_names_what_is_accepted(
    capsys: pytest.CaptureFixture[str], args: tuple[str, ...], named: str
) -> None:
    code, error = refused(capsys, *args)
    assert code == 2
    assert named in error
