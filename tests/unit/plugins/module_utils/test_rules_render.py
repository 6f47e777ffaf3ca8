# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about the rendered chart, both ways."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import violations
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

from tests.unit.fixtures.values_world import case, judge


def role(
    *rules: dict[str, t.Any], name: str = "holmes-holmes-cluster-role", kind: str = "ClusterRole"
) -> dict[str, t.Any]:
    return {"kind": kind, "metadata": {"name": name}, "rules": list(rules)}


def rule(verbs: str, resources: str = "pods", groups: str = "") -> dict[str, t.Any]:
    return {"apiGroups": groups.split(","), "resources": resources.split(","), "verbs": verbs.split(",")}


def binding(target: str, kind: str = "ClusterRoleBinding") -> dict[str, t.Any]:
    return {"kind": kind, "metadata": {"name": "b"}, "roleRef": {"name": target}}


def pod(image: str, name: str = "holmes-holmes", **more: t.Any) -> dict[str, t.Any]:
    container = {"name": "holmes", "image": image, **more}
    return {
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def assert_row(check: str, case_: t.Any, status: str, text: str) -> None:
    found = judge(check, case_)
    assert (found.status, text in found.message) == (status, True), found
    assert bool(found.fix) == (status != "pass"), found


@pytest.mark.parametrize(
    ("rendered", "status", "text"),
    [
        (Rendered(({"kind": "Service"},)), "pass", "1 objects"),
        (Rendered(error="why"), "fail", "helm template failed: why"),
        (Rendered(missing="Helm was not found."), "not_checked", "Helm was not found."),
        (Rendered(), "not_checked", "illegal name"),
    ],
)
def test_failed(rendered: Rendered, status: str, text: str) -> None:
    assert_row("render.failed", replace(case({}), rendered=rendered), status, text)


@pytest.mark.parametrize("check", ["render.rbac_read_only", "render.images", "render.outside_hosts"])
@pytest.mark.parametrize("rendered", [Rendered(), Rendered(error="x"), Rendered(missing="x")])
def test_without_manifests_nothing_is_claimed(check: str, rendered: Rendered) -> None:
    assert_row(check, replace(case({}), rendered=rendered), "not_checked", "could not be rendered")


@pytest.mark.parametrize(
    ("manifests", "status", "text"),
    [
        ([role(rule("get,list,watch"), rule("get", "secretstores", "external-secrets.io"))], "pass", "2 rules"),
        ([role(rule("get", "deployments/scale", "apps"))], "pass", "1 rules"),
        ([role({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})], "pass", "1 rules"),
        ([role(rule("get", "secrets", "secrets-store.csi.x-k8s.io"))], "pass", "1 rules"),
        ([role(rule("get,create"))], "fail", "grants verbs create on pods (core)"),
        (
            [role(rule("get,patch,delete", "deployments", "apps"))],
            "fail",
            "grants verbs delete, patch on deployments (apps)",
        ),
        ([role(rule("*"))], "fail", "grants verbs * on pods"),
        ([role(rule("impersonate", "users"))], "fail", "grants verbs impersonate on users"),
        ([role(rule("get", "secrets"))], "fail", "grants Secrets on secrets (core)"),
        ([role(rule("get", "secrets/x"))], "fail", "grants Secrets on secrets/x"),
        ([role(rule("list", "*"))], "fail", "grants a wildcard (*), which includes Secrets"),
        ([role(rule("list", "pods", "*"))], "fail", "grants a wildcard (*) on pods"),
        (
            [role({"apiGroups": [""], "resources": ["pods"], "verbs": "get"})],
            "fail",
            "grants something that is no list",
        ),
        ([role(rule("get,update"), kind="Role", name="x")], "fail", "Role/x grants verbs update on pods"),
        (
            [role(rule("create")), role(rule("patch"), name="holmes-operator")],
            "fail",
            "ClusterRole/holmes-operator grants verbs patch",
        ),
        ([role(), binding("holmes-holmes-cluster-role")], "pass", "0 rules"),
        ([binding("view"), binding("cluster-monitoring-view")], "pass", "0 rules"),
        ([binding("cluster-admin")], "fail", "ClusterRoleBinding/b gives the role 'cluster-admin', which may write"),
        ([binding("edit", "RoleBinding")], "fail", "RoleBinding/b gives the role 'edit'"),
        ([binding("other")], "warn", "'other', which is not part of the chart"),
    ],
)
def test_rbac_read_only(manifests: list[dict[str, t.Any]], status: str, text: str) -> None:
    assert_row("render.rbac_read_only", case({}, manifests=manifests), status, text)


ACTING = ["pods/exec", "pods/attach", "pods/portforward", "nodes/proxy", "*/exec", "*/proxy"]


@pytest.mark.parametrize("resource", ACTING)
def test_a_get_that_acts_is_more_than_reading(resource: str) -> None:
    given = case({}, manifests=[role(rule("get", resource))])
    assert_row("render.rbac_read_only", given, "fail", f"more than reading on {resource} (core)")


def test_rendered_and_live_roles_are_judged_alike() -> None:
    given = [rule("get", resource) for resource in (*ACTING, "secrets", "secrets/x", "*", "pods/*")]
    for one in given:
        (told,) = violations([one])
        assert f" grants {told}." in judge("render.rbac_read_only", case({}, manifests=[role(one)])).message


@pytest.mark.parametrize(
    ("values", "name", "fix"),
    [
        ({}, "holmes-holmes-cluster-role", "holmes_custom_cluster_role_rules"),
        ({}, "holmes-holmes-role", "holmes_custom_cluster_role_rules"),
        ({"operator": {"enabled": True}}, "holmes-operator", "operator.enabled: false"),
        ({}, "holmes-k8s-remediation-mcp-role", "mcpAddons.NAME.enabled: false"),
    ],
)
def test_the_fix_names_the_switch(values: dict[str, t.Any], name: str, fix: str) -> None:
    assert fix in judge("render.rbac_read_only", case(values, manifests=[role(rule("create"), name=name)])).fix


SITE = "registry.site.internal:5000"


@pytest.mark.parametrize(
    ("image", "registry", "profile", "status", "text"),
    [
        (f"{SITE}/holmesgpt/holmes:0.45.0", f"{SITE}/holmesgpt", "airgap", "pass", "holmes:0.45.0"),
        (f"{SITE}/other/init:1", f"{SITE}/holmesgpt", "airgap", "pass", "init:1"),
        (f"{SITE}/holmes@sha256:{'0' * 64}", SITE, "airgap", "pass", "sha256"),
        ("robustadev/holmes:0.45.0", f"{SITE}/holmesgpt", "airgap", "fail", f"does not come from {SITE}"),
        ("robustadev/holmes:0.45.0", f"{SITE}/holmesgpt", "none", "warn", f"does not come from {SITE}"),
        ("docker.io/x/y:1", "mirror", "airgap", "pass", "docker.io/x/y:1"),
        ("localhost/x:1", "localhost/h", "airgap", "pass", "localhost/x:1"),
        ("robustadev/holmes:0.45.0", "", "airgap", "warn", "from a public registry"),
        ("robustadev/holmes:0.45.0", "", "none", "pass", "robustadev/holmes:0.45.0"),
        (f"https://{SITE}/holmes:1", f"https://{SITE}", "airgap", "fail", "no legal reference"),
        (f"{SITE}/holmes:", SITE, "airgap", "fail", "no legal reference"),
        (f"{SITE}//holmes:1", SITE, "airgap", "fail", "no legal reference"),
        (f"{SITE}/Holmes:1", SITE, "airgap", "fail", "no legal reference"),
        ("", SITE, "airgap", "fail", "no legal reference"),
    ],
)
def test_images(image: str, registry: str, profile: str, status: str, text: str) -> None:
    assert_row("render.images", case({}, manifests=[pod(image)], registry=registry, profile=profile), status, text)


def test_the_registry_may_come_from_values() -> None:
    given = case({"registry": SITE}, manifests=[pod("robustadev/holmes:1")])
    assert_row("render.images", given, "fail", "does not come from")


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("holmes-holmes", "Set holmes_image_registry and holmes_image"),
        ("holmes-operator", "operator.registry"),
        ("holmes-aws-mcp-server", "mcpAddons.NAME.registry"),
    ],
)
def test_the_fix_names_the_right_registry(name: str, fix: str) -> None:
    assert fix in judge("render.images", case({}, manifests=[pod("x/y:1", name)], registry=SITE)).fix


