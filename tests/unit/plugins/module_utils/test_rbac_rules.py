# SPDX-License-Identifier: GPL-3.0-or-later
"""What a single rule of a role grants beyond reading."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rbac_rules
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import violation, violations

from tests.unit.fixtures.manifests import rule

ALL = " (a way to further rights)"


@pytest.mark.parametrize(
    ("verbs", "resources", "groups", "told"),
    [
        ("get,list,watch", "pods", "", ""),
        ("get", "secrets", "secrets-store.csi.x-k8s.io", ""),
        ("get", "deployments/scale", "apps", ""),
        ("get", "pods/exec", "apps", ""),
        ("create", "pods", "", "verbs create on pods (core)"),
        ("get,patch,delete", "deployments", "apps", "verbs delete, patch on deployments (apps)"),
        ("GET", "pods", "", "verbs GET on pods (core)"),
        ("*", "pods", "", "verbs * on pods (core)"),
        ("escalate", "clusterroles", "rbac.authorization.k8s.io", f"verbs escalate{ALL} on clusterroles"),
        ("bind", "clusterroles", "rbac.authorization.k8s.io", f"verbs bind{ALL} on"),
        ("impersonate", "users", "", f"verbs impersonate{ALL} on users (core)"),
        ("create", "serviceaccounts/token", "", f"verbs create{ALL} on serviceaccounts/token (core)"),
        ("*", "*/token", "", f"verbs *{ALL} and a wildcard (*) on */token (core)"),
        ("patch", "serviceaccounts/token", "", "verbs patch on serviceaccounts/token (core)"),
        ("create", "serviceaccounts/token", "apps", "verbs create on serviceaccounts/token (apps)"),
        ("get", "secrets", "", "Secrets on secrets (core)"),
        ("get", "secrets/x", "", "Secrets on secrets/x (core)"),
        ("get", "secrets", "*", "a wildcard (*) and Secrets on secrets (*)"),
        ("list", "*", "", "a wildcard (*), which includes Secrets on * (core)"),
        ("list", "*", "apps", "a wildcard (*) on * (apps)"),
        ("list", "pods", "*", "a wildcard (*) on pods (*)"),
        ("list", "pods/*", "", "a wildcard (*) on pods/* (core)"),
        ("get", "pods/exec", "", "more than reading on pods/exec (core)"),
        ("get", "pods/attach", "", "more than reading on pods/attach (core)"),
        ("get", "pods/portforward", "", "more than reading on pods/portforward (core)"),
        ("get", "pods/proxy", "", "more than reading on pods/proxy (core)"),
        ("get", "services/proxy", "", "more than reading on services/proxy (core)"),
        ("get", "nodes/proxy", "", "more than reading on nodes/proxy (core)"),
        ("get", "*/exec", "", "a wildcard (*) and more than reading on */exec (core)"),
        ("get", "*/attach", "", "and more than reading"),
        ("get", "*/portforward", "", "and more than reading"),
        ("get", "*/proxy", "", "and more than reading"),
    ],
)
def test_violation(verbs: str, resources: str, groups: str, told: str) -> None:
    found = violation(rule(verbs, resources, groups))
    assert told in found and bool(found) == bool(told)


def test_urls_and_odd_shapes() -> None:
    assert violation({"nonResourceURLs": ["/metrics"], "verbs": ["get"]}) == ""
    assert violation({"nonResourceURLs": ["/a"], "verbs": ["post"]}) == "verbs post on /a (URLs)"
    assert violation({"verbs": ["post"]}) == "verbs post on nothing (URLs)"
    assert violation({"apiGroups": None, "resources": None, "verbs": None}) == ""
    for key in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
        assert "no list of" in violation({"verbs": ["get"], key: "get"})


def test_only_offenders_are_told() -> None:
    assert violations([rule("get"), rule("create"), rule("list", "secrets")]) == [
        "verbs create on pods (core)",
        "Secrets on secrets (core)",
    ]


def test_well_known_roles() -> None:
    assert {"view", "cluster-monitoring-view", "system:discovery"} <= _rbac_rules.READING_ROLES
    assert {"admin", "edit", "cluster-admin"} <= _rbac_rules.WRITING_ROLES
    assert not _rbac_rules.READING_ROLES & _rbac_rules.WRITING_ROLES
