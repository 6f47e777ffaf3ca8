# SPDX-License-Identifier: GPL-3.0-or-later
"""A control group of our own: what is started in it is counted by the kernel, with every child, ended or not."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Broken
from tests.lab.cgroups import hierarchies


@dataclass(frozen=True)
class ControlGroup:
    """``usage``: the file with the processor time; ``memory``: the one that lists kinds of memory. v1, hybrid or v2."""

    usage: Path
    memory: Path

    @classmethod
    def of(cls, name: str, mounts: list[Path] | None = None) -> ControlGroup:
        """Where the group ``name`` is, or would be."""
        if mounts is None:
            mounts = hierarchies(Path("/proc/self/mountinfo").read_text())
        # A hybrid machine has each account in one hierarchy only: in one of v1, whose root has its file, or in v2.
        unified = [one for one in mounts if (one / "cgroup.controllers").exists()]
        processor = [one for one in mounts if (one / "cpuacct.usage").exists()]
        memory = [one for one in mounts if (one / "memory.usage_in_bytes").exists()] or unified
        if not memory or not processor + unified:
            raise Broken("no control groups for processor time and memory are mounted below /sys/fs/cgroup")
        usage = processor[0] / name / "cpuacct.usage" if processor else unified[0] / name / "cpu.stat"
        return cls(usage, memory[0] / name / "memory.stat")

    @property
    def folders(self) -> set[Path]:
        return {self.usage.parent, self.memory.parent}

    def create(self) -> None:
        for folder in self.folders:
            folder.mkdir()

    def join(self) -> None:
        """Put the calling process into it."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text("0")

    def processor(self) -> float:
        """Seconds of processor time until now."""
        return processor_seconds(self.usage.read_text())

    def anonymous(self) -> int:
        """Bytes that the processes hold, shared ones once, without what the kernel keeps of files."""
        return anonymous_bytes(self.memory.read_text())

    def members(self) -> list[int]:
        """Processes in it; none if it is not there."""
        if not self.usage.exists():
            return []
        return [int(pid) for pid in (self.usage.parent / "cgroup.procs").read_text().split()]

    def end(self, patience: float = 2.0) -> int:
        """Remove it if it is there. What runs after ``patience`` is killed; gives how many processes that were."""
        deadline = time.monotonic() + patience
        while self.members() and time.monotonic() < deadline:
            time.sleep(0.02)
        left = self.members()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for folder in self.folders:
            _remove(folder)
        return len(left)


def processor_seconds(text: str) -> float:
    """Out of ``cpuacct.usage`` (nanoseconds, v1) or ``cpu.stat`` (v2)."""
    fields = text.split()
    if fields[0] == "usage_usec":
        return int(fields[1]) / 1e6
    return int(fields[0]) / 1e9


def anonymous_bytes(text: str) -> int:
    """Out of ``memory.stat``: with all groups inside, ``total_rss`` (v1) or ``anon`` (v2)."""
    kinds = dict(line.split(maxsplit=1) for line in text.splitlines())
    return int(kinds["total_rss"] if "total_rss" in kinds else kinds["anon"])


def _remove(folder: Path, patience: float = 5.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            return folder.rmdir()
        except FileNotFoundError:
            return None
        except OSError:  # busy until the last process has been reaped
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
