# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty installations in one job, and the same in four slices of AWX, one of which is killed and launched again.

HOLMES_FLEET_HOSTS is for another number of them.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

import pytest

from tests.e2e.site_run import Site, Vars
from tests.fleet import runner_events
from tests.fleet.runner_run import Done
from tests.fleet.runner_site import awx_at
from tests.fleet.runner_slices import Fleet, essence

HOSTS, SLICES, KILLED = int(os.environ.get("HOLMES_FLEET_HOSTS", "20")), 4, 2


@dataclass
class Both:
    """The same fleet deployed twice from nothing; what the killed slice left until it was launched again."""

    fleet: Fleet
    whole: Done
    slices: dict[str, Done] = field(default_factory=dict)
    reports: dict[str, Vars] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def both(site: Site, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Both]:
    folder = tmp_path_factory.mktemp("slices")
    with awx_at(site, folder, "slices") as awx:
        inventory = awx.inventory(*(f"{number:02}" for number in range(1, HOSTS + 1)))
        fleet = Fleet(awx, folder / "jobs", inventory)
        both = Both(fleet, fleet.whole(folder / "whole"))
        assert both.whole.status == "successful", both.whole.text()
        both.reports["whole"] = fleet.merged(folder / "whole")
        awx.remove()

        def look(hosts: list[str]) -> None:
            both.left = {"hosts": hosts, "leases": fleet.leases(), "folders": fleet.work_folders()}

        both.slices = fleet.slices(SLICES, folder / "parts", KILLED, look)
        both.reports["slices"] = fleet.merged(folder / "parts")
        yield both


def test_every_job_ends_well_and_no_event_is_lost(both: Both) -> None:
    for name, done in {"whole": both.whole, **both.slices}.items():
        assert done.status == "successful", f"{name}: {done.text()}"
        runner_events.whole(done.events)


def test_each_host_is_in_one_slice(both: Both) -> None:
    seen = [sorted(done.stats["processed"]) for done in both.slices.values()]
    assert sorted(host for hosts in seen for host in hosts) == both.fleet.hosts
    names = both.fleet.hosts
    assert sorted(seen) == sorted(names[first::SLICES] for first in range(SLICES)), "every fourth, by their names"


def test_all_of_them_run(both: Both) -> None:
    pods = both.fleet.awx.site.get("pods", "-A", "-l", "app=holmes")["items"]
    running = [pod["metadata"]["namespace"] for pod in pods if pod["status"]["phase"] == "Running"]
    assert sorted(name for name in running if name in both.fleet.hosts) == both.fleet.hosts


def test_slices_find_what_one_job_finds(both: Both) -> None:
    whole, slices = essence(both.reports["whole"]), essence(both.reports["slices"])
    assert list(whole) == list(slices) == both.fleet.hosts
    assert {host["verdict"] for host in whole.values()} == {"ready"}
    assert slices == whole
    assert both.reports["slices"]["verdict"] == both.reports["whole"]["verdict"] == "ready"


def test_the_killed_slice_leaves_nothing_in_the_end(both: Both) -> None:
    assert set(both.left["hosts"]) & set(both.left["leases"]), "it was killed while it held locks"
    assert both.left["folders"], "and had credentials in work folders"
    assert both.fleet.leases() == []
    assert both.fleet.work_folders() == []
    assert both.fleet.secrets_left() == {}


def test_the_other_slices_are_not_disturbed(both: Both) -> None:
    for name, done in both.slices.items():
        if not name.endswith("again"):
            assert done.stats["rescued"] == {} and done.stats["failures"] == {}, name


def test_fragments_of_all_jobs_lie_in_one_folder(both: Both) -> None:
    folder = both.fleet.folder.parent / "parts" / "hosts"
    assert sorted(path.stem for path in folder.iterdir()) == both.fleet.hosts
