# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging values."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_merge as m

from tests.unit.fixtures.values_world import env


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({"a": {"x": 1}}, {"a": 2}, {"a": 2}),
        ({"tolerations": [1]}, {"tolerations": [2]}, {"tolerations": [2]}),
        (
            {"additionalEnvVars": {"A": 1}},
            {"additionalEnvVars": [{"name": "B"}]},
            {"additionalEnvVars": [{"name": "B"}]},
        ),
        (
            {"additionalEnvVars": env(A="1", B="2")},
            {"additionalEnvVars": [{"name": "A", "valueFrom": 1}, {"name": "C"}]},
            {"additionalEnvVars": [{"name": "A", "valueFrom": 1}, {"name": "B", "value": "2"}, {"name": "C"}]},
        ),
        (
            {"imagePullSecrets": [{"name": "a"}]},
            {"imagePullSecrets": [{"name": "b"}]},
            {"imagePullSecrets": [{"name": "a"}, {"name": "b"}]},
        ),
        (
            {"operator": {"additionalEnvVars": env(A="1")}},
            {"operator": {"additionalEnvVars": env(B="2")}},
            {"operator": {"additionalEnvVars": env(B="2")}},
        ),
    ],
)
def test_merge(base: m.Values, over: m.Values, expected: m.Values) -> None:
    before = (repr(base), repr(over))
    assert m.merge(base, over) == expected
    assert (repr(base), repr(over)) == before


def test_result_shares_nothing_with_the_sources() -> None:
    base: m.Values = {"a": {"x": []}, "additionalEnvVars": env(A="1")}
    over: m.Values = {"b": {"y": []}, "additionalEnvVars": env(B="1")}
    result = m.merge(base, over)
    result["a"]["x"].append(1)
    result["b"]["y"].append(1)
    result["additionalEnvVars"][0]["value"] = result["additionalEnvVars"][1]["value"] = "changed"
    assert base == {"a": {"x": []}, "additionalEnvVars": env(A="1")}
    assert over == {"b": {"y": []}, "additionalEnvVars": env(B="1")}


def test_paths() -> None:
    values: m.Values = {"a": {"b": None}, "c": 1}
    assert m.get(values, ("a", "b"), "x") is None
    assert m.get(values, ("a", "z"), "x") == "x"
    assert m.get(values, ("c", "z"), "x") == "x"
    assert m.has(values, ("a", "b"))
    assert not m.has(values, ("c", "d"))
    m.put(values, ("c", "d", "e"), 2)
    m.put(values, ("a", "z"), 3)
    assert values == {"a": {"b": None, "z": 3}, "c": {"d": {"e": 2}}}


def test_environment_of_both_lists() -> None:
    values: m.Values = {
        "additionalEnvVars": [*env(A="1"), "broken", {"value": "2"}],
        "additional_env_vars": [*env(A="3"), {"name": "S", "valueFrom": {}}],
    }
    assert [entry["name"] for entry in m.env_entries(values)] == ["A", "A", "S"]
    assert m.env_literal(values, "A") == "3"
    assert m.env_literal(values, "S") is None
    assert m.env_entry(values, "X") is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (1.0, 1),
        (0.5, 0.5),
        (True, True),
        ({1: (1.0, "a")}, {"1": [1, "a"]}),
        (2.0**60, 2.0**60),
        (None, None),
    ],
)
def test_normalised(data: t.Any, expected: t.Any) -> None:
    found = m.normalised(data)
    assert found == expected
    assert type(found) is type(expected)


def test_strings() -> None:
    assert list(m.strings({"a": ["x", {"b": "y"}], "c": 1})) == [(("a", "0"), "x"), (("a", "1", "b"), "y")]
