# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about kinds of values."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Layer

from tests.unit.fixtures.values_world import NEW, OLD, case, judge

VALUES = "values.type"


@pytest.mark.parametrize(
    ("values", "status", "text", "fix"),
    [
        ({}, "pass", "of the kind", ""),
        # Containers.
        ({"toolsets": []}, "fail", "toolsets in holmes_values is a list, but the chart wants a mapping", "older form"),
        ({"mcp_servers": ["x"]}, "fail", "mcp_servers in holmes_values is a list", "mcp_servers: {NAME:"),
        (
            {"image": {"tag": "1"}},
            "fail",
            "image in holmes_values is a mapping, but the chart wants text",
            "holmes:TAG",
        ),
        ({"registry": ["r"]}, "fail", "registry in holmes_values is a list, but", "Write registry as text."),
        (
            {"tolerations": {"a": 1}},
            "fail",
            "tolerations in holmes_values is a mapping, but the chart wants a list",
            "",
        ),
        ({"resources": "2Gi"}, "fail", "resources in holmes_values is text, but the chart wants a mapping", ""),
        ({"resources": {"limits": "2Gi"}}, "fail", "resources.limits in holmes_values is text", "resources.limits as"),
        (
            {"resources": {"limits": {"memory": {}}}},
            "fail",
            "resources.limits.memory in holmes_values is a mapping",
            "",
        ),
        ({"replicas": [1]}, "fail", "replicas in holmes_values is a list, but the chart wants a number", "as a number"),
        # Truth values.
        (
            {"openshift": "false"},
            "fail",
            "openshift in holmes_values is text, but the chart wants yes or no",
            "true or",
        ),
        ({"openshift": 1}, "fail", "openshift in holmes_values is a number, but", "any text counts as true"),
        ({"openshift": 1.5}, "fail", "openshift in holmes_values is a number, but", ""),
        ({"openshift": False, "k8sRBAC": True}, "pass", "", ""),
        ({"mcpAddons": {"aws": {"enabled": "true"}}}, "fail", "mcpAddons.aws.enabled in holmes_values is text", ""),
        # Text and numbers are printed alike; a truth value where text belongs is the chart's business.
        ({"replicas": "2", "image": 1.5, "logLevel": True}, "pass", "", ""),
        ({"resources": {"limits": {"memory": 2}}}, "pass", "", ""),
        # None removes a default, and where there is none nothing is known.
        ({"toolsets": None, "nodeSelector": {"a": "b"}, "unheard": []}, "pass", "", ""),
        # Rules of their own.
        ({"additionalEnvVars": {}, "additional_env_vars": "x", "modelList": [], "certificate": []}, "pass", "", ""),
        # Entries.
        ({"toolsets": {"bash": True}}, "fail", "toolsets.bash in holmes_values is yes or no, but", "as a mapping"),
        ({"toolsets": {"bash": None}}, "pass", "", ""),
        (
            {"toolsets": {"mine": True}},
            "fail",
            "toolsets.mine in holmes_values is no mapping: the server would die",
            "",
        ),
        ({"toolsets": {"mine": None}}, "fail", "toolsets.mine in holmes_values is no mapping", "{enabled: true}"),
        ({"toolsets": {"mine": {}}}, "pass", "", ""),
        ({"mcp_servers": {"mine": "http://x"}}, "fail", "mcp_servers.mine in holmes_values is no mapping", ""),
    ],
)
def test_kinds(values: dict[str, t.Any], status: str, text: str, fix: str) -> None:
    found = judge(VALUES, case(values))
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert found.message.count("holmes_values") <= 1, "told once"


def test_every_layer_of_the_user_is_looked_at_and_the_profile_is_not() -> None:
    wrong = {"openshift": "no"}
    layers = (Layer("the profile", wrong, given=False), Layer("file a", wrong), Layer("file b", {}))
    found = judge(VALUES, case({}, layers=layers))
    assert found.message == "openshift in file a is text, but the chart wants yes or no."


def test_the_chart_tells_the_kind() -> None:
    """0.16.1 has no namespaceScopedRBAC, so nothing is known of its kind there; values.unknown_key tells of it."""
    values = {"namespaceScopedRBAC": "false"}
    assert judge(VALUES, case(values, chart_path=NEW)).status == "fail"
    assert judge(VALUES, case(values, chart_path=OLD)).status == "pass"
