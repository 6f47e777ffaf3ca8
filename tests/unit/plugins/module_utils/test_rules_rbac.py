# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about rights in the rendered chart: roles, bindings, who gets them, and what to change."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import violations
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import binding, role, rule, subject, thing
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import OLD, build, case, judge

CHECK = "render.rbac_read_only"
OWN = "holmes-holmes-cluster-role"


@pytest.mark.parametrize(
    ("manifests", "status", "text"),
    [
        ([role(rule("get,list,watch"), rule("get", "secretstores", "external-secrets.io"))], "pass", "2 rules"),
        ([role(rule("get", "deployments/scale", "apps"))], "pass", "1 rules"),
        ([role({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})], "pass", "1 rules"),
        ([role(rule("get", "secrets", "secrets-store.csi.x-k8s.io"))], "pass", "1 rules"),
        ([role("no mapping")], "pass", "0 rules"),  # type: ignore[arg-type]
        ([role(rule("get,create"))], "fail", "grants verbs create on pods (core). HolmesGPT may only read"),
        (
            [role(rule("get,patch,delete", "deployments", "apps"))],
            "fail",
            "grants verbs delete, patch on deployments (apps)",
        ),
        ([role(rule("create"), rule("patch"))], "fail", "verbs create on pods (core); verbs patch on pods (core)"),
        ([role(rule("*"))], "fail", "grants verbs * on pods"),
        ([role(rule("get", "secrets"))], "fail", "grants Secrets on secrets (core)"),
        ([role(rule("list", "*"))], "fail", "grants a wildcard (*), which includes Secrets"),
        ([role({"apiGroups": [""], "resources": ["pods"], "verbs": "get"})], "fail", "something that is no list"),
        ([role(rule("get,update"), kind="Role", name="x")], "fail", "Role/x grants verbs update on pods"),
        ([role(rule("create")), role(rule("patch"), name="z")], "fail", "ClusterRole/z grants verbs patch"),
        ([thing("ClusterRole", OWN, aggregationRule={"x": 1})], "fail", f"{OWN} collects rules of other roles"),
        ([role(), binding(OWN)], "pass", "0 rules"),
        ([binding("view"), binding("cluster-monitoring-view")], "pass", "0 rules"),
        ([binding("cluster-admin")], "fail", "ClusterRoleBinding/b gives the role 'cluster-admin', which may write"),
        ([binding("edit", kind="RoleBinding")], "fail", "RoleBinding/b gives the role 'edit'"),
        ([binding("other")], "warn", "'other', which is not part of the chart"),
        ([thing("RoleBinding", "b")], "warn", "gives the role ''"),
        ([role(), binding(OWN, subject("a"), subject("b", namespace="holmes"))], "pass", "0 rules"),
        (
            [role(), binding(OWN, subject("system:authenticated", "Group"))],
            "fail",
            "to the group 'system:authenticated'",
        ),
        ([role(), binding(OWN, subject("eve", "User"))], "fail", "to the user 'eve', not to HolmesGPT alone"),
        (
            [role(), binding(OWN, subject("a", namespace="other"))],
            "warn",
            "the account 'a' of another namespace, 'other'",
        ),
        ([role(), binding(OWN, subject("default"))], "warn", "every pod that names no account"),
        ([role(), binding(OWN, subject("default", namespace="other"))], "warn", "of another namespace"),
    ],
)
def test_rbac_read_only(manifests: list[dict[str, t.Any]], status: str, text: str) -> None:
    assert_told(CHECK, case({}, manifests=manifests), status, text)


def test_the_evidence() -> None:
    assert_told(CHECK, case({}, manifests=[role(rule("get"), rule("list"))]), "pass", rules=2)
    found = judge(CHECK, case({}, manifests=[role(rule("create"), name="a"), binding("admin")]))
    assert sorted(found.evidence["roles"]) == ["ClusterRole/a", "ClusterRoleBinding/b"]
    grouped = case({}, manifests=[role(), binding(OWN, subject("x", "Group"))])
    assert judge(CHECK, grouped).evidence["roles"] == ["ClusterRoleBinding/b"]
    collecting = case({}, manifests=[thing("ClusterRole", "a", aggregationRule={"x": 1})])
    assert judge(CHECK, collecting).evidence["roles"] == ["ClusterRole/a"]


def test_rendered_and_live_roles_are_judged_alike() -> None:
    acting = ["pods/exec", "pods/attach", "pods/portforward", "nodes/proxy", "*/exec", "*/proxy"]
    for resource in (*acting, "secrets", "secrets/x", "*", "pods/*"):
        (told,) = violations([rule("get", resource)])
        found = judge(CHECK, case({}, manifests=[role(rule("get", resource))]))
        assert (found.status, f" grants {told}." in found.message) == ("fail", True)


