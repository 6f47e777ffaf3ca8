# SPDX-License-Identifier: GPL-3.0-or-later
"""How one pod specification differs from another."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_compare import covers, differences

Spec = dict[str, t.Any]
SAID: Spec = {
    "serviceAccountName": "holmes",
    "securityContext": {"runAsNonRoot": True},
    "imagePullSecrets": [{"name": "pull"}],
    "containers": [
        {
            "name": "holmes",
            "image": "reg/holmes:1",
            "command": ["python3", "server.py"],
            "env": [
                {"name": "A", "value": "1"},
                {"name": "EMPTY", "value": ""},
                {"name": "REF", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "TWICE", "value": "first"},
                {"name": "TWICE", "value": "last"},
            ],
            "envFrom": [{"secretRef": {"name": "more"}}],
            "securityContext": {
                "readOnlyRootFilesystem": True,
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "seLinuxOptions": {"level": ""},
            },
            "resources": {"requests": {"cpu": "1000m", "memory": "1024Mi"}},
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "config", "mountPath": "/etc/c"}],
        }
    ],
    "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "config", "configMap": {"name": "cm", "optional": True}}],
}


def edit(spec: Spec, path: str, value: t.Any) -> None:
    """Set what a dotted path leads to; a list grows by ``+``."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        spec = spec[step]  # type: ignore[index]
    if last == "+":
        t.cast("list[t.Any]", spec).append(value)
    elif value is None:
        del spec[last]  # type: ignore[arg-type]
    else:
        spec[last] = value  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dnsPolicy", "ClusterFirst"),
        ("containers.0.terminationMessagePath", "/dev/log"),
        ("containers.0.securityContext.procMount", "Default"),
        ("containers.0.resources.requests", {"cpu": "1", "memory": "1Gi"}),
        ("containers.0.resources.limits", {}),
        ("containers.0.env.1", {"name": "EMPTY"}),
        ("containers.0.env.3", {"name": "TWICE", "value": "other"}),
        ("containers.0.args", []),
        ("containers.0.securityContext.seLinuxOptions", None),
        ("containers.0.securityContext.capabilities.add", []),
        ("volumes.1.configMap.defaultMode", 420),
        ("volumes.0", {"name": "tmp"}),
        ("hostNetwork", False),
    ],
)
def test_what_the_api_server_fills_in_is_no_difference(path: str, value: t.Any) -> None:
    live = copy.deepcopy(SAID)
    edit(live, path, value)
    assert live != SAID
    assert differences(SAID, live) == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("serviceAccountName", "other", "serviceAccountName changed"),
        ("serviceAccountName", None, "serviceAccountName missing"),
        ("hostNetwork", True, "hostNetwork added"),
        ("securityContext.runAsNonRoot", False, "securityContext changed"),
        ("imagePullSecrets", None, "pull Secret pull missing"),
        ("containers.0.image", "reg/holmes:2", "image changed"),
        ("containers.0.command", ["sleep"], "command changed"),
        ("containers.0.args", ["-v"], "args added"),
        ("containers.0.env.+", {"name": "NEW", "value": "x"}, "variable NEW added"),
        ("containers.0.env.0", {"name": "A", "value": "2"}, "variable A changed"),
        ("containers.0.env.0", {"name": "B", "value": "1"}, "variable A missing|variable B added"),
        ("containers.0.env.1", {"name": "EMPTY", "valueFrom": {"fieldRef": {}}}, "variable EMPTY changed"),
        ("containers.0.env.2.valueFrom.secretKeyRef.key", "other", "variable REF changed"),
        ("containers.0.env.2", {"name": "REF", "value": ""}, "variable REF changed"),
        ("containers.0.env.4.value", "other", "variable TWICE changed"),
        ("containers.0.envFrom.0.secretRef.name", "x", "envFrom secretRef more missing|envFrom secretRef x added"),
        ("containers.0.securityContext.privileged", True, "securityContext (privileged) added"),
        ("containers.0.securityContext.capabilities.add", ["SYS_ADMIN"], "securityContext (capabilities.add) added"),
        ("containers.0.securityContext.runAsUser", 0, "securityContext (runAsUser: 0) added"),
        ("containers.0.securityContext.runAsGroup", 0, "securityContext added"),
        ("containers.0.securityContext.allowPrivilegeEscalation", None, "securityContext changed"),
        ("containers.0.securityContext.allowPrivilegeEscalation", True, "securityContext changed"),
        ("securityContext.runAsUser", 0, "securityContext (runAsUser: 0) added"),
        ("containers.0.securityContext.readOnlyRootFilesystem", None, "securityContext changed"),
        ("containers.0.resources.requests.cpu", "2", "resources changed"),
        ("containers.0.resources.limits", {"cpu": "1"}, "resources added"),
        ("containers.0.volumeMounts.1.mountPath", "/etc/d", "mount /etc/c missing|mount /etc/d added"),
        ("containers.0.volumeMounts.0.name", "config", "mount /tmp changed"),
        ("volumes.0", {"name": "tmp", "hostPath": {"path": "/"}}, "volume tmp changed"),
        ("volumes.1.configMap.name", "other", "volume config changed"),
        ("containers.+", {"name": "sidecar"}, "container sidecar added"),
        ("initContainers", [{"name": "init"}], "container init added"),
    ],
)
def test_an_edit_is_named(path: str, value: t.Any, told: str) -> None:
    live = copy.deepcopy(SAID)
    edit(live, path, value)
    assert "|".join(sorted(one.told for one in differences(SAID, live))) == told


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("imagePullSecrets.+", {"name": "of-the-account"}, []),
        ("securityContext.fsGroup", 1000, []),
        ("containers.0.resources.limits", {"cpu": "1"}, []),
        ("containers.0.securityContext.runAsUser", 1000650000, []),
        ("containers.0.securityContext.privileged", False, []),
        ("containers.0.securityContext.privileged", True, ["securityContext (privileged) added"]),
        ("containers.0.securityContext.capabilities.add", ["NET_RAW"], ["securityContext (capabilities.add) added"]),
        ("containers.0.securityContext.runAsUser", 0, ["securityContext (runAsUser: 0) added"]),
        ("securityContext.runAsUser", 0, ["securityContext (runAsUser: 0) added"]),
        ("containers.0.env.+", {"name": "HTTP_PROXY", "value": "x"}, ["variable HTTP_PROXY added"]),
        ("containers.+", {"name": "istio-proxy"}, ["container istio-proxy added"]),
        ("volumes.+", {"name": "mesh", "emptyDir": {}}, ["volume mesh added"]),
        ("containers.0.image", "reg/holmes@sha256:1", ["image changed"]),
    ],
)
def test_of_a_pod_only_what_is_not_in_every_pod_is_named(path: str, value: t.Any, found: list[str]) -> None:
    live = copy.deepcopy(SAID)
    edit(live, path, value)
    assert [one.told for one in differences(SAID, live, pod=True)] == found


