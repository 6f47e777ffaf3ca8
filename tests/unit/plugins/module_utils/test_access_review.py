# SPDX-License-Identifier: GPL-3.0-or-later
"""The access review: its rows, what an answer means, and how the table reads."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _access_rows as rows
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_review import (
    Reviewed,
    answer_of,
    judge,
    judge_reads,
    table_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_say import named, sentence
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import violation

from tests.unit.fixtures.verify_world import deployment, recorded

RBAC = "rbac.authorization.k8s.io"
MUST_NOT = rows.forbidden("holmes")


def grants(rule: dict[str, t.Any], right: Right) -> bool:
    return (
        right.verb in rule["verbs"]
        and right.resource in rule.get("resources", [])
        and right.group in rule.get("apiGroups", [])
    )


@pytest.mark.parametrize("name", ["rbac-0.45.0.json", "rbac-0.16.1.json"])
def test_the_charts_own_role_gives_all_that_is_needed_and_nothing_else(name: str) -> None:
    role = recorded(name)
    for right in rows.needed("holmes", []):
        assert any(grants(rule, right) for rule in role), right
    for right in MUST_NOT:
        assert not any(grants(rule, right) for rule in role), right


@pytest.mark.parametrize("right", MUST_NOT)
def test_what_must_not_be_is_what_the_rules_call_too_much(right: Right) -> None:
    rule = {"verbs": [right.verb], "resources": [right.resource], "apiGroups": [right.group]}
    assert violation(rule)


@pytest.mark.parametrize(
    "right",
    [
        Right("create", "pods", "", "holmes"),
        Right("patch", "deployments", "apps", "holmes"),
        Right("delete", "configmaps", "", "holmes"),
        Right("get", "secrets", "", "holmes"),
        Right("list", "secrets", "", "holmes"),
        *(Right(verb, f"pods/{what}", "", "holmes") for verb in ("create", "get") for what in ("exec", "attach")),
        Right("create", "pods/portforward", "", "holmes"),
        Right("get", "services/proxy", "", "holmes"),
        Right("get", "nodes/proxy"),
        Right("create", "serviceaccounts/token", "", "holmes"),
        Right("create", "rolebindings", RBAC, "holmes"),
        Right("create", "clusterrolebindings", RBAC),
        *(Right(verb, "roles", RBAC, "holmes") for verb in ("bind", "escalate")),
        *(Right(verb, "clusterroles", RBAC) for verb in ("bind", "escalate")),
        *(Right("impersonate", who) for who in ("users", "groups")),
        Right("impersonate", "serviceaccounts", "", "holmes"),
        Right("create", "pods/eviction", "", "holmes"),
        Right("patch", "deployments/scale", "apps", "holmes"),
        Right("patch", "pods/ephemeralcontainers", "", "holmes"),
        Right("approve", "signers", "certificates.k8s.io"),
        Right("*", "*", "*"),
    ],
)
def test_these_are_asked_for(right: Right) -> None:
    assert right in MUST_NOT


def test_each_row_is_asked_once() -> None:
    assert len(set(MUST_NOT)) == len(MUST_NOT)
    assert not set(rows.needed("holmes", [])) & set(MUST_NOT)
    assert len(MUST_NOT) + len(rows.needed("holmes", [])) < 80


SCOPES: list[tuple[list[dict[str, t.Any]], list[str]]] = [
    ([], []),
    ([{"name": "SCOPED_NAMESPACES", "value": "a, b,a,"}], ["a", "b"]),
    ([{"name": "SCOPED_NAMESPACES", "value": ""}], []),
    ([{"name": "SCOPED_NAMESPACES", "valueFrom": {"configMapKeyRef": {}}}], []),
    ([{"name": "OTHER", "value": "a"}], []),
]


@pytest.mark.parametrize(("env", "scope"), SCOPES)
def test_the_namespaces_that_are_meant(env: list[dict[str, t.Any]], scope: list[str]) -> None:
    found = deployment()
    found["spec"]["template"]["spec"]["containers"][0]["env"] = env
    assert rows.scope_of(found) == scope
    needed, vital = rows.needed("holmes", scope), rows.vital("holmes", scope)
    assert {right.namespace for right in needed} == ({"", "holmes"} if not scope else set(scope))
    assert set(vital) <= set(needed)
    assert {right.namespace for right in vital} == set(scope or ["holmes"])
    assert any(right.resource == "nodes" for right in needed) is not bool(scope)


def test_no_container_no_namespaces() -> None:
    assert rows.scope_of({}) == []


REVIEWS: list[tuple[t.Any, bool | None]] = [
    ({"allowed": True}, True),
    ({"allowed": True, "evaluationError": "a role is missing"}, True),
    ({"allowed": False}, False),
    ({"allowed": False, "denied": True, "reason": "RBAC: none"}, False),
    ({"allowed": False, "evaluationError": "timeout"}, None),
    ({"denied": True}, None),
    ({"allowed": "false"}, None),
    (None, None),
    ({}, None),
]


@pytest.mark.parametrize(("status", "answer"), REVIEWS)
def test_what_a_review_says(status: t.Any, answer: bool | None) -> None:
    assert answer_of({"status": status}) is answer


PODS, NODES, SECRETS = (
    Right("list", "pods", "", "holmes"),
    Right("list", "nodes"),
    Right("get", "secrets", "", "holmes"),
)
EXEC = Right("create", "pods/exec", "", "holmes")


def test_the_table_has_every_row_once_with_what_was_expected() -> None:
    reviewed = Reviewed({PODS: True, NODES: False, SECRETS: True, EXEC: None})
    table = table_of(reviewed, [PODS, NODES, PODS], [SECRETS, EXEC])
    told = {name: [(row["resource"], row["allowed"], row["expected"]) for row in some] for name, some in table.items()}
    assert told == {
        "can": [("pods", True, True), ("secrets", True, False)],
        "cannot": [("nodes", False, True)],
        "unknown": [("pods/exec", None, False)],
    }
    assert table["cannot"][0]["scope"] == "cluster" and table["can"][0]["scope"] == "namespace holmes"


def test_an_answer_that_is_missing_is_not_a_refusal() -> None:
    assert judge("sa", Reviewed({}), [SECRETS], Exceptions({}), {}).status == "not_checked"
    assert judge_reads("sa", Reviewed({}), [PODS], [PODS], False).status == "not_checked"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({SECRETS: False, EXEC: False}, "pass"),
        ({SECRETS: False, EXEC: None}, "not_checked"),
        ({SECRETS: True, EXEC: None}, "fail"),
        ({SECRETS: True, EXEC: False}, "fail"),
    ],
)
def test_what_is_known_to_be_allowed_fails_whatever_is_not_known(answers: dict[Right, t.Any], status: str) -> None:
    assert judge("sa", Reviewed(answers), [SECRETS, EXEC], Exceptions({}), {}).status == status


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({PODS: True, NODES: True}, "pass"),
        ({PODS: True, NODES: None}, "not_checked"),
        ({PODS: None, NODES: False}, "warn"),
        ({PODS: False, NODES: None}, "fail"),
    ],
)
def test_reads_that_are_missing(answers: dict[Right, t.Any], status: str) -> None:
    assert judge_reads("sa", Reviewed(answers), [PODS, NODES], [PODS], False).status == status


def test_everything_is_said_as_a_word() -> None:
    everything = rows.EVERYTHING
    assert named(everything) == "everything" and named(EXEC) == "create pods/exec"
    assert (
        sentence([everything, NODES, EXEC])
        == "list nodes; everything (*) (cluster); create pods/exec (namespace holmes)"
    )
    check = judge("sa", Reviewed({everything: True}), [everything], Exceptions({}), {})
    assert "everything (*) (cluster)" in check.message
