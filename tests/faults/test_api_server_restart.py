# SPDX-License-Identifier: GPL-3.0-or-later
"""The API server is killed (-9) under a run; the kubelet starts it again.

While the run waits for the rollout, the operator sees nothing of it but a longer wait, and the run ends READY by
itself. When it dies as Helm is about to begin, the run ends NOT READY with the sentence that the API server does not
answer, nothing is applied and nobody goes back because of it. The next site.yml ends READY. The pods serve all the
time.
"""

from __future__ import annotations

import re

from tests.e2e.site_run import Place
from tests.faults.fault_run import NOTHING, changed, left_behind, ready, run_with
from tests.faults.node_hand import processes
from tests.faults.probes import Probes

API_SERVER = "kube-apiserver"
HELM = "Release | Install or upgrade"
WAIT = "Verify | Rollout, read-only access, API and an answer with known content"


def killer(place: Place, seconds: int) -> list[str]:
    """A command that kills it after so many seconds and does not wait for that."""
    pids = " ".join(map(str, processes(place.site, API_SERVER)))
    return ["sh", "-c", f"(sleep {seconds}; kill -9 {pids}) >/dev/null 2>&1 &"]


def started_again(place: Place, before: list[int]) -> bool:
    return bool(processes(place.site, API_SERVER)) and processes(place.site, API_SERVER) != before


def test_it_dies_while_the_rollout_is_waited_for(place: Place) -> None:
    place.install(**changed(0))
    with Probes(place) as probes:
        before = processes(place.site, API_SERVER)
        run = run_with(place, {"at": WAIT, "command": killer(place, 6)}, **changed(1))
        assert started_again(place, before), "it was never killed"
        assert run.code == 0 and re.search(r"(?<!NOT )READY", run.output), run.output
        assert left_behind(place) == NOTHING
        assert place.revisions() == [(1, "superseded"), (2, "deployed")]
        ready(place, **changed(1))
        probes.expect_served()


def test_it_dies_before_helm(place: Place) -> None:
    place.install(**changed(0))
    with Probes(place) as probes:
        before = processes(place.site, API_SERVER)
        run = run_with(place, {"at": HELM, "command": killer(place, 0)}, **changed(1))
        assert started_again(place, before), "it was never killed"
        assert run.code != 0 and "NOT READY" in run.output
        assert re.search(r"(No connection to the cluster|did not answer|connection refused)", run.output)
        assert "Helm went back" not in run.output
        ready(place, **changed(1))
        assert place.revisions() == [(1, "superseded"), (2, "deployed")]
        probes.expect_served()
