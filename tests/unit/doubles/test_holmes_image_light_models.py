# SPDX-License-Identifier: GPL-3.0-or-later
"""Model list, default model, limits and requests of the light HolmesGPT double."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.holmes_image.local import MODEL_LIST
from tests.doubles.holmes_image.stub import completion
from tests.doubles.holmes_image.testing import ASK, Site, call, open_site, recorded


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


TWO = MODEL_LIST + MODEL_LIST.replace("gpt-oss-120b:", "zweit:").replace("openai/gpt-oss-120b", "openai/zweit")


@pytest.mark.parametrize(
    ("version", "env", "names", "wanted", "served"),
    [
        ("0.45.0", {}, ["gpt-oss-120b", "zweit"], None, "gpt-oss-120b"),
        ("0.45.0", {"MODEL": "zweit"}, ["gpt-oss-120b", "zweit"], None, "zweit"),
        ("0.45.0", {"MODEL": "zweit"}, ["gpt-oss-120b", "zweit"], "gpt-oss-120b", "gpt-oss-120b"),
        ("0.45.0", {"MODEL": "zweit"}, ["gpt-oss-120b", "zweit"], "nobody", "zweit"),
        ("0.45.0", {"OPENAI_API_KEY": "k"}, ["gpt-oss-120b", "zweit", "gpt-5.4"], None, "gpt-5.4"),
        ("0.45.0", {"OPENAI_API_KEY": "k"}, ["gpt-oss-120b", "zweit", "gpt-5.4"], "zweit", "zweit"),
        ("0.45.0", {"OPENAI_API_KEY": "k", "MODEL": "zweit"}, ["gpt-oss-120b", "zweit"], None, "zweit"),
        ("0.16.1", {"OPENAI_API_KEY": "k"}, ["gpt-oss-120b", "zweit", "gpt-4.1"], None, "gpt-oss-120b"),
        ("0.16.1", {}, ["gpt-oss-120b", "zweit"], "nobody", "gpt-oss-120b"),
    ],
)
def test_which_model_answers(
    site: Site, version: str, env: dict[str, str], names: list[str], wanted: str | None, served: str
) -> None:
    site.model.replies = [(200, completion({"role": "assistant", "content": "ok"}, "stop"))]
    url = site.serve(site.env(TWO, OPENAI_API_BASE=site.model.url, **env), version)
    assert json.loads(call(f"{url}/api/model")[1]["model_name"]) == names
    assert call(f"{url}/api/chat", ASK | ({"model": wanted} if wanted else {}))[0] == 200
    assert site.sent["model"] == served


@pytest.mark.parametrize(
    ("name", "version", "env"),
    [
        ("0.45.0-guide-api_model", "0.45.0", {"OPENAI_API_KEY": "k"}),
        ("0.16.1-guide-api_model", "0.16.1", {"OPENAI_API_KEY": "k"}),
        ("0.45.0-fixed-api_model", "0.45.0", {"MODEL": "gpt-oss-120b"}),
    ],
)
def test_recorded_model_lists(site: Site, name: str, version: str, env: dict[str, str]) -> None:
    assert call(site.serve(site.env(**env), version) + "/api/model") == (200, recorded(name))


def test_old_model_variable_breaks_the_chat(site: Site) -> None:
    url = site.serve(site.env(MODEL="gpt-oss-120b"), "0.16.1")
    assert call(f"{url}/api/chat", ASK) == (500, recorded("chat-0.16.1-MODEL"))


@pytest.mark.parametrize(
    ("version", "env", "models", "names", "detail"),
    [
        ("0.45.0", {}, "{}", ["Robusta"], "You're trying to use ROBUSTA_AI"),
        ("0.45.0", {"ROBUSTA_AI": "false"}, "{}", [], "No LLM models were loaded."),
        ("0.16.1", {"ROBUSTA_AI": "false"}, "{}", [], "No llm models were loaded"),
        ("0.45.0", {}, "a: {model: gpt-oss-120b}", ["a"], "litellm.BadRequestError: LLM Provider NOT provided."),
        ("0.45.0", {}, "a: {model: openai/x}", ["a"], "model openai/x requires the following environment variables: ["),
        ("0.45.0", {}, "a: {model: azure/x}", ["a"], "the light double speaks openai/ and hosted_vllm/ only"),
    ],
)
def test_models_that_cannot_be_used(
    site: Site, version: str, env: dict[str, str], models: str, names: list[str], detail: str
) -> None:
    url = site.serve(site.env(models, **env), version)
    assert json.loads(call(f"{url}/api/model")[1]["model_name"]) == names
    status, body = call(f"{url}/api/chat", ASK)
    assert status == 500 and body["detail"].startswith(detail)
    if version == "0.45.0":  # Ready all the same
        assert call(f"{url}/readyz") == (200, {"status": "ready", "models": names})


def test_variable_that_is_not_set_ends_the_start(site: Site) -> None:
    env = site.env("a: {model: openai/x, api_key: 'k', deep: [{base: '{{ env.NOT_THERE }}'}]}")
    with pytest.raises(ValueError, match="^ENV var replacement NOT_THERE does not exist$"):
        site.serve(env)


@pytest.mark.parametrize(
    ("entry", "env", "context", "output"),
    [
        ("", {}, 200000, 64000),
        ("", {"OVERRIDE_MAX_CONTENT_SIZE": "1000000"}, 1000000, 120000),
        ("", {"OVERRIDE_MAX_CONTENT_SIZE": "131072", "OVERRIDE_MAX_OUTPUT_TOKEN": "8192"}, 131072, 8192),
        ("  custom_args: {max_context_size: 90000}\n", {"OVERRIDE_MAX_CONTENT_SIZE": "131072"}, 90000, 64000),
        ("", {"OVERRIDE_MAX_CONTENT_SIZE": "lots"}, 200000, 64000),
    ],
)
def test_limits(site: Site, entry: str, env: dict[str, str], context: int, output: int) -> None:
    _, body = call(site.serve(site.env(MODEL_LIST + entry, **env)) + "/api/chat", ASK)
    assert (body["metadata"]["max_tokens"], body["metadata"]["max_output_tokens"]) == (context, output)
    assert site.sent["max_tokens"] == output and "custom_args" not in site.sent


@pytest.mark.parametrize(("context", "refused"), [(32768, True), (69000, True), (72000, False)])
def test_context_without_output_limit(site: Site, context: int, refused: bool) -> None:
    status, body = call(site.serve(OVERRIDE_MAX_CONTENT_SIZE=str(context)) + "/api/chat", ASK)
    if refused:
        assert status == 500 and body["detail"].startswith("Conversation history compaction failed")
        assert "tokens + 64000 max output" in body["detail"] and f"context window is {context}." in body["detail"]
        assert len(site.model.requests) == 1  # the attempt to compact
    else:
        assert status == 200 and len(site.model.requests) == 4  # one wasted call before each of two
        assert "tools" not in site.model.requests[0][1]


def test_request_of_the_new_version(site: Site) -> None:
    entry = "  temperature: 0.5\n  reasoning_effort: low\n  max_tokens: null\n  extra_headers: {X-Team: ops}\n"
    call(site.serve(site.env(MODEL_LIST + entry)) + "/api/chat", ASK)
    headers, body = site.model.requests[0]
    assert (headers["authorization"], headers["x-team"]) == ("Bearer key", "ops")
    assert (body["temperature"], body["reasoning_effort"], body["tool_choice"]) == (0.5, "low", "auto")
    assert body["max_tokens"] == 64000 and "extra_headers" not in body and "api_base" not in body
    function = body["tools"][0]["function"]
    names = ["namespace", "label_selector", "field_selector", "filter_pattern", "kind", "columns"]
    assert function["name"] == "kubernetes_tabular_query" and function["strict"] is True
    assert function["parameters"]["required"] == names == list(function["parameters"]["properties"])
    assert function["parameters"]["additionalProperties"] is False
    assert function["parameters"]["properties"]["namespace"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    second = site.model.requests[1][1]["messages"]
    assert [message["role"] for message in second] == ["system", "user", "assistant", "tool"]
    assert (
        second[3]["content"].startswith("Params used for the tool call: {")
        and "tool_call_metadata=" in second[3]["content"]
    )


def test_strict_schemas_can_be_switched_off(site: Site) -> None:
    call(site.serve(HOLMES_DISABLE_STRICT_TOOL_CALLS="true", TEMPERATURE="none") + "/api/chat", ASK)
    function = site.sent["tools"][0]["function"]
    assert "strict" not in function and function["parameters"]["required"] == ["kind", "columns"]
    assert "temperature" not in site.sent


def test_request_of_the_old_version(site: Site) -> None:
    site.model.tool, site.model.arguments = "kubectl_get_by_kind_in_namespace", {"kind": "pod", "namespace": "x"}
    call(site.serve(version="0.16.1") + "/api/chat", ASK)
    body = site.sent
    assert "max_tokens" not in body and body["tools"][0]["function"]["strict"] is True
    assert body["tools"][0]["function"]["parameters"]["required"] == ["kind", "namespace"]
    assert body["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}
    assert isinstance(body["messages"][1]["content"], str)
    assert "tool_call_metadata" not in site.model.requests[1][1]["messages"][3]["content"][0]["text"]


def test_no_tools_when_the_toolset_is_off(site: Site) -> None:
    (site.folder / "custom_toolset.yaml").write_text("toolsets: {kubernetes/core: {enabled: false}}")
    _, body = call(site.serve() + "/api/chat", ASK)
    assert body["tool_calls"] == [] and "tools" not in site.sent and "tool_choice" not in site.sent


def test_conversation_goes_on(site: Site) -> None:
    url = site.serve()
    first = call(f"{url}/api/chat", ASK)[1]
    assert [action["id"] for action in first["follow_up_actions"]] == ["logs", "graphs", "articles"]
    assert all(isinstance(message["token_count"], int) for message in first["conversation_history"])
    second = call(f"{url}/api/chat", {"ask": "more", "conversation_history": first["conversation_history"]})[1]
    sent = site.model.requests[2][1]["messages"]
    assert len(sent) == len(first["conversation_history"]) + 1 and "token_count" not in sent[0]
    assert second["follow_up_actions"] == []


@pytest.mark.parametrize(
    ("version", "asked", "said"),
    [
        (
            "0.45.0",
            "nobody",
            ["Received: /api/chat request: ask=list pods", "Couldn't find model: nobody in model list"],
        ),
        (
            "0.45.0",
            "gpt-oss-120b",
            ["Using selected model: gpt-oss-120b", "Model: gpt-oss-120b, 200K context, 64K max"],
        ),
        ("0.16.1", "nobody", ["Couldn't find model: nobody", "Using model: gpt-oss-120b (200,000 total tokens, "]),
    ],
)
def test_log_of_a_chat(site: Site, caplog: pytest.LogCaptureFixture, version: str, asked: str, said: list[str]) -> None:
    caplog.set_level("INFO")
    call(site.serve(version=version) + "/api/chat", ASK | {"model": asked})
    text = caplog.text
    assert [part for part in said if part not in text] == []
    assert ("Received:" in text) is ("Completed /api/chat" in text) is (version == "0.45.0")
