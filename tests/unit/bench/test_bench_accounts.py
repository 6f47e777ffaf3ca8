# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of kernel and API server that the benchmark `fleet` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.control_group import ControlGroup, anonymous_bytes, processor_seconds
from tests.bench.machine import busy_and_stolen, requests
from tests.bench.measure import Broken

STAT = """\
cpu  1000 20 300 99999 40 5 6 70 888 99
cpu0 500 10 150 49999 20 2 3 35 444 49
"""
V1 = "cache 12288\nrss 4096\nrss_huge 0\ntotal_cache 40960\ntotal_rss 8192\n"
V2 = "anon 16384\nfile 999424\nkernel_stack 0\n"
METRICS = """\
# TYPE apiserver_flowcontrol_dispatched_requests_total counter
apiserver_flowcontrol_dispatched_requests_total{flow_schema="exempt",priority_level="exempt"} 700
apiserver_flowcontrol_dispatched_requests_total{flow_schema="global-default",priority_level="global-default"} 41
apiserver_flowcontrol_dispatched_requests_total{flow_schema="service-accounts",priority_level="workload-low"} 9
apiserver_flowcontrol_rejected_requests_total{flow_schema="global-default",priority_level="global-default"} 5
"""


def test_busy_is_work_and_not_waiting_nor_what_another_guest_took() -> None:
    busy, stolen = busy_and_stolen(STAT)
    assert busy == pytest.approx((1000 + 20 + 300 + 5 + 6) / 100)
    assert stolen == pytest.approx(0.7)


@pytest.mark.parametrize(("text", "seconds"), [("1500000000\n", 1.5), ("usage_usec 2500000\nuser_usec 1\n", 2.5)])
def test_processor_time_in_both_generations(text: str, seconds: float) -> None:
    assert processor_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(("text", "size"), [(V1, 8192), (V2, 16384)])
def test_memory_is_that_of_processes_with_all_groups_inside(text: str, size: int) -> None:
    assert anonymous_bytes(text) == size


def test_requests_of_the_administrator_only() -> None:
    assert requests(METRICS) == 41
    assert requests("") == 0


def test_group_on_a_hybrid_machine(tmp_path: Path) -> None:
    unified, processor, memory = mounts(tmp_path, "cgroup.controllers", "cpuacct.usage", "memory.usage_in_bytes")
    group = ControlGroup.of("x", [unified, processor, memory])
    assert group == ControlGroup(processor / "x" / "cpuacct.usage", memory / "x" / "memory.stat")
    group.create()
    assert (processor / "x").is_dir() and (memory / "x").is_dir() and not (unified / "x").exists()


def test_group_on_a_machine_with_nothing_but_v2(tmp_path: Path) -> None:
    [unified] = mounts(tmp_path, "cgroup.controllers")
    assert ControlGroup.of("x", [unified]) == ControlGroup(unified / "x" / "cpu.stat", unified / "x" / "memory.stat")


def test_without_control_groups_nothing_can_be_measured(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="no control groups"):
        ControlGroup.of("x", mounts(tmp_path, "pids.max"))


def test_ending_a_group_that_is_not_there_is_fine(tmp_path: Path) -> None:
    assert ControlGroup.of("x", mounts(tmp_path, "cgroup.controllers")).end() == 0


def mounts(folder: Path, *files: str) -> list[Path]:
    """A folder for each, with that file in it."""
    made = []
    for file in files:
        mount = folder / file.partition(".")[0]
        mount.mkdir()
        (mount / file).write_text("")
        made.append(mount)
    return made