WRITES = rule("create")
OPERATOR = {"operator": {"enabled": True}}


def addon(name: str) -> dict[str, t.Any]:
    return {"mcpAddons": {name: {"enabled": True}}}


@pytest.mark.parametrize(
    ("values", "manifests", "fix"),
    [
        ({"customClusterRoleRules": [WRITES]}, [role(WRITES)], "Correct holmes_custom_cluster_role_rules"),
        ({"customClusterRoleRules": [rule("get")]}, [role(WRITES)], "This chart's own role goes that far"),
        ({"customClusterRoleRules": [WRITES]}, [role(WRITES, name="holmes-holmes-role")], "Correct holmes_custom"),
        ({}, [role(WRITES)], "set holmes_rbac_create: false"),
        ({}, [role(WRITES, name="other")], "Turn off what brings ClusterRole/other"),
        ({}, [role(WRITES, name="holmes-operator")], "Turn off what brings ClusterRole/holmes-operator"),
        (OPERATOR, [role(WRITES, name="holmes-operator")], "Set operator.enabled: false."),
        (
            addon("kubernetesRemediation"),
            [role(WRITES, name="holmes-k8s-remediation-mcp-role")],
            "Set mcpAddons.kubernetesRemediation.enabled: false.",
        ),
        (
            addon("kubernetes"),
            [binding("admin", name="holmes-k8s-mcp")],
            "mcpAddons.kubernetes.serviceAccount.clusterRole",
        ),
        ({}, [binding("admin")], "Bind 'view' instead."),
        ({}, [binding("other")], "See that it only reads."),
        ({}, [role(), binding(OWN, subject("x", "Group"))], "Turn off what brings ClusterRoleBinding/b."),
        ({}, [role(), binding(OWN, subject("x", namespace="y"))], "See what brings ClusterRoleBinding/b."),
        ({}, [role(), binding(OWN, subject("default"))], "Set holmes_service_account"),
    ],
)
def test_the_fix_names_the_origin(values: dict[str, t.Any], manifests: list[dict[str, t.Any]], fix: str) -> None:
    assert fix in judge(CHECK, case(values, manifests=manifests)).fix


@pytest.mark.parametrize(
    ("subject_", "manifest"),
    [
        ("ClusterRole/a", role(WRITES, name="a")),
        ("Role/a", role(WRITES, name="a", kind="Role")),
        ("ClusterRole/a", thing("ClusterRole", "a", aggregationRule={"x": 1})),
        ("ClusterRoleBinding/b", binding("admin")),
        ("ClusterRoleBinding/b", binding("view", subject("x", "Group"))),
    ],
)
def test_one_deliberate_write_is_accepted_by_name(subject_: str, manifest: dict[str, t.Any]) -> None:
    def given(**options: t.Any) -> Case:
        return case({}, manifests=[manifest], **options)

    accepted(CHECK, subject_, given)


@pytest.mark.parametrize(
    ("subject_", "bound"),
    [
        ("ClusterRoleBinding/b", [binding("other")]),
        ("ClusterRoleBinding/b", [binding("view", subject("default"))]),
        ("ClusterRoleBinding/b", [binding("view", subject("x", namespace="y"))]),
    ],
)
def test_a_doubt_has_the_same_subject(subject_: str, bound: list[dict[str, t.Any]]) -> None:
    found = judge(CHECK, case({}, manifests=bound, exceptions={f"{CHECK}:{subject_}": "meant"}))
    assert found.message.startswith("Accepted (meant)")


def test_an_accepted_role_accepts_no_other() -> None:
    both = [role(WRITES, name="a"), role(WRITES, name="b")]
    found = judge(CHECK, case({}, manifests=both, exceptions={f"{CHECK}:ClusterRole/a": "meant"}))
    assert found.status == "fail" and found.evidence["accepted"] == ["ClusterRole/a"]


@pytest.mark.parametrize(
    ("options", "status", "text"),
    [
        ({}, "pass", "32 rules"),
        ({"chart": OLD}, "pass", "17 rules"),
        ({"rbac": {"openshift": True}}, "pass", "33 rules"),
        ({"values": OPERATOR}, "fail", "ClusterRole/holmes-operator grants"),
        ({"values": addon("kubernetesRemediation")}, "fail", "ClusterRole/holmes-k8s-remediation-mcp-role grants"),
        (
            {"rbac": {"scope": "namespace", "custom_cluster_role_rules": [WRITES]}},
            "fail",
            "Role/holmes-holmes-role grants",
        ),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str, text: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert (found.status, text in found.message) == (status, True), found
