"""The image that the Dockerfile tells of: built without a daemon, run with a root file system that is read-only."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BASE = "localhost/debian:bookworm-slim"
"""Stands for the image of that name: Debian's essential packages and apt, from a mirror of Debian's."""
EXPORTS = "/srv"
"""Where a container has the folder of its exports."""
_OF_THIS_MACHINE = {  # what a build may use of it: who vouches for the registries, and what they were asked for before
    "/etc/ssl/certs/ca-certificates.crt": "/etc/ssl/certs/ca-certificates.crt:ro",
    str(Path.home() / ".cache/uv"): "/root/.cache/uv",
}


@dataclass(frozen=True, slots=True)
class Image:
    """An image whose files lie below a folder."""

    root: Path
    config: dict[str, Any]

    def command(
        self, *args: str, exports: Path, entrypoint: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """Return what runs it as `docker run --read-only --tmpfs /tmp --cap-drop ALL` does, in the host's network."""
        user, group = self.config["User"].split(":")
        told = dict(variable.split("=", 1) for variable in self.config["Env"]) | {"EXPORT_URI": EXPORTS}
        told |= environment or {}
        set_environment = (word for name, value in told.items() for word in ("--setenv", name, value))
        return [
            *("bwrap", "--ro-bind", str(self.root), "/", "--proc", "/proc", "--dev", "/dev"),
            *("--perms", "1777", "--tmpfs", "/tmp", "--bind", str(exports), EXPORTS),  # noqa: S108 - the container's
            *("--unshare-pid", "--as-pid-1", "--unshare-ipc", "--die-with-parent"),
            *("--clearenv", *set_environment, "--chdir", self.config["WorkingDir"]),
            *("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"),
            *("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"),
            *(entrypoint or self.config["Entrypoint"]),
            *(args or self.config["Cmd"]),
        ]


class Builder:
    """Builds targets of the Dockerfile, which takes a minute or two and asks the package registries."""

    def __init__(self, folder: str) -> None:
        self._places = [f"--root={folder}/storage", f"--runroot={folder}/run"]
        self._make_base()

    def build(self, target: str) -> Image:
        """Build a target; what it has in common with another one is built once."""
        volumes = [f"--volume={here}:{there}" for here, there in _OF_THIS_MACHINE.items() if Path(here).exists()]
        options = ["--layers", "--isolation=chroot", f"--build-arg=BASE={BASE}", f"--target={target}", *volumes]
        self._buildah("build", *options, "--file", "deploy/Dockerfile", "--tag", target, ".")
        told = json.loads(self._buildah("inspect", "--type=image", target))
        root = self._buildah("mount", self._buildah("from", target))
        return Image(Path(root), told["OCIv1"]["config"])

    def close(self) -> None:
        """Let go of all files, so that the folder can be removed."""
        self._buildah("rm", "--all")

    def _make_base(self) -> None:
        container = self._buildah("from", "scratch")
        root = self._buildah("mount", container)
        options = ["--quiet", "--variant=apt", "--dpkgopt=force-unsafe-io"]
        certificates = "--include=ca-certificates"  # whose file a build has from this machine, and may not write
        mirror = "http://deb.debian.org/debian"
        subprocess.run(["mmdebstrap", *options, certificates, "bookworm", root, mirror], check=True)  # noqa: S607 - wherever it is
        self._buildah("commit", "--rm", container, BASE)

    def _buildah(self, *args: str) -> str:
        """Run buildah and return what it says; raises RuntimeError where it fails."""
        command = ["buildah", *self._places, *args]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(f"buildah {args[0]}: {ran.stdout[-3000:]}{ran.stderr[-3000:]}")
        return ran.stdout.strip()
