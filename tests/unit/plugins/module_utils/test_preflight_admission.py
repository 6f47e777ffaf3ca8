# SPDX-License-Identifier: GPL-3.0-or-later
"""Dry runs: what is sent, and what an answer proves."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_admission as admission
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError

from tests.unit.fixtures.cluster_world import (
    NAMESPACE,
    FakeApi,
    Refusal,
    container,
    deployment,
    live,
    made,
    ours,
    role,
)
from tests.unit.fixtures.verify_world import forbidden

DEPLOYMENTS = "/apis/apps/v1/namespaces/holmes/deployments"
PODS = "/api/v1/namespaces/holmes/pods"
HOLMES = deployment(container(), serviceAccountName="not-there-yet")


def run(manifest: t.Any = HOLMES, found: t.Any = None, **dry: t.Any) -> Check:
    """The check over dry runs of one object; ``dry`` says what the deployment and the pod get as an answer."""
    paths = {"deployment": DEPLOYMENTS, "existing": f"{DEPLOYMENTS}/holmes-holmes", "pod": PODS}
    cluster = FakeApi(dry={paths[name]: answer for name, answer in dry.items()})
    send = admission.sender(t.cast(t.Any, cluster), 1.0)
    attempts = admission.attempts([live(manifest, found)], NAMESPACE)
    return admission.judge([admission.attempt(send, *one) for one in attempts])


def denied(text: str, status: int = 403) -> Refusal:
    return Refusal(status, text)


RBAC = 'deployments.apps is forbidden: User "eve" cannot create resource "deployments" in API group "apps"'
NO_POD = 'pods is forbidden: User "eve" cannot create resource "pods" in API group "" in the namespace "holmes"'
QUOTA = 'pods "x" is forbidden: exceeded quota: small, requested: requests.memory=2Gi'
ACCOUNT = 'pods "x" is forbidden: error looking up service account holmes/default: serviceaccount "default" not found'
LEVEL = 'pods "x" is forbidden: violates PodSecurity "restricted:latest": seccompProfile'
ROWS: list[tuple[dict[str, t.Any], str, str, str]] = [
    ({}, "pass", "Dry runs of 2 objects were accepted", ""),
    (
        {"deployment": denied('admission webhook "validate.kyverno.svc-fail" denied the request: no label team', 400)},
        "fail",
        "Deployment/holmes-holmes: webhook validate.kyverno.svc-fail: admission webhook",
        "owner of the policy",
    ),
    (
        {"pod": denied('admission webhook "validation.gatekeeper.sh" denied the request: root')},
        "not_checked",
        "a pod made by hand was refused, webhook validation.gatekeeper.sh",
        "See the reason",
    ),
    (
        {"deployment": denied("deployments.apps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding", 422)},
        "fail",
        "policy p",
        "owner",
    ),
    (
        {"deployment": denied('Internal error occurred: failed calling webhook "m.site": no route', 500)},
        "fail",
        "webhook m.site does not answer",
        "owner",
    ),
    ({"pod": denied(LEVEL)}, "pass", "accepted", ""),
    ({"deployment": denied('Deployment.apps "x" is invalid: spec.replicas', 422)}, "fail", "is invalid", "holmes"),
    ({"pod": denied(QUOTA)}, "pass", "accepted", ""),
    ({"pod": denied(ACCOUNT)}, "pass", "accepted", ""),
    ({"deployment": '299 - "would violate PodSecurity \\"restricted:latest\\": x"'}, "pass", "accepted", ""),
    ({"pod": denied(NO_POD)}, "pass", "Dry runs of 1 objects were accepted. The pods were not tried", ""),
    ({"deployment": denied(RBAC)}, "not_checked", "cannot create resource", "Grant 'create deployments'"),
    ({"deployment": denied('namespaces "holmes" not found', 404)}, "not_checked", "(404)", "may still succeed"),
    ({"deployment": denied("object was modified", 409)}, "not_checked", "(409)", "may still succeed"),
    (
        {"deployment": denied('admission webhook "w.site" does not support dry run', 400)},
        "not_checked",
        "does not support dry run",
        "webhook w.site",
    ),
    (
        {"deployment": '299 - "spec.x: deprecated", 299 - "say \\"no\\""'},
        "warn",
        'Deployment/holmes-holmes: spec.x: deprecated | Deployment/holmes-holmes: say "no"',
        "the field",
    ),
]


@pytest.mark.parametrize(("dry", "status", "said", "fix"), ROWS)
def test_what_an_answer_proves(dry: dict[str, t.Any], status: str, said: str, fix: str) -> None:
    check = run(**dry)
    assert (check.id, check.status) == ("cluster.admission", status)
    assert said in check.message and fix in check.fix
    assert bool(check.fix) == (status != "pass")


def test_an_object_that_exists_is_patched() -> None:
    refused = denied('admission webhook "w.site" denied the request: no')
    assert run(found=ours("Deployment", "holmes-holmes"), existing=refused).status == "fail"
    assert run(found=ours("Deployment", "holmes-holmes"), deployment=refused).status == "pass"


def test_everything_sent_is_a_dry_run() -> None:
    cluster = FakeApi()
    send = admission.sender(t.cast(t.Any, cluster), 1.0)
    known = [live(HOLMES), live(made("Service", "holmes-holmes"), ours("Service", "holmes-holmes")), live(role())]
    for one in admission.attempts(known, NAMESPACE):
        admission.attempt(send, *one)
    assert [(method, path) for method, path, _query in cluster.sent] == [
        ("post", DEPLOYMENTS),
        ("post", PODS),
        ("patch", "/api/v1/namespaces/holmes/services/holmes-holmes"),
    ]
    assert all(query["dryRun"] == "All" for _method, _path, query in cluster.sent)


def test_the_pod_is_the_one_of_the_template_with_an_account_that_exists() -> None:
    _deployment, (title, _method, _path, pod) = admission.attempts([live(HOLMES)], NAMESPACE)
    assert title == "Pod of Deployment/holmes-holmes" and pod["kind"] == "Pod"
    assert pod["metadata"]["labels"] == {"app": "holmes"} and pod["metadata"]["namespace"] == NAMESPACE
    assert "serviceAccountName" not in pod["spec"] and pod["spec"]["containers"] == [container()]
    assert HOLMES["spec"]["template"]["spec"]["serviceAccountName"] == "not-there-yet", "the manifest stays as it is"


def test_what_may_not_be_read_is_not_tried() -> None:
    assert admission.attempts([live(HOLMES, error=forbidden("get deployments"))], NAMESPACE) == []


def test_no_answer_at_all_ends_it() -> None:
    with pytest.raises(KubeError):
        run(deployment=OSError("connection refused"))
