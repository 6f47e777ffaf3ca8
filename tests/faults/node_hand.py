# SPDX-License-Identifier: GPL-3.0-or-later
"""A hand on the processes of a site: of its node (kubelet, kube-apiserver) and of its services (docker-registry).

They run below the lab's private host, so this machine sees them, and only those of this lab are ever touched. A pod
would not do: one on a node whose kubelet is stopped cannot be told to set it going again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import typing as t
from pathlib import Path

from tests.e2e.site_run import Site
from tests.lab.host import PrivateHost


def processes(site: Site, program: str) -> list[int]:
    """The ids of the lab's processes whose program has this name; AssertionError if there is none."""
    state = Path(site.facts["SITE_CA_FILE"]).parents[1]
    found = [pid for pid in PrivateHost(site.name, state).groups.members() if _program(pid) == program]
    assert found, f"lab {site.name} has no process of {program}"
    return found


def _program(pid: int) -> str:
    try:
        first = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return ""
    return os.path.basename(first.decode("utf-8", "replace"))


def kill(site: Site, program: str) -> None:
    """Kill it (-9); whoever started it may start it again."""
    for pid in processes(site, program):
        os.kill(pid, signal.SIGKILL)


def stop_command(site: Site, program: str) -> list[str]:
    """The command that stops it, for a boundary between two tasks."""
    return ["kill", "-STOP", *map(str, processes(site, program))]


@contextlib.contextmanager
def set_going(site: Site, program: str) -> t.Iterator[None]:
    """Whatever happens within, in the end it goes on."""
    pids = processes(site, program)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def stopped(site: Site, program: str) -> t.Iterator[None]:
    """It stands still within: it keeps its connections and answers nobody."""
    with set_going(site, program):
        for pid in processes(site, program):
            os.kill(pid, signal.SIGSTOP)
        yield


def node_ready(site: Site) -> bool:
    """Whether every node is ready, and nothing of a time when it was not keeps pods away."""
    nodes = site.get("nodes")["items"]
    conditions = [one for node in nodes for one in node["status"]["conditions"]]
    taints = [taint["key"] for node in nodes for taint in node["spec"].get("taints", ())]
    ready = all(one["status"] == "True" for one in conditions if one["type"] == "Ready")
    return ready and not any(key.startswith("node.kubernetes.io/") for key in taints)


def wait_until(what: str, is_so: t.Callable[[], bool], seconds: float = 120) -> None:
    """Look every second; AssertionError with ``what`` if it never is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(1)
