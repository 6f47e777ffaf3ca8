# SPDX-License-Identifier: GPL-3.0-or-later
"""The node is not ready: its kubelet hangs (SIGSTOP), before a run and within one.

Before a run the operator reads in cluster.nodes that the only node is not ready, and nothing is changed. Within a run
the rollout does not come to its end; verify.rollout names the node, and nobody goes back to an older revision, whose
pods would meet the same node. When the kubelet goes on, the same site.yml ends READY.
"""

from __future__ import annotations

import re

from tests.e2e.site_run import Place
from tests.faults.fault_run import NOTHING, TWO_PODS, changed, left_behind, plain, ready, run_with
from tests.faults.node_hand import node_ready, set_going, stop_command, stopped, wait_until

KUBELET = "kubelet"


def wait_for_node(place: Place, state: bool) -> None:
    wait_until(f"node ready: {state}", lambda: node_ready(place.site) is state)


def uids(place: Place) -> set[str]:
    return {pod["metadata"]["uid"] for pod in place.pods()}


def test_before_a_run(place: Place) -> None:
    place.install(**changed(0))
    before = uids(place)
    with stopped(place.site, KUBELET):
        wait_for_node(place, False)
        run = place.play("site.yml", **changed(1))
        told = plain(run)
        assert run.code != 0 and "NOT READY" in told
        assert re.search(r"cluster\.nodes .*1 of 1 not ready", told)
        assert place.revisions() == [(1, "deployed")]
        assert uids(place) == before and left_behind(place) == NOTHING
    wait_for_node(place, True)
    ready(place, **changed(1))


def test_within_a_run(place: Place) -> None:
    place.install(**TWO_PODS)
    before = uids(place)
    with set_going(place.site, KUBELET):
        fault = {"at": "Release | Install or upgrade", "command": stop_command(place.site, KUBELET)}
        run = run_with(place, fault, holmes_verify_rollout_timeout=100, **changed(1))
        told = plain(run)
        assert run.code != 0 and "NOT READY" in told
        [node] = place.site.get("nodes")["items"]
        assert re.search(rf"verify\.rollout .*{node['metadata']['name']}.* not ready", told)
        assert before <= uids(place), "the old pods stay"
    wait_for_node(place, True)
    ready(place, **changed(1))
