# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the add-ons in the chart double: each has the effect that it has upstream."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get

from tests.unit.fixtures.addon_effects import EFFECTS
from tests.unit.fixtures.addon_table import BY_KEY, Addon, Values
from tests.unit.fixtures.values_world import NEW, keys
from tests.unit.plugins.module_utils.test_chart_addons import env, every, first, pod, servers, shared
from tests.unit.plugins.module_utils.test_chart_doubles import Manifests, template, variables

SITE = "registry.site.example/mcp"
PLACE = {"nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}}
BOUNDS = {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"cpu": "2m", "memory": "2Mi"}}


def named(manifests: Manifests, kind: str, end: str = "") -> list[Values]:
    return [one for (found, name), one in manifests.items() if found == kind and name.endswith(end)]


def role_of(addon: Addon, manifests: Manifests) -> t.Any:
    return get(manifests.get(("ClusterRoleBinding", f"holmes-{addon.id}")), ("roleRef", "name"))


def tokens(addon: Addon, manifests: Manifests) -> Values:
    return {name: value for name, value in variables(manifests).items() if name.endswith("_TOKEN")}


LOOKS: dict[str, t.Callable[[Addon, Manifests], t.Any]] = {
    "account": lambda addon, found: pod(found, addon).get("serviceAccountName"),
    "args": lambda addon, found: " ".join(first(found, addon).get("args") or []),
    "config": lambda addon, found: found[("ConfigMap", f"holmes-{addon.id}-config")]["data"],
    "dns": lambda addon, found: pod(found, addon).get("dnsConfig"),
    "env": lambda addon, found: env(found, first(found, addon)),
    "holmes": tokens,
    "hooks": lambda addon, found: {kind for (kind, name) in found if name.endswith("-auth-bootstrap")},
    "image": lambda addon, found: first(found, addon)["image"],
    "init": lambda addon, found: [item["image"] for item in pod(found, addon).get("initContainers") or []],
    "mounts": lambda addon, found: [item["mountPath"] for item in first(found, addon)["volumeMounts"]],
    "policy": lambda addon, found: first(found, addon)["imagePullPolicy"],
    "role": role_of,
    "roles": lambda addon, found: named(found, "ClusterRole", f"{addon.id}-role"),
    "secrets": lambda addon, found: [item["secret"]["secretName"] for item in pod(found, addon)["volumes"]],
    "server": lambda addon, found: next(iter(servers(found).values())),
    "volumes": lambda addon, found: [item["name"] for item in pod(found, addon).get("volumes") or []],
}


@pytest.mark.parametrize(("key", "options", "look", "expected"), EFFECTS)
def test_an_option_has_its_effect(key: str, options: Values, look: str, expected: t.Any) -> None:
    addon = BY_KEY[key]
    assert LOOKS[look](addon, shared(addon.on(options))) == expected


@every
def test_options_that_all_have(addon: Addon) -> None:
    image: Values = {"image": "own:1", "resources": BOUNDS}
    own = {"gcloud": image} if addon.key == "gcp" else image
    options = {**own, **PLACE, "registry": SITE, "llmInstructions": "own text"}
    if addon.key == "gcp":
        options["llmInstructions"] = {"gcloud": "own text"}
    manifests = shared(addon.on(options))
    spec, server = pod(manifests, addon), first(manifests, addon)
    assert {key: spec[key] for key in PLACE} == PLACE
    assert (server["image"], server["resources"]) == (f"{SITE}/own:1", BOUNDS)
    assert "own text" in str(servers(manifests))
    # Nothing lets an add-on log in to a registry.
    assert "imagePullSecrets" not in spec


@pytest.mark.parametrize("key", [key for key in BY_KEY if key != "aws"])
def test_pull_policy(key: str) -> None:
    addon = BY_KEY[key]
    for given in ("Always", "IfNotPresent"):
        assert first(shared(addon.on(imagePullPolicy=given)), addon)["imagePullPolicy"] == given


def rights(rules: list[Values]) -> dict[str, str]:
    return {
        "/".join([*rule["apiGroups"], resource, *rule.get("resourceNames", [])]): " ".join(rule["verbs"])
        for rule in rules
        for resource in rule["resources"]
    }


