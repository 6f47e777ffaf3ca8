# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pod and port a Service leads to. Pure functions over objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import CONTAINER, of_release, ready


@dataclass(frozen=True)
class Target:
    """A pod and its port behind a Service. ``secure``: the pod speaks TLS.

    ``name`` is the host that a URL has for it, ``authority`` its ``HOST:PORT``; empty for the Service's usual name.
    """

    namespace: str
    pod: str
    port: int
    service: str
    secure: bool = False
    name: str = ""
    authority: str = ""

    @property
    def host(self) -> str:
        """The name that a certificate of the Service carries."""
        return self.name or f"{self.service}.{self.namespace}.svc"


def pick_service(services: list[Object], release: str, namespace: str) -> Object:
    """The Service in front of HolmesGPT; raises HolmesError if there is none."""
    usual = f"{release}-holmes"
    owned = [entry for entry in services if of_release(entry, release, namespace)]
    named = [entry for entry in services if name_of(entry) == usual]
    if not named and not owned:
        raise HolmesError(
            f"Namespace {namespace} has no Service {usual} in front of HolmesGPT.",
            "Check holmes_release_name, or give holmes_verify_url.",
        )
    return (named or owned)[0]


def target_of(service: Object, pods: list[Object], namespace: str) -> Target:
    """A Ready pod of ``pods`` that the Service selects, with the port it sends to; HolmesError if there is none."""
    spec = service.get("spec") or {}
    selector: dict[str, str] = spec.get("selector") or {}
    chosen = [pod for pod in pods if ready(pod) and selected(pod, selector)]
    if not selector or not chosen:
        raise HolmesError(
            f"Service {name_of(service)} selects no ready pod of this release (selector: {selector or 'none'}).",
            "Compare the Service's selector with the labels of the pods.",
        )
    entry = (spec.get("ports") or [{}])[0]
    port = port_number(entry.get("targetPort", entry.get("port")), chosen[0])
    if port is None:
        raise HolmesError(
            f"Service {name_of(service)} sends to port '{entry.get('targetPort')}', which pod {name_of(chosen[0])} "
            "does not name.",
            "Correct the Service's targetPort.",
        )
    return Target(namespace, name_of(chosen[0]), port, name_of(service), _speaks_tls(chosen[0]))


def selected(pod: Object, selector: t.Mapping[str, str]) -> bool:
    """Whether a Service with this selector means this pod."""
    labels = meta(pod).get("labels") or {}
    return all(labels.get(key) == value for key, value in selector.items())


def _containers(pod: Object) -> list[Object]:
    containers = list((pod.get("spec") or {}).get("containers") or [])
    return sorted(containers, key=lambda container: container.get("name") != CONTAINER)


def port_number(wanted: t.Any, pod: Object) -> int | None:
    """A targetPort as a number; None if it is a name that the pod does not know."""
    if isinstance(wanted, int) or str(wanted).isdigit():
        return int(wanted)
    for container in _containers(pod):
        for port in container.get("ports") or []:
            if port.get("name") == wanted:
                return int(port["containerPort"])
    return None


def _speaks_tls(pod: Object) -> bool:
    """The chart's tls.enabled shows in the scheme of the probes (facts: chart values, tls)."""
    for container in _containers(pod)[:1]:
        for probe in ("readinessProbe", "livenessProbe"):
            scheme = ((container.get(probe) or {}).get("httpGet") or {}).get("scheme")
            if scheme:
                return str(scheme) == "HTTPS"
    return False