def text_map(text: str) -> dict[str, t.Any]:
    return {"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"x": text}}


@pytest.mark.parametrize(
    ("manifest", "status", "text"),
    [
        (text_map("api_base: http://vllm.inference.svc:8000/v1"), "pass", ""),
        (text_map("url: https://grafana.site.internal"), "pass", ""),
        (text_map("url: https://api.openai.com/v1"), "warn", "ConfigMap/c names api.openai.com"),
        (text_map("url: https://API.OpenAI.com/v1"), "warn", "api.openai.com"),
        (text_map("dsn: https://key@o1.ingest.us.sentry.io/1"), "warn", "o1.ingest.us.sentry.io"),
        (text_map("see notopenai.com and https://notopenai.com"), "pass", ""),
        (text_map("icon_url: https://cdn.simpleicons.org/x"), "pass", ""),
        (text_map("icon_url: https://cdn.simpleicons.org/x\nurl: https://github.com/x"), "warn", "github.com"),
        (
            pod("x", env=[{"name": "A", "value": "https://huggingface.co/x"}]),
            "warn",
            "Deployment/holmes-holmes names huggingface.co",
        ),
        (pod("docker.io/x/y:1"), "pass", ""),
    ],
)
def test_outside_hosts(manifest: dict[str, t.Any], status: str, text: str) -> None:
    assert_row("render.outside_hosts", case({}, manifests=[manifest]), status, text)
