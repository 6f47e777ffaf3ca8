# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import encode
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_repair import repair
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import NEW, OLD, certificate, chart, env

MODELS: dict[str, t.Any] = {"a": {"model": "openai/a"}}
TWO: dict[str, t.Any] = {**MODELS, "b": {"model": "openai/b"}}


def repaired(
    values: dict[str, t.Any], server: Version | None = (0, 45, 0), path: Path = NEW
) -> tuple[dict[str, t.Any], list[str]]:
    before = repr(values)
    result, repairs = repair(values, ChartKeys(chart(path)), server, {})
    assert repr(values) == before, "the given values stay as they are"
    return result, [one.message for one in repairs]


def test_config_model_becomes_the_variable() -> None:
    values, told = repaired({"modelList": TWO, "config": {"model": "b"}})
    assert values == {"modelList": TWO, "additionalEnvVars": env(MODEL="b")}
    assert len(told) == 1 and "translated to the variable MODEL=b" in told[0]


def test_config_model_does_not_override_the_variable() -> None:
    values, told = repaired({"modelList": TWO, "config": {"model": "b"}, "additionalEnvVars": env(MODEL="a")})
    assert values == {"modelList": TWO, "additionalEnvVars": env(MODEL="a")}
    assert "because MODEL is set" in told[0]


@pytest.mark.parametrize("server", [(0, 16, 1), (0, 22, 9)])
def test_old_servers_get_no_variable(server: Version) -> None:
    values, told = repaired({"modelList": MODELS, "config": {"model": "a"}}, server, OLD)
    assert values == {"modelList": MODELS}
    assert "not translated to MODEL" in told[0]


@pytest.mark.parametrize(
    ("models", "fix"), [(MODELS, "the only alias is the default"), (TWO, "the first alias of the")]
)
def test_old_servers_are_told_what_is_the_default(models: dict[str, t.Any], fix: str) -> None:
    given = {"modelList": models, "config": {"model": "a"}}
    assert fix in repair(given, ChartKeys(chart(OLD)), (0, 16, 1), {})[1][0].fix


def test_other_settings_below_config_stay_to_be_refused() -> None:
    values, _told = repaired({"config": {"model": "a", "temperature": 1}})
    assert values["config"] == {"temperature": 1}


def test_a_chart_that_reads_config_model_is_left_alone() -> None:
    reading = Chart("p", "x", "1.0.0", "", "", {}, {"templates/t": "{{ .Values.config.model }}"})
    values, repairs = repair({"config": {"model": "a"}}, ChartKeys(reading), (0, 45, 0), {})
    assert (values, repairs) == ({"config": {"model": "a"}}, [])


@pytest.mark.parametrize(
    ("models", "server", "expected"),
    [
        (MODELS, (0, 45, 0), env(MODEL="a")),
        (MODELS, None, env(MODEL="a")),
        (MODELS, (0, 22, 0), None),
        (TWO, (0, 45, 0), None),
        ({}, (0, 45, 0), None),
        (None, (0, 45, 0), None),
        ("x", (0, 45, 0), None),
    ],
)
def test_a_single_alias_is_the_default(models: t.Any, server: Version | None, expected: t.Any) -> None:
    values, told = repaired({"modelList": models}, server)
    assert values.get("additionalEnvVars") == expected
    assert told == []


@pytest.mark.parametrize("given", [{"wrong": "shape"}, "text"])
def test_an_environment_of_another_shape_is_left_for_its_rule(given: t.Any) -> None:
    assert repaired({"modelList": MODELS, "additionalEnvVars": given})[0]["additionalEnvVars"] == given


def test_certificate() -> None:
    value = encode(certificate()[0])
    assert repaired({"certificate": value}) == ({"certificate": value}, [])
    values, told = repaired({"certificate": f"{value[:70]}\n{value[70:]}\n"})
    assert values == {"certificate": value}
    assert "several lines" in told[0]
    for other in ("", None, 5):
        assert repaired({"certificate": other}) == ({"certificate": other}, [])


def test_certificate_with_a_private_key_is_a_problem() -> None:
    problems: dict[str, HolmesError] = {}
    repair({"certificate": certificate()[1]}, ChartKeys(chart()), None, problems)
    assert "private key" in problems["values.certificate"].msg


def test_read_only_root() -> None:
    given = {"containerSecurityContext": {"readOnlyRootFilesystem": True, "runAsUser": 1}}
    values, told = repaired(given)
    assert values == {"containerSecurityContext": {"runAsUser": 1}}
    assert len(told) == 1
    assert repaired(given, path=OLD) == (given, [])
    off = {"containerSecurityContext": {"readOnlyRootFilesystem": False}}
    assert repaired(off) == (off, [])
