# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the key of a model, both ways."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.values_world import case, env, judge

SECRET: list[dict[str, t.Any]] = [{"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


def assert_says(check: str, values: dict[str, t.Any], status: str, text: str, fix: str = "") -> None:
    found = judge(check, case(values))
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found


def one(entry: t.Any, *given: dict[str, t.Any], **variables: str) -> dict[str, t.Any]:
    return {"modelList": {"x": entry}, "additionalEnvVars": [*env(**variables), *given]}


NO_KEY = "modelList.x has no api_key, and nothing defines OPENAI_API_KEY"
KEYLESS: dict[str, t.Any] = {"model": "openai/a"}


@pytest.mark.parametrize(
    ("values", "status", "text", "fix"),
    [
        (one(KEYLESS), "fail", f"{NO_KEY}: LiteLLM refuses every chat.", "'hosted_vllm/' instead of 'openai/'"),
        (one({**KEYLESS, "api_key": None}), "fail", NO_KEY, "Set holmes_llm_api_key"),
        (one({**KEYLESS, "api_key": ""}), "fail", NO_KEY, ""),
        (one({**KEYLESS, "api_key": "none"}), "pass", "", ""),
        (one({**KEYLESS, "api_key": 5}), "pass", "", ""),
        (one({**KEYLESS, "api_key": "{{ env.S }}"}, *SECRET), "pass", "", ""),
        (one(KEYLESS, OPENAI_API_KEY="none"), "pass", "modelList.x: OPENAI_API_KEY", ""),
        (one(KEYLESS, {**SECRET[0], "name": "OPENAI_API_KEY"}), "pass", "OPENAI_API_KEY", ""),
        (one(KEYLESS, OPENAI_API_KEY=""), "fail", NO_KEY, ""),
        (one({"model": "hosted_vllm/a"}), "pass", "", ""),
        (one({"model": "ollama_chat/a"}), "pass", "", ""),
        (one({"model": "a"}), "pass", "", ""),
        (one({"model": "litellm_proxy/a"}), "fail", "defines LITELLM_PROXY_API_KEY or OPENAI_API_KEY:", ""),
        (one({"model": "litellm_proxy/a"}, OPENAI_API_KEY="x"), "pass", "", ""),
        (one({"model": "xinference/a"}), "fail", "nothing defines OPENAI_API_KEY:", ""),
        (one({"model": "gemini/a"}), "fail", "defines GEMINI_API_KEY or GOOGLE_API_KEY:", ""),
        (one({"model": "gemini/a"}, GOOGLE_API_KEY="x"), "pass", "", ""),
        (one({"model": "together_ai/a"}), "fail", "defines TOGETHERAI_API_KEY:", ""),
        (
            {**one(KEYLESS), "extraEnvVarsSecrets": ["s"]},
            "not_checked",
            f"{NO_KEY}, unless a Secret",
            "holmes_llm_api_key",
        ),
        ({"additionalEnvVars": env(MODEL="openai/a", API_KEY="x")}, "pass", "", ""),
        ({"additionalEnvVars": env(MODEL="openai/a")}, "fail", "MODEL has no api_key", ""),
    ],
)
def test_model_key(values: dict[str, t.Any], status: str, text: str, fix: str) -> None:
    assert_says("values.model_key", values, status, text, fix)


def test_every_model_without_a_key_is_told() -> None:
    values = {"modelList": {"a": KEYLESS, "b": {**KEYLESS, "api_key": "none"}, "c": KEYLESS}}
    found = judge("values.model_key", case(values))
    assert ("modelList.a" in found.message, "modelList.b" in found.message) == (True, False)
    assert "modelList.c" in found.message
    two = {"modelList": {"a": KEYLESS, "c": {"model": "xai/c"}}, "additionalEnvVars": env(OPENAI_API_KEY="x")}
    assert_says("values.model_key", two, "fail", "modelList.c has no api_key, and nothing defines XAI_API_KEY")
