# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the air-gap profile."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import case, chart, judge

CHECK = "values.profile"
SHIPPED = ("internet", "robusta", "connectivity_check", "bash")
KEPT: dict[str, t.Any] = {
    "enableTelemetry": False,
    "sentryDSN": "",
    "toolsets": {name: {"enabled": False} for name in SHIPPED},
}


def toolset(name: str, enabled: t.Any = True) -> dict[str, t.Any]:
    return {**KEPT, "toolsets": {**KEPT["toolsets"], name: {"enabled": enabled}}}


@pytest.mark.parametrize(
    ("values", "profile", "status", "text", "fix"),
    [
        (KEPT, "airgap", "pass", "The air-gap profile is kept", ""),
        ({**KEPT, "enableTelemetry": True}, "airgap", "pass", "", ""),
        ({**KEPT, "sentryDSN": "x"}, "airgap", "pass", "", ""),
        (
            toolset("internet"),
            "airgap",
            "warn",
            "toolsets.internet.enabled is True, against the air-gap profile. Fetches",
            "Remove it",
        ),
        ({**KEPT, "toolsets": {}}, "airgap", "warn", "toolsets.robusta.enabled is None, against", ""),
        (toolset("bash"), "airgap", "pass", "The air-gap profile is kept", ""),
        (toolset("newrelic", False), "airgap", "pass", "", ""),
        ({}, "none", "pass", "The air-gap profile is not used", ""),
        (toolset("newrelic"), "none", "pass", "is not used", ""),
    ],
)
def test_profile(values: dict[str, t.Any], profile: str, status: str, text: str, fix: str) -> None:
    assert_told(CHECK, case(values, profile=profile), status, text, fix)


@pytest.mark.parametrize(
    ("name", "since", "before"),
    [
        ("connectivity_check", (0, 22, 0), (0, 21, 9)),
        ("internet", (0, 24, 0), (0, 23, 9)),
    ],
)
def test_a_toolset_that_the_server_turns_on_by_itself(name: str, since: t.Any, before: t.Any, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: holmes\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("")
    off = {other: {"enabled": False} for other in SHIPPED}
    others = {other: options for other, options in off.items() if other != name}
    options = {"chart_path": tmp_path}
    message = f"The toolset '{name}' is not in this chart, but this server turns it on by itself."
    fix = f"Set holmes_toolsets: {{{name}: {{enabled: false}}}}."
    assert_told(CHECK, case({"toolsets": others}, server=since, **options), "warn", message, fix)
    assert_told(CHECK, case({"toolsets": others}, server=before, **options), "pass")
    assert_told(CHECK, case({"toolsets": off}, server=since, **options), "pass")
    excused = case({"toolsets": others}, server=since, exceptions={f"{CHECK}:{name}": "wanted"}, **options)
    assert judge(CHECK, excused).message == f"Accepted (wanted): {message}"
    # What the chart ships, the profile speaks of.
    (tmp_path / "values.yaml").write_text(f"toolsets: {{{name}: {{enabled: true}}}}")
    chart.cache_clear()
    assert message not in judge(CHECK, case({"toolsets": others}, server=since, **options)).message


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("MongoDBAtlas", "cloud.mongodb.com"),
        ("coralogix", "coralogix.com"),
        ("datadog/general", "datadoghq.com"),
        ("datadog/logs", "datadoghq.com"),
        ("datadog/metrics", "datadoghq.com"),
        ("datadog/traces", "datadoghq.com"),
        ("newrelic", "api.newrelic.com"),
        ("notion", "api.notion.com"),
        ("slab", "api.slab.com"),
    ],
)
def test_toolsets_of_hosted_services(name: str, service: str) -> None:
    found = judge(CHECK, case(toolset(name)))
    assert (found.status, found.fix) == ("warn", f"Set toolsets.{name}.enabled: false.")
    assert found.message == f"The toolset '{name}' asks {service}, which a cut-off cluster cannot reach."
    excused = judge(CHECK, case(toolset(name), exceptions={f"{CHECK}:{name}": "by a proxy"}))
    assert excused.message.startswith("Accepted (by a proxy)")


def test_a_deliberate_change_is_accepted_by_name() -> None:
    for subject in ("toolsets.internet.enabled", ""):
        name = f"{CHECK}:{subject}" if subject else CHECK
        found = judge(CHECK, case(toolset("internet"), exceptions={name: "wanted"}))
        assert (found.status, found.message.startswith("Accepted (wanted): toolsets.internet.enabled is True")) == (
            "warn",
            True,
        )
