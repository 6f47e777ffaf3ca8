# SPDX-License-Identifier: GPL-3.0-or-later
"""`lab down` leaves nothing, after a full life and after an `up` that was killed at any moment."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from .tool import Tool

TICKS = os.sysconf("SC_CLK_TCK")


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the process has ended, or is the kernel's
        return ""


def processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def groups(tool: Tool) -> list[Path]:
    return [path for path in Path("/sys/fs/cgroup").glob("**/*") if path.name.startswith(f"holmes-lab-{tool.name}-")]


def members(tool: Tool) -> set[int]:
    return {int(path.name) for path in processes() if f"/holmes-lab-{tool.name}-" in read(path / "cgroup")}


def namespaces(pids: set[int]) -> set[str]:
    found = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/ns").glob("*"):
            try:
                found.add(os.readlink(link))
            except OSError:
                continue
    return found


def seconds_since_boot() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])


def holders(wanted: set[str], before: float) -> set[int]:
    """Processes in any of the namespaces. One that started after `before` has a new namespace with a reused number."""
    found = set()
    for path in processes():
        stat = read(path / "stat").rpartition(")")[2].split()
        if stat and int(stat[19]) / TICKS < before and namespaces({int(path.name)}) & wanted:
            found.add(int(path.name))
    return found


def leftovers(tool: Tool) -> dict[str, object]:
    """Everything of the lab that is still there; empty when nothing is."""
    state = str(tool.state)
    found: dict[str, object] = {
        "state": [state] if tool.state.exists() else [],
        "groups": groups(tool),
        "members": members(tool),
        "mounts": [path for path in processes() if state in read(path / "mountinfo")],
        "processes": [path for path in processes() if state in read(path / "cmdline")],
    }
    return {what: rest for what, rest in found.items() if rest}


@pytest.fixture
def tool() -> Tool:
    return Tool("system-down")


def test_down_leaves_nothing(tool: Tool) -> None:
    assert leftovers(tool) == {}
    own = namespaces({os.getpid()})
    mounts, links = read(Path("/proc/self/mountinfo")), sorted(os.listdir("/sys/class/net"))
    tool("up")
    left_running = subprocess.Popen(tool.argv("exec", "--", "sleep", "600"))
    time.sleep(1)
    used = namespaces(members(tool)) - own
    assert len(used) > 20
    assert set(leftovers(tool)) == {"state", "groups", "members", "mounts", "processes"}
    tool("down")
    ended = seconds_since_boot()
    assert left_running.wait(timeout=5) == -15
    assert leftovers(tool) == {}
    assert holders(used, ended) == set()
    assert read(Path("/proc/self/mountinfo")) == mounts
    assert sorted(os.listdir("/sys/class/net")) == links
    tool("down")
    assert "is not up" in tool("exec", "true", code=1).stderr


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.5, 6.0, 14.0])
def test_down_after_a_killed_up(tool: Tool, seconds: float) -> None:
    running = subprocess.Popen(tool.argv("up"), stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    running.kill()
    running.wait()
    tool("down")
    assert leftovers(tool) == {}


def test_up_after_a_killed_up(tool: Tool) -> None:
    running = subprocess.Popen(tool.argv("up"), stderr=subprocess.DEVNULL)
    time.sleep(8)
    running.kill()
    running.wait()
    assert "is not up" in tool("status", code=1).stderr
    tool("up")
    tool("status")
    tool("down")
    assert leftovers(tool) == {}


def test_down_from_within_is_refused(tool: Tool) -> None:
    tool("up")
    assert "from outside of `lab exec`" in tool("exec", "--", *tool.argv("down"), code=1).stderr
    tool("status")
    tool("down")
