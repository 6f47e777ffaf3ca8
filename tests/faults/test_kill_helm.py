# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm is killed (-9) in the middle of the role's own install, upgrade, rollback and uninstall, alone or with Ansible.

If Helm alone dies the run goes on to its end: the operator reads that Helm ended with 137. After an upgrade the role
goes back to the last good revision by itself, verifies it and says so; after a first installation it leaves everything
for inspection. If Ansible dies as well there is nothing to read but "Killed", and the next run says from whom it takes
the lock over; if Ansible dies alone, Helm works on, and the next run waits for it. In every case the next site.yml says
what it recovered and ends READY, the pods that served go on serving, and no revision stays pending.
"""

from __future__ import annotations

import re
import typing as t

import pytest

from tests.e2e.site_run import Place
from tests.faults.fault_run import NOTHING, TWO_PODS, changed, gone, left_behind, plain, ready
from tests.faults.killed_helm import Death, MortalHelm
from tests.faults.probes import Probes

# When Helm is killed, in parts of the time that an undisturbed one takes; it begins its work after about a third.
PARTS = {"helm3": (0.4, 0.7), "helm4": (0.6,)}
MAJORS = sorted(PARTS)
# What is said if it died before it had written anything.
NOT_BEGUN = "Helm ended before it began a revision"
# And if it died when it was done.
DONE = "it was applied, but nothing is known of whether it serves"
# So often is the middle looked for if none of these has met it.
MORE = 5
# What was checked before Helm ran is told by other tests; so the runs that are killed are short.
BARE = ("--tags", "holmes_deploy")


def sweep(place: Place, parts: t.Sequence[float], whole: float, killed_after: t.Callable[[float], Death]) -> None:
    """Kill at each part of the ``whole`` seconds, then on until an unfinished state was met."""
    met: list[Death] = []
    early, late = 0.0, whole * 1.5
    for number in range(len(parts) + MORE):
        delay = parts[number] * whole if number < len(parts) else (early + late) / 2
        death = killed_after(delay)
        met.append(death)
        place.site.say(f"  killed after {delay:.2f} s: {death.revisions if death.killed else 'had ended before'}")
        if not death.killed:
            late = min(late, delay)
        elif not death.unfinished:
            early = max(early, delay)
        if number + 1 >= len(parts) and any(one.unfinished for one in met):
            return
    raise AssertionError(f"no death has left anything unfinished: {met}")


def one_death(helm: MortalHelm) -> Death:
    [death] = helm.deaths()
    helm.live()
    return death


def measured(place: Place, helm: MortalHelm, **changes: t.Any) -> float:
    """Seconds that Helm takes, from an installation that works."""
    helm.die("upgrade", 60)
    place.install(holmes_helm_binary=str(helm.path), **changes)
    return one_death(helm).ran


@pytest.mark.parametrize("major", MAJORS)
def test_install(place: Place, major: str) -> None:
    helm = MortalHelm(place.folder, major, place.namespace)
    binary = {"holmes_helm_binary": str(helm.path)}
    whole = measured(place, helm)

    def killed_after(delay: float) -> Death:
        gone(place)
        helm.die("upgrade", delay)
        run = place.play("site.yml", *BARE, **binary)
        death = one_death(helm)
        if death.killed:
            assert run.code != 0 and "Exited 137" in run.output
            assert death.state in ("", "pending-install", "deployed")
            done = DONE if death.state else NOT_BEGUN
            left = "no good revision before it" if death.unfinished else done
            assert left in plain(run)
            assert not death.unfinished or left_behind(place) == NOTHING
        ready(place, **binary)
        return death

    sweep(place, PARTS[major], whole, killed_after)


@pytest.mark.parametrize("major", MAJORS)
def test_upgrade(place: Place, major: str) -> None:
    helm = MortalHelm(place.folder, major, place.namespace)
    binary = {"holmes_helm_binary": str(helm.path)}
    whole = measured(place, helm, **changed(0))
    rounds = iter(range(1, 100))

    def killed_after(delay: float) -> Death:
        wanted, before = changed(next(rounds)), place.revisions()[-1][0]
        helm.die("upgrade", delay)
        run = place.play("site.yml", *BARE, **binary, **wanted)
        death = one_death(helm)
        if death.killed:
            assert run.code != 0 and "Exited 137" in run.output
            told = plain(run)
            went = r"Helm went back to revision \d+, which runs now and was verified \(ready"
            done = DONE if death.revisions[-1][0] > before else NOT_BEGUN
            assert re.search(went if death.unfinished else done, told)
            assert left_behind(place) == NOTHING
        ready(place, **binary, **wanted)
        return death

    with Probes(place) as probes:
        sweep(place, PARTS[major], whole, killed_after)
        probes.expect_served()


@pytest.mark.parametrize("major", MAJORS)
def test_rollback(place: Place, major: str) -> None:
    helm = MortalHelm(place.folder, major, place.namespace)
    binary = {"holmes_helm_binary": str(helm.path)}
    place.install(**binary, **changed(0))
    whole = measured(place, helm, **changed(1))
    rounds = iter(range(2, 100))

    def killed_after(delay: float) -> Death:
        helm.die("rollback", delay)
        run = place.play("playbooks/rollback.yml", **binary, **TWO_PODS)
        death = one_death(helm)
        if death.killed:
            assert run.code != 0 and "Helm could not go back to revision" in run.output
            assert death.state in ("deployed", "pending-rollback")
        ready(place, **binary, **changed(next(rounds)))
        return death

    with Probes(place) as probes:
        sweep(place, PARTS[major], whole, killed_after)
        probes.expect_served()


@pytest.mark.parametrize("major", MAJORS)
def test_uninstall(place: Place, major: str) -> None:
    helm = MortalHelm(place.folder, major, place.namespace)
    binary = {"holmes_helm_binary": str(helm.path)}
    whole = measured(place, helm)

    def killed_after(delay: float) -> Death:
        helm.die("uninstall", delay)
        run = place.play("playbooks/uninstall.yml", **binary)
        death = one_death(helm)
        if death.killed:
            assert run.code != 0 and "Exited 137" in run.output
            # Nothing at all: it was killed when it was done.
            assert death.state in ("deployed", "uninstalling", "")
        ready(place, **binary)
        return death

    sweep(place, PARTS[major], whole, killed_after)
    helm.die("uninstall", whole / 2)
    place.play("playbooks/uninstall.yml", **binary)
    one_death(helm)
    run = place.play("playbooks/uninstall.yml", **binary)
    assert run.code == 0, run.output
    assert place.site.get("secrets", "-n", place.namespace, "-l", "owner=helm")["items"] == []


@pytest.mark.parametrize("major", MAJORS)
def test_helm_and_ansible_together(place: Place, major: str) -> None:
    helm = MortalHelm(place.folder, major, place.namespace)
    binary = {"holmes_helm_binary": str(helm.path)}
    whole = measured(place, helm, **changed(0))
    rounds = iter(range(1, 100))

    def killed_after(delay: float) -> Death:
        wanted = changed(next(rounds))
        helm.die("upgrade", delay, with_ansible=True)
        run = place.play("site.yml", *BARE, **binary, **wanted)
        death = one_death(helm)
        again = ready(place, **binary, **wanted)
        if death.killed:
            assert run.code in (137, -9) and "PLAY RECAP" not in run.output
            assert "was taken over" in plain(again)
        assert ("release.recovered" in again.output) is death.unfinished
        return death

    def killed_at_first(delay: float) -> Death:
        gone(place)
        return killed_after(delay)

    with Probes(place) as probes:
        sweep(place, (0.7,), whole, killed_after)
        probes.expect_served()
    sweep(place, (0.7,), whole, killed_at_first)


@pytest.mark.parametrize("major", MAJORS)
def test_ansible_alone(place: Place, major: str) -> None:
    """Helm works on without anybody who reads what it says; the next run comes at once, maybe while it still does."""
    helm = MortalHelm(place.folder, major, place.namespace)
    binary = {"holmes_helm_binary": str(helm.path)}
    whole = measured(place, helm, **changed(0))
    with Probes(place) as probes:
        for number, part in enumerate((0.3, 0.7), 1):
            wanted = changed(number)
            helm.die("upgrade", part * whole, helm_lives=True)
            run = place.play("site.yml", *BARE, **binary, **wanted)
            assert run.code in (137, -9) and "PLAY RECAP" not in run.output
            helm.live()
            assert "was taken over" in plain(ready(place, **binary, **wanted))
            assert place.revisions()[-1][1] == "deployed"
        probes.expect_served()
