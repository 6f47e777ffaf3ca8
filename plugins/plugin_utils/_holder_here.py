# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who we are: the identity of this run, made where ansible-playbook runs. Private to this collection.

Only the control node can know whether a process of the control node lives, wherever the module runs.
"""

from __future__ import annotations

import getpass
import os
import socket
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _processes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE, Holder, holder_of, judge

JOBS = ("awx_job_id", "tower_job_id")


def here(variables: t.Mapping[str, t.Any], proc: str = _processes.PROC) -> Holder:
    """The holder of this run's locks, for the host of these variables.

    An action runs in a process that Ansible forked for this one task; its parent lives as long as the run.
    """
    pid = os.getppid()
    started = _processes.start_of(pid, proc)
    return holder_of(
        {
            "host": socket.gethostname(),
            **_processes.machine(proc),
            "pid": pid,
            "started": started,
            "user": _user(),
            "inventory_host": variables.get("inventory_hostname"),
            "job": next((variables[name] for name in JOBS if variables.get(name)), ""),
        }
    )


def ticket_of_gone(result: t.Mapping[str, t.Any], ours: Holder, proc: str = _processes.PROC) -> dict[str, str]:
    """The hold that stands in the way, if its process is known to be gone; else empty."""
    held = result.get("held")
    if not isinstance(held, dict):
        return {}

    if not is_gone(held.get("holder"), ours, proc):
        return {}
    return {"identity": str(held.get("identity", "")), "renewed": str(held.get("renewed", ""))}


def is_gone(holder: t.Any, ours: Holder, proc: str = _processes.PROC) -> bool:
    """Whether the process of a hold was one of this machine, and is over."""

    def alive(pid: str, started: str) -> bool:
        return _processes.alive(pid, started, proc)

    return judge(holder_of(holder), ours, alive).state == GONE


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container whose user has no entry
        return str(os.getuid())
