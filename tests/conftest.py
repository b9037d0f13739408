"""What all tests share: no connection leaves this machine, in this process or in one that a test starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

GUARD = Path(__file__).parent / "loopback"
ROOT = Path(__file__).parent.parent

# Python imports `sitecustomize` at its start, so processes that tests start are guarded as well.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH")]))
sys.path.insert(0, str(GUARD))

import loopback_only  # noqa: E402 - it is found on the path just set

loopback_only.install()
