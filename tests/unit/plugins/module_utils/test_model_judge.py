# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a tool call, and why a request was refused."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_judge import (
    about_strict,
    call_problem,
    distinct,
    refused,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import Call, Reply
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import (
    LOOSE,
    STRICT,
)

FLAG = "--tool-call-parser hermes"


def called(arguments: str, name: str = "kubernetes_list", finish: str = "tool_calls") -> Reply:
    return Reply(calls=(Call("1", name, arguments),), finish=finish)


GOOD = '{"kind": "pods", "namespace": null, "selector": null}'


@pytest.mark.parametrize(
    ("reply", "form", "message", "fix"),
    [
        (called(GOOD), STRICT, "", ""),
        (called('{"kind": "pods"}'), LOOSE, "", ""),
        (called('{"kind": "pods"}'), STRICT, "", ""),
        (called('{"kind": "pods", "selector": null}'), LOOSE, "", ""),
        (called('{"namespace": null, "selector": null}'), STRICT, "arguments lacks kind", FLAG),
        (called('{"kind": null}'), LOOSE, "kind must be of type string", FLAG),
        (called('{"kind": 5, "namespace": null, "selector": null}'), STRICT, "kind must be of type string", FLAG),
        (called('{"kind": "pods", "x": 1}'), LOOSE, "has x, which the tool does not take", FLAG),
        (called('{"kind": "po'), LOOSE, "are no whole JSON, so", "--max-model-len"),
        (
            called('{"kind": "po', finish="length"),
            False,
            "(the answer reached its limit",
            "holmes_llm_max_output_tokens",
        ),
        (called("[1]"), LOOSE, "are no whole JSON", FLAG),
        (called("", "note_plan"), LOOSE, "lacks steps", FLAG),
        (called('{"steps": ["a", 1]}', "note_plan"), LOOSE, "steps[] must be of type string", FLAG),
        (called("{}", "weather"), STRICT, "'weather', which is none of the tools", FLAG),
        (Reply(content="Use kubectl get pods."), STRICT, "describes in words", FLAG),
        (Reply(content='<tool_call>{"name": "x"}</tool_call>'), STRICT, "came as text", FLAG),
        (Reply(content='{"name": "kubernetes_list", "parameters": {}}'), STRICT, "came as text", FLAG),
        (
            Reply(content="Well, let me think", finish="length"),
            STRICT,
            "limit of tokens",
            "holmes_llm_max_output_tokens",
        ),
        (Reply(), STRICT, "empty", "--reasoning-parser"),
    ],
)
def test_what_is_wrong_with_a_call(reply: Reply, form: str, message: str, fix: str) -> None:
    problem = call_problem(reply, form, FLAG)
    assert (problem is None) == (message == "")
    if problem:
        assert message in problem.message and fix in problem.fix


@pytest.mark.parametrize(
    ("refusal", "message", "fix"),
    [
        ('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "(400)", FLAG),
        ("This model's maximum context length is 10 tokens.", "context", "--max-model-len"),
        ("max_tokens=9 cannot be greater than max_model_len=max_total_tokens=8.", "context", "--max-model-len"),
        ("'max_tokens' or 'max_completion_tokens' is too large: 9.", "context", "--max-model-len"),
        ("registry/llama2 does not support tools", "cannot call tools", "made for tool calls"),
        ("Extra inputs are not permitted: top_k", "top_k", "holmes_models"),
    ],
)
def test_why_a_request_was_refused(refusal: str, message: str, fix: str) -> None:
    problem = refused(refusal, FLAG)
    assert message in problem.message and fix in problem.fix


def test_only_strict_is_about_strict() -> None:
    assert about_strict("('body', 'tools', 0, 'function', 'strict')") and about_strict("Unknown field: strict")
    assert not about_strict("restricted") and not about_strict("")


def test_different_calls_are_counted() -> None:
    first, same = Call("1", "a", '{"x": 1, "y": 2}'), Call("2", "a", '{"y": 2,"x":1}')
    assert distinct([first, same]) == 1
    assert distinct([first, Call("3", "a", '{"x": 2}'), Call("4", "b", '{"x": 2}')]) == 3
