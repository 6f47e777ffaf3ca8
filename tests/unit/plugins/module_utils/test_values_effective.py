# SPDX-License-Identifier: GPL-3.0-or-later
"""What the templates see: the given value, or the chart's default."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import (
    effective,
    is_number,
    on,
    truth,
    variable,
)

from tests.unit.fixtures.values_world import case, env


@pytest.mark.parametrize(
    ("values", "path", "found"),
    [
        ({}, "replicas", 1),
        ({"replicas": 3}, "replicas", 3),
        ({"replicas": None}, "replicas", None),
        ({}, "nothing", None),
        ({}, "nothing.below", None),
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a": "x"}, "a.b", None),
        ({"resources": {"limits": {"memory": "1Gi"}}}, "resources.requests.memory", "2048Mi"),
        ({"resources": {"limits": {"memory": "1Gi"}}}, "resources.limits.memory", "1Gi"),
        ({"resources": {"limits": None}}, "resources.limits.memory", None),
        ({"resources": None}, "resources.limits", None),
        ({"resources": {"limits": {"cpu": 1}}}, "resources.limits", {"memory": "2048Mi", "cpu": 1}),
        ({"resources": "x"}, "resources", "x"),
        ({"serviceAccount": {"imagePullSecrets": [1]}}, "serviceAccount", {"annotations": {}, "imagePullSecrets": [1]}),
    ],
)
def test_effective(values: dict[str, t.Any], path: str, found: t.Any) -> None:
    assert effective(case(values), *path.split(".")) == found


def test_truth_is_that_of_templates() -> None:
    assert all(truth(value) for value in (True, 1, "false", "x", [0], {"a": None}))
    assert not any(truth(value) for value in (False, 0, "", None, [], {}))
    assert on(case({}), "createServiceAccount") and not on(
        case({"createServiceAccount": False}), "createServiceAccount"
    )
    assert on(case({"operator": {"enabled": "false"}}), "operator", "enabled")


def test_numbers() -> None:
    assert is_number(0) and is_number(-1)
    assert not any(is_number(value) for value in (True, False, 1.0, "1", None))


def test_variables() -> None:
    reference = {"name": "B", "valueFrom": {}}
    given = case({"additionalEnvVars": [*env(A="x"), reference, {"name": "C", "value": 5}]})
    assert variable(given, "A") == "x"
    assert variable(given, "B") == reference
    assert variable(given, "C") == {"name": "C", "value": 5}
    assert variable(given, "D") is None
