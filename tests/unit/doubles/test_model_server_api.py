# SPDX-License-Identifier: GPL-3.0-or-later
"""The model server double answers like vLLM: endpoints, refusals, figures, streaming."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doubles.model_server import errors, tokens
from tests.doubles.model_server.local import Running, running

CHAT = "/v1/chat/completions"
TABLE = {
    "type": "function",
    "function": {
        "name": "kubernetes_tabular_query",
        "parameters": {
            "type": "object",
            "properties": {"kind": {"type": "string"}, "columns": {"type": "string"}, "namespace": {"type": "string"}},
            "required": ["kind", "columns"],
        },
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as double:
        yield double


def error_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_model_list_names_the_model_and_its_context(server: Running) -> None:
    document = server.request("GET", "/v1/models").json()
    card = document["data"][0]
    assert document["object"] == "list"
    assert len(document["data"]) == 1
    assert (card["id"], card["object"], card["owned_by"]) == ("gpt-oss-120b", "model", "vllm")
    assert card["max_model_len"] == 131072
    assert card["root"].endswith("gpt-oss-120b")


def test_small_endpoints(server: Running) -> None:
    health = server.request("GET", "/health")
    assert (health.status, health.body) == (200, b"")
    assert health.headers["x-model-server-double"] == "1"
    assert server.request("GET", "/version").json() == {"version": "0.27.0"}


def test_metrics_count_tokens(server: Running) -> None:
    usage = server.chat("say hello").json()["usage"]
    text = server.request("GET", "/metrics").body.decode()
    before = int(text.split('vllm:generation_tokens_total{model_name="gpt-oss-120b"} ')[1].split(".")[0])
    server.chat("say hello")
    text = server.request("GET", "/metrics").body.decode()
    after = int(text.split('vllm:generation_tokens_total{model_name="gpt-oss-120b"} ')[1].split(".")[0])
    assert after - before == usage["completion_tokens"] > 0


@pytest.mark.parametrize(
    ("method", "path", "status", "phrase"),
    [
        ("GET", "/nothing", 404, "Not Found"),
        ("POST", "/chat/completions", 404, "Not Found"),  # an api_base without /v1
        ("GET", CHAT, 405, "Method Not Allowed"),
        ("POST", "/v1/models", 405, "Method Not Allowed"),
    ],
)
def test_wrong_paths_and_methods(server: Running, method: str, path: str, status: int, phrase: str) -> None:
    answer = server.request(method, path)
    assert answer.status == status
    assert error_of(answer) == {"message": phrase, "type": phrase, "param": None, "code": status}


def test_answer_has_the_shape_and_figures_of_vllm(server: Running) -> None:
    answer = server.chat("say hello").json()
    choice, usage = answer["choices"][0], answer["usage"]
    assert answer["object"] == "chat.completion"
    assert answer["id"].startswith("chatcmpl-")
    assert answer["model"] == "gpt-oss-120b"
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"]
    assert choice["message"]["tool_calls"] == []
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] == tokens.TOKENS_PER_MESSAGE + tokens.estimate("say hello")


def test_tokens_grow_with_messages_and_tools(server: Running) -> None:
    def counted(*arguments: Any) -> int:
        return int(server.chat(*arguments).json()["usage"]["prompt_tokens"])

    assert counted("say hello") < counted("say hello" * 50) < counted("say hello" * 50, [TABLE])


def test_unknown_model(server: Running) -> None:
    answer = server.chat("hello", model="gpt-5.4")
    assert answer.status == 404
    assert error_of(answer) == {
        "message": "The model `gpt-5.4` does not exist.",
        "type": "NotFoundError",
        "param": "model",
        "code": 404,
    }


BAD_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"messages": None}, "Field required"),
    ({"messages": [{"role": "boss", "content": "x"}]}, "Input should be 'system'"),
    ({"max_tokens": "many"}, "Input should be a valid integer"),
    ({"max_tokens": 0}, "max_tokens must be at least 1, got 0."),
    ({"stream_options": {"include_usage": True}}, "Stream options can only be defined when `stream=True`."),
    ({"tools": []}, "`tools` must not be an empty array."),
    ({"tools": [{"type": "function"}]}, "Field required"),
    ({"tool_choice": "auto"}, "When using `tool_choice`, `tools` must be set."),
    ({"tools": [TABLE], "tool_choice": "maybe"}, "Invalid value for `tool_choice`: maybe!"),
    ({"tools": [TABLE], "tool_choice": {"type": "function"}}, "Invalid value for `function`"),
    ({"tools": [TABLE], "tool_choice": {"function": {}}}, "Expected field `name` in `function`"),
    ({"tools": [TABLE], "tool_choice": {"function": {"name": "x"}}}, "does not match any of the specified `tools`"),
    ({"response_format": {"type": "json_schema"}}, "'json_schema' field must be provided"),
    ({"messages": [{"role": "assistant", "tool_calls": ["x"]}]}, "cannot read this request"),
]


@pytest.mark.parametrize(("fields", "sentence"), BAD_REQUESTS)
def test_invalid_requests_are_refused(server: Running, fields: dict[str, Any], sentence: str) -> None:
    answer = server.chat("hello", **fields)
    assert answer.status == 400
    assert sentence in error_of(answer)["message"]
    assert error_of(answer)["code"] == 400


@pytest.mark.parametrize(
    ("raw", "kind", "sentence"),
    [
        (b"{", "application/json", "JSON decode error"),
        (b"", "application/json", "JSON decode error"),
        (b"[1]", "application/json; charset=utf-8", "Input should be a valid dictionary"),
        (b"{}", "text/plain", "Unsupported Media Type"),
    ],
)
def test_bodies_that_are_no_json_object(server: Running, raw: bytes, kind: str, sentence: str) -> None:
    answer = server.request("POST", CHAT, raw, headers={"Content-Type": kind})
    assert answer.status == 400
    assert sentence in error_of(answer)["message"]


def test_a_body_without_length_is_refused(server: Running) -> None:
    answer = server.request("POST", CHAT, b"", headers={"Transfer-Encoding": "chunked"})
    assert answer.status == 411


LIMIT = "This model's maximum context length is 1000 tokens"
SHORTER = "Please reduce the length of the"
CONTEXT = [
    # version, max_tokens, prompt tokens, the whole sentence (limit 1000)
    (
        "0.27",
        600,
        500,
        f"{LIMIT}. However, you requested 600 output tokens and your prompt contains at least 401 input tokens, for a "
        f"total of at least 1001 tokens. {SHORTER} input prompt or the number of requested output tokens. "
        "(parameter=input_tokens, value=401)",
    ),
    (
        "0.27",
        None,
        1200,
        f"{LIMIT}. However, you requested 0 output tokens and your prompt contains at least 1001 input tokens, for a "
        f"total of at least 1001 tokens. {SHORTER} input prompt or the number of requested output tokens. "
        "(parameter=input_tokens, value=1001)",
    ),
    (
        "0.27",
        2000,
        10,
        "max_tokens=2000 cannot be greater than max_model_len=max_total_tokens=1000. Please request fewer output "
        "tokens. (parameter=max_tokens, value=2000)",
    ),
    (
        "0.10",
        600,
        500,
        f"'max_tokens' or 'max_completion_tokens' is too large: 600. {LIMIT} and your request has 500 input tokens "
        "(600 > 1000 - 500). None",
    ),
    ("0.10", None, 1200, f"{LIMIT}. However, your request has 1200 input tokens. {SHORTER} input messages. None"),
    (
        "0.9",
        600,
        500,
        f"{LIMIT}. However, you requested 1100 tokens (500 in the messages, 600 in the completion). {SHORTER} messages "
        "or completion. None",
    ),
    ("0.9", None, 1200, f"{LIMIT}. However, you requested 1200 tokens in the messages, {SHORTER} messages. None"),
]


@pytest.mark.parametrize(("version", "output", "prompt", "sentence"), CONTEXT)
def test_context_refusals_by_version(version: str, output: int | None, prompt: int, sentence: str) -> None:
    refusal = errors.context_refusal(version, 1000, prompt, output, "max_tokens")
    assert refusal is not None
    assert refusal.status == 400
    assert refusal.message == sentence
    assert refusal.kind == "BadRequestError"


@pytest.mark.parametrize("version", list(errors.VERSIONS))
@pytest.mark.parametrize(("prompt", "output"), [(400, 600), (1, 999), (999, None)])
def test_what_fits_is_not_refused(version: str, prompt: int, output: int | None) -> None:
    assert errors.context_refusal(version, 1000, prompt, output, "max_tokens") is None


def test_context_refusal_over_http_names_the_parameter() -> None:
    with running(max_model_len=100) as double:
        answer = double.chat("word " * 200, max_completion_tokens=50)
        too_many = double.chat("hello", max_completion_tokens=101)
        fits = double.chat("hello", max_completion_tokens=50)
    assert (answer.status, error_of(answer)["param"]) == (400, "input_tokens")
    assert "maximum context length is 100 tokens" in error_of(answer)["message"]
    assert (too_many.status, error_of(too_many)["param"]) == (400, "max_completion_tokens")
    assert fits.status == 200


def test_old_version_has_a_flat_error_body() -> None:
    with running(vllm_version="0.9") as double:
        answer = double.chat("hello", model="x").json()
        assert double.request("GET", "/version").json() == {"version": "0.9.2"}
    assert answer["object"] == "error"
    assert (answer["message"], answer["code"]) == ("The model `x` does not exist.", 404)


def test_max_tokens_cuts_text_and_tool_calls(server: Running) -> None:
    for answer in (server.chat("say hello", max_tokens=2), server.chat("list the pods", [TABLE], max_tokens=2)):
        choice, usage = answer.json()["choices"][0], answer.json()["usage"]
        assert choice["finish_reason"] == "length"
        assert usage["completion_tokens"] == 2
        assert len(choice["message"]["content"]) == 8
        assert choice["message"]["tool_calls"] == []


def events(answer: Any) -> list[str]:
    return [line.removeprefix("data: ") for line in answer.body.decode().split("\n\n") if line]


def test_streamed_text_equals_the_plain_answer(server: Running) -> None:
    plain = server.chat("say hello").json()
    answer = server.chat("say hello", stream=True, stream_options={"include_usage": True})
    *chunks, done = events(answer)
    parsed = [json.loads(chunk) for chunk in chunks]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert done == "[DONE]"
    assert parsed[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in parsed if c["choices"])
    assert text == plain["choices"][0]["message"]["content"]
    assert parsed[-2]["choices"][0]["finish_reason"] == "stop"
    assert parsed[-1]["choices"] == []
    assert parsed[-1]["usage"] == plain["usage"]
    assert {c["object"] for c in parsed} == {"chat.completion.chunk"}
    assert len({c["id"] for c in parsed}) == 1


def test_streamed_tool_calls_can_be_put_together(server: Running) -> None:
    *chunks, done = events(server.chat("list the pods in namespace default", [TABLE], stream=True))
    parts = [call for c in chunks for call in json.loads(c)["choices"][0]["delta"].get("tool_calls", [])]
    assert done == "[DONE]"
    assert parts[0]["id"].startswith("chatcmpl-tool-")
    assert parts[0]["function"]["name"] == "kubernetes_tabular_query"
    assert len(parts) > 2
    assert json.loads("".join(part["function"]["arguments"] for part in parts))["namespace"] == "default"
    last = json.loads(chunks[-1])
    assert last["choices"][0]["finish_reason"] == "tool_calls"
    assert "usage" not in last


def test_refusals_of_streams_are_plain_json(server: Running) -> None:
    answer = server.chat("hello", model="x", stream=True)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/json"
