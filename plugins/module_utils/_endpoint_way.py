# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from this host to a server that the pods will ask: a port-forward, or a connection of its own.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import difflib
import socket
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _endpoint_place as places
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_url as urls
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_place import Goal, Place
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    KubeError,
    Object,
    Reader,
    items,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import meta as metadata_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import Opener, PodTransport, opener
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line, Straight
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust, of_pods
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import selector_text

MODEL_VARIABLE = "holmes_llm_api_base (or holmes_llm_service, holmes_models)"
DISCOVERY = "/apis/discovery.k8s.io/v1"
_PORTS = {"http": 80, "https": 443}
_PROXIES = {
    "http": ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
    "https": ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"),
}

# Makes what opens forwards of a cluster.
Forwards = t.Callable[[t.Any], Opener]


class Way(t.NamedTuple):
    """``transport`` takes absolute paths (``/v1/models``). ``where`` it was probed, and what is ``unproven`` by that.

    ``trust`` is None for plain HTTP; ``inside``: nothing leaves the cluster. ``doubt``: why a connection that fails
    from here may work for the pods; empty if they would fail alike. ``endpoint``: the server as other hosts of this
    run know it, too; empty for one of the cluster's own.
    """

    transport: Line
    where: str
    unproven: str
    goal: Goal
    trust: Trust | None = None
    inside: bool = False
    doubt: str = ""
    endpoint: str = ""

    @property
    def same(self) -> list[t.Any]:
        """What is equal for hosts that ask the same server in the same way."""
        return [self.endpoint, self.goal, self.where, self.unproven, self.doubt, self.trust.same if self.trust else []]


def deadline(context: Context) -> float:
    """Seconds for a task about a server: one request with its whole time, the way to it and a second look."""
    return 2 * context.timeout + 5


def way_to(context: Context, url: str, variable: str = MODEL_VARIABLE, forwards: Forwards = opener) -> Way:
    """The way to a URL's host. Raises HolmesError for what is wrong with it, KubeError for a right that is missing."""
    goal = goal_of(context, url, variable)
    trust = of_pods(context.values) if goal.scheme == "https" else None
    place = places.place_of(goal.host, context.namespace, context.cluster_domain)
    service = _service(context, place, goal) if place else None
    if place is None or service is None:
        _refuse_other_cluster(context, goal)
        address = (goal.host, goal.port)
        found = _straight(context, goal, trust, address, f"from this host to {goal.authority}")
        return found._replace(endpoint=goal.authority)
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        address = (str(spec.get("externalName") or "").rstrip("."), goal.port)
        where = f"from this host to {address[0]}:{goal.port}, which {place.told} stands for"
        return _straight(context, goal, trust, address, where)._replace(endpoint=f"{address[0]}:{goal.port}")
    if not spec.get("selector"):
        label = f"kubernetes.io/service-name={place.service}"
        slices = items(context.cluster(), path_of(DISCOVERY, "endpointslices", place.namespace), labelSelector=label)
        address = places.address_in(slices, service, place, goal)
        where = f"from this host to {address[0]} port {address[1]}, an address behind {place.told}"
        return _straight(context, goal, trust, address, where)
    return _forward(context, goal, trust, place, service, forwards)


def goal_of(context: Context, url: str, variable: str = MODEL_VARIABLE) -> Goal:
    """What a URL asks for; raises HolmesError for one that cannot work in a pod."""
    found = urls.parse(url)
    if isinstance(found, str):
        raise HolmesError(f"The address '{urls.shown(url)}' cannot be used: {found}.", f"Correct {variable}.")
    goal = Goal(found.scheme, found.host, found.port or _PORTS[found.scheme], variable)
    root = f"{goal.scheme}://{goal.authority}"
    flaw = urls.judge(root, urls.ANY, context.namespace, context.cluster_domain).flaw
    if flaw:
        raise HolmesError(f"The address is {root}, but {flaw}.", f"Correct {variable}, or holmes_cluster_domain.")
    return goal


