# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about the provider and the served name of a model, both ways."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import KEYED, USELESS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import PROVIDERS

from tests.unit.fixtures.values_world import case, env, judge

SECRET: list[dict[str, t.Any]] = [{"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
UNKNOWN = "which names no provider: LiteLLM would answer 'LLM Provider NOT provided'."
SHAPE = "modelList.x must be a mapping with 'model', or the server dies at start."


def assert_says(check: str, values: dict[str, t.Any], status: str, text: str, fix: str = "") -> None:
    found = judge(check, case(values))
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found


def one(entry: t.Any, *given: dict[str, t.Any], **variables: str) -> dict[str, t.Any]:
    return {"modelList": {"x": entry}, "additionalEnvVars": [*env(**variables), *given]}


@pytest.mark.parametrize(
    ("model", "status", "text", "fix"),
    [
        ("openai/a", "pass", "modelList.x: the server is asked for 'a'", ""),
        ("hosted_vllm/org/a", "pass", "asked for 'org/a'", ""),
        ("openai//models/a", "pass", "asked for '/models/a'", ""),
        ("gpt-oss-120b", "fail", UNKNOWN, "Write 'model: openai/gpt-oss-120b' there."),
        ("Qwen/Qwen3-32B", "fail", UNKNOWN, "Write 'model: openai/Qwen/Qwen3-32B' there."),
        ("mistralai/Mistral-7B", "fail", UNKNOWN, "Write 'model: openai/mistralai/Mistral-7B' there."),
        ("openai", "fail", UNKNOWN, "openai/openai"),
        ("opneai/a", "fail", f"{UNKNOWN} Did you mean 'openai/a'?", "Write 'model: openai/a' there."),
        ("OpenAI/a", "fail", "Did you mean 'openai/a'?", "openai/a"),
        ("hosted-vllm/a/b", "fail", "Did you mean 'hosted_vllm/a/b'?", "hosted_vllm/a/b"),
        ("ollama-chat/a", "fail", "Did you mean 'ollama_chat/a'?", "ollama_chat/a"),
        ("openai:a", "fail", "Did you mean 'openai/a'?", "openai/a"),
        ("http://v/v1", "fail", UNKNOWN, "openai/http://v/v1"),
        ("gpt-4o", "warn", "'gpt-4o', without a provider", "Write 'model: openai/gpt-4o' there."),
        ("o3-mini", "warn", "without a provider", "openai/o3-mini"),
        ("chatgpt-4o-latest", "warn", "without a provider", ""),
        ("o3d", "fail", UNKNOWN, ""),
        ("gpt-4/a", "fail", UNKNOWN, "openai/gpt-4/a"),
        ("", "fail", "modelList.x.model is '', an empty text", "Write it as PROVIDER/NAME"),
        ("openai/a b", "fail", "which contains a space", "as the model server lists it"),
        (" openai/a", "fail", "which contains a space", ""),
        ("openai/a\n", "fail", "which contains a space", ""),
        ("openai/", "fail", "'openai/', which names no model", "Write 'model: openai/SERVED-NAME' there."),
        ("openai/gpt-5", "warn", "takes 'gpt-5' for OpenAI's own", "Write 'model: hosted_vllm/gpt-5' there."),
        ("openai/my-gpt-5-mini", "warn", "for OpenAI's own", ""),
        ("openai/o1", "warn", "for OpenAI's own", ""),
        ("openai/o4-mini", "warn", "for OpenAI's own", ""),
        ("openai/o3-pro", "warn", "for OpenAI's own", ""),
        ("openai/gpt-5.4", "pass", "", ""),
        ("openai/gpt-50", "pass", "", ""),
        ("openai/responses/a", "warn", "takes '/responses/' for a route", "Write 'model: openai/a' there."),
        ("openai/a/responses", "pass", "", ""),
        ("openai/gpt-4o", "pass", "", ""),
        ("openai/pro-o1", "pass", "", ""),
        ("hosted_vllm/gpt-5", "pass", "", ""),
    ],
)
def test_provider_prefix(model: str, status: str, text: str, fix: str) -> None:
    assert_says("values.provider_prefix", one({"model": model}), status, text, fix)


@pytest.mark.parametrize("provider", USELESS)
def test_providers_that_cannot_chat(provider: str) -> None:
    fix = "Write 'model: hosted_vllm/a' or 'model: openai/a' there."
    found = one({"model": f"{provider}/a"})
    assert_says("values.provider_prefix", found, "fail", f"the provider '{provider}' {USELESS[provider]}", fix)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, SHAPE),
        ({"model": 5}, SHAPE),
        ({"model": None}, SHAPE),
        ("openai/a", SHAPE),
        (None, SHAPE),
        (["openai/a"], SHAPE),
        ({"modle": "openai/a"}, f"{SHAPE} Did you mean 'model' by 'modle'?"),
        ({"model_name": "a", "litellm_params": {"model": "openai/a"}}, f"{SHAPE} The form with litellm_params"),
    ],
)
def test_entries_of_another_shape(entry: t.Any, text: str) -> None:
    assert_says("values.provider_prefix", one(entry), "fail", text, "Write 'model: openai/served-name' there.")


