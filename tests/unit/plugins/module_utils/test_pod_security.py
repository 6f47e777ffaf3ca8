# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control of the Pod Security Standards, kept and broken."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pod_security import Violation, level, violations

from tests.unit.fixtures.manifests import RESTRICTED_CONTAINER, RESTRICTED_POD

Spec = dict[str, t.Any]


def restricted(pod: Spec | None = None, container: Spec | None = None, **spec: t.Any) -> Spec:
    """A restricted pod with changes to its contexts, to its container, or to itself."""
    context = {**RESTRICTED_POD, **(pod or {})}
    one = {"name": "c", "securityContext": {**RESTRICTED_CONTAINER, **(container or {})}}
    return copy.deepcopy({"securityContext": context, "containers": [one], **spec})


def with_container(**more: t.Any) -> Spec:
    spec = restricted()
    spec["containers"][0].update(more)
    return spec


def told(spec: Spec, annotations: Spec | None = None) -> list[str]:
    return [f"{one.level}: {one}" for one in violations(spec, annotations)]


def test_levels() -> None:
    assert violations(restricted()) == [] and level([]) == "restricted"
    assert level([Violation("restricted", "a", "b")]) == "baseline"
    assert level([Violation("restricted", "a", "b"), Violation("baseline", "a", "b")]) == "privileged"
    assert level(violations({"containers": [{"name": "c"}]})) == "baseline"
    assert str(Violation("baseline", "seccomp", "pod")) == "seccomp (pod)"


def test_a_pod_without_any_context() -> None:
    assert told({"containers": [{"name": "c"}]}) == [
        "restricted: running as non-root (container c)",
        "restricted: privilege escalation (container c)",
        "restricted: seccomp (container c)",
        "restricted: capabilities (container c does not drop ALL)",
    ]


@pytest.mark.parametrize(
    ("spec", "violation"),
    [
        (restricted(hostNetwork=True), "host namespaces (hostNetwork)"),
        (restricted(hostPID=True), "host namespaces (hostPID)"),
        (restricted(hostIPC=True), "host namespaces (hostIPC)"),
        (restricted(container={"privileged": True}), "privileged containers (container c)"),
        (restricted(pod={"windowsOptions": {"hostProcess": True}}), "HostProcess (pod)"),
        (restricted(container={"windowsOptions": {"hostProcess": True}}), "HostProcess (container c)"),
        (with_container(ports=[{"hostPort": 80}]), "host ports (container c port 80)"),
        (with_container(livenessProbe={"httpGet": {"host": "x"}}), "host probes and hooks (container c)"),
        (with_container(readinessProbe={"tcpSocket": {"host": "x"}}), "host probes and hooks (container c)"),
        (with_container(startupProbe={"httpGet": {"host": "x"}}), "host probes and hooks (container c)"),
        (with_container(lifecycle={"preStop": {"httpGet": {"host": "x"}}}), "host probes and hooks (container c)"),
        (restricted(container={"appArmorProfile": {"type": "Unconfined"}}), "AppArmor (container c)"),
        (restricted(pod={"appArmorProfile": {"type": "Unconfined"}}), "AppArmor (pod)"),
        (restricted(pod={"seLinuxOptions": {"type": "spc_t"}}), "SELinux (pod)"),
        (restricted(container={"seLinuxOptions": {"user": "u"}}), "SELinux (container c)"),
        (restricted(container={"seLinuxOptions": {"role": "r"}}), "SELinux (container c)"),
        (restricted(container={"procMount": "Unmasked"}), "/proc mount type (container c)"),
        (restricted(pod={"seccompProfile": {"type": "Unconfined"}}), "seccomp (pod)"),
        (restricted(container={"seccompProfile": {"type": "Unconfined"}}), "seccomp (container c)"),
        (restricted(pod={"sysctls": [{"name": "kernel.msgmax"}]}), "sysctls (kernel.msgmax)"),
    ],
)
def test_what_even_baseline_refuses(spec: Spec, violation: str) -> None:
    assert told(spec) == [f"baseline: {violation}"]
    assert level(violations(spec)) == "privileged"


def test_host_paths_and_capabilities_break_both_levels() -> None:
    spec = restricted(volumes=[{"name": "v", "hostPath": {"path": "/"}}])
    assert told(spec) == ["baseline: hostPath volumes (volume v)"]
    added = restricted(container={"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN", "NET_RAW", "CHOWN"]}})
    assert told(added) == [
        "baseline: capabilities (container c adds NET_RAW, SYS_ADMIN)",
        "restricted: capabilities (container c adds CHOWN)",
    ]


