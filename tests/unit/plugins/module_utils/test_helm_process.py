# SPDX-License-Identifier: GPL-3.0-or-later
"""A Helm that is at work on a release, seen in a made-up /proc; and one real process."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _helm_process, _processes

HERTZ = os.sysconf("SC_CLK_TCK")
OURS = {"boot": "boot-1", "pidns": "pid:[1]", "pid": "20"}


def process(proc: Path, pid: int, arguments: str, parent: int = 1, started: int = 100, state: str = "S") -> None:
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "cmdline").write_text("\0".join(arguments.split()) + "\0")
    rest = " ".join(["0"] * 17)
    (proc / str(pid) / "stat").write_text(f"{pid} (he) l m) {state} {parent} {rest} {started * HERTZ} 0")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text("boot-1\n")
    (tmp_path / "self/ns").mkdir(parents=True)
    (tmp_path / "self/ns/pid").symlink_to("pid:[1]")
    (tmp_path / "uptime").write_text("130.00 99.0\n")
    process(tmp_path, 1, "init", parent=0)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "at_work"),
    [
        ("/usr/local/bin/helm --namespace=ns upgrade -i --reset-values rel /srv/x.tgz", True),
        ("helm3 upgrade rel x.tgz -n ns", True),
        ("helm4 -nns rollback rel 3", True),
        ("helm uninstall rel --namespace ns --wait", True),
        ("helm install rel x.tgz", True),
        ("helm uninstall other -n ns", False),
        ("helm uninstall rel -n other", False),
        ("helm list -n ns --filter rel", False),
        ("helm --namespace=ns get values rel", False),
        ("grep helm upgrade rel -n ns", False),
        ("python3 helm upgrade rel -n ns", False),
    ],
)
def test_which_processes_count(proc: Path, arguments: str, at_work: bool) -> None:
    process(proc, 50, arguments)
    found = _helm_process.working("ns", "rel", {}, str(proc))
    assert found == ([_helm_process.Helm(50, 30.0)] if at_work else [])


@pytest.mark.parametrize(
    ("lock", "parent", "counts"),
    [(OURS, 21, False), (OURS, 1, True), ({**OURS, "boot": "boot-2"}, 21, True), ({}, 21, True)],
    ids=["of our run", "of nobody", "our run is on another machine", "unknown"],
)
def test_our_own_run_does_not_count(proc: Path, lock: dict[str, str], parent: int, counts: bool) -> None:
    process(proc, 20, "ansible-playbook site.yml")
    process(proc, 21, "ansible-playbook worker", parent=20)
    process(proc, 50, "helm upgrade rel x -n ns", parent=parent)
    assert bool(_helm_process.working("ns", "rel", lock, str(proc))) is counts


def test_without_proc_nothing_is_known(tmp_path: Path) -> None:
    assert _helm_process.working("ns", "rel", {}, str(tmp_path / "none")) is None
    assert _processes.machine(str(tmp_path)) == {"boot": "", "pidns": ""}


@pytest.mark.parametrize(("state", "started", "lives"), [("S", 100, True), ("S", 101, False), ("Z", 100, False)])
def test_a_process_is_its_id_and_its_start(proc: Path, state: str, started: int, lives: bool) -> None:
    process(proc, 60, "x", state=state, started=started)
    assert _processes.alive("60", str(100 * HERTZ), str(proc)) is lives
    assert _processes.alive("60", "", str(proc)) is False and _processes.alive("61", "1", str(proc)) is False


def test_a_real_process() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        started = _processes.start_of(child.pid)
        assert _processes.alive(str(child.pid), started) and _processes.parent_of(child.pid) == os.getpid()
        time.sleep(0.05)
        assert 0 < _processes.age_of(child.pid) < 30
        child.kill()
        child.wait()
        assert not _processes.alive(str(child.pid), started)
