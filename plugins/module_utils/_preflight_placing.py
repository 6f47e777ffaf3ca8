# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a pod may go to a node, as the scheduler sees it. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Looked at: readiness, cordon, taints, nodeSelector, required node affinity. Not looked at: volumes, zones, other pods.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

_REPELS = ("NoSchedule", "NoExecute")
_REQUIRED = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")

# Taints that the node controller sets and takes away, some seconds after the reason is gone (Kubernetes: Taints and
# Tolerations). Others of that prefix are an administrator's: node.kubernetes.io/out-of-service.
_OF_STATE = tuple(
    f"node.kubernetes.io/{name}"
    for name in (
        "not-ready",
        "unreachable",
        "memory-pressure",
        "disk-pressure",
        "pid-pressure",
        "network-unavailable",
    )
)
UNWELL = "not recovered"


def obstacle(node: Object, pod: Object) -> str:
    """Why the pod may not go there, in words that fit several nodes; empty if it may."""
    if not _ready(node):
        return "not ready"
    if get(node, ("spec", "unschedulable")):
        return "cordoned"
    labels = {str(key): str(value) for key, value in (meta(node).get("labels") or {}).items()}
    for key, value in (pod.get("nodeSelector") or {}).items():
        if labels.get(str(key)) != str(value):
            return f"without the label {key}={value} (nodeSelector)"
    terms = items(get(pod, _REQUIRED))
    if terms and not any(_term(term, labels, name_of(node)) for term in terms if isinstance(term, dict)):
        return "outside the required node affinity"
    for taint in items(get(node, ("spec", "taints"))):
        if taint.get("effect") in _REPELS and not any(_tolerates(one, taint) for one in items(pod.get("tolerations"))):
            if taint.get("key") in _OF_STATE:
                return f"{UNWELL} (taint {taint_text(taint)}, which the cluster takes away itself)"
            return f"with the taint {taint_text(taint)}, which the pod does not tolerate"
    return ""


def taint_text(taint: Object) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key')}{value}:{taint.get('effect')}"


def _ready(node: Object) -> bool:
    conditions = items(get(node, ("status", "conditions")))
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _tolerates(toleration: Object, taint: Object) -> bool:
    """An empty key tolerates every taint, an empty effect every effect."""
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return bool(
        toleration.get("key") == taint.get("key")
        and str(toleration.get("value") or "") == str(taint.get("value") or "")
    )


def _term(term: Object, labels: t.Mapping[str, str], name: str) -> bool:
    """All expressions of a term hold. A term without any matches nothing."""
    wanted = [(one, labels) for one in items(term.get("matchExpressions"))]
    wanted += [(one, {"metadata.name": name}) for one in items(term.get("matchFields"))]
    return bool(wanted) and all(_expression(one, known) for one, known in wanted)


def _expression(one: Object, known: t.Mapping[str, str]) -> bool:
    value = known.get(str(one.get("key")))
    values = [str(item) for item in items(one.get("values"))]
    operator = one.get("operator")
    if operator in ("Gt", "Lt"):
        try:
            difference = int(str(value)) - int(values[0])
        except (ValueError, IndexError):
            return False
        return difference > 0 if operator == "Gt" else difference < 0
    holds = {
        "In": value is not None and value in values,
        "NotIn": value is None or value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return holds.get(str(operator), False)
