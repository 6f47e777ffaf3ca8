# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of this machine, read from /proc; without one (macOS) nothing is known of them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import typing as t

PROC = "/proc"


def machine(proc: str = PROC) -> dict[str, str]:
    """``{boot, pidns}``: the kernel's boot id and the namespace in which process ids count; empty where unknown."""
    try:
        pidns = os.readlink(os.path.join(proc, "self/ns/pid"))
    except OSError:
        pidns = ""
    return {"boot": read(proc, "sys/kernel/random/boot_id").strip(), "pidns": pidns}


def start_of(pid: int, proc: str = PROC) -> str:
    """When the process started, in the kernel's ticks since boot; empty if there is none. With the pid it is unique."""
    fields = _stat(pid, proc)
    # A zombie has ended; only its parent has not looked yet.
    return "" if not fields or fields[0] in "ZX" else fields[19]


def parent_of(pid: int, proc: str = PROC) -> int:
    """The process id of the parent; 0 if there is none."""
    fields = _stat(pid, proc)
    return int(fields[1]) if fields else 0


def alive(pid: str, started: str, proc: str = PROC) -> bool:
    """Whether this very process still lives, not one that was given the same id later."""
    return bool(started) and pid.isdigit() and start_of(int(pid), proc) == started


def age_of(pid: int, proc: str = PROC) -> float:
    """Seconds since the process started; 0 if unknown."""
    started, uptime = start_of(pid, proc), read(proc, "uptime").split()
    if not started or not uptime:
        return 0.0
    return max(0.0, float(uptime[0]) - int(started) / os.sysconf("SC_CLK_TCK"))


def every(proc: str = PROC) -> list[int] | None:
    """The ids of all processes; None where that cannot be known."""
    try:
        return sorted(int(name) for name in os.listdir(proc) if name.isdigit()) or None
    except OSError:
        return None


def arguments(pid: int, proc: str = PROC) -> list[str]:
    """The argument list, the program first; empty if the process is gone or not ours to see."""
    return [part for part in read(proc, f"{pid}/cmdline").split("\0") if part]


def read(proc: str, path: str) -> str:
    try:
        with open(os.path.join(proc, path), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _stat(pid: int, proc: str) -> t.Sequence[str]:
    """The fields of /proc/PID/stat after the program's name, which may hold spaces and brackets (proc(5))."""
    return read(proc, f"{pid}/stat").rpartition(")")[2].split()
