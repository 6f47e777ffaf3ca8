# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes: where a pod may go, and whether there is room for it."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_nodes as nodes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_growth import growths
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_placing import obstacle

from tests.unit.fixtures.cluster_world import container, deployment, live, made
from tests.unit.fixtures.verify_world import FakeCluster, forbidden

Object = dict[str, t.Any]
CONTROL_PLANE = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}


def node(name: str = "worker-1", memory: str = "8Gi", ready: str = "True", pods: str = "110", **spec: t.Any) -> Object:
    labels = {"kubernetes.io/hostname": name, **spec.pop("labels", {})}
    status = {
        "allocatable": {"cpu": "4", "memory": memory, "pods": pods},
        "conditions": [{"type": "Ready", "status": ready}],
    }
    return made("Node", name, metadata={"labels": labels}, spec=spec, status=status)


def pods(memory: str, count: int = 1) -> list[Object]:
    return [made("Pod", f"other-{one}", spec={"containers": [container(memory=memory)]}) for one in range(count)]


def check(*given: Object, wanted: Object | None = None, found: Object | None = None, **running: t.Any) -> Check:
    """``running`` are the pods of a node, by its name with ``_`` for ``-``; an error is an answer for all nodes."""
    by_name = {f"spec.nodeName={name.replace('_', '-')}": some for name, some in running.items()}
    rest = by_name.get("spec.nodeName=all", [])

    def on(query: t.Mapping[str, str]) -> t.Any:
        return by_name.get(query["fieldSelector"].split(",")[0], rest)

    cluster = FakeCluster({"/api/v1/nodes": list(given), "/api/v1/pods": on})
    growing = growths([live(wanted or deployment(container(memory="2Gi")), found)])
    return nodes.judge(nodes.read(cluster, growing), growing)


