# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about rendered objects: names that the API accepts, and kinds that nobody expects."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import account, holmes, pod, thing
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import OLD, build, case, judge

CHECK, KINDS = "render.objects", "render.kinds"


def within(namespace: str, kind: str = "Service", name: str = "s") -> dict[str, t.Any]:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}}


@pytest.mark.parametrize(
    ("manifests", "status", "message", "fix"),
    [
        ([thing("Service", "a"), thing("ConfigMap", "a")], "pass", "2 objects", ""),
        ([within("holmes"), within("other")], "pass", "2 objects", ""),
        (
            [thing("Service", "1a")],
            "fail",
            "Service/1a has a name that Kubernetes refuses: a Service begins",
            "the value",
        ),
        (
            [thing("Service", "holmes-" + "a" * 57)],
            "fail",
            "it has 64 characters, 63 are allowed",
            "holmes_release_name",
        ),
        (
            [thing("Deployment", "")],
            "fail",
            "Deployment/ has a name that Kubernetes refuses: it has no name",
            "the value",
        ),
        ([thing("Deployment", "A")], "fail", "only a-z, 0-9, '-' and '.' are allowed", ""),
        ([account("a"), account("a")], "fail", "ServiceAccount/a is rendered 2 times", "holmes_service_account"),
        ([account("a"), within("holmes", "ServiceAccount", "a")], "fail", "ServiceAccount/a is rendered 2 times", ""),
        ([within("n"), within("n"), within("n")], "fail", "Service/s is rendered 3 times", ""),
        (
            [pod({"name": "a_b"})],
            "fail",
            "A container of Deployment/holmes-holmes has the name 'a_b'",
            "initContainers",
        ),
        ([pod({"image": "x"})], "fail", "has the name '', which Kubernetes refuses", "at most 63 characters"),
        ([pod(holmes(), initContainers=[{"name": "I"}])], "fail", "has the name 'I'", ""),
    ],
)
def test_objects(manifests: t.Any, status: str, message: str, fix: str) -> None:
    assert_told(CHECK, case({}, manifests=manifests), status, message, fix)


TWICE = [{"name": "B"}, {"name": "A"}, {"name": "A"}, {"name": "B"}, {"name": "C"}]


@pytest.mark.parametrize(
    ("values", "manifest", "status", "fix"),
    [
        ({}, pod(holmes(env=TWICE)), "pass", ""),  # values.env_name speaks of it
        ({}, pod(holmes(), {"name": "x", "env": TWICE}), "fail", "Correct additionalEnvVars of initContainers."),
        (
            {"operator": {"enabled": True}},
            pod({"name": "x", "env": TWICE}, name="holmes-operator"),
            "fail",
            "Correct additionalEnvVars of operator.",
        ),
        ({}, pod({"name": "x", "env": [{"name": "A"}, {"name": "B"}]}), "pass", ""),
    ],
)
def test_variables_of_other_containers(values: t.Any, manifest: t.Any, status: str, fix: str) -> None:
    message = "The container 'x' of Deployment/" if status == "fail" else ""
    found = assert_told(CHECK, case(values, manifests=[manifest]), status, message, fix)
    assert status == "pass" or "sets 'A', 'B' more than once" in found.message


def hook(text: str, kind: str = "Job") -> dict[str, t.Any]:
    return {"kind": kind, "metadata": {"name": "j", "annotations": {"helm.sh/hook": text}}}


EXPECTED = [
    *("ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy"),
    *("Role", "RoleBinding", "Secret", "Service", "ServiceAccount"),
]


@pytest.mark.parametrize("kind", EXPECTED)
def test_expected_kinds(kind: str) -> None:
    assert_told(KINDS, case({}, manifests=[thing(kind, "a")]), "pass", "1 objects")


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        (thing("Secret", "s", data={"k": "eA=="}), "fail", "Secret/s holds its content in the values"),
        (thing("Secret", "s", stringData={"k": "x"}), "fail", "Secret/s holds its content in the values"),
        (thing("Secret", "s", data={}, stringData=None), "pass", "1 objects"),
        (thing("APIService", "a"), "fail", "APIService/a decides about requests of everybody"),
        (thing("MutatingWebhookConfiguration", "a"), "fail", "decides about requests of everybody in the cluster"),
        (thing("ValidatingWebhookConfiguration", "a"), "fail", "decides about requests of everybody in the cluster"),
        (thing("CronJob", "a"), "warn", "CronJob/a is of a kind that HolmesGPT does not need"),
        (thing("DaemonSet", "a"), "warn", "is of a kind that HolmesGPT does not need"),
        (thing("Ingress", "a"), "warn", "is of a kind that HolmesGPT does not need"),
        (hook("pre-install"), "warn", "Job/j is a hook, which Helm runs and keeps outside"),
        (hook("pre-install", "ServiceAccount"), "warn", "ServiceAccount/j is a hook"),
        (hook("test", "ConfigMap"), "pass", ""),
        (hook("test"), "warn", "is of a kind that HolmesGPT does not need"),
        (within("other"), "warn", "Service/s belongs to another namespace, 'other'"),
        (within("other", "ClusterRole"), "pass", ""),
        (within("other", "ClusterRoleBinding"), "pass", ""),
        (within("holmes"), "pass", ""),
        (within(""), "pass", ""),
    ],
)
def test_kinds(manifest: dict[str, t.Any], status: str, message: str) -> None:
    found = assert_told(KINDS, case({}, manifests=[manifest]), status, message)
    assert status == "pass" or found.fix == "Remove the value or the sub-chart that brings it."


@pytest.mark.parametrize("kind", ["CustomResourceDefinition", "Namespace", "PersistentVolume"])
def test_a_namespace_of_what_has_none_does_not_matter(kind: str) -> None:
    found = judge(KINDS, case({}, manifests=[within("other", kind)]))
    assert found.status == "warn" and "another namespace" not in found.message


def test_two_doubts_about_one_object() -> None:
    found = judge(KINDS, case({}, manifests=[within("other", "Ingress")]))
    assert "does not need" in found.message and "another namespace" in found.message


def test_the_fix_of_an_add_on() -> None:
    values = {"mcpAddons": {"kubernetes": {"enabled": True}}}
    secret = thing("Secret", "holmes-k8s-mcp-server-config", stringData={"a": "b"})
    assert judge(KINDS, case(values, manifests=[secret])).fix == "Set mcpAddons.kubernetes.enabled: false."


@pytest.mark.parametrize("manifest", [thing("Secret", "s", data={"k": "eA=="}), thing("APIService", "s")])
def test_an_object_is_accepted_by_name(manifest: dict[str, t.Any]) -> None:
    def given(**options: t.Any) -> Case:
        return case({}, manifests=[manifest], **options)

    accepted(KINDS, f"{manifest['kind']}/s", given)


def test_with_the_real_helm() -> None:
    for options in ({}, {"chart": OLD}, {"rbac": {"openshift": True}, "values": {"autoscaling": {"enabled": True}}}):
        checks = {check.id: check.status for check in build(**options).checks}
        assert (checks[CHECK], checks[KINDS]) == ("pass", "pass")
    long = {"release_name": "h" * 53, "values": {"mcpAddons": {"kubernetesRemediation": {"enabled": True}}}}
    (found,) = [check for check in build(**long).checks if check.id == CHECK]
    assert found.status == "fail" and "63 are allowed" in found.message
