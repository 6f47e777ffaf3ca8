# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Service a host name in a URL means, and what can be wrong with that Service. Pure functions over objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import statuses
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service import Target, port_number, selected
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import ready, selector_text


class Goal(t.NamedTuple):
    """What a URL asks for; ``variable`` is where it is written."""

    scheme: str
    host: str
    port: int
    variable: str

    @property
    def authority(self) -> str:
        """``HOST:PORT`` as a Host header has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Place(t.NamedTuple):
    """A Service by its name. ``pod``: one pod behind a headless Service. Not ``sure``: NAME.NAMESPACE without svc."""

    service: str
    namespace: str
    pod: str = ""
    sure: bool = True

    @property
    def told(self) -> str:
        return f"Service {self.namespace}/{self.service}"


def place_of(host: str, namespace: str, domain: str) -> Place | None:
    """The Service that a name means in a pod of ``namespace``; None for names outside of the cluster."""
    if ":" in host or host.replace(".", "").isdigit():
        return None
    inner = host[: -len(domain) - 1] if host.endswith(f".svc.{domain}") else host
    labels = inner.split(".")
    if len(labels) == 1:
        return Place(labels[0], namespace)
    if labels[-1] == "svc" and len(labels) in (3, 4):
        return Place(labels[-3], labels[-2], labels[0] if len(labels) == 4 else "")
    return Place(labels[0], labels[1], sure=False) if len(labels) == 2 else None


def is_headless(service: Object) -> bool:
    return (service.get("spec") or {}).get("clusterIP") == "None"


def port_entry(service: Object, place: Place, goal: Goal) -> Object:
    """The port of a Service that a URL asks for; raises HolmesError if there is none. Headless: every port is one."""
    ports: list[Object] = list((service.get("spec") or {}).get("ports") or [])
    found = next((entry for entry in ports if entry.get("port") == goal.port), None)
    if is_headless(service):
        # The name leads to the pods themselves, so no port is translated.
        return {**(found or {}), "port": goal.port, "targetPort": goal.port}
    if found is None:
        names = ", ".join(_port_told(entry) for entry in ports) or "none"
        raise HolmesError(
            f"{place.told} has no port {goal.port}; its ports are {names}.", f"Correct the port in {goal.variable}."
        )
    if found.get("protocol", "TCP") != "TCP":
        message = f"Port {goal.port} of {place.told} is {found['protocol']}, and HTTP needs TCP."
        raise HolmesError(message, f"Correct the port in {goal.variable}.")
    return found


def _port_told(entry: Object) -> str:
    name = entry.get("name")
    return f"{entry.get('port')} ({name})" if name else str(entry.get("port"))


def target_behind(service: Object, pods: list[Object], place: Place, goal: Goal) -> Target:
    """A ready pod behind a Service and its port; raises HolmesError if there is none."""
    entry = port_entry(service, place, goal)
    selector = dict((service.get("spec") or {}).get("selector") or {})
    mine = [pod for pod in pods if selected(pod, selector)]
    if place.pod:
        mine = [pod for pod in mine if place.pod in (name_of(pod), (pod.get("spec") or {}).get("hostname"))]
    chosen = next((pod for pod in mine if ready(pod) and not meta(pod).get("deletionTimestamp")), None)
    if chosen is None:
        raise _no_pod(mine, place, selector)
    port = port_number(entry.get("targetPort", entry.get("port")), chosen)
    if port is None:
        message = (
            f"{place.told} sends to the port '{entry.get('targetPort')}', which pod {name_of(chosen)} does not name."
        )
        raise HolmesError(message, "Correct the Service's targetPort.")
    secure = goal.scheme == "https"
    return Target(place.namespace, name_of(chosen), port, place.service, secure, goal.host, goal.authority)


def _no_pod(mine: list[Object], place: Place, selector: t.Mapping[str, str]) -> HolmesError:
    text = selector_text(selector)
    if not mine:
        which = f" of the name '{place.pod}'" if place.pod else ""
        return HolmesError(
            f"{place.told} has no endpoints: no pod{which} has the labels {text}.",
            f"Start the server behind it, or correct the selector: kubectl get pods -n {place.namespace} -l {text}",
        )
    whys = "; ".join(f"{name_of(pod)}: {_why(pod)}" for pod in mine[:3])
    return HolmesError(
        f"{place.told} has no endpoints: none of its pods is ready ({len(mine)} with the labels {text}; {whys}).",
        "Wait until the server has loaded its model, or look at it: "
        f"kubectl describe pod -n {place.namespace} -l {text}",
    )


def _why(pod: Object) -> str:
    """Why a pod is not ready, in a few words of Kubernetes."""
    if meta(pod).get("deletionTimestamp"):
        return "is being deleted"
    for status in statuses(pod):
        state = status.get("state") or {}
        reason = (state.get("waiting") or state.get("terminated") or {}).get("reason")
        if reason and reason != "Completed":
            return str(reason)
    for entry in (pod.get("status") or {}).get("conditions") or []:
        if entry.get("type") == "PodScheduled" and entry.get("status") == "False":
            return str(entry.get("reason") or "not scheduled")
    phase = str((pod.get("status") or {}).get("phase") or "unknown")
    return "runs, but its readiness probe does not succeed" if phase == "Running" else phase


def address_in(slices: t.Iterable[Object], service: Object, place: Place, goal: Goal) -> tuple[str, int]:
    """An address that somebody wrote behind a Service without a selector; raises HolmesError if there is none."""
    entry = port_entry(service, place, goal)
    for one in slices:
        ports = [port for port in one.get("ports") or [] if (port.get("name") or "") == (entry.get("name") or "")]
        number = goal.port if is_headless(service) else next((port.get("port") for port in ports), None)
        for endpoint in one.get("endpoints") or []:
            if number and (endpoint.get("conditions") or {}).get("ready") is not False and endpoint.get("addresses"):
                return str(endpoint["addresses"][0]), int(number)
    raise HolmesError(
        f"{place.told} has no selector, and no EndpointSlice gives an address for its port {goal.port}.",
        f"Write one with the label kubernetes.io/service-name: {place.service} and the same name of the port.",
    )


def absent(place: Place, there: t.Sequence[str], elsewhere: t.Sequence[str], goal: Goal) -> HolmesError:
    """There is no such Service: ``there`` are those of the namespace, ``elsewhere`` namespaces with one so named."""
    message = f"Namespace {place.namespace} has no Service '{place.service}'."
    near = difflib.get_close_matches(place.service, there, 1)
    if near:
        message += f" Did you mean '{near[0]}'?"
    elif elsewhere:
        message += f" There is one in {', '.join(sorted(elsewhere)[:5])}."
    elif there:
        message += f" It has {', '.join(sorted(there)[:5])}."
    return HolmesError(message, f"Correct the name in {goal.variable}, or create the Service.")