def _refuse_other_cluster(context: Context, goal: Goal) -> None:
    """A Service's name in a domain that is not the cluster's, and that nobody knows outside of it either."""
    domain = goal.host.partition(".svc.")[2]
    if domain and not _resolves(goal.host, context.timeout):
        message = f"'{goal.host}' is in the domain '{domain}', but the cluster's domain is '{context.cluster_domain}'."
        raise HolmesError(message, f"Correct {goal.variable}, or holmes_cluster_domain.")


def _straight(context: Context, goal: Goal, trust: Trust | None, address: tuple[str, int], where: str) -> Way:
    line = Straight(where, goal.host, goal.authority, trust.context if trust else None, address)
    unproven = "This does not prove the pods' own DNS, routes and NetworkPolicies"
    doubt = "" if address[0] == goal.host else "what stands behind a Service may be reachable only from the cluster"
    names = [name for name in _PROXIES[goal.scheme] if env_entry(context.values, name)]
    if names:
        unproven += f", nor the proxy of {names[0]}, which they may take"
        doubt = f"the pods may take the proxy of {names[0]}"
    return Way(line, where, f"{unproven}; holmes_verify does.", goal, trust, doubt=doubt)


def _forward(
    context: Context, goal: Goal, trust: Trust | None, place: Place, service: Object, forwards: Forwards
) -> Way:
    cluster = context.cluster()
    selector = selector_text((service.get("spec") or {})["selector"])
    pods = items(cluster, path_of(CORE, "pods", place.namespace), labelSelector=selector)
    target = places.target_behind(service, pods, place, goal)
    line = PodTransport(target, forwards(cluster), trust=trust.context if trust else None)
    where = f"through a port-forward to pod {place.namespace}/{target.pod} port {target.port} behind {place.told}"
    unproven = "This does not prove the pods' own DNS, the Service's routing and NetworkPolicies; holmes_verify does."
    return Way(line, where, unproven, goal, trust, inside=True)


def _service(context: Context, place: Place, goal: Goal) -> Object | None:
    """The Service; None if NAME.NAMESPACE is no name in the cluster after all."""
    reader = context.cluster()
    try:
        return reader.get(path_of(CORE, "services", place.namespace, place.service))
    except KubeError as error:
        if error.forbidden and not place.sure and _resolves(goal.host, context.timeout):
            return None
        if error.status != 404:
            raise
    known = _namespace_is_there(reader, place.namespace)
    if not place.sure and not known:
        return None
    if known is False:
        raise _no_namespace(reader, place, goal)
    there = [name_of(one) for one in _readable(reader, path_of(CORE, "services", place.namespace))]
    same = _readable(reader, path_of(CORE, "services"), fieldSelector=f"metadata.name={place.service}")
    elsewhere = [str(metadata_of(one).get("namespace")) for one in same if name_of(one) == place.service]
    raise places.absent(place, there, elsewhere, goal)


def _namespace_is_there(reader: Reader, namespace: str) -> bool | None:
    """None if this account may not know."""
    try:
        reader.get(path_of(CORE, "namespaces", name=namespace))
    except KubeError as error:
        return False if error.status == 404 else None
    return True


def _no_namespace(reader: Reader, place: Place, goal: Goal) -> HolmesError:
    names = [name_of(one) for one in _readable(reader, path_of(CORE, "namespaces"))]
    near = difflib.get_close_matches(place.namespace, names, 1)
    told = f" Did you mean '{near[0]}'?" if near else ""
    message = f"There is no namespace '{place.namespace}', in which '{goal.host}' would be.{told}"
    return HolmesError(message, f"Correct the name in {goal.variable}.")


def _readable(reader: Reader, path: str, **query: str) -> list[Object]:
    """A list that is only there to help: without the right to read it an empty one."""
    try:
        return items(reader, path, **query)
    except KubeError:
        return []


def _resolves(host: str, timeout: float) -> bool:
    try:
        return bool(within(timeout, lambda: socket.getaddrinfo(host, None)))
    except (OSError, Overdue):
        return False
