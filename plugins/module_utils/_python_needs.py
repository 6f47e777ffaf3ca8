# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules need of the host's Python beyond its own library, and what is said where it is missing.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import platform
import re
import sys
import typing as t
from importlib.util import find_spec

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

# What is imported, and the name under which it is installed. What `kubernetes` needs itself stands last.
PACKAGES = {"kubernetes": "kubernetes", "yaml": "PyYAML"}
# The least that kubernetes.core 6.6 works with. Debian 12 has an older one.
OLDEST_CLIENT = (24, 2)


def missing(modules: t.Iterable[str] = tuple(PACKAGES)) -> list[str]:
    """The packages that this Python does not find; they are looked for, not imported."""
    return [PACKAGES[module] for module in modules if find_spec(module) is None]


def refusal(packages: t.Sequence[str]) -> HolmesError:
    """One sentence for packages that are missing: what, where, and both ways to mend it."""
    names = " and ".join(packages)
    if len(packages) == 1:
        text = (
            f"The Python package {names} is missing on the host {platform.node()}: {sys.executable} does not find it."
        )
    else:
        text = f"The Python packages {names} are missing on {platform.node()}: {sys.executable} does not find them."
    return HolmesError(text, _mend(" ".join(packages)))


def refusal_of_client(version: str) -> HolmesError | None:
    """A sentence if the client of this version is too old; None if it is not, or if nothing is known of it."""
    found = re.match(r"(\d+)\.(\d+)", version)
    if not found or (int(found.group(1)), int(found.group(2))) >= OLDEST_CLIENT:
        return None
    oldest = ".".join(map(str, OLDEST_CLIENT))
    return HolmesError(
        f"The Python package kubernetes {version} on the host {platform.node()} is too old ({sys.executable}): "
        f"kubernetes.core needs {oldest} or newer.",
        _mend(f"'kubernetes>={oldest}'"),
    )


def refusal_of_broken(error: Exception) -> HolmesError:
    """A sentence for a client that is installed and cannot be imported."""
    reason = " ".join(str(error).split()).rstrip(".")[:200]
    return HolmesError(
        f"The Python package kubernetes on the host {platform.node()} is broken ({sys.executable}): "
        f"{type(error).__name__}: {reason}.",
        f"See '{sys.executable} -c \"import kubernetes\"' there. Install it anew with what it needs, or set "
        "ansible_python_interpreter of this host to a Python that has it.",
    )


def _mend(packages: str) -> str:
    return (
        f"Install it there ({sys.executable} -m pip install {packages}), or set ansible_python_interpreter of this "
        "host to a Python that has it."
    )
