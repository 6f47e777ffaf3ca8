# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible is killed (-9) at every boundary between two tasks of an upgrade, and of a first installation.

The operator sees nothing but "Killed". The next site.yml says that it takes the lock over from a process that is gone,
recovers what was left in between and ends READY; the pods that served go on serving all the time.
"""

from __future__ import annotations

from tests.e2e.site_run import Place
from tests.faults.fault_run import NOTHING, boundaries, changed, left_behind, run_with, work_folders
from tests.faults.probes import Probes

KILLED = 137


def kill_points(place: Place, **changes: object) -> list[tuple[str, int]]:
    """Every task of a whole run as (name, how often it was seen by then); two tasks may have one name."""
    run = run_with(place, {}, **changes)
    assert run.code == 0, run.output
    points: list[tuple[str, int]] = []
    for name in boundaries(place):
        points.append((name, 1 + sum(1 for other, _nth in points if other == name)))
    return points


def test_an_upgrade_is_killed_at_every_task(place: Place) -> None:
    place.install(**changed(0))
    points = kill_points(place, **changed(1))
    assert any(name.endswith("Release | Install or upgrade") for name, _nth in points)
    before = work_folders()
    with Probes(place) as probes:
        for number, (name, nth) in enumerate(points, 2):
            place.site.say(f"  {number - 1} of {len(points)}: killed before '{name}'")
            killed = run_with(place, {"at": name, "nth": nth}, **changed(number))
            assert killed.code in (KILLED, -9), killed.output
            run = place.install(**changed(number))
            assert "READY" in run.output
            assert left_behind(place) == NOTHING, name
        probes.expect_served()
    assert work_folders() == before
