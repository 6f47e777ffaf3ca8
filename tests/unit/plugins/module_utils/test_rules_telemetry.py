# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about telemetry: by values, by variables set by hand, and in what is rendered."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import holmes, pod, variables
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import NEW, OLD, build, case, env, judge

CHECK = "values.telemetry"
OFF: dict[str, t.Any] = {"enableTelemetry": False, "sentryDSN": ""}
ON: dict[str, t.Any] = {"enableTelemetry": True, "sentryDSN": "https://k@sentry.example/1"}
SENDS = "Telemetry is on and has an address"
BOTH = "Set enableTelemetry: false and sentryDSN: ''."


@pytest.mark.parametrize(
    ("values", "path", "profile", "status", "text", "fix"),
    [
        (OFF, NEW, "airgap", "pass", "Telemetry is off", ""),
        (OFF, OLD, "airgap", "pass", "Telemetry is off", ""),
        ({**OFF, "enableTelemetry": "false"}, NEW, "airgap", "pass", "Telemetry is off", ""),
        ({**OFF, "enableTelemetry": "False"}, NEW, "airgap", "pass", "Telemetry is off", ""),
        ({**OFF, "enableTelemetry": 0}, NEW, "airgap", "pass", "Telemetry is off", ""),
        ({**OFF, "enableTelemetry": "null"}, NEW, "airgap", "pass", "Telemetry is off", ""),
        ({}, NEW, "airgap", "warn", "enableTelemetry is not false, so it counts as on", "Set enableTelemetry: false."),
        ({**OFF, "enableTelemetry": None}, NEW, "airgap", "warn", "counts as on", ""),
        ({**OFF, "enableTelemetry": "true"}, NEW, "airgap", "warn", "counts as on", ""),
        ({**OFF, "enableTelemetry": 1}, NEW, "airgap", "warn", "counts as on", ""),
        (ON, NEW, "airgap", "fail", SENDS, BOTH),
        (ON, NEW, "none", "warn", SENDS, BOTH),
        ({}, OLD, "airgap", "fail", SENDS, BOTH),
        ({"enableTelemetry": False}, OLD, "airgap", "warn", "sentryDSN still names an address", "Set sentryDSN: ''."),
        (
            {**OFF, "enableTelemetry": "no"},
            NEW,
            "airgap",
            "fail",
            "ENABLE_TELEMETRY='no', which is not true or",
            "false.",
        ),
        (
            {**OFF, "enableTelemetry": ""},
            NEW,
            "none",
            "fail",
            "the server dies at start",
            "Set enableTelemetry: false.",
        ),
    ],
)
def test_telemetry(values: dict[str, t.Any], path: Path, profile: str, status: str, text: str, fix: str) -> None:
    assert_told(CHECK, case(values, chart_path=path, profile=profile), status, text, fix)


@pytest.mark.parametrize(
    ("manifest", "status", "text"),
    [
        (variables(ENABLE_TELEMETRY="false", SENTRY_DSN=""), "pass", "Telemetry is off"),
        (variables(ENABLE_TELEMETRY="0"), "pass", "Telemetry is off"),
        (variables(), "pass", "Telemetry is off"),
        (variables(ENABLE_TELEMETRY="true"), "warn", "counts as on"),
        (variables(ENABLE_TELEMETRY="true", SENTRY_DSN="x"), "fail", SENDS),
        (variables(SENTRY_DSN="x"), "warn", "still names an address"),
        (variables(ENABLE_TELEMETRY=""), "fail", "dies at start"),
        (variables(ENABLE_TELEMETRY="off"), "fail", "dies at start"),
    ],
)
def test_what_is_rendered_counts(manifest: dict[str, t.Any], status: str, text: str) -> None:
    assert_told(CHECK, case(ON if status == "pass" else OFF, manifests=[manifest]), status, text)


def test_the_last_of_several_and_a_reference() -> None:
    twice = [{"name": "ENABLE_TELEMETRY", "value": "true"}, {"name": "ENABLE_TELEMETRY", "value": "false"}, "odd"]
    assert_told(CHECK, case({}, manifests=[pod(holmes(env=twice))]), "pass")
    reference = {"name": "SENTRY_DSN", "valueFrom": {"secretKeyRef": {}}}
    both = [{"name": "ENABLE_TELEMETRY", "valueFrom": {}}, reference]
    assert_told(CHECK, case({}, manifests=[pod(holmes(env=both))]), "fail", SENDS)
    assert_told(CHECK, case({}, manifests=[pod(holmes(env=[reference]))]), "warn", "still names an address")


@pytest.mark.parametrize(
    ("name", "key", "text", "status"),
    [
        ("ENABLE_TELEMETRY", "enableTelemetry", "false", "warn"),
        ("SENTRY_DSN", "sentryDSN", "", "warn"),
        ("SENTRY_DSN", "sentryDSN", "https://x", "warn"),
    ],
)
def test_variables_set_by_hand(name: str, key: str, text: str, status: str) -> None:
    given = case({**OFF, "additionalEnvVars": env(**{name: text})})
    found = assert_told(CHECK, given, status, f"The variable {name} is set by hand and wins over the chart's {key}.")
    assert f"Remove {name} and set {key}." in found.fix
    assert ("still names" in found.message) == bool(text == "https://x")


def test_by_hand_wins() -> None:
    on = {**OFF, "additionalEnvVars": env(ENABLE_TELEMETRY="true", SENTRY_DSN="x")}
    assert_told(CHECK, case(on), "fail", SENDS)
    off = {**ON, "additionalEnvVars": env(ENABLE_TELEMETRY="false", SENTRY_DSN="")}
    found = assert_told(CHECK, case(off), "warn", "by hand")
    assert SENDS not in found.message


def test_a_chart_that_knows_neither(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: holmes\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("")
    assert_told(CHECK, case(ON, chart_path=tmp_path), "pass", "Telemetry is off")


def test_tracing() -> None:
    given = {**OFF, "additionalEnvVars": [{"name": "BRAINTRUST_API_KEY", "valueFrom": {"secretKeyRef": {}}}]}
    assert_told(CHECK, case(given), "warn", "BRAINTRUST_API_KEY turns on tracing", "Remove BRAINTRUST_API_KEY.")
    excused = case(given, exceptions={f"{CHECK}:BRAINTRUST_API_KEY": "a proxy"})
    assert judge(CHECK, excused).message.startswith("Accepted (a proxy)")


def test_telemetry_is_accepted_by_name() -> None:
    def given(**options: t.Any) -> Case:
        return case(ON, **options)

    accepted(CHECK, "SENTRY_DSN", given)
    for values, subject in (({}, "ENABLE_TELEMETRY"), ({**ON, "enableTelemetry": False}, "SENTRY_DSN")):
        found = judge(CHECK, case(values, exceptions={f"{CHECK}:{subject}": "meant"}))
        assert found.message.startswith("Accepted (meant)")
    dies = case({"enableTelemetry": "no"}, exceptions={f"{CHECK}:ENABLE_TELEMETRY": "meant"})
    assert judge(CHECK, dies).message.startswith("Accepted (meant)")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "pass"),
        ({"chart": OLD}, "pass"),
        ({"profile": "none"}, "warn"),
        ({"chart": OLD, "profile": "none"}, "warn"),
        ({"values": {"enableTelemetry": True}}, "warn"),
        ({"chart": OLD, "values": {"enableTelemetry": None}}, "fail"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert found.status == status, found
