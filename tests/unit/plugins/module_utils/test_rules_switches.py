# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about switches for the model server, both ways."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import case, env, judge


@pytest.mark.parametrize(
    ("name", "server", "status", "text", "fix"),
    [
        ("LLM_REQUEST_TIMEOUT", (0, 17, 9), "warn", "HolmesGPT 0.17.9 does not read LLM_REQUEST_TIMEOUT", "Remove LLM"),
        ("LLM_REQUEST_TIMEOUT", (0, 18, 0), "pass", "'LLM_REQUEST_TIMEOUT' in use", ""),
        ("HOLMES_DISABLE_STRICT_TOOL_CALLS", (0, 21, 9), "warn", "exists from 0.22.0 on", "use a newer HolmesGPT"),
        ("HOLMES_DISABLE_STRICT_TOOL_CALLS", (0, 22, 0), "pass", "in use", ""),
        ("HOLMES_DISABLE_STRICT_TOOL_CALLS", None, "pass", "in use", ""),
        ("LLM_EXTRA_STRIP_MESSAGE_FIELDS", (0, 25, 9), "warn", "exists from 0.26.0 on", "use a newer"),
        ("LLM_EXTRA_STRIP_MESSAGE_FIELDS", (0, 26, 0), "pass", "in use", ""),
        ("LLMS_WITH_STRICT_TOOL_CALLS", (0, 22, 0), "warn", "reads no LLMS_WITH_STRICT", "HOLMES_DISABLE_STRICT"),
        ("LLMS_WITH_STRICT_TOOL_CALLS", (0, 21, 9), "pass", "", ""),
        ("FAST_MODEL", (0, 45, 0), "warn", "takes nothing from modelList", "Remove FAST_MODEL"),
        ("OTHER", (0, 16, 1), "pass", "", ""),
    ],
)
def test_model_switch(name: str, server: Version | None, status: str, text: str, fix: str) -> None:
    found = judge("values.model_switch", case({"additionalEnvVars": env(**{name: "x"})}, server))
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found
