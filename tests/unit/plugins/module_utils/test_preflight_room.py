# SPDX-License-Identifier: GPL-3.0-or-later
"""ResourceQuota and LimitRange against what the release adds, with the figures."""

from __future__ import annotations

import copy
import typing as t
from fractions import Fraction

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_growth as growth
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_room as room
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_limits import broken, defaulted
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live

from tests.unit.fixtures.cluster_world import NAMESPACE, container, deployment, live, made
from tests.unit.fixtures.verify_world import forbidden

Object = dict[str, t.Any]
GIB = 2**30


def quota(used: dict[str, str] | None = None, scopes: list[str] | None = None, **hard: str) -> Object:
    """``limits_cpu="2"`` stands for ``limits.cpu: "2"``, ``count__x`` for ``count/x``."""
    hard = {key.replace("__", "/").replace("_", "."): value for key, value in hard.items()}
    spec: Object = {"hard": hard, **({"scopes": scopes} if scopes else {})}
    return made("ResourceQuota", "small", spec=spec, status={"hard": hard, "used": used or {}})


def ranges(kind: str = "Container", **bounds: dict[str, str]) -> Object:
    return made("LimitRange", "bounds", spec={"limits": [{"type": kind, **bounds}]})


def judge(live_objects: list[Live], *given: Object, unread: t.Sequence[t.Any] = ()) -> Check:
    quotas = [one for one in given if one["kind"] == "ResourceQuota"]
    limits = [one for one in given if one["kind"] == "LimitRange"]
    wanted = room.demand(live_objects, growth.growths(live_objects), NAMESPACE, 2)
    return room.judge(NAMESPACE, room.Rules(quotas, limits, unread), wanted)


HOLMES = deployment(container(memory="2Gi"))
NEW = [live(HOLMES)]
TWO = [live(deployment(container(memory="2Gi"), replicas=2))]
LIMITED = [live(deployment(container(memory="1Gi", cpu="1")))]
BOUND = [live(deployment({"name": "holmes", "resources": {"limits": {"memory": "2Gi", "cpu": "1"}}}))]
UPGRADE = [live(HOLMES, deployment(container(memory="1Gi")))]
SAME = [live(HOLMES, copy.deepcopy(HOLMES))]
RECREATE = copy.deepcopy(HOLMES)
RECREATE["spec"]["strategy"] = {"type": "Recreate"}

QUOTAS: list[tuple[list[Live], Object, str, str]] = [
    (NEW, quota(requests_memory="2Gi"), "pass", "leave room"),
    (
        NEW,
        quota({"requests.memory": "3Gi"}, requests_memory="4Gi"),
        "fail",
        "allows 4096Mi of requests.memory, 3072Mi is used, and the release adds up to 2048Mi",
    ),
    (TWO, quota(memory="4Gi"), "pass", ""),
    (TWO, quota(memory="4095Mi"), "fail", "4095Mi of memory"),
    (NEW, quota(cpu="50m"), "fail", "50m of cpu, 0 is used, and the release adds up to 100m"),
    (NEW, quota(limits_cpu="4"), "fail", "wants limits.cpu of every container"),
    (BOUND, quota(limits_cpu="1", requests_cpu="1"), "pass", ""),
    (NEW, quota({"pods": "5"}, pods="5"), "fail", "5 of pods"),
    (NEW, quota({"count/pods": "4"}, count__pods="5"), "pass", ""),
    (NEW, quota({"secrets": "8"}, secrets="10"), "fail", "10 of secrets, 8 is used, and the release adds up to 3"),
    (NEW, quota({"count/deployments.apps": "1"}, count__deployments_apps="1"), "fail", "count/deployments.apps"),
    (NEW, quota({"services": "1"}, services="1"), "pass", ""),
    # An upgrade: the new pod starts beside the old one.
    (UPGRADE, quota({"requests.memory": "1Gi"}, requests_memory="3Gi"), "pass", ""),
    (UPGRADE, quota({"requests.memory": "1Gi"}, requests_memory="2Gi"), "fail", "adds up to 2048Mi"),
    (UPGRADE, quota({"secrets": "9"}, secrets="10"), "pass", ""),
    (UPGRADE, quota({"secrets": "10"}, secrets="10"), "fail", "10 of secrets"),
    (SAME, quota({"secrets": "10"}, secrets="10"), "pass", ""),
    (UPGRADE, quota({"count/deployments.apps": "1"}, count__deployments_apps="1"), "pass", ""),
    ([live(RECREATE, UPGRADE[0].found)], quota({"memory": "1Gi"}, memory="2Gi"), "pass", ""),
    (SAME, quota({"memory": "2Gi", "pods": "1"}, memory="2Gi", pods="1"), "pass", ""),
    # Scopes.
    (NEW, quota(scopes=["BestEffort"], pods="0"), "pass", ""),
    (NEW, quota(scopes=["NotBestEffort"], pods="0"), "fail", "0 of pods"),
    (NEW, quota(scopes=["Terminating"], pods="0"), "pass", ""),
    (NEW, quota(scopes=["NotTerminating"], pods="0"), "fail", "0 of pods"),
]


