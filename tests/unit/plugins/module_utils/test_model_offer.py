# SPDX-License-Identifier: GPL-3.0-or-later
"""What the probe offers: tools, schemas, prompt, recommended parsers, and the budget."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_prompt as prompt
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_budget import Budget, budget
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import FULL, OFF, QUICK
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_parsers import parser_flag, parser_for, raw_call
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_schema import misfit
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import (
    BARE,
    LOOSE,
    NAMES,
    STRICT,
    schema_of,
    tools,
)


@pytest.mark.parametrize(
    ("schema", "value", "problem"),
    [
        ({"type": "string"}, "x", ""),
        ({"type": "string"}, None, "v must be of type string"),
        ({"type": "integer"}, 1, ""),
        ({"type": "integer"}, True, "v must be of type integer"),
        ({"type": "boolean"}, True, ""),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None, ""),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "v must be of type string"),
        ({"type": "string", "enum": ["a", "b"]}, "c", "v must be one of a, b"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], "v[] must be of type string"),
        ({"type": "array", "items": {"type": "string"}}, [], ""),
    ],
)
def test_values_fit_a_schema(schema: dict[str, t.Any], value: t.Any, problem: str) -> None:
    assert misfit(schema, value, "v") == problem


def test_the_tools_have_holmesgpts_form() -> None:
    strict, loose = tools(STRICT), tools(LOOSE)
    assert [tool["function"]["name"] for tool in strict] == list(NAMES) and len(NAMES) == 9
    for tool in strict:
        parameters = tool["function"]["parameters"]
        assert tool["function"]["strict"] is True and parameters["additionalProperties"] is False
        assert parameters["required"] == list(parameters["properties"])
    assert "strict" not in json.dumps(loose) and "additionalProperties" not in json.dumps(loose)
    bare = json.dumps(tools(BARE))
    assert "strict" not in bare and "additionalProperties" not in bare and "null" in bare
    optional = schema_of("kubernetes_list", STRICT)
    assert optional and {"type": "null"} in optional["properties"]["namespace"]["anyOf"]
    assert schema_of("nothing", STRICT) is None


def test_the_prompt_is_as_long_as_holmesgpts() -> None:
    """6.3k to 7.9k tokens with tools and question (facts); with 8192 the smallest context could not be probed."""
    size = prompt.estimate(prompt.SYSTEM + prompt.QUESTION + json.dumps(tools(STRICT)))
    assert 6300 <= size <= 7900


@pytest.mark.parametrize(
    ("name", "parser"),
    [
        ("gpt-oss-120b", "openai"),
        ("openai/gpt_oss_20b", "openai"),
        ("Qwen/Qwen3-32B", "hermes"),
        ("Qwen3-Coder-480B", "qwen3_coder (or qwen3_xml)"),
        ("Qwen3.5-27B", "qwen3_coder (or qwen3_xml)"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3_json"),
        ("llama4-scout", "llama4_pythonic"),
        ("Mistral-Small-3.2", "mistral"),
        ("mixtral-8x7b", "mistral"),
        ("DeepSeek-V3-0324", "deepseek_v3"),
        ("DeepSeek-V3.1", "deepseek_v31"),
        ("deepseek-v3.2-exp", "deepseek_v32"),
        ("GLM-4.5-Air", "glm45"),
        ("GLM-4.7", "glm47"),
        ("granite-3.3-8b", "granite"),
        ("granite-4.0-h-small", "granite4 (hermes in an older vLLM)"),
        ("my-own-model", ""),
    ],
)
def test_parsers_by_family(name: str, parser: str) -> None:
    assert parser_for(name) == parser


def test_the_weights_tell_the_family_where_the_name_does_not() -> None:
    assert parser_flag("our-model", "/models/Qwen3-32B") == "--tool-call-parser hermes"
    assert parser_flag("our-model", "") == "--tool-call-parser with the parser of the model's family"


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("[TOOL_CALLS][{}]", True),
        ("<|python_tag|>x.call()", True),
        ("<function=kubernetes_list>", True),
        ('{"name": "x", "arguments": {}}', True),
        ("Run kubectl get pods -n shop.", False),
        ('{"healthy": true, "reason": "all pods run"}', False),
    ],
)
def test_calls_that_came_as_text(text: str, raw: bool) -> None:
    assert raw_call(text) is raw


def test_the_budget_is_one_line() -> None:
    target = Target({"a": None}, "m", "http://x/v1", output=8192, limit=8192)
    quick, full = budget([target], QUICK), budget([target], FULL)
    assert quick.requests == 6 and full.requests == 9
    assert quick.completion_tokens == 8192 + 3 * 2048 and full.completion_tokens == 8192 + 6 * 2048
    assert budget([target] * 2, QUICK) == Budget(2, 12, 2 * quick.prompt_tokens, 2 * quick.completion_tokens)
    assert budget([target], OFF) == budget([], QUICK) == Budget(0, 0, 0, 0)
    assert str(quick).startswith("Probe of 1 model: at most 6 requests, about ") and "\n" not in str(quick)
    loose = Target({"a": None}, "m", "http://x/v1", form=LOOSE, limit=1000)
    assert (budget([loose], QUICK).requests, budget([loose], QUICK).completion_tokens) == (5, 4000)
