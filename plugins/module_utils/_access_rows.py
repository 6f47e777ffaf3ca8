# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What HolmesGPT's account has to be able to do, and what it must not: the rows of the access review.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.

A line is ``verbs resources``, resources as the API server writes them in its messages (``deployments.apps``).
A right in one namespace is also there if it was given for the whole cluster, so that asking once finds both.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import ALL, Right
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import holmes_container

# Without these every answer is empty.
_VITAL = "get,list pods"
# What the toolsets kubernetes/core and kubernetes/logs run: kubectl get, describe, events and logs. kubectl events
# lists, describe gets and lists; neither watches.
_NEEDED = (
    _VITAL,
    "get pods/log",
    "list events,services,persistentvolumeclaims",
    "get,list deployments.apps",
    "list replicasets.apps,statefulsets.apps,daemonsets.apps,jobs.batch",
)
_NEEDED_CLUSTER = ("get,list nodes", "list namespaces")

_FORBIDDEN = (
    "create,update,patch,delete,deletecollection pods,deployments.apps,configmaps",
    "create jobs.batch,cronjobs.batch,daemonsets.apps,statefulsets.apps",
    "get,list,watch,create,patch secrets",
    # A get is enough to open a stream into a pod.
    "create,get pods/exec,pods/attach,pods/portforward,pods/proxy,services/proxy",
    "patch pods/ephemeralcontainers",
    "create pods/eviction",
    "patch,update deployments/scale.apps",
    # Ways to further rights.
    "create serviceaccounts/token",
    "impersonate serviceaccounts",
    "create rolebindings.rbac.authorization.k8s.io",
    "bind,escalate roles.rbac.authorization.k8s.io",
)
_FORBIDDEN_CLUSTER = (
    "get,create nodes/proxy",
    "patch nodes",
    "delete namespaces",
    "create clusterrolebindings.rbac.authorization.k8s.io",
    "bind,escalate clusterroles.rbac.authorization.k8s.io",
    "impersonate users,groups",
    "update certificatesigningrequests/approval.certificates.k8s.io",
    "approve,sign signers.certificates.k8s.io",
)
EVERYTHING = Right(ALL, ALL, ALL)
# The variable by which HolmesGPT is told that its role reaches only these namespaces; the chart sets it, too.
SCOPE_ENV = "SCOPED_NAMESPACES"


def scope_of(deployment: Object) -> list[str]:
    """The namespaces to which HolmesGPT is limited by intent; empty means the whole cluster.

    A value that comes from elsewhere (``valueFrom``) is not known here and counts as none.
    """
    container = holmes_container(deployment) or {}
    for entry in container.get("env") or []:
        if entry.get("name") == SCOPE_ENV:
            names = str(entry.get("value") or "").split(",")
            return list(dict.fromkeys(name.strip() for name in names if name.strip()))
    return []


def needed(namespace: str, scope: t.Sequence[str]) -> list[Right]:
    """Reads that HolmesGPT's tools make: in each namespace of ``scope``, or in the cluster and its own namespace."""
    if scope:
        return [right for name in scope for right in _rights(_NEEDED, name)]
    return _rights((*_NEEDED, *_NEEDED_CLUSTER)) + vital(namespace, scope)


def vital(namespace: str, scope: t.Sequence[str]) -> list[Right]:
    """Those of :func:`needed` without which there is no answer at all."""
    return [right for name in scope or [namespace] for right in _rights((_VITAL,), name)]


def forbidden(namespace: str) -> list[Right]:
    """What would change something, read Secrets, reach into pods, or lead to further rights."""
    return [EVERYTHING, *_rights(_FORBIDDEN, namespace), *_rights(_FORBIDDEN_CLUSTER)]


def _rights(lines: t.Iterable[str], namespace: str = "") -> list[Right]:
    found = []
    for line in lines:
        verbs, targets = line.split(" ")
        for target in targets.split(","):
            resource, _dot, group = target.partition(".")
            found += [Right(verb, resource, group, namespace) for verb in verbs.split(",")]
    return found