@pytest.mark.parametrize(("objects", "given", "status", "said"), QUOTAS)
def test_quotas(objects: list[Live], given: Object, status: str, said: str) -> None:
    check = judge(objects, given)
    assert (check.id, check.status) == ("cluster.quota", status), check.message
    assert said in check.message
    assert ("holmes_resources" in check.fix) == (status == "fail")


@pytest.mark.parametrize(
    ("operator", "values", "name", "status"),
    [
        ("In", ["high"], "high", "fail"),
        ("In", ["high"], "", "pass"),
        ("NotIn", ["high"], "high", "pass"),
        ("Exists", [], "low", "fail"),
        ("DoesNotExist", [], "", "fail"),
        ("DoesNotExist", [], "low", "pass"),
    ],
)
def test_quotas_of_a_priority_class(operator: str, values: list[str], name: str, status: str) -> None:
    given = quota(pods="0")
    chosen = {"scopeName": "PriorityClass", "operator": operator, "values": values}
    given["spec"]["scopeSelector"] = {"matchExpressions": [chosen]}
    assert judge([live(deployment(container(), priorityClassName=name))], given).status == status


RANGES: list[tuple[list[Live], Object, str, str]] = [
    (NEW, ranges(max={"memory": "1Gi"}), "fail", "wants a limit of memory of container holmes"),
    (NEW, ranges(max={"memory": "1Gi"}, default={"memory": "1Gi"}), "pass", ""),
    (BOUND, ranges(max={"memory": "1Gi"}), "fail", "allows 1024Mi memory for container holmes, whose limit is 2048Mi"),
    (BOUND, ranges(min={"memory": "4Gi"}), "fail", "wants 4096Mi or more memory for container holmes"),
    (NEW, ranges(min={"cpu": "50m"}), "pass", ""),
    (LIMITED, ranges("Pod", max={"cpu": "1"}), "fail", "wants a limit of cpu of the pod"),
    (BOUND, ranges("Pod", max={"cpu": "1"}), "pass", ""),
    (LIMITED, ranges(maxLimitRequestRatio={"cpu": "2"}), "fail", "wants a request and a limit of cpu"),
    (BOUND, ranges(maxLimitRequestRatio={"cpu": "2"}), "pass", ""),
    (SAME, ranges(max={"memory": "1Gi"}), "pass", ""),
]


@pytest.mark.parametrize(("objects", "given", "status", "said"), RANGES)
def test_limit_ranges(objects: list[Live], given: Object, status: str, said: str) -> None:
    check = judge(objects, given)
    assert check.status == status, check.message
    assert said in check.message


