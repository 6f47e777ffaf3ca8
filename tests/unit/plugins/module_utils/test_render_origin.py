# SPDX-License-Identifier: GPL-3.0-or-later
"""Which add-on an object belongs to, by its name; the names are those of the genuine chart."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import addons, is_own_role, origin

from tests.unit.fixtures.values_world import OLD, case, chart

ALL: dict[str, t.Any] = {
    "operator": {"enabled": True},
    "mcpAddons": {name: {"enabled": True} for name in chart().values["mcpAddons"]},
}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("r-operator", "operator"),
        ("holmes-operator", "operator"),
        ("r-k8s-remediation-mcp-role", "mcpAddons.kubernetesRemediation"),
        ("r-k8s-remediation-mcp-server", "mcpAddons.kubernetesRemediation"),
        ("k8s-remediation-mcp-sa", "mcpAddons.kubernetesRemediation"),
        ("r-kubernetes-remediation-mcp-server", "mcpAddons.kubernetesRemediation"),
        ("r-k8s-mcp-server", "mcpAddons.kubernetes"),
        ("r-k8s-mcp", "mcpAddons.kubernetes"),
        ("r-kubernetes-mcp-server", "mcpAddons.kubernetes"),
        ("r-aws-mcp-server", "mcpAddons.aws"),
        ("aws-api-mcp-sa", "mcpAddons.aws"),
        ("r-gitlab-mcp-server", "mcpAddons.gitlabMcp"),
        ("r-gitlab-mcp-config", "mcpAddons.gitlabMcp"),
        ("r-confluence-mcp-server", "mcpAddons.confluenceMcp"),
        ("r-github-mcp-server", "mcpAddons.github"),
        ("r-sentry-mcp-server", "mcpAddons.sentry"),
        ("r-holmes", ""),
        ("r-holmes-cluster-role", ""),
        ("custom-toolsets-configmap", ""),
        ("awsome", ""),
        ("other-aws-mcp-server", ""),
        ("", ""),
    ],
)
def test_origin(name: str, path: str) -> None:
    assert origin(case(ALL, release_name="r"), name) == path


def test_only_what_is_on() -> None:
    assert origin(case({}), "holmes-operator") == ""
    assert origin(case({"operator": {"enabled": True}}, chart_path=OLD), "holmes-operator") == ""
    only = case({"mcpAddons": {"kubernetes": {"enabled": True}}}, release_name="r")
    assert origin(only, "r-k8s-mcp-server") == "mcpAddons.kubernetes"


def test_addons() -> None:
    assert addons(case({})) == {}
    assert list(addons(case(ALL)))[:2] == ["operator", "mcpAddons.aws"]
    found = addons(case({"mcpAddons": {"aws": {"enabled": "false", "registry": "x"}}}))
    assert found["mcpAddons.aws"]["registry"] == "x" and found["mcpAddons.aws"]["image"]
    for odd in (
        {"operator": None, "mcpAddons": None},
        {"operator": "x", "mcpAddons": "x"},
        {"mcpAddons": {"aws": "x"}},
    ):
        assert addons(case(odd)) == {}


def test_own_role() -> None:
    given = case({}, release_name="r")
    assert is_own_role(given, "r-holmes-cluster-role") and is_own_role(given, "r-holmes-role")
    assert not is_own_role(given, "holmes-holmes-role") and not is_own_role(given, "r-operator")
