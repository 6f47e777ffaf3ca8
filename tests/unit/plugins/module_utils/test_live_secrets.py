# SPDX-License-Identifier: GPL-3.0-or-later
"""live.secrets: there with their keys, and not newer than the pod; nothing of a value is ever kept."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_refs import references
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_secrets import check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import ROLLOUT_ANNOTATION
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import rollout_token

from tests.unit.fixtures.live_objects import CANARY, CORE, CREATED, LATER, STARTED, secret, written
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.verify_world import forbidden

SECRETS = f"{CORE}/secrets"
OWN = f"{SECRETS}/holmes-secrets"
MOUNT = (
    "additionalVolumes: [{name: ca, secret: {secretName: site-ca, items: [{key: ca.crt, path: ca.crt}]}}, "
    "{name: both, projected: {sources: [{secret: {name: joined, optional: true}}]}}]"
)


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "live.secrets"
    text = json.dumps(found.as_dict())
    assert CANARY not in text and base64.b64encode(CANARY.encode()).decode() not in text
    assert bool(found.fix) is (found.status != PASS)
    return found


def test_a_good_one() -> None:
    found = one(world())
    assert found.status == PASS
    assert found.message == "There, and older than the pods: holmes-registry, holmes-secrets."
    # An optional one may be missing.
    assert {"name": "robusta-playbooks-config-secret", "exists": False, "changed": ""} in found.evidence["secrets"]
    assert {"name": "holmes-secrets", "exists": True, "changed": CREATED} in found.evidence["secrets"]


def test_only_secrets_that_the_pod_names_are_read() -> None:
    cluster = world().cluster()
    list(check(world().scene(cluster)))
    asked = sorted(path.partition("?")[0].rpartition("/")[2] for path in cluster.asked)
    assert asked == ["holmes-registry", "holmes-secrets", "robusta-playbooks-config-secret"]


@pytest.mark.parametrize(
    ("found", "told"),
    [(None, "Secret holmes-secrets does not exist"), (secret("other"), "Secret holmes-secrets has no key llm")],
)
def test_what_the_next_start_will_miss(found: t.Any, told: str) -> None:
    broken = world()
    if found:
        broken.answers[OWN] = found
    else:
        del broken.answers[OWN]
    judged = one(broken)
    assert (judged.status, judged.message) == (FAIL, f"The pods run, but their next start will fail: {told}.")


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([written("data", at=CREATED), written("data", at=LATER, by="kubectl-patch")], FAIL),
        ([written("data", at=CREATED), written("metadata.annotations", at=LATER, by="kubectl-annotate")], PASS),
        ([written("stringData", at=LATER)], FAIL),
    ],
)
def test_new_data_needs_a_restart_and_a_new_annotation_does_not(entries: list[t.Any], status: str) -> None:
    changed = world()
    changed.answers[OWN] = secret("llm", managedFields=entries)
    found = one(changed)
    assert found.status == status
    if status == FAIL:
        assert found.message == (
            f"Changed after pod holmes-holmes-1-a started ({STARTED}): holmes-secrets at {LATER}. "
            "The pod goes on with the old content."
        )
        assert "kubectl -n obs rollout restart deployment/holmes-holmes" in found.fix


def test_what_the_pods_started_with_is_not_newer_whenever_it_was_written() -> None:
    """Keys that nothing refers to are taken out after the pods have started."""
    changed = world()
    later = changed.answers[OWN] = secret("llm", changed=LATER, uid="u-1")
    assert one(changed).status == FAIL
    token = rollout_token("u-1", later["data"])
    changed.deployment["spec"]["template"]["metadata"]["annotations"] = {ROLLOUT_ANNOTATION: f"{'0' * 32}-{token}"}
    assert one(changed).status == PASS
    changed.answers[OWN] = secret("llm", "more", changed=LATER, uid="u-1")
    assert one(changed).status == FAIL


def test_a_node_whose_clock_is_behind() -> None:
    late = world()
    late.answers[OWN] = secret("llm", changed=LATER)
    late.pods[0]["metadata"]["creationTimestamp"] = LATER
    assert one(late).status == PASS
    late.pods[0]["metadata"]["creationTimestamp"] = CREATED
    assert one(late).status == FAIL


def test_a_file_of_a_volume_is_renewed_so_that_is_a_limitation() -> None:
    changed = world(values=MOUNT)
    changed.answers[f"{SECRETS}/site-ca"] = secret("ca.crt", changed=LATER)
    found = one(changed)
    assert (found.status, "site-ca" in found.message) == (WARN, True)
    changed.answers[OWN] = secret("llm", changed=LATER)
    assert one(changed).status == FAIL
    changed.answers[OWN] = secret("llm")
    changed.answers[f"{SECRETS}/site-ca"] = secret("tls.crt")
    assert one(changed).status == FAIL


def test_a_new_log_in_for_the_registry_needs_no_restart_and_a_missing_one_is_a_limitation() -> None:
    changed = world()
    changed.answers[f"{SECRETS}/holmes-registry"] = secret(".dockerconfigjson", changed=LATER)
    assert one(changed).status == PASS
    del changed.answers[f"{SECRETS}/holmes-registry"]
    found = one(changed)
    assert (found.status, "Secret holmes-registry does not exist" in found.message) == (WARN, True)


def test_the_right_that_is_missing_is_named() -> None:
    blind = world()
    blind.answers[OWN] = forbidden('get resource "secrets"')
    found = one(blind)
    assert found.status == NOT_CHECKED
    assert found.fix.startswith("Allow the verifying account to get secrets in namespace obs (resourceNames: holmes-re")


def test_every_kind_of_reference_is_known() -> None:
    spec = {
        "initContainers": [
            {"envFrom": [{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b", "optional": True}}]}
        ],
        "containers": [
            {
                "env": [
                    {"name": "X", "valueFrom": {"secretKeyRef": {"name": "c", "key": "k"}}},
                    {"name": "Y", "valueFrom": {"configMapKeyRef": {"name": "d", "key": "k"}}},
                    {"name": "Z", "value": "text"},
                ]
            }
        ],
        "volumes": [
            {"name": "1", "secret": {"secretName": "e", "items": [{"key": "k", "path": "p"}], "optional": True}},
            {"name": "2", "configMap": {"name": "f"}},
            {"name": "3", "projected": {"sources": [{"secret": {"name": "g"}}, {"configMap": {"name": "h"}}]}},
            {"name": "4", "emptyDir": {}},
        ],
        "imagePullSecrets": [{"name": "i"}],
    }
    assert [(ref.kind[:1], ref.name, ref.key, ref.optional, ref.use) for ref in references(spec)] == [
        ("C", "a", "", False, "variable"),
        ("S", "b", "", True, "variable"),
        ("S", "c", "k", False, "variable"),
        ("C", "d", "k", False, "variable"),
        ("S", "e", "k", True, "file"),
        ("C", "f", "", False, "file"),
        ("S", "g", "", False, "file"),
        ("C", "h", "", False, "file"),
        ("S", "i", "", True, "pull"),
    ]