def test_the_ratio_is_told() -> None:
    pod = {"containers": [{"name": "a", "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "3"}}}]}
    (said,) = broken(pod, [ranges(maxLimitRequestRatio={"cpu": "2"})])
    assert "up to 2 times the request, container a has 3" in said


def test_defaults_of_a_limit_range_fill_what_a_quota_asks_for() -> None:
    default = ranges(default={"cpu": "1"}, defaultRequest={"cpu": "200m"})
    assert judge(NEW, quota(limits_cpu="4"), default).status == "pass"
    check = judge(NEW, quota({"limits.cpu": "4"}, limits_cpu="4"), default)
    assert check.status == "fail" and "adds up to 1" in check.message
    pod = defaulted({"containers": [{"name": "a"}, {"name": "b", "resources": {"limits": {"cpu": "2"}}}]}, [default])
    assert [one["resources"]["requests"]["cpu"] for one in pod["containers"]] == ["200m", "2"]


def test_what_may_not_be_listed_is_no_pass_and_hides_nothing() -> None:
    error = forbidden("list limitranges")
    check = judge(NEW, quota(memory="8Gi"), unread=[error])
    assert check.status == "not_checked" and "limitranges" in check.fix
    assert judge(NEW, quota(memory="1Gi"), unread=[error]).status == "fail"


def test_figures_are_kept() -> None:
    check = judge(NEW, quota({"memory": "1Gi"}, memory="8Gi"))
    assert check.evidence["figures"]["small: memory"] == {"hard": "8192Mi", "used": "1024Mi", "added": "2048Mi"}


@pytest.mark.parametrize(
    ("spec", "memory"),
    [
        ({"containers": [container(memory="1Gi"), container(memory="1Gi")]}, 2),
        ({"containers": [container(memory="1Gi")], "initContainers": [container(memory="3Gi")]}, 3),
        (
            {
                "containers": [container(memory="1Gi")],
                "initContainers": [
                    {**container(memory="1Gi"), "restartPolicy": "Always"},
                    container(memory="2Gi"),
                ],
            },
            3,
        ),
        ({"containers": [container(memory="1Gi")], "overhead": {"memory": "1Gi"}}, 2),
        ({"containers": [{"name": "a", "resources": {"limits": {"memory": "2Gi"}}}]}, 2),
    ],
)
def test_what_a_pod_takes(spec: Object, memory: int) -> None:
    assert growth.taken(spec, "requests")["memory"] == memory * GIB


@pytest.mark.parametrize(
    ("wanted", "running", "surge", "changed", "new", "old", "peak"),
    [
        (1, 0, 1, True, 2, 0, 2),
        (3, 0, 1, True, 2, 0, 6),
        (1, 1, 1, True, 2, 2, 2),
        (3, 3, 1, True, 2, 2, 2),
        (3, 3, 1, True, 4, 2, 8),
        (1, 1, 0, True, 2, 2, 0),
        (1, 3, 1, True, 2, 2, 2),
        (2, 1, 1, False, 2, 2, 2),
        (1, 1, 1, False, 2, 2, 0),
    ],
)
def test_the_peak(wanted: int, running: int, surge: int, changed: bool, new: int, old: int, peak: int) -> None:
    one = growth.Growth("x", {}, {}, wanted, running, surge, changed)
    assert one.peak(Fraction(new), Fraction(old)) == peak


@pytest.mark.parametrize(
    ("strategy", "replicas", "surge"),
    [
        ({}, 1, 1),
        ({}, 5, 2),
        ({"type": "Recreate"}, 5, 0),
        ({"rollingUpdate": {"maxSurge": 3}}, 1, 3),
        ({"rollingUpdate": {"maxSurge": "50%"}}, 4, 2),
        ({"rollingUpdate": {"maxSurge": 0}}, 4, 0),
    ],
)
def test_the_surge_of_a_rollout(strategy: Object, replicas: int, surge: int) -> None:
    manifest = deployment(container(), replicas=replicas)
    manifest["spec"]["strategy"] = strategy
    assert growth.growths([live(manifest)])[0].surge == surge


@pytest.mark.parametrize(
    ("found", "rendered", "same"),
    [
        ({"a": 1, "added": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({}, {"a": {}, "b": None}, True),
        ({"cpu": "1"}, {"cpu": "1000m"}, True),
        ({"cpu": "1"}, {"cpu": 1}, True),
        ([{"name": "x", "more": 1}], [{"name": "x"}], True),
        ([{"name": "x"}, {"name": "y"}], [{"name": "x"}], False),
        (None, {"a": 1}, False),
        ({"a": 1}, {"a": 1, "hostNetwork": False, "value": ""}, True),
        ({"replicas": 1}, {"replicas": 0}, False),
        ({"flag": True}, {"flag": False}, False),
    ],
)
def test_what_the_api_server_adds_is_no_change(found: t.Any, rendered: t.Any, same: bool) -> None:
    assert growth.contains(found, rendered) is same
