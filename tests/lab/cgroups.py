# SPDX-License-Identifier: GPL-3.0-or-later
"""The control groups of a lab. They are also the register of its processes: the kernel keeps it, no pid file can lie.

A lab has one group in every hierarchy of the machine (cgroup v1, hybrid or v2). All processes of its private host live
below `host`, those of `lab exec` in `exec`; so `down` finds every one of them even after a killed `up`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

ROOT = Path("/sys/fs/cgroup")


def hierarchies(mountinfo: str) -> list[Path]:
    """Mount points of all cgroup hierarchies in the text of /proc/self/mountinfo; cgroup2 comes first."""
    found: dict[Path, bool] = {}
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        kind = right.split(" ", 1)[0]
        if kind in ("cgroup", "cgroup2") and Path(left.split()[4]).is_relative_to(ROOT):
            found[Path(left.split()[4])] = kind == "cgroup2"
    return sorted(found, key=lambda path: (not found[path], path))


@dataclass(frozen=True)
class Groups:
    """The control groups called `name` in each of the machine's hierarchies."""

    name: str
    mounts: tuple[Path, ...]

    @classmethod
    def of(cls, name: str) -> Groups:
        mounts = tuple(hierarchies(Path("/proc/self/mountinfo").read_text()))
        if not mounts:
            raise LabError("No control groups are mounted below /sys/fs/cgroup: mount cgroup2 there first")
        return cls(name, mounts)

    @property
    def unified(self) -> bool:
        """True on a machine with nothing but cgroup v2."""
        return self.mounts == (ROOT,)

    @property
    def tops(self) -> list[Path]:
        return [mount / self.name for mount in self.mounts]

    def create(self) -> None:
        for top in self.tops:
            for group in (top, top / "host", top / "exec"):
                group.mkdir(exist_ok=True)
                for setting in ("cpuset.cpus", "cpuset.mems"):  # v1: empty sets refuse every process
                    own, parent = group / setting, group.parent / setting
                    if not self.unified and own.exists() and not own.read_text().strip():
                        own.write_text(parent.read_text())
        if self.unified:
            _delegate(ROOT)

    def delegate(self) -> None:
        """Hand the controllers on to the groups inside (cgroup v2 only). No process may be in the group itself."""
        if self.unified:
            _delegate(self.tops[0])

    def join(self, part: str) -> None:
        """Put the calling process into the group `part` of every hierarchy."""
        for top in self.tops:
            (top / part / "cgroup.procs").write_text("0")

    def join_register(self) -> None:
        """Put the calling process into `exec` of one hierarchy only: enough to be found, no limits touched."""
        (self.tops[0] / "exec" / "cgroup.procs").write_text("0")

    def evacuate(self) -> None:
        """Move processes from the group itself into `host`: v2 wants processes in leaves only."""
        for top in self.tops:
            for pid in _pids(top):
                _write_quietly(top / "host" / "cgroup.procs", str(pid))

    def members(self) -> set[int]:
        """The ids of all processes in the lab's groups, however deep."""
        return {pid for top in self.tops for group in _tree(top) for pid in _pids(group)}

    def init(self) -> int | None:
        """The id of the private host's first process (1 in a pid namespace directly below ours), or None."""
        for pid in sorted(self.members()):
            ids = _namespace_ids(pid)
            if len(ids) == 2 and ids[1] == "1":
                return pid
        return None

    def end(self, patience: float = 15.0) -> None:
        """End every process of the lab and remove its groups.

        Raises LabError when some survive, or when the caller is one of them (`lab down` within `lab exec`).
        """
        if os.getpid() in self.members():
            raise LabError("This command runs inside the lab itself: end the lab from outside of `lab exec`")
        asked = False
        seen: set[int] = set()
        deadline = time.monotonic() + patience
        while members := self.members():
            seen |= members
            # the first process takes its whole pid namespace with it; `exec` commands get a chance to clean up
            for pid in members:
                _signal(pid, signal.SIGKILL if asked or len(_namespace_ids(pid)) > 1 else signal.SIGTERM)
            asked = time.monotonic() > deadline - patience + 3
            if time.monotonic() > deadline:
                raise LabError(f"Processes {sorted(members)} of control group {self.name} do not end")
            time.sleep(0.1)
        for top in self.tops:
            for group in sorted(_tree(top), key=lambda path: -len(path.parts)):
                _remove(group, deadline)
        while any(self.name in _groups_of(pid) for pid in seen) and time.monotonic() < deadline:
            time.sleep(0.05)  # ended, and waiting for its parent to take note


def _delegate(group: Path) -> None:
    available = (group / "cgroup.controllers").read_text().split()
    for controller in available:
        _write_quietly(group / "cgroup.subtree_control", f"+{controller}")


def _tree(top: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(top):
        yield Path(path)


def _pids(group: Path) -> list[int]:
    try:
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split() if pid != "0"]
    except OSError:  # the group went away, or is a threaded one
        return []


def _namespace_ids(pid: int) -> list[str]:
    """The ids of a process in all pid namespaces from ours inwards; empty when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return []
    return next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])


def _groups_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return ""


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _write_quietly(path: Path, text: str) -> None:
    with contextlib.suppress(OSError):  # a controller that cannot be delegated, or a process that has just ended
        path.write_text(text)


def _remove(group: Path, deadline: float) -> None:
    while True:
        try:
            group.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError as error:  # busy until the last process has been reaped
            if time.monotonic() > deadline:
                raise LabError(f"Control group {group} cannot be removed: {error.strerror}") from error
            time.sleep(0.05)
