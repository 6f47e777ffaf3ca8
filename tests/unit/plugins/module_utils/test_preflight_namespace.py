# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespace and its Pod Security level, judged."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_namespace as namespace
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

from tests.unit.fixtures.cluster_world import container, deployment, made
from tests.unit.fixtures.manifests import RESTRICTED_CONTAINER, RESTRICTED_POD
from tests.unit.fixtures.verify_world import forbidden

Object = dict[str, t.Any]


def labelled(**levels: str) -> Object:
    labels = {f"pod-security.kubernetes.io/{mode.replace('_', '-')}": level for mode, level in levels.items()}
    return made("Namespace", "holmes", metadata={"labels": {"team": "sre", **labels}})


ACTIVE = {**labelled(), "status": {"phase": "Active"}}
STUCK = {"type": "NamespaceContentRemaining", "status": "True", "message": "Some resources are remaining: pods."}
ENDING = {**labelled(), "status": {"phase": "Terminating", "conditions": [STUCK]}}
NAMESPACES: list[tuple[Object | None, bool, str, str, str]] = [
    (ACTIVE, False, "pass", "is active", ""),
    (None, True, "pass", "the role makes it", ""),
    (None, False, "fail", "does not exist", "holmes_create_namespace"),
    (ENDING, True, "fail", "It waits: Some resources are remaining: pods.", "holmes_namespace"),
    (made("Namespace", "holmes", metadata={"deletionTimestamp": "now"}), True, "fail", "is being deleted", "Wait"),
]


@pytest.mark.parametrize(("found", "create", "status", "said", "fix"), NAMESPACES)
def test_the_namespace(found: Object | None, create: bool, status: str, said: str, fix: str) -> None:
    check = namespace.judge("holmes", found, create)
    assert (check.id, check.status) == ("cluster.namespace", status)
    assert said in check.message and fix in check.fix
    assert bool(check.fix) == (status != "pass")


def test_an_unreadable_namespace_is_no_pass() -> None:
    check = namespace.unreadable("cluster.namespace", "holmes", forbidden("get namespaces"))
    assert check.status == "not_checked" and "'get' on namespaces" in check.fix


PLAIN = deployment(container())
KEPT = deployment({**container(), "securityContext": RESTRICTED_CONTAINER}, securityContext=RESTRICTED_POD)
HOST = deployment(container(), name="agent", volumes=[{"name": "logs", "hostPath": {"path": "/var/log"}}])
LEVELS: list[tuple[Object | None, list[Object], str, str, str]] = [
    (labelled(enforce="restricted"), [KEPT], "pass", "allows every pod", ""),
    (labelled(enforce="restricted"), [PLAIN], "fail", "privilege escalation", "holmes_pod_security: restricted"),
    (labelled(enforce="restrcted"), [PLAIN], "fail", "enforces 'restricted'", "holmes_pod_security: restricted"),
    (labelled(enforce="baseline"), [PLAIN], "pass", "'baseline'", ""),
    (labelled(enforce="baseline"), [PLAIN, HOST], "fail", "Deployment/agent: hostPath volumes", "host paths"),
    (labelled(enforce="privileged"), [HOST], "pass", "'privileged'", ""),
    (labelled(enforce="baseline", warn="restricted"), [PLAIN], "warn", "warn at 'restricted'", "restricted"),
    (labelled(audit="restricted"), [PLAIN], "warn", "audit at 'restricted'", "holmes_pod_security"),
    (labelled(enforce="baseline", warn="restricted", audit="restricted"), [KEPT], "pass", "allows", ""),
    (labelled(), [KEPT], "pass", "every pod keeps 'restricted'", ""),
    (labelled(), [PLAIN], "pass", "every pod keeps 'baseline'", ""),
    (None, [PLAIN, KEPT], "pass", "every pod keeps 'baseline'", ""),
    (None, [HOST], "not_checked", "Deployment/agent would need 'privileged'", "pod-security.kubernetes.io/enforce"),
]


@pytest.mark.parametrize(("found", "manifests", "status", "said", "fix"), LEVELS)
def test_pod_security(found: Object | None, manifests: list[Object], status: str, said: str, fix: str) -> None:
    pods = namespace.pods_of(Rendered(manifests=tuple(manifests)))
    check = namespace.judge_security("holmes", found, pods)
    assert (check.id, check.status) == ("cluster.pod_security", status)
    assert said in check.message and fix in check.fix
    assert bool(check.fix) == (status != "pass")


def test_only_what_the_level_asks_for_is_named() -> None:
    pods = namespace.pods_of(Rendered(manifests=(HOST,)))
    check = namespace.judge_security("holmes", labelled(enforce="baseline"), pods)
    assert "seccomp" not in check.message
    assert check.evidence["labels"] == {"enforce": "baseline"}
    assert check.evidence["levels"] == {"Deployment/agent": "privileged"}
