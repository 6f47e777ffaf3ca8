# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about resources and the number of pods."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.manifests import holmes, pod
from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import OLD, build, case, env, judge

CHECK = "values.resources"
CAP = {"additionalEnvVars": env(TOOL_MEMORY_LIMIT_MB="1500")}
ENOUGH = "The resources are legal and enough"


def given(requests: t.Any = None, limits: t.Any = None) -> dict[str, t.Any]:
    """Values with resources; what is not given is the chart's own, 2048Mi."""
    parts = {"requests": requests, "limits": limits}
    return {**CAP, "resources": {key: value for key, value in parts.items() if value is not None}}


@pytest.mark.parametrize(
    ("values", "status", "message"),
    [
        (CAP, "pass", ENOUGH),
        (given({"cpu": "500m"}, {"cpu": 2}), "pass", ENOUGH),
        (given({"cpu": 0.5, "memory": "2Gi"}, {"memory": "2048Mi"}), "pass", ENOUGH),
        (given({"cpu": None}, {"memory": None}), "pass", ENOUGH),
        (given({"memory": "1Gi"}, {"memory": "1950Mi"}), "pass", ENOUGH),
        (given({"memory": "2gb"}), "fail", "resources.requests.memory is '2gb', which is no quantity of Kubernetes"),
        (given({"cpu": "half"}), "fail", "resources.requests.cpu is 'half', which is no quantity"),
        (given(None, {"cpu": "-1"}), "fail", "resources.limits.cpu is '-1', which is no quantity"),
        (given(None, {"memory": "0"}), "fail", "resources.limits.memory is 0, too little"),
        (given(None, {"memory": True}), "fail", "resources.limits.memory is True, which is no quantity"),
        (
            given({"memory": "4Gi"}),
            "fail",
            "resources.requests.memory is 4Gi, more than resources.limits.memory, 2048Mi",
        ),
        (given(None, {"memory": "1950Mi"}), "fail", "resources.requests.memory is 2048Mi, more than"),
        (given(None, {"cpu": "99m"}), "fail", "resources.requests.cpu is 100m, more than resources.limits.cpu, 99m"),
        (given(None, {"cpu": "100m"}), "pass", ENOUGH),
        (given({"x": 2, "memory": 0}, {"x": 1}), "fail", "resources.requests.x is 2, more than resources.limits.x, 1"),
        (given({"memory": 0}, {"memory": "512Mi"}), "fail", "512Mi, too little: HolmesGPT takes about 450Mi"),
        (given({"memory": 0}, {"memory": "512m"}), "fail", "resources.limits.memory is 512m, too little"),
        (given({"memory": 0}, {"memory": "513Mi"}), "warn", "resources.limits.memory is 513Mi, which is tight"),
        (given({"memory": 0}, {"memory": "1023Mi"}), "warn", "resources.limits.memory is 1023Mi, which is tight"),
        ({**CAP, "resources": "2Gi"}, "pass", ENOUGH),
        ({**CAP, "resources": {"limits": "2Gi"}}, "pass", ENOUGH),
        ({**CAP, "resources": None}, "pass", ENOUGH),
    ],
)
def test_resources(values: dict[str, t.Any], status: str, message: str) -> None:
    assert_told(CHECK, case(values), status, message)


def test_enough_memory_is_not_called_tight() -> None:
    found = judge(CHECK, case(given({"memory": 0}, {"memory": "1024Mi"})))
    assert "tight" not in found.message and "too little" not in found.message
    # Only that the tools would not fit.
    assert "leaves about 574 for tools" in found.message


@pytest.mark.parametrize(
    ("values", "fix"),
    [
        (given({"memory": "2gb"}), "Set holmes_resources.requests.memory to a quantity, for example 2Gi."),
        (given(None, {"cpu": "x"}), "Set holmes_resources.limits.cpu to a quantity, for example 500m."),
        (given({"memory": "4Gi"}), "Set both in holmes_resources, requests.memory and limits.memory;"),
        (given({"memory": 0}, {"memory": "512Mi"}), "Set holmes_resources.limits.memory to 2Gi"),
        (given({"memory": 0}, {"memory": "600Mi"}), "Set holmes_resources.limits.memory to 2Gi"),
    ],
)
def test_the_fix(values: dict[str, t.Any], fix: str) -> None:
    assert fix in judge(CHECK, case(values)).fix


