"""What deploy/Dockerfile says, to hold the other files to it."""

from __future__ import annotations

import json
import re

from tests.conftest import ROOT

TEXT = (ROOT / "deploy/Dockerfile").read_text()


def default_command() -> list[str]:
    """Return what an image runs where it is told nothing else."""
    command: list[str] = json.loads(re.findall(r"^CMD (.+)$", TEXT, re.MULTILINE)[0])
    return command


def user() -> int:
    """Return the number of the user that an image runs as."""
    return int(re.findall(r"^USER (\d+)", TEXT, re.MULTILINE)[-1])