@pytest.mark.parametrize(
    ("spec", "violation"),
    [
        (restricted(volumes=[{"name": "v", "nfs": {}}]), "volume types (volume v: nfs)"),
        (restricted(volumes=[{"name": "v", "image": {}}]), "volume types (volume v: image)"),
        (restricted(pod={"runAsUser": 0}), "running as non-root user (pod runs as 0)"),
        (restricted(container={"runAsUser": 0}), "running as non-root user (container c runs as 0)"),
        (restricted(pod={"runAsNonRoot": None}), "running as non-root (container c)"),
        (restricted(container={"runAsNonRoot": False}), "running as non-root (container c)"),
        (restricted(pod={"runAsNonRoot": False}, container={"runAsNonRoot": True}), "running as non-root (pod)"),
        (restricted(container={"allowPrivilegeEscalation": True}), "privilege escalation (container c)"),
        (restricted(container={"allowPrivilegeEscalation": None}), "privilege escalation (container c)"),
        (restricted(pod={"seccompProfile": None}), "seccomp (container c)"),
        (restricted(container={"capabilities": None}), "capabilities (container c does not drop ALL)"),
        (restricted(container={"capabilities": {"drop": ["NET_RAW"]}}), "capabilities (container c does not drop ALL)"),
        (
            restricted(container={"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}),
            "capabilities (container c adds CHOWN)",
        ),
    ],
)
def test_what_only_restricted_refuses(spec: Spec, violation: str) -> None:
    assert told(spec) == [f"restricted: {violation}"]
    assert level(violations(spec)) == "baseline"


@pytest.mark.parametrize(
    "spec",
    [
        restricted(hostNetwork=False, hostPID=None),
        restricted(container={"privileged": False, "procMount": "Default", "runAsUser": 7, "runAsNonRoot": True}),
        restricted(pod={"runAsNonRoot": None}, container={"runAsNonRoot": True}),
        restricted(pod={"seccompProfile": None}, container={"seccompProfile": {"type": "Localhost"}}),
        restricted(pod={"appArmorProfile": {"type": "RuntimeDefault"}}),
        restricted(container={"appArmorProfile": {"type": "Localhost"}}),
        restricted(container={"seLinuxOptions": {"type": "container_t", "level": "s0"}}),
        restricted(container={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
        with_container(ports=[{"containerPort": 80, "hostPort": 0}]),
        with_container(livenessProbe={"httpGet": {"path": "/"}}, lifecycle={"preStop": {"exec": {}}}),
        restricted(volumes=["x", {"name": "v"}]),
        restricted(ephemeralContainers=None, initContainers="odd", volumes={"odd": 1}),
    ],
)
def test_what_restricted_allows(spec: Spec) -> None:
    assert told(spec) == []


@pytest.mark.parametrize(
    "kind",
    [
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"),
    ],
)
def test_volumes_that_restricted_allows(kind: str) -> None:
    assert told(restricted(volumes=[{"name": "v", kind: {}, "nfs": None}])) == []


@pytest.mark.parametrize(
    "name",
    [
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout"),
        *("net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time"),
        *("net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem"),
    ],
)
def test_sysctls_that_baseline_allows(name: str) -> None:
    assert told(restricted(pod={"sysctls": [{"name": name, "value": "1"}]})) == []


@pytest.mark.parametrize("name", ["container_t", "container_init_t", "container_kvm_t", "container_engine_t", ""])
def test_selinux_types_that_baseline_allows(name: str) -> None:
    assert told(restricted(container={"seLinuxOptions": {"type": name}})) == []


@pytest.mark.parametrize(
    "name",
    [
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    ],
)
def test_capabilities_that_only_baseline_allows(name: str) -> None:
    spec = restricted(container={"capabilities": {"drop": ["ALL"], "add": [name]}})
    assert told(spec) == [f"restricted: capabilities (container c adds {name})"]


@pytest.mark.parametrize(("value", "kept"), [("runtime/default", True), ("localhost/x", True), ("unconfined", False)])
def test_apparmor_by_annotation(value: str, kept: bool) -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    assert told(restricted(), {key: value, "other": "unconfined"}) == (
        [] if kept else [f"baseline: AppArmor (annotation {key})"]
    )


@pytest.mark.parametrize("key", ["initContainers", "ephemeralContainers"])
def test_every_container_counts(key: str) -> None:
    assert {one.where for one in violations(restricted(**{key: [{"name": "i"}]}))} == {
        "container i",
        "container i does not drop ALL",
    }


def test_windows_has_fewer_controls() -> None:
    assert told({"os": {"name": "windows"}, "containers": [{"name": "c"}]}) == [
        "restricted: running as non-root (container c)"
    ]
