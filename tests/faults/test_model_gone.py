# SPDX-License-Identifier: GPL-3.0-or-later
"""The model server disappears after the preflight, before the verification of an upgrade asks it something.

The operator reads that it is the model server which does not answer (verify.chat), and that the new revision stays
(release.returned is a warning): going back would meet the same. Once the model is back, the same site.yml changes
nothing, ends READY, and the pods are those of the upgrade.
"""

from __future__ import annotations

import json

from tests.e2e.site_run import Place, Vars
from tests.faults.fault_run import NOTHING, changed, checks, left_behind, reporting, run_with
from tests.faults.probes import Probes

SHARED = "inference"
COPIED = ("deployment/model-server", "service/vllm-server", "secret/vllm-tls-cert", "secret/vllm-api-key")


def own_model_server(place: Place) -> Vars:
    """A copy of the site's model server in the namespace of the place; variables that use it."""
    site = place.site
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.namespace}},
        *(site.get(name, "-n", SHARED) for name in (*COPIED, "secret/site-registry")),
    ]
    for one in objects[1:]:
        one["metadata"] = {"name": one["metadata"]["name"], "namespace": place.namespace}
        one.pop("status", None)
        if one["kind"] == "Service":
            one["spec"] = {key: one["spec"][key] for key in ("selector", "ports")}
    site.exec("kubectl", "apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    site.kubectl("rollout", "status", "deployment/model-server", "-n", place.namespace, "--timeout=90s")
    return {"holmes_llm_service": {"name": "vllm-server", "namespace": place.namespace, "port": 8000}}


def remaining(place: Place) -> dict[str, list[str]]:
    """What a run left, beside what this test made."""
    ours = {name.partition("/")[2] for name in COPIED} | {"site-registry"}
    found = left_behind(place)
    return {**found, "secrets": sorted(set(found["secrets"]) - ours)}


def test_the_model_server_is_gone_before_the_verification(place: Place) -> None:
    model = own_model_server(place)
    place.install(**model, **changed(0))
    scale = f"kubectl scale deployment/model-server -n {place.namespace} --replicas"
    gone = f"{scale}=0 && kubectl wait --for=delete pod -l app=model-server -n {place.namespace} --timeout=60s"
    fault = {"at": "Verify | Rollout, read-only access, API and an answer with known content"}
    with Probes(place) as probes:
        run = run_with(place, {**fault, "command": ["sh", "-c", gone]}, **reporting(place), **model, **changed(1))
        assert run.code != 0
        found = checks(place)
        assert found["verify.chat"]["status"] == "fail"
        assert "model server" in found["verify.chat"]["message"]
        assert found["release.returned"]["status"] == "warn"
        assert "Revision 2 stays: what failed lies outside of it" in found["release.returned"]["message"]
        assert place.revisions() == [(1, "superseded"), (2, "deployed")]
        assert remaining(place) == NOTHING
        pods = {pod["metadata"]["uid"] for pod in place.pods()}
        place.site.kubectl(*f"{scale}=1".split()[1:])
        place.site.kubectl("rollout", "status", "deployment/model-server", "-n", place.namespace, "--timeout=90s")
        run = place.install(**reporting(place), **model, **changed(1))
        assert run.recap("changed") == 0
        assert {check["id"] for check in checks(place).values() if check["status"] != "pass"} == set()
        assert {pod["metadata"]["uid"] for pod in place.pods()} == pods
        assert remaining(place) == NOTHING
        probes.expect_served()
