# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible is killed (-9) at every boundary between two tasks: upgrade, first installation, rollback and removal.

The operator sees nothing but "Killed". The next site.yml says that it takes the lock over from a process that is gone,
recovers what was left in between and ends READY; the pods that served go on serving all the time.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.e2e.site_run import Place
from tests.faults.fault_run import NOTHING, boundaries, changed, gone, left_behind, ready, run_with
from tests.faults.probes import Probes

KILLED = (137, -9)
# Before this task a run has changed nothing but its own work folder, as an upgrade shows.
BEGIN = "Change | Begin"
HELM = "Release | Install or upgrade"
Point = tuple[str, int]


@pytest.fixture
def temporary(place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of every run, so that what stays in it is of these runs."""
    folder = place.folder / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def left_in(temporary: Path) -> list[str]:
    """Files, and folders of ours.

    A killed Python leaves empty folders of its own, the Kubernetes client what it knows of the API, which is public.
    """
    found = [path for path in temporary.rglob("*") if path.is_file() or path.name.startswith("holmes.")]
    return sorted(str(path) for path in found if not path.name.startswith("k8srcp-"))


def kill_points(place: Place, playbook: str = "site.yml", **changes: t.Any) -> list[Point]:
    """Every task of a whole run as (name, how often it was seen by then); two tasks may have one name."""
    run = run_with(place, {}, playbook=playbook, **changes)
    assert run.code == 0, run.output
    points: list[Point] = []
    for name in boundaries(place):
        points.append((name, 1 + sum(1 for other, _nth in points if other == name)))
    return points


def from_the_lock_on(points: list[Point]) -> list[Point]:
    return points[next(number for number, (name, _nth) in enumerate(points) if name.endswith(BEGIN)) :]


def each_killed(place: Place, points: list[Point], playbook: str = "site.yml") -> t.Iterator[tuple[int, t.Any]]:
    """Gives, for each point, a number of its own and what kills a run there with the variables it is called with."""
    for number, (name, nth) in enumerate(points, 2):
        place.site.say(f"  {number - 1} of {len(points)}: killed before '{name}'")

        def kill(name: str = name, nth: int = nth, **changes: t.Any) -> None:
            killed = run_with(place, {"at": name, "nth": nth}, playbook=playbook, **changes)
            assert killed.code in KILLED, killed.output

        yield number, kill


def test_an_upgrade_is_killed_at_every_task(place: Place, temporary: Path) -> None:
    place.install(**changed(0))
    points = kill_points(place, **changed(1))
    assert any(name.endswith(HELM) for name, _nth in points)
    with Probes(place) as probes:
        for number, kill in each_killed(place, points):
            kill(**changed(number))
            run = place.install(**changed(number))
            assert "READY" in run.output
            assert left_behind(place) == NOTHING
        probes.expect_served()
    assert left_in(temporary) == []


def test_a_first_installation_is_killed_at_every_task_that_changes(place: Place, temporary: Path) -> None:
    points = from_the_lock_on(kill_points(place))
    assert any(name.endswith(HELM) for name, _nth in points)
    for _number, kill in each_killed(place, points):
        gone(place)
        kill()
        ready(place)
        assert place.revisions()[-1][1] == "deployed"
    assert left_in(temporary) == []


def test_a_rollback_is_killed_at_every_task_that_changes(place: Place, temporary: Path) -> None:
    ready(place, **changed(0))
    ready(place, **changed(1))
    playbook = "playbooks/rollback.yml"
    points = from_the_lock_on(kill_points(place, playbook, **changed(1)))
    assert any("Rollback | Choose" in name for name, _nth in points)
    with Probes(place) as probes:
        for number, kill in each_killed(place, points, playbook):
            ready(place, **changed(number))
            kill(**changed(number))
            ready(place, **changed(number))
        probes.expect_served()
    assert left_in(temporary) == []


def test_a_removal_is_killed_at_every_task_that_changes(place: Place, temporary: Path) -> None:
    everything = {"holmes_remove": ["secrets", "cluster_roles", "namespace"]}
    playbook = "playbooks/uninstall.yml"
    ready(place)
    points = from_the_lock_on(kill_points(place, playbook, **everything))
    assert any("Removal | What Helm leaves behind" in name for name, _nth in points)
    for _number, kill in each_killed(place, points, playbook):
        place.site.kubectl("wait", "--for=delete", f"namespace/{place.namespace}", "--timeout=90s")
        ready(place)
        kill(**everything)
        place.site.say("  removed after all")
        run = place.play(playbook, **everything)
        assert run.code == 0, run.output
        namespace = place.site.exec("kubectl", "get", "namespace", place.namespace, "--ignore-not-found", "-o", "json")
        assert not namespace.stdout.strip() or "deletionTimestamp" in namespace.stdout
    assert left_in(temporary) == []