def test_the_volume_of_the_token_is_known_by_its_mount_in_a_pod_and_nowhere_else() -> None:
    live = copy.deepcopy(SAID)
    edit(live, "volumes.+", {"name": "kube-api-access-1", "projected": {}})
    mount = {"name": "kube-api-access-1", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    edit(live, "containers.0.volumeMounts.+", mount)
    assert differences(SAID, live, pod=True) == []
    assert len(differences(SAID, live)) == 2


@pytest.mark.parametrize(
    ("said", "live", "same"),
    [
        ("1000m", "1", True),
        ("1Gi", "1024Mi", True),
        ("1Gi", "1G", False),
        ("x", "y", False),
        ({"a": None}, {}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": 1}, "text", False),
        (["a"], ["a", "b"], False),
        (["a"], "a", False),
        (True, None, False),
        (False, None, True),
    ],
)
def test_covers(said: t.Any, live: t.Any, same: bool) -> None:
    assert covers(said, live) is same


@pytest.mark.parametrize(
    ("said", "same"), [(None, True), ({}, True), ([], True), ("", True), (False, False), (0, False), ({"a": 0}, False)]
)
def test_where_it_matters_false_and_0_are_not_absent(said: t.Any, same: bool) -> None:
    assert covers({"x": said}, {}, strict=True) is same
    assert covers({"x": [{"y": said}]}, {"x": [{}]}, strict=True) is same
