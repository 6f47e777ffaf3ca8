# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a Helm is at work on a release, on the host where this runs.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _processes

# Verbs of Helm that change a release.
VERBS = ("install", "upgrade", "rollback", "uninstall", "delete", "del", "un")
NONE, UNKNOWN = "none", "unknown"


@dataclass(frozen=True)
class Helm:
    """A living Helm. ``seconds``: for how long it runs."""

    pid: int
    seconds: float


def working(
    namespace: str, release: str, lock: t.Mapping[str, t.Any] | None = None, proc: str = _processes.PROC
) -> list[Helm] | None:
    """The Helms that change this release now; None where processes cannot be seen.

    Processes of our own run do not count: it may be busy with the same names on another cluster. ``lock`` is the holder
    of our lock, which names its process.
    """
    pids = _processes.every(proc)
    if pids is None:
        return None
    root = _own_root(lock or {}, proc)
    found = [pid for pid in pids if _is_at_work(_processes.arguments(pid, proc), namespace, release)]
    return [Helm(pid, _processes.age_of(pid, proc)) for pid in found if root not in _line_of(pid, proc)]


def _own_root(lock: t.Mapping[str, t.Any], proc: str) -> int:
    """The first process of our run: Ansible itself if it is on this machine, else this process."""
    here = _processes.machine(proc)
    same = all(here[key] and here[key] == lock.get(key) for key in here)
    return int(str(lock["pid"])) if same and str(lock.get("pid", "")).isdigit() else os.getpid()


def _line_of(pid: int, proc: str) -> list[int]:
    """The process and its ancestors."""
    line: list[int] = []
    while pid > 1 and pid not in line:
        line.append(pid)
        pid = _processes.parent_of(pid, proc)
    return line


def _is_at_work(arguments: list[str], namespace: str, release: str) -> bool:
    if not arguments or "helm" not in os.path.basename(arguments[0]):
        return False
    given = arguments[1:]
    if release not in given or not set(VERBS) & set(given):
        return False
    # One that does not name its namespace takes it from a place that we cannot see: better to wait.
    return _namespace(given) in ("", namespace)


def _namespace(given: list[str]) -> str:
    """The namespace among Helm's arguments, in the forms that it takes; the last one counts, empty if none is there."""
    found = ""
    for place, argument in enumerate(given):
        if argument in ("-n", "--namespace"):
            found = (given[place + 1 :] or [""])[0]
        elif argument.startswith("--namespace="):
            found = argument.partition("=")[2]
        elif argument.startswith("-n") and len(argument) > 2:
            found = argument[2:].lstrip("=")
    return found
