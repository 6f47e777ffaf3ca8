# SPDX-License-Identifier: GPL-3.0-or-later
"""The library layer: HolmesGPT and its dependencies, as pinned in requirements.lock, for Debian's Python.

Wheels only, so nothing is compiled and pip may run on any Python. The bytecode is made by the Python of the base
layer, so that a container with a read-only root starts quickly.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path

from tests.doubles.holmes_image.layers import HERE, TAR_RECIPE, base
from tests.doubles.holmes_image.tars import LayerTar
from tests.lab.cache import Cache, key_of
from tests.lab.errors import LabError
from tests.lab.progress import run_logged, say

LOCK = HERE / "requirements.lock"
PYTHON = "3.11.2"  # Debian 12's; the patch level matters, some packages ask for 3.11.5
GLIBC = ("2_5", "2_12", "2_17", "2_24", "2_26", "2_28", "2_31", "2_34")  # up to what Debian 12 has
TARGET = "opt/holmes/lib"
NOT_NEEDED = {".c", ".cpp", ".h", ".pyx", ".pxd", ".pyi"}


def needed(path: Path) -> bool:
    """Whether a file or folder of the installed tree is of any use at run time."""
    if path.suffix in NOT_NEEDED or path.parts[0] in ("bin", "README.rst"):
        return False
    return path.name != "tests"


def pip_platform() -> list[str]:
    """pip's arguments that describe the image's Python on this machine's architecture."""
    machine = platform.machine()
    names = [f"manylinux_{version}_{machine}" for version in GLIBC] + [f"manylinux2014_{machine}"]
    arguments = ["--implementation", "cp", "--python-version", PYTHON, "--only-binary", ":all:"]
    arguments += [word for abi in ("cp311", "abi3", "none") for word in ("--abi", abi)]
    return arguments + [word for name in names for word in ("--platform", name)]


def library(cache: Cache) -> Path:
    """The layer's tar; 3 minutes and a package index the first time."""
    debian = base(cache)

    def make(out: Path) -> None:
        if importlib.util.find_spec("pip") is None:
            raise LabError(f"{sys.executable} has no pip: install the package python3-pip.")
        say("HolmesGPT image: making the layer with HolmesGPT and its dependencies (2 to 4 minutes, 300 MB from PyPI)")
        root = out / "root"
        installed = root / TARGET
        _install(cache, installed)
        _compile(cache, debian, root)
        with LayerTar(out / "layer.tar") as layer:
            layer.tree(TARGET, installed, needed)
        shutil.rmtree(root)

    recipe = Path(__file__).read_text()
    key = key_of(LOCK.read_text(), recipe, TAR_RECIPE, platform.machine(), debian.parent.name)
    return cache.product("holmes-library", key, make) / "layer.tar"


def _install(cache: Cache, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--no-compile", "--progress-bar", "off", "--target", str(target), *pip_platform(), "-r", str(LOCK)]
    total = sum(1 for line in LOCK.read_text().splitlines() if "==" in line)
    log = cache.logs / "holmes-library.log"
    log.unlink(missing_ok=True)

    def detail() -> str:
        fetched = log.read_text(errors="replace").count("Collecting ") if log.exists() else 0
        return f"{fetched} of {total} packages"

    seconds = run_logged(command, what="HolmesGPT's packages", log=log, detail=detail)
    say(f"  HolmesGPT's packages: installed in {seconds:.0f} s")


def _compile(cache: Cache, debian: Path, root: Path) -> None:
    log = cache.logs / "holmes-bytecode.log"
    run_logged(["tar", "-C", str(root), "-xf", str(debian)], what="unpacking Debian", log=log)
    (root / "dev/shm").mkdir(parents=True, exist_ok=True)  # where the compiler's processes keep a semaphore
    # unchecked: the bytecode must not depend on file times, which the layer does not keep
    chroot = ["chroot"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "chroot"]
    flags = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    # templates and examples in some packages are not Python 3.11: what does not compile is left alone
    script = 'python3 -m compileall "$@" || true'
    command = [*chroot, str(root), "/bin/sh", "-c", script, "sh", *flags, f"/{TARGET}"]
    seconds = run_logged(command, what="bytecode", log=log)
    if not list((root / TARGET / "holmes" / "__pycache__").glob("config.*.pyc")):
        raise LabError("no bytecode was made of the library", log)
    say(f"  bytecode: made in {seconds:.0f} s")
