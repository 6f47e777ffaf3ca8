# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about the pod's account: every combination of the chart's switches, on both charts."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.unit.fixtures.manifests import account, holmes, pod
from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import NEW, OLD, build, case

CHECK = "values.service_account"
NOT = {"createServiceAccount": False}
OWN = {"customServiceAccountName": "mine"}
OPENSHIFT = {"openshift": True}
CHARTS = "holmes-holmes-service-account"


def runs(name: str, *made: str) -> list[dict[str, t.Any]]:
    """The pod with an account, and the accounts that the chart makes."""
    return [pod(holmes(), serviceAccountName=name), *map(account, made)]


@pytest.mark.parametrize(
    ("values", "rendered", "status", "message", "fix"),
    [
        ({}, [], "pass", "The chart makes the account and its role", ""),
        ({"createServiceAccount": True}, runs(CHARTS, CHARTS), "pass", "The chart makes the account", ""),
        ({"customServiceAccountName": ""}, [], "pass", "The chart makes the account", ""),
        (NOT, runs("default"), "warn", "runs as the namespace's 'default' account", "holmes_service_account, or"),
        (NOT, [], "warn", "the namespace's 'default' account", "holmes_rbac_create: true"),
        ({"createServiceAccount": None}, [], "warn", "the namespace's 'default' account", ""),
        (NOT, runs(CHARTS), "fail", f"'{CHARTS}', which nobody makes", "holmes_rbac_create: true"),
        ({**NOT, **OWN}, runs("mine"), "pass", "Own account 'mine'; its rights are yours", ""),
        ({**NOT, "customServiceAccountName": "a"}, runs("a"), "pass", "Own account 'a'", ""),
        (NOT, runs("a"), "fail", "'a', which nobody makes", ""),
        ({**NOT, "customServiceAccountName": "default"}, [], "warn", "every pod has that names no", "HolmesGPT's own"),
        (OWN, runs("mine", "mine"), "warn", "will try to create the account 'mine'", "holmes_rbac_create: false"),
        (OWN, [], "warn", "will try to create the account 'mine'", ""),
        ({"customServiceAccountName": "a"}, [], "warn", "will try to create the account 'a'", ""),
        (OWN, runs("mine", CHARTS), "fail", "HolmesGPT would see nothing", "or remove holmes_service_account"),
        ({"customServiceAccountName": "default"}, runs("default", "default"), "fail", "every namespace has", "Remove"),
        ({"customServiceAccountName": "My_SA"}, [], "fail", "none that Kubernetes accepts", "only a-z, 0-9"),
        ({"customServiceAccountName": 7}, [], "fail", "none that Kubernetes accepts", "as text"),
        ({**NOT, "customServiceAccountName": ["a"]}, [], "fail", "none that Kubernetes accepts", ""),
        ({"k8sRBAC": True}, [], "warn", "turns the kubernetes toolsets off (issue #2436)", "Remove k8sRBAC"),
        ({"k8sRBAC": False}, [], "pass", "The chart makes", ""),
    ],
)
def test_service_account(values: dict[str, t.Any], rendered: t.Any, status: str, message: str, fix: str) -> None:
    found = assert_told(CHECK, case(values, manifests=rendered), status, message, fix)
    assert "no effect" not in found.message


RULES = {"customClusterRoleRules": [1]}
CRDS = {"crdPermissions": {"argo": True}}


@pytest.mark.parametrize(
    ("values", "useless"),
    [
        ({**NOT, **OWN, **RULES}, "customClusterRoleRules"),
        ({**NOT, **OWN, **CRDS}, "crdPermissions"),
        ({**NOT, **OWN, **OPENSHIFT}, "openshift"),
        ({**NOT, **OWN, "serviceAccount": {"annotations": {"a": "b"}}}, "serviceAccount"),
        ({**NOT, **OWN, "serviceAccount": {"imagePullSecrets": [{"name": "a"}]}}, "serviceAccount"),
        ({**NOT, **OWN, **RULES, **CRDS, **OPENSHIFT}, "crdPermissions, customClusterRoleRules, openshift"),
        ({"k8sRBAC": True, **RULES}, "customClusterRoleRules"),
        ({"k8sRBAC": True, **CRDS, "namespaceScopedRBAC": True}, "crdPermissions, namespaceScopedRBAC"),
    ],
)
def test_what_has_no_effect(values: dict[str, t.Any], useless: str) -> None:
    assert_told(CHECK, case(values, manifests=runs("mine")), "warn", f"has no effect: {useless}.")


@pytest.mark.parametrize(
    "nothing",
    [
        {"crdPermissions": {}},
        {"crdPermissions": {"argo": False}},
        {"customClusterRoleRules": []},
        {"customClusterRoleRules": None},
        {"openshift": False},
        {"serviceAccount": {"annotations": {}, "imagePullSecrets": []}},
        {"serviceAccount": {"annotations": {"a": ""}}},
    ],
)
def test_what_says_nothing_needs_no_effect(nothing: dict[str, t.Any]) -> None:
    assert_told(CHECK, case({**NOT, **OWN, **nothing}, manifests=runs("mine")), "pass", "Own account")


def test_the_old_chart_has_fewer_switches() -> None:
    assert_told(CHECK, case({"k8sRBAC": True}, chart_path=OLD), "pass", "The chart makes")
    given = case({**NOT, **OWN, **CRDS}, chart_path=OLD, manifests=runs("mine"))
    assert_told(CHECK, given, "pass", "Own account")


@pytest.mark.parametrize(
    ("chart", "rbac", "status"),
    [
        (NEW, {}, "pass"),
        (NEW, {"create": False}, "warn"),
        (NEW, {"create": False, "service_account": "mine"}, "pass"),
        (NEW, {"service_account": "mine"}, "warn"),
        (OLD, {}, "pass"),
        (OLD, {"create": False}, "fail"),
        (OLD, {"create": False, "service_account": "mine"}, "pass"),
        (OLD, {"service_account": "mine"}, "fail"),
    ],
)
def test_with_the_real_helm(chart: Path, rbac: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(chart, rbac=rbac).checks if check.id == CHECK]
    assert found.status == status, found
