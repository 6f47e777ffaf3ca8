# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies, streams and lists of models: their parts, their statuses, the limits they show."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import Speaker, Trouble
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_judge import (
    streamed,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_listing import (
    judge_context,
    judge_models,
    length_of,
    models_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import Call, reply_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target

SPEAKER = Speaker(("a",))


def answer(status: int, body: t.Any, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, text.encode())


@pytest.mark.parametrize(
    ("given", "check", "message", "fix"),
    [
        (answer(403, ""), "llm.answers", "(403)", "gateway"),
        (answer(404, {"detail": "Not Found"}), "llm.answers", "no such path (404)", "end in /v1"),
        (
            answer(404, {"error": {"message": "The model `x` does not exist."}}),
            "llm.models",
            "`x`",
            "--served-model-name",
        ),
        (answer(429, ""), "llm.answers", "(429)", "later"),
        (answer(429, "", retry_after="Wed, 21 Oct"), "llm.answers", "Retry-After: Wed, 21 Oct", "later"),
        (answer(500, {"object": "error", "message": "dead"}), "llm.answers", "engine failed (500): dead", "log"),
        (answer(502, "<html>bad gateway</html>"), "llm.answers", "proxy", "ready"),
        (answer(504, ""), "llm.answers", "504: no reason given", "ready"),
        (answer(302, ""), "llm.answers", "status 302", "login page"),
        (answer(200, "<html>hello</html>", content_type="text/html"), "llm.answers", "(text/html)", "something else"),
        (answer(200, {"choices": []}), "llm.answers", "no answer of OpenAI's API", "something else"),
        (answer(200, {"choices": ["x"]}), "llm.answers", "no answer of OpenAI's API", "something else"),
        (answer(200, [1]), "llm.answers", "no answer of OpenAI's API", "something else"),
    ],
)
def test_statuses_are_told_apart(given: Answer, check: str, message: str, fix: str) -> None:
    with pytest.raises(Trouble) as caught:
        reply_of(given, "key 'k'")
    trouble = caught.value
    assert (trouble.check, trouble.status) == (check, FAIL)
    assert message in trouble.message and fix in trouble.fix


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_of_the_question_is_no_trouble(status: int) -> None:
    assert reply_of(answer(status, {"error": {"message": "too\n long"}})).refusal == "too long"


def test_a_reply_has_its_parts() -> None:
    call = {"id": "1", "function": {"name": "n", "arguments": {"a": 1}}}
    message = {"content": None, "tool_calls": [call, "odd", {"id": "2", "function": None}]}
    found = reply_of(answer(200, {"choices": [{"message": message, "finish_reason": "stop"}], "usage": None}))
    assert found.calls == (Call("1", "n", '{"a": 1}'), Call("2", "", "null"))
    assert (found.content, found.finish, found.usage) == ("", "stop", {})


def frames(*deltas: dict[str, t.Any], finish: str | None = "tool_calls") -> Answer:
    chunks: list[dict[str, t.Any]] = [{"choices": [{"delta": delta}]} for delta in deltas]
    chunks += [{"choices": [{"delta": {}, "finish_reason": finish}]}, {"choices": [], "usage": {}}]
    return answer(200, "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n")


def test_a_stream_is_put_together() -> None:
    def part(index: int, **function: str) -> dict[str, t.Any]:
        return {"tool_calls": [{"index": index, "function": function}]}

    found = streamed(
        frames(part(0, name="kubernetes_list", arguments='{"ki'), part(1, name="b"), part(0, arguments='nd"'))
    )
    assert found and [(call.name, call.arguments) for call in found.calls] == [
        ("kubernetes_list", '{"kind"'),
        ("b", ""),
    ]
    words = streamed(frames({"content": "he"}, {"content": "llo"}, finish="stop"))
    assert words and (words.content, words.calls) == ("hello", ())


@pytest.mark.parametrize(
    "given", [frames({"content": "x"}, finish=None), answer(200, {"choices": []}), answer(200, "")]
)
def test_no_stream_or_half_of_one_is_none(given: Answer) -> None:
    assert streamed(given) is None


def test_a_model_is_found_in_the_list() -> None:
    listed = {"data": [{"id": "a", "max_model_len": 10}, {"id": "b", "max_model_len": True}, "odd"]}
    models = models_of(answer(200, listed))
    assert models is not None
    assert judge_models(SPEAKER, models, "a").status == PASS
    assert [length_of(models, name) for name in "abc"] == [10, None, None]
    with pytest.raises(Trouble) as caught:
        judge_models(SPEAKER, models, "c")
    assert "'a', 'b'" in caught.value.message and "--served-model-name c" in caught.value.fix
    with pytest.raises(Trouble, match="none at all"):
        judge_models(SPEAKER, {}, "c")


def test_a_server_without_a_list_is_asked_all_the_same() -> None:
    assert models_of(answer(404, "")) is None
    assert judge_models(SPEAKER, None, "a").status == NOT_CHECKED
    with pytest.raises(Trouble):
        models_of(answer(200, {"models": []}))


@pytest.mark.parametrize(
    ("window", "output", "length", "status", "message", "fix"),
    [
        (131072, 8192, 131072, PASS, "131072", ""),
        (131073, 8192, 131072, FAIL, "believes in a context of 131073", "to 131072"),
        (65536, 8192, 131072, PASS, "65536", ""),
        (65535, 8192, 131072, WARN, "forgets early", "up to 131072"),
        (None, 8192, 131072, WARN, "is not set: HolmesGPT believes in 200000", "to 131072"),
        (None, 8192, 200000, PASS, "200000", ""),
        (None, None, 131072, WARN, "is not set", "to 131072"),
        (65536, 64000, 65536, FAIL, "answers of 64000 tokens", "holmes_llm_max_output_tokens"),
        (16384, 8192, 16384, PASS, "16384", ""),
        (16384, 8193, 16384, FAIL, "every question is refused", "--max-model-len"),
        (32768, 8192, None, NOT_CHECKED, "does not tell", "holmes_llm_context_window"),
    ],
)
def test_limits_are_compared(
    window: int | None, output: int | None, length: int | None, status: str, message: str, fix: str
) -> None:
    target = Target({"a": window}, "m", "http://x/v1", output=output)
    (check,) = judge_context(SPEAKER, target, length)
    assert (check.status, message in check.message, fix in check.fix) == (status, True, True), check
    assert check.evidence["max_model_len"] == length
    assert (check.fix == "") == (status == PASS)
