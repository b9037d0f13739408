"""What all tests share: no connection leaves this machine, in this process or in one that a test starts."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

from tests.loopback import sitecustomize

ROOT = Path(__file__).parent.parent
pytest_plugins = ["tests.servers.fixtures"]

settings.register_profile("untimed", deadline=None)  # a first example may import what takes a second
settings.load_profile("untimed")

os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(Path(sitecustomize.__file__).parent), os.environ.get("PYTHONPATH")])
)
