# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the release are edited by hand: a variable, a key, a rule, a port, and one object that is deleted.

verify.yml names every one of them (live.objects) and is NOT READY; site.yml says the same and leaves them alone.
With --check and holmes_repair_drift it says what would be put back, without --check it does so, in Helm 3 and Helm 4:
what kubectl reads then is what was there before, the run is READY, and a repeated one has nothing to do. An upgrade
by Helm 4 of an edited release is told the fields that are not Helm's any more, or repairs them first.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.e2e.site_run import Place
from tests.faults.fault_run import NOTHING, changed, checks, left_behind, plain, ready, report, reporting
from tests.life.steps import untouched

HELMS = pytest.mark.parametrize("helm", ["helm3", "helm4"])
REPAIR = {"holmes_repair_drift": True}
# What the API server and its controllers keep of an object, and who wrote what.
OURS = ("data", "rules", "roleRef", "subjects", "spec")
PORT = [{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]
RULE = [{"op": "add", "path": "/rules/-", "value": {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}}]


def objects(place: Place) -> dict[str, tuple[str, ...]]:
    """The objects that are edited here, as arguments of kubectl."""
    name, here = f"{place.namespace}-holmes", ("-n", place.namespace)
    return {
        f"Deployment/{name}": ("deployment", name, *here),
        "ConfigMap/custom-toolsets-configmap": ("configmap", "custom-toolsets-configmap", *here),
        f"ClusterRole/{name}-cluster-role": ("clusterrole", f"{name}-cluster-role"),
        f"Service/{name}": ("service", name, *here),
        f"ClusterRoleBinding/{name}-cluster-role-binding": ("clusterrolebinding", f"{name}-cluster-role-binding"),
    }


def contents(place: Place) -> dict[str, t.Any]:
    """What is in them, as kubectl sees it."""
    found = {title: place.site.get(*words) for title, words in objects(place).items()}
    return {title: {key: one[key] for key in OURS if key in one} for title, one in found.items()}


def edit(place: Place) -> None:
    deployment, config, role, service, binding = objects(place).values()
    kubectl = place.site.kubectl
    kubectl("set", "env", *deployment, "BY_HAND=1")
    kubectl("patch", *config, "--type=merge", "-p", json.dumps({"data": {"by-hand.yaml": "{}"}}))
    kubectl("patch", *role, "--type=json", "-p", json.dumps(RULE))
    kubectl("patch", *service, "--type=json", "-p", json.dumps(PORT))
    kubectl("delete", *binding)
    kubectl("rollout", "status", *deployment, "--timeout=90s")


@HELMS
def test_edited_objects_are_named_and_put_back(place: Place, helm: str) -> None:
    wanted = {"holmes_helm_binary": helm}
    ready(place, **wanted)
    before = contents(place)
    edit(place)
    place.site.say("  five objects edited by hand")
    with untouched(place):
        assert place.play("playbooks/verify.yml", **reporting(place), **wanted).code != 0
    found = checks(place)["live.objects"]
    assert report(place)["verdict"] == "not_ready" and found["status"] == "fail"
    assert sorted(found["evidence"]["drifts"]) == sorted(named(found, title) for title in before)
    assert "holmes_repair_drift=true" in found["fix"]

    with untouched(place, locked=True):
        assert place.play("site.yml", **reporting(place), **wanted).code != 0
    assert checks(place)["live.objects"]["message"] == found["message"], "said again, and left alone"
    assert place.revisions() == [(1, "deployed")] and left_behind(place) == NOTHING

    with untouched(place):
        check = place.play("site.yml", "--check", **REPAIR, **wanted)
    for title in before:
        assert title.partition("/")[2] in plain(check)
    assert plain(check).count("would be put back") == 4 and plain(check).count("would be created again") == 1

    run = ready(place, **REPAIR, **wanted)
    assert checks(place)["release.repaired"]["status"] == "pass" and run.recap("changed") > 0
    assert contents(place) == before
    assert place.revisions() == [(1, "deployed")]
    assert ready(place, **REPAIR, **wanted).recap("changed") == 0


def named(check: dict[str, t.Any], title: str) -> str:
    """The name of an object in the evidence of a check, which may say its namespace as well."""
    (found,) = [name for name in check["evidence"]["drifts"] if name.startswith(title) or f" {title}" in name]
    return str(found)


def test_helm_4_upgrades_an_edited_release(place: Place) -> None:
    wanted: dict[str, t.Any] = {"holmes_helm_binary": "helm4"}
    ready(place, **wanted, **changed(0))
    edit(place)
    run = place.play("site.yml", **reporting(place), **wanted, **changed(1))
    assert run.code != 0, "the edits stay until somebody wants them put back"
    assert left_behind(place) == NOTHING
    ready(place, **REPAIR, **wanted, **changed(2))
    (env,) = {json.dumps(pod["spec"]["containers"][0]["env"]) for pod in place.pods()}
    assert "BY_HAND" not in env and '"value": "2"' in env
    assert ready(place, **wanted, **changed(2)).recap("changed") == 0
