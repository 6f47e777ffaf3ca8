# SPDX-License-Identifier: GPL-3.0-or-later
"""On which nodes a pod may run."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_nodes import platforms

from tests.unit.fixtures.registry_pods import node

TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
SOFT = {"key": "gpu", "effect": "PreferNoSchedule"}
NODES = [
    node("intel"),
    node("arm", "linux/arm64"),
    node("windows", "windows/amd64"),
    node("drained", unschedulable=True),
    node("tainted", "linux/arm64", taints=[TAINT]),
    node("softly", "linux/s390x", taints=[SOFT]),
]
USUAL = {"intel", "arm", "windows", "softly"}


def affinity(*expressions: dict[str, t.Any], required: bool = True) -> dict[str, t.Any]:
    """One term for each expression."""
    key = "requiredDuringSchedulingIgnoredDuringExecution" if required else "preferred"
    return {
        "affinity": {"nodeAffinity": {key: {"nodeSelectorTerms": [{"matchExpressions": [e]} for e in expressions]}}}
    }


def arch(operator: str, *values: str) -> dict[str, t.Any]:
    return {"key": "kubernetes.io/arch", "operator": operator, "values": list(values)}


CASES = [
    ({}, USUAL),
    ({"nodeSelector": {"kubernetes.io/arch": "amd64"}}, {"intel", "windows"}),
    ({"nodeSelector": {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"}}, {"intel"}),
    ({"nodeSelector": {"disk": "ssd"}}, set()),
    (affinity(arch("In", "arm64")), {"arm"}),
    (affinity(arch("In", "arm64"), arch("In", "s390x")), {"arm", "softly"}),
    (affinity(arch("NotIn", "amd64", "s390x")), {"arm"}),
    (affinity({"key": "disk", "operator": "Exists"}), set()),
    (affinity({"key": "disk", "operator": "DoesNotExist"}), USUAL),
    (affinity(arch("In", "arm64"), required=False), USUAL),
    ({"tolerations": [{"operator": "Exists"}]}, USUAL | {"tainted"}),
    ({"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]}, USUAL | {"tainted"}),
    ({"tolerations": [{"key": "gpu", "value": "yes"}]}, USUAL | {"tainted"}),
    ({"tolerations": [{"key": "gpu", "value": "no"}]}, USUAL),
    ({"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoExecute"}]}, USUAL),
    ({"tolerations": [{"key": "other", "operator": "Exists"}]}, USUAL),
]


@pytest.mark.parametrize(("pod", "names"), CASES)
def test_where_a_pod_may_run(pod: dict[str, t.Any], names: set[str]) -> None:
    assert set(platforms(pod, NODES)) == names


def test_what_these_nodes_are() -> None:
    assert platforms({"nodeSelector": {"kubernetes.io/arch": "arm64"}}, NODES) == {"arm": "linux/arm64"}
