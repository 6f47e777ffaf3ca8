# SPDX-License-Identifier: GPL-3.0-or-later
"""live.pods: the Deployment against what Helm recorded, the pods against the Deployment."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_pods import check

from tests.unit.fixtures.live_objects import CANARY, LATER, written
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.values_world import NEW, OLD

ADDED = "variable STAKATER_HOLMES_SECRETS_SECRET added"


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "live.pods"
    assert CANARY not in json.dumps(found.as_dict())
    assert bool(found.fix) is (found.status != PASS)
    return found


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_defaults_and_admission_are_no_difference(chart: Path) -> None:
    found = one(world(chart))
    assert (found.status, found.message) == (
        PASS,
        "Deployment holmes-holmes and its 1 pod are as Helm recorded them in revision 3.",
    )
    assert found.evidence == {"deployment": "holmes-holmes", "revision": 3, "pods": {}}


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_kubectl_set_env_is_found_and_its_author_named(chart: Path) -> None:
    drifted = world(chart)
    drifted.set_env("MODEL", "another")
    found = one(drifted)
    assert found.status == FAIL
    assert found.message == (
        "Deployment holmes-holmes is not what Helm recorded in revision 3: container holmes: variable MODEL changed. "
        f"Written by kubectl-set ({LATER})."
    )
    assert "site.yml -e holmes_repair_drift=true" in found.fix


def test_an_added_variable_is_named_without_its_value() -> None:
    drifted = world()
    drifted.set_env("DEBUG_TOKEN", CANARY)
    found = one(drifted)
    assert found.status == FAIL
    assert found.evidence["differences"] == ["container holmes: variable DEBUG_TOKEN added"]
    assert CANARY not in str(found.as_dict())


def test_a_changed_secret_value_is_named_and_not_shown() -> None:
    drifted = world()
    drifted.set_env("SITE_PASSWORD", f"{CANARY}-new")
    assert one(drifted).evidence["differences"] == ["container holmes: variable SITE_PASSWORD changed"]


def test_a_webhook_that_edits_the_deployment_is_a_limitation() -> None:
    mutated = world()
    mutated.set_env("HTTPS_PROXY", "http://proxy", by="helm")
    found = one(mutated)
    assert found.status == WARN
    assert "admission webhook" in found.message


def test_a_restart_by_reloader_is_no_difference_and_is_told() -> None:
    rotated = world()
    rotated.set_env("STAKATER_HOLMES_SECRETS_SECRET", "5d1f0a", by="Reloader")
    found = one(rotated)
    assert found.status == PASS
    assert found.message.endswith("Reloader restarts the pods when an object changes: container holmes: " + ADDED + ".")
    assert found.evidence["reloader"] == [f"container holmes: {ADDED}"]
    rotated.set_env("MODEL", "another")
    found = one(rotated)
    assert found.status == FAIL
    assert found.evidence["differences"] == ["container holmes: variable MODEL changed"]
    assert "STAKATER" not in found.fix


def test_the_power_that_a_webhook_gives_a_pod_is_told() -> None:
    mighty = world()
    mighty.pods[0]["spec"]["containers"][0].setdefault("securityContext", {})["privileged"] = True
    found = one(mighty)
    assert (found.status, "securityContext (privileged) added" in found.message) == (WARN, True)


def test_what_is_missing_was_no_webhook() -> None:
    drifted = world()
    drifted.set_env("MODEL", None, by="helm")
    assert one(drifted).status == FAIL


def test_without_any_entry_of_an_author_it_counts_as_edited() -> None:
    drifted = world()
    drifted.set_env("HTTPS_PROXY", "http://proxy", by="helm")
    drifted.deployment["metadata"]["managedFields"] = [written("status", by="kube-controller-manager")]
    assert one(drifted).status == FAIL


def test_a_sidecar_in_the_pod_alone_is_a_limitation_that_is_named() -> None:
    injected = world()
    spec = injected.pods[0]["spec"]
    spec["containers"].append({"name": "istio-proxy", "image": "mesh"})
    spec["containers"][0]["env"].append({"name": "HTTPS_PROXY", "value": CANARY})
    found = one(injected)
    assert found.status == WARN
    assert "container istio-proxy added; container holmes: variable HTTPS_PROXY added" in found.message
    assert list(found.evidence["pods"]) == ["holmes-holmes-1-a"]


def test_a_deployment_that_is_not_of_the_release() -> None:
    foreign = world()
    foreign.deployment["metadata"]["name"] = "other"
    found = one(foreign)
    assert found.status == FAIL
    assert "has no Deployment other" in found.message


def test_many_differences_are_cut_in_the_sentence_only() -> None:
    drifted = world()
    for number in range(9):
        drifted.set_env(f"V{number}", "x")
    found = one(drifted)
    assert found.message.count("variable") == 6
    assert "and 3 more" in found.message
    assert len(t.cast("list[str]", found.evidence["differences"])) == 9
