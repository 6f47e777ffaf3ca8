# SPDX-License-Identifier: GPL-3.0-or-later
"""What a single rule of a role grants beyond reading."""

from __future__ import annotations

import typing as t

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
        ("approve,sign", "signers", "certificates.k8s.io", f"verbs approve, sign{ALL} on signers"),
        ("update", "certificatesigningrequests/approval", "certificates.k8s.io", f"verbs update{ALL} on"),
        ("patch", "*/approval", "*", f"verbs patch{ALL} and a wildcard"),
        ("create", "certificatesigningrequests", "certificates.k8s.io", "verbs create on certificatesigningrequests"),
        ("create", "certificatesigningrequests/approval", "apps", "verbs create on"),
        ("update", "certificatesigningrequests/approval", "apps", "verbs update on"),
        ("impersonate:user-info", "users", "authentication.k8s.io", f"verbs impersonate:user-info{ALL} on users"),
        ("patch,update", "pods/ephemeralcontainers", "", "verbs patch, update on pods/ephemeralcontainers (core)"),
        ("create", "pods/eviction", "", "verbs create on pods/eviction (core)"),
        ("get", "imagestreams/secrets", "image.openshift.io", "pull secrets on imagestreams/secrets"),
        ("get", "imagestreams/secrets", "", "pull secrets on imagestreams/secrets"),
        ("get", "*/secrets", "image.openshift.io", "a wildcard (*) and pull secrets on */secrets"),
        ("get", "imagestreams", "image.openshift.io", ""),
        ("use", "podsecuritypolicies", "policy", ""),
        ("use", "securitycontextconstraints", "security.openshift.io", "verbs use on securitycontextconstraints"),
    ],
)
def test_violation(verbs: str, resources: str, groups: str, told: str) -> None:
    found = violation(rule(verbs, resources, groups))
    assert told in found and bool(found) == bool(told)


def test_urls_and_odd_shapes() -> None:
    assert violation({"nonResourceURLs": ["/metrics"], "verbs": ["get"]}) == ""
    assert violation({"nonResourceURLs": ["/a"], "verbs": ["post"]}) == "verbs post on /a (URLs)"
    assert violation({"nonResourceURLs": ["/api/*"], "verbs": ["get"]}) == ""
    for everything in ("*", "/*"):
        assert (
            violation({"nonResourceURLs": [everything], "verbs": ["get"]}) == f"a wildcard (*) on {everything} (URLs)"
        )
    assert violation({"verbs": ["post"]}) == "verbs post on nothing (URLs)"
    assert violation({"apiGroups": None, "resources": None, "verbs": None}) == ""
    for key in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
        assert "no list of" in violation({"verbs": ["get"], key: "get"})


PROFILE = {**rule("use", "securitycontextconstraints", "security.openshift.io"), "resourceNames": ["restricted-v2"]}


@pytest.mark.parametrize(
    ("more", "fine"),
    [
        ({}, True),
        ({"resourceNames": ["restricted", "restricted-v3", "nonroot", "nonroot-v2"]}, True),
        ({"resourceNames": []}, False),
        ({"resourceNames": None}, False),
        ({"resourceNames": "restricted-v2"}, False),
        ({"resourceNames": ["restricted-v2", "anyuid"]}, False),
        ({"verbs": ["use", "update"]}, False),
        ({"verbs": ["*"]}, False),
        ({"resources": ["securitycontextconstraints", "pods"]}, False),
        ({"apiGroups": ["security.openshift.io", ""]}, False),
        ({"nonResourceURLs": ["/x"]}, False),
    ],
)
def test_only_the_use_of_a_restricting_profile_is_none_of_our_business(more: dict[str, t.Any], fine: bool) -> None:
    one = {**PROFILE, **more}
    assert bool(violation(one)) is not fine
    assert bool(_rbac_rules.profiles(one)) is fine


@pytest.mark.parametrize(
    ("more", "fine"),
    [
        ({}, True),
        ({"resourceNames": ["eks.privileged"]}, True),
        ({"apiGroups": ["extensions"]}, True),
        ({"apiGroups": ["policy", "extensions"]}, True),
        ({"apiGroups": ["policy", ""]}, False),
        ({"apiGroups": ["*"]}, False),
        ({"apiGroups": []}, False),
        ({"verbs": ["use", "update"]}, False),
        ({"verbs": ["*"]}, False),
        ({"resources": ["podsecuritypolicies", "pods"]}, False),
        ({"nonResourceURLs": ["/x"]}, False),
    ],
)
def test_the_use_of_a_pod_security_policy_changes_nothing(more: dict[str, t.Any], fine: bool) -> None:
    one = {**rule("use", "podsecuritypolicies", "policy"), **more}
    assert bool(violation(one)) is not fine
    assert _rbac_rules.admits(one) is fine


def test_only_offenders_are_told() -> None:
    assert violations([rule("get"), rule("create"), rule("list", "secrets")]) == [
        "verbs create on pods (core)",
        "Secrets on secrets (core)",
    ]


def test_well_known_roles() -> None:
    assert {"view", "cluster-monitoring-view", "system:discovery"} <= _rbac_rules.READING_ROLES
    assert {"admin", "edit", "cluster-admin"} <= _rbac_rules.WRITING_ROLES
    assert not _rbac_rules.READING_ROLES & _rbac_rules.WRITING_ROLES