def test_what_is_rendered_counts() -> None:
    container = holmes(resources={"requests": {"memory": "2Gi"}, "limits": {"memory": "1950Mi"}})
    assert_told(CHECK, case(CAP, manifests=[pod(container)]), "fail", "requests.memory is 2Gi, more than")
    # A value that the template does not read changes nothing.
    assert_told(CHECK, case(given({"memory": "9Gi"}), manifests=[pod(holmes())]), "pass", ENOUGH)


def cap(text: t.Any) -> dict[str, t.Any]:
    return {"additionalEnvVars": env(TOOL_MEMORY_LIMIT_MB=text)}


@pytest.mark.parametrize(
    ("values", "server", "status", "message", "fix"),
    [
        ({}, (0, 45, 0), "warn", "TOOL_MEMORY_LIMIT_MB is not set: at the default of 800 MB kubectl dies", "'1500'"),
        ({}, (0, 18, 1), "warn", "is not set", ""),
        ({}, None, "warn", "is not set", ""),
        ({}, (0, 18, 0), "pass", ENOUGH, ""),
        (
            cap("800"),
            (0, 45, 0),
            "warn",
            "TOOL_MEMORY_LIMIT_MB is 800: at the default of 800 MB kubectl dies",
            "'1500'",
        ),
        (cap("801"), (0, 45, 0), "pass", ENOUGH, ""),
        (cap("100"), (0, 45, 0), "warn", "TOOL_MEMORY_LIMIT_MB is 100: ", ""),
        (cap("1.5G, of which values.server_variable speaks"), (0, 45, 0), "pass", ENOUGH, ""),
        (cap("1598"), (0, 45, 0), "pass", ENOUGH, ""),
        (
            cap("1599"),
            (0, 45, 0),
            "warn",
            "is 1599, but of the pod's 2048 MiB HolmesGPT leaves about 1598",
            "to 2049Mi",
        ),
        ({**cap("9999"), "resources": {"limits": {"memory": None}}}, (0, 45, 0), "pass", ENOUGH, ""),
        ({"additionalEnvVars": [{"name": "TOOL_MEMORY_LIMIT_MB", "valueFrom": {}}]}, (0, 45, 0), "pass", ENOUGH, ""),
    ],
)
def test_the_cap_on_tools(values: dict[str, t.Any], server: t.Any, status: str, message: str, fix: str) -> None:
    assert_told(CHECK, case(values, server=server), status, message, fix)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "pass"),
        ({"chart": OLD}, "pass"),
        ({"resources": {"limits": {"memory": "1Gi"}}}, "fail"),
        ({"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}}, "warn"),
        ({"profile": "none"}, "warn"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert found.status == status, found


def scales(**options: t.Any) -> dict[str, t.Any]:
    return {"autoscaling": {"enabled": True, **options}}


@pytest.mark.parametrize(
    ("values", "status", "message", "fix"),
    [
        ({}, "pass", "1 pods", ""),
        ({"replicas": 2}, "pass", "2 pods", ""),
        ({"replicas": None}, "pass", "One pod", ""),
        ({"replicas": 0}, "fail", "replicas is 0: there is no pod", "replicas: 1"),
        ({"replicas": -1}, "fail", "replicas is -1, which is no whole number", "replicas: 1"),
        ({"replicas": "2"}, "fail", "replicas is '2', which is no whole number", ""),
        ({"replicas": True}, "fail", "replicas is True, which is no whole number", ""),
        ({"replicas": 1.5}, "fail", "replicas is 1.5, which is no whole number", ""),
        (scales(), "pass", "1 to 5 pods", ""),
        ({"autoscaling": {"enabled": False}, "replicas": 3}, "pass", "3 pods", ""),
        ({**scales(), "replicas": 0}, "warn", "replicas has no effect with autoscaling.enabled", "Remove replicas"),
        (scales(minReplicas=2, maxReplicas=2), "pass", "2 to 2 pods", ""),
        (scales(minReplicas=6), "fail", "minReplicas is 6, more than autoscaling.maxReplicas, 5", "one of them"),
        (scales(minReplicas=0), "fail", "autoscaling.minReplicas is 0; Kubernetes wants", "autoscaling.minReplicas in"),
        (scales(minReplicas=None), "fail", "autoscaling.minReplicas is None", ""),
        (scales(minReplicas="1"), "fail", "autoscaling.minReplicas is '1'", ""),
        (scales(maxReplicas=0), "fail", "autoscaling.maxReplicas is 0; Kubernetes wants", "autoscaling.maxReplicas in"),
        (scales(maxReplicas=True), "fail", "autoscaling.maxReplicas is True", ""),
    ],
)
def test_replicas(values: dict[str, t.Any], status: str, message: str, fix: str) -> None:
    assert_told("values.replicas", case(values), status, message, fix)
