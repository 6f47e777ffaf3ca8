# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model server says of itself becomes part of the values."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._autotune import tuned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request

from tests.unit.fixtures.values_world import LLM, build, only

Values = dict[str, t.Any]
SMALL = {"a": {"max_model_len": 32768, "strict": True}}
TWO = {"a": {"max_model_len": 32768}, "b": {"max_model_len": 131072}}


@pytest.mark.parametrize(
    ("llm", "learned", "after", "filled", "corrected"),
    [
        ({}, SMALL, (32768, 8192), 2, 0),
        ({}, {"a": {"max_model_len": 16384}}, (16384, 4096), 2, 0),
        ({}, {"a": {"max_model_len": 2048}}, (2048, 1024), 2, 0),
        ({"context_window": 32768, "max_output_tokens": 4096}, SMALL, (32768, 4096), 0, 0),
        ({"context_window": 16384, "max_output_tokens": 4096}, SMALL, (16384, 4096), 0, 0),
        ({"context_window": 131072, "max_output_tokens": 4096}, SMALL, (32768, 4096), 0, 1),
        ({"context_window": 131072, "max_output_tokens": 24577}, SMALL, (32768, 8192), 0, 2),
        ({"context_window": 131072, "max_output_tokens": 24576}, SMALL, (32768, 24576), 0, 1),
        ({"max_output_tokens": 2048}, SMALL, (32768, 2048), 1, 0),
        ({}, TWO, (32768, 8192), 2, 0),
        ({"context_window": 64000, "max_output_tokens": 1}, {"a": {"max_model_len": None}}, (64000, 1), 0, 0),
        ({"context_window": 64000, "max_output_tokens": 1}, {}, (64000, 1), 0, 0),
        ({"context_window": 64000, "max_output_tokens": 1}, None, (64000, 1), 0, 0),
    ],
)
def test_common_limits(llm: Values, learned: t.Any, after: tuple[int, int], filled: int, corrected: int) -> None:
    found = tuned(Request(chart="c", llm=llm, learned=learned), None)
    assert (found.request.llm["context_window"], found.request.llm["max_output_tokens"]) == after
    assert (len(found.filled), len(found.corrected)) == (filled, corrected)


@pytest.mark.parametrize(
    ("llm", "models", "after"),
    [
        ({}, {"a": {}, "b": {}}, {"a": {}, "b": {"context_window": 131072}}),
        ({"context_window": 32768}, {"a": {}, "b": {}}, {"a": {}, "b": {"context_window": 131072}}),
        ({}, {"b": {"context_window": 200000}}, {"b": {"context_window": 131072}}),
        ({}, {"b": {"context_window": 65536}}, {"b": {"context_window": 65536}}),
        ({}, {"c": {}, "d": None}, {"c": {}, "d": None}),
    ],
)
def test_limits_of_one_model(llm: Values, models: Values, after: Values) -> None:
    assert tuned(Request(chart="c", llm=llm, models=models, learned=TWO), None).request.models == after


@pytest.mark.parametrize(
    ("strict", "server", "env", "after"),
    [
        (False, (0, 45, 0), None, {"HOLMES_DISABLE_STRICT_TOOL_CALLS": "true"}),
        (False, (0, 45, 0), {"X": "1"}, {"X": "1", "HOLMES_DISABLE_STRICT_TOOL_CALLS": "true"}),
        (False, (0, 45, 0), {"HOLMES_DISABLE_STRICT_TOOL_CALLS": "no"}, {"HOLMES_DISABLE_STRICT_TOOL_CALLS": "no"}),
        (False, (0, 21, 0), None, None),
        (True, (0, 45, 0), None, None),
        (None, (0, 45, 0), None, None),
    ],
)
def test_strict_tools(strict: bool | None, server: t.Any, env: t.Any, after: t.Any) -> None:
    request = Request(chart="c", env=env, learned={"a": {"max_model_len": None, "strict": strict}})
    assert tuned(request, server).request.env == after


@pytest.mark.parametrize("learned", ["x", 1, ["a"], {"a": 1}])
def test_another_shape_is_refused(learned: t.Any) -> None:
    with pytest.raises(HolmesError, match="'learned' must be a mapping"):
        tuned(Request(chart="c", learned=learned), None)


def test_in_the_values() -> None:
    outcome = build(llm={**LLM, "context_window": 131072, "max_output_tokens": 4096}, learned=SMALL)
    found = {entry["name"]: entry.get("value") for entry in outcome.values["additionalEnvVars"]}
    assert (found["OVERRIDE_MAX_CONTENT_SIZE"], found["OVERRIDE_MAX_OUTPUT_TOKEN"]) == ("32768", "4096")
    assert only(outcome) == {"values.autotune": "warn"}
    assert outcome.result["limits"] == {"context_window": 32768, "max_output_tokens": 4096}