SSD = deployment(container(), nodeSelector={"disk": "ssd"})
UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}
OUT_OF_SERVICE = {"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}
TOLERANT = deployment(container(), tolerations=[{"key": CONTROL_PLANE["key"], "operator": "Exists"}])
THREE = deployment(container(memory="2Gi"), replicas=3)
ROWS: list[tuple[list[Object], dict[str, t.Any], str, str, str]] = [
    ([node()], {}, "pass", "room for every pod (Deployment/holmes-holmes: worker-1)", ""),
    ([node(memory="1Gi")], {}, "fail", "requests 100m cpu, 2048Mi memory: 1 of 1 without enough memory", "resources"),
    ([node()], {"worker_1": pods("7Gi")}, "fail", "1 of 1 without enough memory", "holmes_resources"),
    ([node(), node("worker-2")], {"worker_1": pods("7Gi")}, "pass", "worker-2", ""),
    ([node()], {"worker_1": pods("5500Mi")}, "warn", "node worker-1 has 644Mi memory of 8192Mi left", "holmes_res"),
    ([node(pods="3")], {"worker_1": pods("1Mi", 3)}, "fail", "without enough pods", "room"),
    (
        [node(taints=[CONTROL_PLANE])],
        {},
        "fail",
        "the taint node-role.kubernetes.io/control-plane:NoSch",
        "tolerations",
    ),
    ([node(taints=[CONTROL_PLANE])], {"wanted": TOLERANT}, "pass", "", ""),
    ([node(taints=[OUT_OF_SERVICE])], {}, "fail", "the taint node.kubernetes.io/out-of-service:NoEx", "tolerations"),
    # For some seconds after a node is ready again.
    (
        [node(taints=[UNREACHABLE])],
        {},
        "fail",
        "1 of 1 not recovered (taint node.kubernetes.io/unr",
        "Wait until the node",
    ),
    ([node(taints=[{"key": "x", "effect": "PreferNoSchedule"}])], {}, "pass", "", ""),
    ([node(), node("w2")], {"wanted": SSD}, "fail", "2 of 2 without the label disk=ssd", "nodeSelector"),
    ([node(), node("w2", labels={"disk": "ssd"})], {"wanted": SSD}, "pass", "w2", ""),
    (
        [node(ready="False"), node("w2", unschedulable=True)],
        {},
        "fail",
        "1 of 2 not ready; 1 of 2 cordoned",
        "uncordon",
    ),
    ([], {}, "fail", "there are no nodes", "kubectl"),
    # Three pods: one node for two of them, the other one for the third.
    ([node(memory="5Gi"), node("w2", memory="5Gi")], {"wanted": THREE}, "pass", "worker-1, w2", ""),
    ([node(memory="5Gi"), node("w2", memory="1Gi")], {"wanted": THREE}, "fail", "2 of 2 without enough memory", ""),
    # An upgrade that changes nothing adds no pod.
    ([node(memory="1Gi")], {"wanted": THREE, "found": copy.deepcopy(THREE)}, "pass", "adds no pod", ""),
]


@pytest.mark.parametrize(("given", "more", "status", "said", "fix"), ROWS)
def test_room(given: list[Object], more: dict[str, t.Any], status: str, said: str, fix: str) -> None:
    found = check(*given, **more)
    assert (found.id, found.status) == ("cluster.nodes", status), found.message
    assert said in found.message and fix in found.fix
    assert bool(found.fix) == (status != "pass")


def test_without_the_right_to_list_pods_only_the_size_counts() -> None:
    found = check(node(), all=forbidden("list pods"))
    assert found.status == "pass" and "is not known" in found.message
    assert check(node(memory="1Gi"), all=forbidden("list pods")).status == "fail"


def test_an_error_of_the_api_server_is_raised() -> None:
    with pytest.raises(KubeError):
        check(node(), all=KubeError("gone", 500))


def test_a_large_cluster_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MOST_NODES", 2)
    many = [node(f"w{number}", memory=f"{number}Gi") for number in range(1, 6)]
    cluster = FakeCluster({"/api/v1/nodes": many, "/api/v1/pods": pods("5Gi")})
    growing = growths([live(deployment(container(memory="2Gi")))])
    found = nodes.judge(nodes.read(cluster, growing), growing)
    assert found.status == "not_checked" and "3 of 5 not looked at" in found.message and found.fix
    asked = sorted(path for path in cluster.asked if "pods" in path)
    assert len(asked) == 2 and "w4" in asked[0] and "w5" in asked[1], "those with the most memory"


def expression(operator: str, *values: str, key: str = "zone") -> Object:
    return {"key": key, "operator": operator, "values": list(values)}


def affine(*terms: Object) -> Object:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
    return {"containers": [], "affinity": {"nodeAffinity": required}}


@pytest.mark.parametrize(
    ("terms", "allowed"),
    [
        ([{"matchExpressions": [expression("In", "a", "b")]}], True),
        ([{"matchExpressions": [expression("In", "b")]}], False),
        ([{"matchExpressions": [expression("NotIn", "b")]}], True),
        ([{"matchExpressions": [expression("NotIn", "a")]}], False),
        ([{"matchExpressions": [expression("Exists")]}], True),
        ([{"matchExpressions": [expression("DoesNotExist")]}], False),
        ([{"matchExpressions": [expression("DoesNotExist", key="gpu")]}], True),
        ([{"matchExpressions": [expression("Gt", "3", key="cores")]}], True),
        ([{"matchExpressions": [expression("Lt", "4", key="cores")]}], False),
        ([{"matchExpressions": [expression("Gt", "3")]}], False),
        ([{"matchFields": [expression("In", "worker-1", key="metadata.name")]}], True),
        ([{"matchFields": [expression("In", "worker-9", key="metadata.name")]}], False),
        ([{"matchExpressions": [expression("Exists"), expression("In", "b")]}], False),
        ([{"matchExpressions": [expression("In", "b")]}, {"matchExpressions": [expression("In", "a")]}], True),
        ([{}], False),
    ],
)
def test_node_affinity(terms: list[Object], allowed: bool) -> None:
    labelled = node(labels={"zone": "a", "cores": "4"})
    assert (obstacle(labelled, affine(*terms)) == "") is allowed


@pytest.mark.parametrize(
    ("toleration", "allowed"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "gpu", "value": "yes", "effect": "NoSchedule"}, True),
        ({"key": "gpu", "value": "no"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_tolerations(toleration: Object, allowed: bool) -> None:
    tainted = node(taints=[{"key": "gpu", "value": "yes", "effect": "NoSchedule"}])
    reason = obstacle(tainted, {"containers": [], "tolerations": [toleration]})
    assert (reason == "") is allowed and ("gpu=yes:NoSchedule" in reason) is not allowed
