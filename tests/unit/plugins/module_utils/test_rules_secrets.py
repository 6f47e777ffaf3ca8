# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that stand in clear are told by their place, with the way into a Secret."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.env_rules import assert_row, verdict_of
from tests.unit.fixtures.values_world import case, env

CHECK = "values.literal_secret"
DRAWN = "a1B2c3D4e5F6g7H8i9J0"
VARIABLE = "Put it into a Secret and write holmes_env: {NAME: {secret: SECRET, key: KEY}}."
REFERENCE = "Put it into a Secret, write holmes_env: {NAME: {secret: SECRET, key: KEY}}, and there '{{ env.NAME }}'."
OTHER = "Put it into a Secret, and refer to that (valueFrom, or a volume)."


@pytest.mark.parametrize(
    ("values", "place", "fix"),
    [
        ({"additionalEnvVars": env(A_TOKEN="hunter2x")}, "additionalEnvVars: A_TOKEN", VARIABLE),
        ({"additional_env_vars": env(A_TOKEN="hunter2x")}, "additional_env_vars: A_TOKEN", VARIABLE),
        ({"modelList": {"a": {"api_key": "hunter2x"}}}, "modelList.a.api_key", REFERENCE),
        ({"toolsets": {"a": {"password": "hunter2x"}}}, "toolsets.a.password", REFERENCE),
        ({"mcp_servers": {"a": {"token": "hunter2x"}}}, "mcp_servers.a.token", REFERENCE),
        ({"args": ["--token=hunter2x"]}, "args.0", OTHER),
        ({"operator": {"additionalEnvVars": env(A_TOKEN="hunter2x")}}, "operator.additionalEnvVars: A_TOKEN", OTHER),
    ],
)
def test_in_clear(values: dict[str, t.Any], place: str, fix: str) -> None:
    found = assert_row(CHECK, case(values), "fail", f"'{place}' holds a secret in clear.")
    assert (found.fix, found.evidence) == (fix, {"places": [place]})
    assert "hunter2x" not in repr(found)


def test_every_place_is_told() -> None:
    values = {"additionalEnvVars": env(A_TOKEN="hunter2x"), "modelList": {"a": {"api_key": "hunter3x"}}}
    found = assert_row(CHECK, case(values), "fail", "'additionalEnvVars: A_TOKEN' holds", "'modelList.a.api_key' holds")
    assert found.evidence == {"places": ["additionalEnvVars: A_TOKEN", "modelList.a.api_key"]}
    assert "hunter" not in repr(found)


@pytest.mark.parametrize(
    ("values", "place", "fix"),
    [
        ({"additionalEnvVars": env(A_TOKEN="<your-token>")}, "additionalEnvVars: A_TOKEN", VARIABLE),
        ({"modelList": {"a": {"api_key": "sk-..."}}}, "modelList.a.api_key", REFERENCE),
    ],
)
def test_placeholders(values: dict[str, t.Any], place: str, fix: str) -> None:
    found = assert_row(CHECK, case(values), "fail", f"'{place}' holds a placeholder that nobody has replaced.")
    assert found.fix == f"If a secret belongs there: {fix} If the server wants none, write 'none'."
    assert found.evidence == {}


def test_a_guess_is_a_warning() -> None:
    values = {"additionalEnvVars": env(WEBHOOK_AUTH=DRAWN)}
    found = assert_row(CHECK, case(values), "warn", "The text at 'additionalEnvVars: WEBHOOK_AUTH' looks like a secret")
    assert found.fix == f"If it is one: {VARIABLE} If not, give it a name that does not say so."
    assert DRAWN not in repr(found)


@pytest.mark.parametrize(
    "values",
    [
        {"additionalEnvVars": env(OPENAI_API_KEY="none"), "modelList": {"a": {"api_key": "{{ env.OPENAI_API_KEY }}"}}},
        {"additionalEnvVars": [{"name": "A_KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]},
        {},
    ],
)
def test_references(values: dict[str, t.Any]) -> None:
    assert verdict_of(CHECK, case(values)).status == "pass"