@pytest.mark.parametrize("entry", [{}, {"model": 5, "modle": "x"}, {"api_key": "none"}])
def test_only_a_similar_key_is_proposed(entry: t.Any) -> None:
    assert "Did you mean" not in judge("values.provider_prefix", case(one(entry))).message


@pytest.mark.parametrize(("value", "status"), [(True, "fail"), ("yes", "fail"), (False, "pass"), (None, "pass")])
def test_robusta_models(value: t.Any, status: str) -> None:
    entry = {"model": "openai/a", "is_robusta_model": value}
    text, fix = ("hosted Robusta service", "Remove is_robusta_model.") if value else ("", "")
    assert_says("values.provider_prefix", one(entry), status, text, fix)


def test_names_from_variables() -> None:
    check = "values.provider_prefix"
    assert_says(check, one({"model": "{{ env.M }}"}, M="openai/a"), "pass", "asked for 'a'")
    assert_says(check, one({"model": "{{ env.M }}"}, M="a"), "fail", "is 'a', which names no provider")
    told = "modelList.x.model comes from a variable without a literal value"
    assert_says(check, one({"model": "{{ env.S }}"}, *SECRET), "not_checked", told, "it is no secret")
    assert_says(check, one({"model": "{{ env.S }}"}), "pass", "")


def test_a_model_that_only_variables_name() -> None:
    assert_says("values.provider_prefix", {"additionalEnvVars": env(MODEL="vllm/a")}, "fail", "MODEL.model is 'vllm/a'")
    assert_says("values.provider_prefix", {"additionalEnvVars": env(MODEL="openai/a")}, "pass", "MODEL: the server is")
    assert_says("values.provider_prefix", {"additionalEnvVars": env(MODEL="a")}, "pass", "")


@pytest.mark.parametrize("alias", ["True", "False", "None", "null", "", " a", "a "])
def test_aliases_that_are_not_what_they_seem(alias: str) -> None:
    values = {"modelList": {alias: {"model": "openai/a"}}}
    assert_says("values.provider_prefix", values, "warn", f"The alias '{alias}' is not what", "another name")


@pytest.mark.parametrize("alias", ["120", "a b", "org/a", "yes", "Null"])
def test_other_aliases(alias: str) -> None:
    assert_says("values.provider_prefix", {"modelList": {alias: {"model": "openai/a"}}}, "pass", "")


def test_model_list_of_another_shape() -> None:
    fix = "Write 'alias:' and, indented"
    for listing in ([{"model": "openai/a"}], "openai/a", 5):
        found = {"modelList": listing}
        assert_says("values.provider_prefix", found, "fail", "modelList must be a mapping of aliases", fix)
    assert_says("values.provider_prefix", {"modelList": None}, "pass", "")


def test_every_provider_is_known_once() -> None:
    assert len(PROVIDERS) > 130
    assert all(name == name.strip().lower() for name in PROVIDERS)
    assert PROVIDERS["hosted_vllm"] and not PROVIDERS["bedrock"]
    assert {*USELESS, *KEYED} <= set(PROVIDERS)


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ("openai/gpt-oss-120b", "pass"),
        ("openai/Llama-3.1-70B", "warn"),
        ("openai/llama-2-7b", "warn"),
        ("openai/replicate-x", "warn"),
        # LiteLLM looks for this one only under its bare name.
        ("openai/command-r", "pass"),
        ("openai/llama4", "pass"),
        ("{{ env.M }}", "warn"),
        (5, "pass"),
    ],
)
def test_tokenizer(model: t.Any, status: str) -> None:
    text, fix = ("asks huggingface.co for a tokenizer", "--served-model-name") if status == "warn" else ("", "")
    assert_says("values.tokenizer", one({"model": model}, M="openai/llama-3"), status, text, fix)
