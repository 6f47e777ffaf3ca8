# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the fields of a model, both ways."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import FIELDS, NUMBERS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import case, env, judge

NEW: Version = (0, 45, 0)
SECRET: list[dict[str, t.Any]] = [{"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


def entry(served: str = "openai/a", **fields: t.Any) -> dict[str, t.Any]:
    given = {"model": served, "api_key": "none", "api_base": "http://v.n/v1", **fields}
    return {"modelList": {"x": given}, "additionalEnvVars": [*env(N="5", T="high"), *SECRET]}


def assert_says(values: dict[str, t.Any], server: Version | None, status: str, text: str, fix: str = "") -> None:
    found = judge("values.model_field", case(values, server))
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found


@pytest.mark.parametrize(
    ("field", "first"),
    [
        *(
            (name, (0, 16, 0))
            for name in ("messages", "response_format", "stream", "tools", "tool_choice", "drop_params")
        ),
        ("timeout", (0, 18, 0)),
        ("cache_control_injection_points", (0, 20, 0)),
    ],
)
def test_fields_that_the_server_sets_itself(field: str, first: Version) -> None:
    told = f"modelList.x.{field} is set by HolmesGPT itself: every chat fails"
    assert_says(entry(**{field: False}), first, "fail", told, f"Remove modelList.x.{field}.")
    assert_says(entry(**{field: 5}), None, "fail", told, f"Remove modelList.x.{field}.")
    assert_says(entry(**{field: None}), first, "pass", "")
    assert ("LLM_REQUEST_TIMEOUT" in judge("values.model_field", case(entry(**{field: 5}))).fix) == (field == "timeout")


def test_before_the_server_set_them() -> None:
    assert_says(entry(timeout=5), (0, 17, 9), "pass", "")
    assert_says(entry(cache_control_injection_points=[]), (0, 19, 9), "pass", "")
    assert judge("values.model_field", case(entry(timeout=5), (0, 17, 0))).evidence == {}


@pytest.mark.parametrize("field", ["reasoning_effort", "thinking"])
@pytest.mark.parametrize(
    ("name", "server", "allowed", "status"),
    [
        ("openai/a", NEW, None, "fail"),
        ("lm_studio/a", NEW, None, "fail"),
        ("hosted_vllm/a", NEW, None, "pass"),
        ("litellm_proxy/a", NEW, None, "pass"),
        ("anthropic/a", NEW, None, "pass"),
        ("openai/gpt-5.4", NEW, None, "pass"),
        ("openai/o3-mini", NEW, None, "pass"),
        ("openai/my-o3", NEW, None, "fail"),
        ("openai/a", NEW, True, "pass"),
        ("openai/a", (0, 44, 0), True, "pass"),
        ("openai/a", (0, 43, 9), True, "fail"),
        ("hosted_vllm/a", (0, 43, 9), True, "pass"),
        ("openai/a", NEW, False, "fail"),
    ],
)
def test_fields_that_litellm_lets_through_for_known_models(
    field: str, name: str, server: Version, allowed: bool | None, status: str
) -> None:
    params = {} if allowed is None else {"allowed_openai_params": [field if allowed else "seed"]}
    text, fix = "", ""
    if status == "fail":
        text = "before 0.44.0 allowed_openai_params holds for the first call only" if allowed else "refuses every chat"
        fix = "Write 'extra_body: {" + field + ": …}' in the entry, or hosted_vllm/ instead of "
    assert_says(entry(name, **{field: "high"}, **params), server, status, text, fix)


def test_answers_that_are_made_up() -> None:
    told = "modelList.x.mock_response makes up every answer"
    assert_says(entry(mock_response="yes"), NEW, "fail", told, "Remove modelList.x.mock_response.")


def test_allowed_params_broke_the_oldest_versions() -> None:
    values = entry(allowed_openai_params=["seed"])
    assert_says(
        values, (0, 16, 3), "fail", "allowed_openai_params breaks every chat of this", "Remove it, or use 0.16.4."
    )
    assert_says(values, (0, 16, 4), "pass", "")


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ("temprature", "temperature"),
        ("Temperature", "temperature"),
        ("api_bas", "api_base"),
        ("apiKey", "api_key"),
        ("base_URL", "base_url"),
        ("maxTokens", "max_tokens"),
        ("max-tokens", "max_tokens"),
        ("topP", "top_p"),
        ("resoning_effort", "reasoning_effort"),
        ("context_window", "custom_args.max_context_size"),
        ("max_context_size", "custom_args.max_context_size"),
        ("max_output_tokens", "max_tokens"),
        ("endpoint", "api_base"),
        ("token", "api_key"),
        ("model_name", "model"),
        ("temp", "temperature"),
    ],
)
def test_misspelled_fields(field: str, meant: str) -> None:
    told = f"modelList.x.{field} is no field of HolmesGPT or LiteLLM and is only sent on. Did you mean '{meant}'?"
    assert_says(entry(**{field: "sk-a-secret"}), NEW, "fail", told, "write 'extra_body: {" + field + ": …}'.")
    assert "sk-a-secret" not in str(judge("values.model_field", case(entry(**{field: "sk-a-secret"}))))


def test_an_entry_without_a_model_is_told_of_elsewhere() -> None:
    values = {"modelList": {"x": {"modle": "openai/a"}}}
    assert_says(values, NEW, "pass", "")
    assert_says(entry(modle="openai/a"), NEW, "fail", "Did you mean 'model'?")


def test_fields_that_nobody_knows_are_only_mentioned() -> None:
    found = judge("values.model_field", case(entry(foo=1, bar={"a": 1}, top_k=20)))
    assert (found.status, found.evidence) == ("pass", {"passed_on": ["modelList.x.foo", "modelList.x.bar"]})
    assert "'modelList.x.foo', 'modelList.x.bar'" in found.message


def test_known_fields_are_not_mentioned() -> None:
    fields = dict.fromkeys(sorted(FIELDS - set(NUMBERS)))
    assert judge("values.model_field", case(entry(**{**fields, "user": "x", "seed": 1}))).evidence == {}
    alone = {"additionalEnvVars": env(MODEL="openai/a", API_BASE="http://v.n/v1")}
    assert judge("values.model_field", case(alone)).message == "Every field of a model means what it seems to"


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [("http://a/v1", "http://b/v1", "warn"), ("http://a/v1", "http://a/v1", "pass"), ("", "http://b/v1", "pass")],
)
def test_two_addresses(first: str, second: str, status: str) -> None:
    text, fix = ("only api_base counts", "Remove modelList.x.base_url.") if status == "warn" else ("", "")
    assert_says(entry(api_base=first, base_url=second), NEW, status, text, fix)
    assert_says(entry(api_base=None, base_url=second), NEW, "pass", "")
    assert_says(entry(api_base="http://a/v1"), NEW, "pass", "")


def test_every_field_of_every_model_is_looked_at() -> None:
    values = {"modelList": {"a": {"model": "openai/a", "stream": True, "apiKey": "x"}, "b": {"temperature": "hot"}}}
    found = judge("values.model_field", case(values))
    assert all(
        part in found.message for part in ("modelList.a.stream", "modelList.a.apiKey", "modelList.b.temperature")
    )