def test_what_the_remediation_may_do() -> None:
    (role,) = named(shared(BY_KEY["kubernetesRemediation"].on()), "ClusterRole", "-mcp-role")
    workload, scale, read = "get list patch update delete", "get update patch", "get list"
    assert rights(role["rules"]) == {
        **{f"apps/{name}": workload for name in ("deployments", "statefulsets", "daemonsets", "replicasets")},
        **{f"apps/{name}/scale": scale for name in ("deployments", "statefulsets", "replicasets")},
        "/pods": "get list watch create delete",
        **{f"/pods/{name}": "create" for name in ("exec", "attach", "eviction")},
        "/pods/log": "get",
        "/nodes": "get list patch update",
        **{f"batch/{name}": "get list create patch update delete" for name in ("jobs", "cronjobs")},
        **{f"/{name}": read for name in ("events", "services", "configmaps", "namespaces", "replicationcontrollers")},
    }


def test_what_its_hook_may_do() -> None:
    values = {**BY_KEY["kubernetesRemediation"].on(), "imagePullSecrets": [{"name": "pull"}]}
    manifests = shared(values)
    (role,), (job,) = named(manifests, "Role"), named(manifests, "Job")
    assert rights(role["rules"]) == {
        "/secrets": "create",
        "/secrets/holmes-k8s-remediation-mcp-token": "get delete",
        "/secrets/holmes-k8s-remediation-mcp-auth": "get",
        "apps/deployments/holmes-holmes/holmes-k8s-remediation-mcp-server": "get patch",
    }
    spec = job["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == first(manifests, BY_KEY["kubernetesRemediation"])["image"]
    # The hook knows the pull secrets, the server it prepares does not.
    assert spec["imagePullSecrets"] == [{"name": "pull"}]


@pytest.mark.parametrize(
    ("key", "options", "text"),
    [
        ("github", {"auth": {"secretName": ""}}, "auth.githubApp.secretName"),
        ("gitlabMcp", {"auth": {"secretName": ""}}, "mcpAddons.gitlabMcp needs auth.secretName"),
        ("gitlabMcp", {"config": {"apiUrl": ""}}, "config.apiUrl"),
        ("sentry", {"auth": {"secretName": ""}}, "mcpAddons.sentry needs auth.secretName"),
        ("prefect", {"config": {"apiUrl": ""}}, "mcpAddons.prefect needs config.apiUrl"),
        ("confluenceMcp", {"auth": {"secretName": ""}}, "mcpAddons.confluenceMcp needs auth.secretName"),
        ("confluenceMcp", {"config": {"url": ""}}, "mcpAddons.confluenceMcp needs config.url"),
        ("kubernetes", {"config": {"serverConfig": "x", "configSecret": {"secretName": "y"}}}, "exclude each other"),
    ],
)
def test_what_an_addon_refuses(key: str, options: Values, text: str, tmp_path: Path) -> None:
    rc, _out, err = template(NEW, tmp_path, BY_KEY[key].on(options))
    assert rc != 0 and text in err


@pytest.mark.parametrize(
    "given",
    [
        # Gone from the chart in August 2026, and an open pull request.
        {"mcpAddons": {"mariadb": {"enabled": True}}},
        {"mcpAddons": {"circleciMcp": {"enabled": True}}},
        {"mcpAddons": {"gitlab": {"enabled": True}}},
        {"mcpAddons": {"aws": {"imagePullPolicy": "Always"}}},
        {"mcpAddons": {"gcp": {"image": "x"}}},
        {"mcpAddons": {"kubernetes": {"readOnly": True}}},
        {"mcpAddons": {"sentry": {"podSecurityContext": {"runAsNonRoot": True}}}},
        {"operator": {"imagePullSecrets": [{"name": "x"}]}},
        {"operator": {"resources": {"limits": {"cpu": "1"}}}},
    ],
)
def test_keys_that_the_chart_does_not_know(given: Values) -> None:
    assert [stray.kind for stray in keys(NEW).strays(given)] == ["unknown"]
