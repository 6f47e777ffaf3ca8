# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once, and a lock that a run on another machine left behind.

The operator of the second run reads within seconds who is at work, since when, and what to do; it has changed nothing,
and the first goes on undisturbed. Two hosts of an inventory that are one installation: one of them stops with the same
sentence. A lock whose owner cannot be seen from here is respected until it ends, then taken over with a line that says
so. The next run is READY each time.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from datetime import datetime, timezone

from tests.e2e.site_run import Place, Run
from tests.faults.fault_run import NOTHING, changed, left_behind, plain, ready, run_with
from tests.life.steps import untouched

DURATION = 60


def test_a_second_run_stops_within_seconds(place: Place) -> None:
    ready(place, **changed(0))
    began, go = place.folder / "began", place.folder / "go"
    hold = f"touch {began}; until [ -e {go} ]; do sleep 0.1; done"
    fault = {"at": "Release | Install or upgrade", "command": ["sh", "-c", hold]}
    runs: list[Run] = []
    first = threading.Thread(target=lambda: runs.append(run_with(place, fault, **changed(1))))
    first.start()
    try:
        while not began.exists():
            assert first.is_alive(), runs
            time.sleep(0.1)
        folder = place.folder / "second"
        folder.mkdir()
        with untouched(place):
            second = dataclasses.replace(place, folder=folder).play("site.yml", **changed(2))
        assert first.is_alive(), "the first was still at work"
    finally:
        go.touch()
        first.join()
    place.site.say(f"  the second run stopped after {second.seconds:.1f} s")
    told = plain(second)
    assert second.code != 0 and "Traceback" not in told
    lease = f"holmesgpt-onprem-{place.namespace}"
    for words in ("[release.lock]", "Another run is at work on this release: ", ", process ", "since 20", "is alive."):
        assert words in told, words
    assert f"Wait for it. If that run is surely over: kubectl delete lease {lease} -n {place.namespace}" in told
    [run] = runs
    assert run.code == 0, run.output
    assert place.revisions()[-1] == (2, "deployed")
    assert left_behind(place) == NOTHING
    ready(place, **changed(2))
    assert place.revisions()[-1] == (3, "deployed")


def test_two_hosts_that_are_one_installation(place: Place) -> None:
    run = place.site.play_hosts(place.folder, "site.yml", place.variables(), {"one": {}, "two": {}})
    assert run.code != 0 and run.recap("failed") == 1
    assert "of this same run: two hosts of the inventory are one installation." in plain(run)
    assert place.revisions() == [(1, "deployed")]
    assert left_behind(place) == NOTHING
    pods = {pod["metadata"]["uid"] for pod in place.pods()}
    assert ready(place).recap("changed") == 0
    assert {pod["metadata"]["uid"] for pod in place.pods()} == pods


def left_lock(place: Place) -> None:
    """The lock of a run on a machine that cannot be looked at from here."""
    holder = {"host": "ops9", "boot": "another", "pidns": "pid:[1]", "pid": "4711", "started": "9", "user": "anna"}
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": f"holmesgpt-onprem-{place.namespace}",
            "namespace": place.namespace,
            "annotations": {"holmesgpt.onprem/holder": json.dumps(holder)},
        },
        "spec": {
            "holderIdentity": "anna@ops9, process 4711",
            "acquireTime": now,
            "renewTime": now,
            "leaseDurationSeconds": DURATION,
        },
    }
    place.site.exec("kubectl", "apply", "-f", "-", input=json.dumps(lease))


def test_a_lock_left_by_another_machine(place: Place) -> None:
    ready(place, **changed(0))
    left_lock(place)
    end = time.monotonic() + DURATION
    with untouched(place):
        refused = place.play("site.yml", **changed(1))
    told = plain(refused)
    assert refused.code != 0
    assert "Another run is at work on this release: anna@ops9, process 4711, since 20" in told
    assert "Whether it still runs cannot be seen from here. Its lock ends in " in told
    place.site.say("  waiting until that lock has expired")
    time.sleep(max(0.0, end - time.monotonic()) + 1)
    told = plain(ready(place, **changed(1)))
    words = (
        f"taken over from a run that ended early: anna@ops9, process 4711, which has not renewed it within {DURATION} s"
    )
    assert words in told
    assert place.revisions()[-1] == (2, "deployed")
