"""deploy/Dockerfile is as hadolint wants it; `make image` builds it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.dockerfile import TEXT


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([hadolint, "deploy/Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_an_image_is_described_as_the_project_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    label = 'org.opencontainers.image.{}="{}"'
    assert label.format("title", project["name"]) in TEXT
    assert label.format("description", project["description"]) in TEXT
    assert label.format("licenses", project["license"]) in TEXT
