# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine must have, each missing thing with the one sentence that says what to install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .errors import LabError
from .progress import run_logged, say

NEEDED_BYTES = 8 << 30  # empty cache: 5 GB of Go caches, 1.2 GB node image, roots
# program -> Debian package
PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "openssl": "openssl",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "mount": "mount",
}
MINIMUM_GO = (1, 21)  # from here on Go fetches the toolchain that a module asks for


def _go_version() -> str:
    done = subprocess.run(["go", "env", "GOVERSION"], cwd="/", capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip()


def _may_unshare() -> bool:
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)  # noqa: S607
    return done.returncode == 0


@dataclass(frozen=True)
class Machine:
    """The questions asked about this machine; tests put their own answers in."""

    uid: Callable[[], int] = os.geteuid
    which: Callable[[str], str | None] = shutil.which
    go_version: Callable[[], str] = _go_version
    may_unshare: Callable[[], bool] = _may_unshare
    free_bytes: Callable[[Path], int] = field(default=lambda path: shutil.disk_usage(path).free)


def missing_packages(machine: Machine) -> list[str]:
    """The Debian packages of the programs that are not there."""
    return sorted({package for program, package in PROGRAMS.items() if not machine.which(program)})


def check_engine(machine: Machine) -> None:
    """What is needed beside Docker or Podman. Raises LabError with one sentence."""
    if not machine.which("openssl"):
        raise LabError("openssl is missing: install the package openssl")
    if not (machine.which("kind") and machine.which("kubectl") and machine.which("helm")):
        check_go(machine)


def check_go(machine: Machine) -> None:
    if not machine.which("go"):
        raise LabError("Go is not installed: install Go 1.26 or newer (go.dev/dl) and put `go` into PATH")
    version = machine.go_version()
    found = re.match(r"go(\d+)\.(\d+)", version)
    if not found or (int(found[1]), int(found[2])) < MINIMUM_GO:
        raise LabError(f"Go {version or 'of unknown version'} is too old: install Go 1.26 or newer (go.dev/dl)")


def check_private(machine: Machine, cache: Path, *, building: bool) -> None:
    """What the private host needs. Raises LabError with one sentence about the first thing that is missing."""
    if machine.uid() != 0:
        raise LabError(
            "The lab needs root for its private host, or Docker or Podman: run it as root, or install Docker or Podman"
        )
    if packages := missing_packages(machine):
        raise LabError(
            f"Programs of the Debian packages {' '.join(packages)} are missing: "
            f"`apt-get install {' '.join(packages)}`, or `lab up --install-missing`"
        )
    if not machine.may_unshare():
        raise LabError("This root may not make namespaces: run the lab outside of a container, or in a privileged one")
    if building:
        check_go(machine)
        place = next(path for path in (cache, *cache.parents) if path.exists())
        if machine.free_bytes(place) < NEEDED_BYTES:
            raise LabError(
                f"{place} has less than {NEEDED_BYTES >> 30} GB free: make room, or set HOLMES_ONPREM_CACHE elsewhere"
            )


def install_missing(machine: Machine, log: Path) -> None:
    """apt-get install what is missing, on request only."""
    packages = missing_packages(machine)
    if not packages:
        return
    if machine.uid() != 0 or not machine.which("apt-get"):
        raise LabError(f"--install-missing needs root and apt-get; install yourself: {' '.join(packages)}")
    say(f"installing {' '.join(packages)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
        run_logged(["apt-get", *step], what=f"apt-get {step[0]}", log=log, env=environment)
