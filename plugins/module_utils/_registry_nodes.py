# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On which nodes a pod may run, as far as its processor is concerned. Pure functions over objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

_REPELLING = ("NoSchedule", "NoExecute")
_REQUIRED = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")


def platforms(pod: t.Mapping[str, t.Any], nodes: t.Iterable[Object]) -> dict[str, str]:
    """{node: os/arch} of the schedulable nodes that the pod's selector, affinity and tolerations allow."""
    return {
        name_of(node): "/".join(
            str(get(node, ("status", "nodeInfo", key), "")) for key in ("operatingSystem", "architecture")
        )
        for node in nodes
        if not get(node, ("spec", "unschedulable")) and _selected(pod, node) and _tolerated(pod, node)
    }


def _selected(pod: t.Mapping[str, t.Any], node: Object) -> bool:
    labels: dict[str, str] = meta(node).get("labels") or {}
    selector: dict[str, str] = pod.get("nodeSelector") or {}
    terms = items(get(pod, _REQUIRED))
    return all(labels.get(key) == str(value) for key, value in selector.items()) and (
        not terms or any(_fits(term, labels) for term in terms)
    )


def _fits(term: t.Any, labels: t.Mapping[str, str]) -> bool:
    """A term of node affinity over labels; other conditions than these four count as met."""
    for expression in items(get(term, ("matchExpressions",))):
        key, operator = str(expression.get("key")), expression.get("operator")
        values = [str(value) for value in items(expression.get("values"))]
        if operator == "In" and labels.get(key) not in values or operator == "NotIn" and labels.get(key) in values:
            return False
        if operator == "Exists" and key not in labels or operator == "DoesNotExist" and key in labels:
            return False
    return True


def _tolerated(pod: t.Mapping[str, t.Any], node: Object) -> bool:
    taints = [taint for taint in items(get(node, ("spec", "taints"))) if taint.get("effect") in _REPELLING]
    return all(any(_tolerates(entry, taint) for entry in items(pod.get("tolerations"))) for taint in taints)


def _tolerates(toleration: t.Mapping[str, t.Any], taint: t.Mapping[str, t.Any]) -> bool:
    key, exists = toleration.get("key"), toleration.get("operator") == "Exists"
    return (
        toleration.get("effect") in (None, "", taint.get("effect"))
        and (key == taint.get("key") or (not key and exists))
        and (exists or str(toleration.get("value") or "") == str(taint.get("value") or ""))
    )
