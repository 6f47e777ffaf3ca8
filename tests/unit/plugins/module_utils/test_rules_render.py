# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the rendering itself, and what all rules about manifests say without any."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import case


@pytest.mark.parametrize(
    ("rendered", "status", "text", "fix"),
    [
        (Rendered(({"kind": "Service"},)), "pass", "1 objects", ""),
        (Rendered(error="why"), "fail", "helm template failed: why", "Correct the value that the message names."),
        (Rendered(missing="Helm was not found."), "not_checked", "Helm was not found.", "Set holmes_helm_binary"),
        (Rendered(), "not_checked", "illegal name", "See values.names."),
    ],
)
def test_failed(rendered: Rendered, status: str, text: str, fix: str) -> None:
    assert_told("render.failed", replace(case({}), rendered=rendered), status, text, fix)


@pytest.mark.parametrize(
    "check",
    [
        *("render.objects", "render.kinds", "render.rbac_read_only", "render.image_reference", "render.images"),
        *("render.outside_hosts", "render.pod_security", "render.host_path"),
    ],
)
@pytest.mark.parametrize("rendered", [Rendered(), Rendered(error="x"), Rendered(missing="x")])
def test_without_manifests_nothing_is_claimed(check: str, rendered: Rendered) -> None:
    given = replace(case({}), rendered=rendered)
    found = assert_told(check, given, "not_checked", "could not be rendered", "See render.failed.")
    assert found.evidence == {}
