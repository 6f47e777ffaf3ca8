# SPDX-License-Identifier: GPL-3.0-or-later
"""The file system of a bastion: Debian with sshd, Python, and the Python package kubernetes. Helm is laid over it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.lab import versions
from tests.lab.cache import Cache, key_of
from tests.lab.debian import bootstrap

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements-bastion.txt"
PACKAGES = ["openssh-server", "python3"]
# Of Debian 12; wheels for it are taken by whatever Python runs this.
PYTHON = "3.11"
LIBRARY = "usr/lib/python3/dist-packages"
USER = "holmes"
# No password, but not locked: without PAM, sshd refuses a locked account.
ADD_USER = ["useradd", "--create-home", "--shell=/bin/sh", "--password=*", USER]


def root(cache: Cache) -> Path:
    """Made once, into the cache."""

    def make(out: Path) -> None:
        made = out / "root"
        bootstrap(made, PACKAGES, "a bastion", cache.logs / "bastion-root.log")
        wheels = ["--only-binary=:all:", f"--python-version={PYTHON}", f"--target={made / LIBRARY}"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        subprocess.run([*pip, *wheels, "--requirement", str(REQUIREMENTS)], check=True)
        subprocess.run(["chroot", made, *ADD_USER], check=True)
        # Anybody could log in with a key that every bastion has.
        for key in (made / "etc/ssh").glob("ssh_host_*"):
            key.unlink()

    key = key_of(versions.DEBIAN, REQUIREMENTS.read_text(), *PACKAGES, *ADD_USER)
    return cache.product("bastion", key, make) / "root"
