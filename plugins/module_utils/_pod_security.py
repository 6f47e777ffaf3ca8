# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Pod Security level of a pod: every control of the Kubernetes Pod Security Standards. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Source: kubernetes.io/docs/concepts/security/pod-security-standards, as of Kubernetes 1.34 (host probes are its newest
control). Works on rendered and on live pods alike; what the image itself says, such as its user, is not seen here.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

PRIVILEGED, BASELINE, RESTRICTED = "privileged", "baseline", "restricted"

Object = t.Mapping[str, t.Any]

_CAPABILITIES = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_SYSCTLS = frozenset(
    (
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout"),
        *("net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time"),
        *("net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem"),
    )
)
_VOLUMES = frozenset(
    (
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"),
        "secret",
    )
)
_SELINUX = (None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_APPARMOR = (None, "RuntimeDefault", "Localhost")
_APPARMOR_KEY = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP = ("RuntimeDefault", "Localhost")
_LISTS = ("initContainers", "containers", "ephemeralContainers")
_HOOKS = ("livenessProbe", "readinessProbe", "startupProbe")


@dataclass(frozen=True)
class Violation:
    """A control that a pod does not keep. ``level`` is the lowest that asks for it; ``where`` names the culprit."""

    level: str
    control: str
    where: str

    def __str__(self) -> str:
        return f"{self.control} ({self.where})"


def violations(spec: Object, annotations: Object | None = None) -> list[Violation]:
    """Every control that the pod does not keep, of ``baseline`` first; empty for a pod that is ``restricted``."""
    found = [Violation(BASELINE, *told) for told in (*_pod(spec, annotations or {}), *_baseline(spec))]
    return found + [Violation(RESTRICTED, *told) for told in _restricted(spec)]


def level(found: t.Iterable[Violation]) -> str:
    """The strictest level that a pod with these violations keeps."""
    broken = {violation.level for violation in found}
    return PRIVILEGED if BASELINE in broken else BASELINE if RESTRICTED in broken else RESTRICTED


Told = tuple[str, str]


def _pod(spec: Object, annotations: Object) -> t.Iterator[Told]:
    """Controls of ``baseline`` over the pod as a whole."""
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield "host namespaces", key
    for volume in _maps(spec.get("volumes")):
        if "hostPath" in volume:
            yield "hostPath volumes", f"volume {volume.get('name')}"
    for sysctl in _maps(_map(spec.get("securityContext")).get("sysctls")):
        if sysctl.get("name") not in _SYSCTLS:
            yield "sysctls", str(sysctl.get("name"))
    for key, value in annotations.items():
        if str(key).startswith(_APPARMOR_KEY) and not _apparmor_annotation(str(value)):
            yield "AppArmor", f"annotation {key}"


def _apparmor_annotation(value: str) -> bool:
    return value in ("", "runtime/default") or value.startswith("localhost/")


def _baseline(spec: Object) -> t.Iterator[Told]:
    """Controls of ``baseline`` over the security contexts of pod and containers."""
    for where, context in _contexts(spec):
        if context.get("privileged"):
            yield "privileged containers", where
        if _map(context.get("windowsOptions")).get("hostProcess"):
            yield "HostProcess", where
        added = set(_names(_map(context.get("capabilities")).get("add")))
        if added - _CAPABILITIES:
            yield "capabilities", f"{where} adds {', '.join(sorted(added - _CAPABILITIES))}"
        if _map(context.get("appArmorProfile")).get("type") not in _APPARMOR:
            yield "AppArmor", where
        labels = _map(context.get("seLinuxOptions"))
        if labels.get("type") not in _SELINUX or labels.get("user") or labels.get("role"):
            yield "SELinux", where
        if context.get("procMount") not in (None, "Default"):
            yield "/proc mount type", where
        if _map(context.get("seccompProfile")).get("type") not in (None, *_SECCOMP):
            yield "seccomp", where
    for where, container in _containers(spec):
        yield from _host_ports(where, container)


def _host_ports(where: str, container: Object) -> t.Iterator[Told]:
    for port in _maps(container.get("ports")):
        if port.get("hostPort"):
            yield "host ports", f"{where} port {port['hostPort']}"
    hooks = [_map(container.get(key)) for key in _HOOKS]
    hooks += [_map(hook) for hook in _map(container.get("lifecycle")).values()]
    if any(_map(hook.get(kind)).get("host") for hook in hooks for kind in ("httpGet", "tcpSocket")):
        yield "host probes and hooks", where


def _restricted(spec: Object) -> t.Iterator[Told]:
    """Controls that only ``restricted`` asks for."""
    for volume in _maps(spec.get("volumes")):
        kinds = {str(key) for key, value in volume.items() if key != "name" and value is not None} - _VOLUMES
        if kinds - {"hostPath"}:
            yield "volume types", f"volume {volume.get('name')}: {', '.join(sorted(kinds))}"
    pod = _map(spec.get("securityContext"))
    windows = _map(spec.get("os")).get("name") == "windows"
    if pod.get("runAsUser") == 0:
        yield "running as non-root user", "pod runs as 0"
    if pod.get("runAsNonRoot") is False:
        yield "running as non-root", "pod"
    for where, container in _containers(spec):
        context = _map(container.get("securityContext"))
        own = context.get("runAsNonRoot")
        if (pod.get("runAsNonRoot") if own is None else own) is not True:
            yield "running as non-root", where
        if context.get("runAsUser") == 0:
            yield "running as non-root user", f"{where} runs as 0"
        if not windows:
            yield from _linux(where, context, pod)


def _linux(where: str, context: Object, pod: Object) -> t.Iterator[Told]:
    if context.get("allowPrivilegeEscalation") is not False:
        yield "privilege escalation", where
    profile = context.get("seccompProfile") or pod.get("seccompProfile")
    if _map(profile).get("type") is None:
        yield "seccomp", where
    capabilities = _map(context.get("capabilities"))
    added = {name for name in _names(capabilities.get("add")) if name != "NET_BIND_SERVICE"} & _CAPABILITIES
    if "ALL" not in _names(capabilities.get("drop")):
        yield "capabilities", f"{where} does not drop ALL"
    elif added:
        yield "capabilities", f"{where} adds {', '.join(sorted(added))}"


def _contexts(spec: Object) -> t.Iterator[tuple[str, Object]]:
    """Every security context, with the name of what it belongs to."""
    yield "pod", _map(spec.get("securityContext"))
    for where, container in _containers(spec):
        yield where, _map(container.get("securityContext"))


def _containers(spec: Object) -> t.Iterator[tuple[str, Object]]:
    for key in _LISTS:
        for container in _maps(spec.get(key)):
            yield f"container {container.get('name')}", container


def _map(value: t.Any) -> Object:
    return value if isinstance(value, dict) else {}


def _maps(value: t.Any) -> list[Object]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _names(value: t.Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
