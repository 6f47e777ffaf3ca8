# SPDX-License-Identifier: GPL-3.0-or-later
"""The air-gap profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _profile
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, merge

from tests.unit.fixtures.values_world import CHARTS, NEW, OLD, chart, env


def defaults(path: Path) -> Values:
    return _profile.defaults(chart(path), ChartKeys(chart(path)))


def test_for_the_new_chart() -> None:
    off = {"enabled": False}
    assert defaults(NEW) == {
        "enableTelemetry": False,
        "sentryDSN": "",
        "toolsets": {"internet": off, "robusta": off, "connectivity_check": off, "bash": off},
        "additionalEnvVars": env(
            LITELLM_LOCAL_MODEL_COST_MAP="True",
            ROBUSTA_AI="false",
            HOLMES_CONFIGPATH_DIR="/tmp/.holmes",
            TOOL_MEMORY_LIMIT_MB="1500",
            HOLMES_PASSTHROUGH_BLOCKED_HEADERS="authorization,cookie,set-cookie,accept,user-agent,x-api-key,content-type",
        ),
    }


def test_only_toolsets_that_the_chart_ships() -> None:
    assert set(defaults(OLD)["toolsets"]) == {"internet", "robusta"}


@pytest.mark.parametrize("path", [NEW, OLD])
def test_the_chart_knows_every_default(path: Path) -> None:
    assert ChartKeys(chart(path)).strays(defaults(path)) == []


def test_every_default_has_a_reason_that_the_docs_give() -> None:
    page = (CHARTS.parents[2] / "docs" / "checks" / "values.md").read_text(encoding="utf-8")
    named = [(".".join(default.path), default.reason) for default in _profile.DEFAULTS]
    named += [(default.name, default.reason) for default in _profile.ENV_DEFAULTS]
    for name, reason in named:
        assert reason.endswith(".")
        assert re.search(rf"^\| `{re.escape(name)}` \| `[^`]+` \| {re.escape(reason)} \|$", page, re.MULTILINE), name


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({}, []),
        ({"toolsets": {"bash": {"enabled": True}}}, ["toolsets.bash.enabled is True"]),
        ({"enableTelemetry": True}, ["enableTelemetry is True"]),
        ({"additionalEnvVars": env(ROBUSTA_AI="true")}, ["ROBUSTA_AI is 'true'"]),
        ({"additionalEnvVars": [{"name": "ROBUSTA_AI", "valueFrom": {}}]}, ["ROBUSTA_AI is no literal"]),
        ({"additionalEnvVars": env(TOOL_MEMORY_LIMIT_MB="3000", HOLMES_CONFIGPATH_DIR="/tmp/x")}, []),
        ({"additionalEnvVars": {"wrong": "shape"}}, []),
    ],
)
def test_deliberate_exceptions(over: Values, told: list[str]) -> None:
    values = merge(defaults(NEW), over)
    assert [changed for changed, _reason in _profile.exceptions(chart(NEW), ChartKeys(chart(NEW)), values)] == told
