# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about toolsets."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import case, judge

CHECK = "values.toolsets"


def toolset(name: str, options: t.Any = None) -> dict[str, t.Any]:
    return {"toolsets": {name: {"enabled": True} if options is None else options}}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("kubernetes/cores", "kubernetes/core"),
        ("kubernetes_core", "kubernetes/core"),
        ("kubernetes/log", "kubernetes/logs"),
        ("kubernetes", "kubernetes/core"),
        ("internt", "internet"),
        ("Internet", "internet"),
        ("prometheus", "prometheus/metrics"),
        ("ArgoCD", "argocd/core"),
        ("helm", "helm/core"),
        ("connectivity-check", "connectivity_check"),
        ("bsh", "bash"),
    ],
)
def test_a_near_miss(name: str, meant: str) -> None:
    message = f"The server knows no toolset '{name}', so this changes nothing. Did you mean '{meant}'?"
    assert_told(CHECK, case(toolset(name)), "fail", message, f"Rename it in holmes_toolsets to '{meant}'.")


# Names of servers from 0.16.4 to 0.45.0 that the chart does not ship.
KNOWN = [
    *("MongoDBAtlas", "argocd/core", "azure/sql", "confluence", "coralogix", "coralogix/logs", "core_investigation"),
    *("crossplane/core", "database/sql", "datadog/general", "datadog/logs", "datadog/metrics", "datadog/rds"),
    *("datadog/traces", "elasticsearch/cluster", "elasticsearch/data", "git", "grafana/dashboards", "grafana/loki"),
    *("grafana/tempo", "helm/core", "kafka/admin", "kubernetes/live-metrics"),
    *("kubernetes/kube-prometheus-stack", "kubevela/core", "newrelic", "notion", "opensearch/logs"),
    *("opensearch/query_assist", "opensearch/status", "opensearch/traces", "openshift/core", "openshift/live-metrics"),
    *("openshift/logs", "openshift/security", "prometheus/multi-tenant-metrics", "rabbitmq/core", "runbook"),
    *("servicenow/tables", "slab", "victorialogs"),
]
COMMAND_LINE = [
    *("aks/core", "aks/node-health", "aws/rds", "aws/security", "cilium/core", "docker/core", "hubble/observability"),
    *("inspektor-gadget/node", "inspektor-gadget/tcpdump"),
]


@pytest.mark.parametrize("name", ["kubernetes/core", "skills", *KNOWN])
def test_names_that_are_right(name: str) -> None:
    assert_told(CHECK, case(toolset(name)), "pass", "1 toolsets are set")


@pytest.mark.parametrize("name", ["internet", "connectivity_check", "bash", "robusta", "prometheus/metrics"])
def test_names_that_another_chart_ships(name: str, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: holmes\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("")
    assert_told(CHECK, case(toolset(name), chart_path=tmp_path), "pass", "1 toolsets are set")


@pytest.mark.parametrize("name", COMMAND_LINE)
def test_names_of_the_command_line(name: str) -> None:
    message = f"The toolset '{name}' is for the command line only; the server leaves it out."
    assert_told(CHECK, case(toolset(name)), "warn", message, "Remove it from holmes_toolsets.")


@pytest.mark.parametrize("name", ["kubectl-run", "kubernetes/krew-extras", "kubernetes/kube-lineage-extras"])
def test_names_that_are_gone(name: str) -> None:
    message = f"The toolset '{name}' is gone since 0.43."
    assert_told(CHECK, case(toolset(name), server=(0, 43, 0)), "warn", message, "Remove it from holmes_toolsets.")
    assert_told(CHECK, case(toolset(name), server=(0, 42, 9)), "pass")


@pytest.mark.parametrize(
    ("mounts", "status"),
    [
        ([{"mountPath": "/app/holmes/plugins/toolsets/x.yaml"}], "pass"),
        ([{"mountPath": "/x"}, {"mountPath": "/toolsets"}], "pass"),
        ([{"mountPath": "/x"}, "odd"], "warn"),
        ([], "warn"),
    ],
)
def test_files_of_toolsets_in_the_image(mounts: t.Any, status: str) -> None:
    assert judge(CHECK, case({**toolset("mine"), "additionalVolumeMounts": mounts})).status == status


def test_a_name_that_nobody_knows() -> None:
    message = "No known version of the server has a toolset 'mine', and it defines no 'tools' or 'type' itself."
    assert_told(CHECK, case(toolset("mine")), "warn", message, "or define its tools.")
    several = assert_told(CHECK, case(toolset("grafana")), "warn", "No known version of the server has")
    assert "mean" not in several.message


@pytest.mark.parametrize(
    ("name", "field", "meant"),
    [
        ("internet", "enable", "enabled"),
        ("internet", "Enabled", "enabled"),
        ("mine", "configs", "config"),
        ("prometheus/metrics", "confg", "config"),
    ],
)
def test_a_misspelt_field(name: str, field: str, meant: str) -> None:
    message = f"toolsets.{name}.{field} is no field of a toolset. Did you mean '{meant}'?"
    found = assert_told(CHECK, case(toolset(name, {field: True, "tools": []})), "fail", message)
    assert found.fix == f"Rename it to toolsets.{name}.{meant}."


@pytest.mark.parametrize(
    "field", ["description", "tools", "llm_instructions", "url", "approval_required_tools", "type"]
)
def test_other_fields(field: str) -> None:
    assert_told(CHECK, case(toolset("internet", {field: "x"})), "pass")


@pytest.mark.parametrize("own", [{"tools": []}, {"type": "mcp"}, {"url": "http://x"}])
def test_a_toolset_of_ones_own_may_resemble_another(own: dict[str, t.Any]) -> None:
    assert_told(CHECK, case(toolset("kubernetes", own)), "pass")


@pytest.mark.parametrize("no", ["false", "False", "no", "off", "0", ""])
def test_no_as_text_is_yes_for_ones_own(no: str) -> None:
    found = assert_told(
        CHECK,
        case(toolset("mine", {"enabled": no, "tools": []})),
        "fail",
        f"toolsets.mine.enabled is {no!r}, which is yes",
    )
    assert found.fix == "Write false, without quotes."


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"toolsets": None},
        {"toolsets": "text, of which values.type speaks"},
        toolset("internet", "text"),
        {"toolsets": {"internet": None}},
        toolset("internet", {"enabled": "false"}),
        toolset("newrelic", {"enabled": "false"}),
        toolset("mine", {"enabled": False, "tools": []}),
        toolset("mine", {"enabled": "true", "type": "mcp"}),
        toolset("mine", {"url": "http://x"}),
        {"toolsets": {5: {"tools": []}}},
    ],
)
def test_what_other_rules_speak_of(values: dict[str, t.Any]) -> None:
    assert_told(CHECK, case(values), "pass", "toolsets are set")
