# SPDX-License-Identifier: GPL-3.0-or-later
"""What HolmesGPT will ask of which server, read from the values."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target, targets
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import BARE, LOOSE, STRICT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import env

NEW: Version = (0, 45, 0)
URL = "http://vllm.inference.svc:8000/v1"
LIMITS = {"OVERRIDE_MAX_CONTENT_SIZE": "131072", "OVERRIDE_MAX_OUTPUT_TOKEN": "8192"}


def values(entry: dict[str, t.Any] | None = None, **variables: str) -> dict[str, t.Any]:
    plain = {"model": "openai/gpt-oss-120b", "api_base": URL}
    return {"modelList": {"main": {**plain, **(entry or {})}}, "additionalEnvVars": env(**variables)}


def one(given: dict[str, t.Any], server: Version | None = NEW) -> Target:
    found, skipped = targets(given, server)
    assert (len(found), skipped) == (1, [])
    return found[0]


def test_a_model_as_the_guide_writes_it() -> None:
    given = values({"api_key": "{{ env.KEY }}", "api_base": "{{ env.BASE }}"}, KEY="none", BASE=URL, **LIMITS)
    target = one(given)
    assert (target.served, target.base, target.key) == ("gpt-oss-120b", URL, "{{ env.KEY }}")
    assert target.windows == {"main": 131072}
    assert target.fields == {"temperature": 1e-08, "max_tokens": 8192}
    assert (target.form, target.output, target.limit) == (STRICT, 8192, 8192)
    assert target.server == "http://vllm.inference.svc:8000"


@pytest.mark.parametrize(
    ("entry", "variables", "server", "fields"),
    [
        ({}, {}, NEW, {"temperature": 1e-08, "max_tokens": 64000}),
        ({}, {}, (0, 32, 0), {"temperature": 1e-08}),
        ({}, LIMITS, (0, 32, 0), {"temperature": 1e-08}),
        ({}, LIMITS, None, {"temperature": 1e-08, "max_tokens": 8192}),
        ({"temperature": 1}, LIMITS, NEW, {"temperature": 1, "max_tokens": 8192}),
        ({"temperature": None}, LIMITS, NEW, {"temperature": 1e-08, "max_tokens": 8192}),
        ({}, {**LIMITS, "TEMPERATURE": "0.5"}, NEW, {"temperature": 0.5, "max_tokens": 8192}),
        ({}, {**LIMITS, "TEMPERATURE": "none"}, NEW, {"max_tokens": 8192}),
        ({}, {**LIMITS, "TEMPERATURE": "none"}, (0, 31, 0), {"temperature": 1e-08}),
        ({"max_tokens": 500}, LIMITS, NEW, {"temperature": 1e-08, "max_tokens": 500}),
        ({"max_completion_tokens": 600}, LIMITS, NEW, {"temperature": 1e-08, "max_completion_tokens": 600}),
        (
            {"top_p": 0.9, "top_k": 20},
            LIMITS,
            NEW,
            {"temperature": 1e-08, "top_p": 0.9, "top_k": 20, "max_tokens": 8192},
        ),
        ({"extra_body": {"min_p": 0.1}}, LIMITS, NEW, {"temperature": 1e-08, "min_p": 0.1, "max_tokens": 8192}),
        (
            {"custom_args": {"max_context_size": 9}, "num_retries": 2, "timeout": 9, "extra_headers": {"X-A": "b"}},
            LIMITS,
            NEW,
            {"temperature": 1e-08, "max_tokens": 8192},
        ),
        (
            {},
            {**LIMITS, "REASONING_EFFORT": " High "},
            NEW,
            {"temperature": 1e-08, "reasoning_effort": "high", "max_tokens": 8192},
        ),
    ],
)
def test_fields_of_the_body(
    entry: dict[str, t.Any], variables: dict[str, str], server: Version | None, fields: dict[str, t.Any]
) -> None:
    target = one(values(entry, **variables), server)
    assert target.fields == fields
    asked = fields.get("max_completion_tokens", fields.get("max_tokens"))
    assert target.output == asked


@pytest.mark.parametrize(
    ("model", "variables", "server", "form"),
    [
        ("openai/a", {}, NEW, STRICT),
        ("hosted_vllm/a", {}, NEW, BARE),
        ("openai/a", {}, None, STRICT),
        ("openai/a", {"HOLMES_DISABLE_STRICT_TOOL_CALLS": "true"}, NEW, LOOSE),
        ("openai/a", {"HOLMES_DISABLE_STRICT_TOOL_CALLS": "false"}, NEW, STRICT),
        # Before 0.22 there was a list of models instead.
        ("openai/a", {"HOLMES_DISABLE_STRICT_TOOL_CALLS": "true"}, (0, 21, 0), STRICT),
        ("hosted_vllm/a", {}, (0, 21, 0), LOOSE),
        ("openai/a", {"LLMS_WITH_STRICT_TOOL_CALLS": "none"}, (0, 21, 0), LOOSE),
        ("xinference/a", {"LLMS_WITH_STRICT_TOOL_CALLS": "x/y, xinference/*"}, (0, 21, 0), STRICT),
    ],
)
def test_whether_strict_is_sent(model: str, variables: dict[str, str], server: Version | None, form: str) -> None:
    assert one(values({"model": model}, **variables), server).form == form


@pytest.mark.parametrize(
    ("entry", "variables", "key"),
    [
        ({"api_key": "abc"}, {"OPENAI_API_KEY": "x"}, "abc"),
        ({}, {"OPENAI_API_KEY": "x"}, "{{ env.OPENAI_API_KEY }}"),
        ({"model": "hosted_vllm/a"}, {"OPENAI_API_KEY": "x", "MODEL": "main"}, ""),
        ({"model": "hosted_vllm/a"}, {"HOSTED_VLLM_API_KEY": "x"}, "{{ env.HOSTED_VLLM_API_KEY }}"),
        ({}, {}, ""),
    ],
)
def test_the_key(entry: dict[str, t.Any], variables: dict[str, str], key: str) -> None:
    assert one(values(entry, **variables)).key == key


@pytest.mark.parametrize(
    ("entry", "variables", "headers"),
    [
        ({"extra_headers": {"X-Team": "a"}}, {"EXTRA_HEADERS": '{"X-Team": "b"}'}, {"X-Team": "a"}),
        ({}, {"EXTRA_HEADERS": '{"X-Team": "b"}'}, {"X-Team": "b"}),
        ({"headers": {"X-B": "{{ env.B }}"}}, {}, {"X-B": "{{ env.B }}"}),
        ({}, {"EXTRA_HEADERS": "no json"}, {}),
    ],
)
def test_headers(entry: dict[str, t.Any], variables: dict[str, str], headers: dict[str, str]) -> None:
    assert one(values(entry, **variables)).headers == headers


def test_aliases_that_ask_for_the_same_are_one() -> None:
    entry = {"model": "openai/a", "api_base": URL, "max_tokens": 512}
    listing = {
        "one": entry,
        "two": {**entry, "custom_args": {"max_context_size": 32768}},
        "warm": {**entry, "temperature": 1},
        "other": {**entry, "api_base": "https://other.example/v1"},
    }
    found, skipped = targets({"modelList": listing, "additionalEnvVars": env(**LIMITS)}, NEW)
    assert [target.windows for target in found] == [{"one": 131072, "two": 32768}, {"warm": 131072}, {"other": 131072}]
    assert [target.server for target in found] == ["http://vllm.inference.svc:8000"] * 2 + ["https://other.example"]
    assert skipped == []


def test_the_only_model_may_come_from_variables() -> None:
    given = {"additionalEnvVars": env(MODEL="hosted_vllm/q", API_BASE=URL, API_KEY="k")}
    target = one(given)
    assert (target.aliases, target.served, target.base) == (("hosted_vllm/q",), "q", URL)
    assert target.key == "{{ env.API_KEY }}"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"model": "anthropic/claude"}, "'anthropic'"),
        ({"model": "ollama_chat/q"}, "'ollama_chat'"),
        ({"model": "gpt-oss"}, "'gpt-oss'"),
        ({"model": 5}, "'5'"),
        ({"api_base": ""}, "modelList.main.api_base is not set"),
    ],
)
def test_what_cannot_be_probed_is_told(entry: dict[str, t.Any], message: str) -> None:
    found, skipped = targets(values(entry), NEW)
    assert (found, [entry.alias for entry in skipped]) == ([], ["main"])
    assert message in skipped[0].message and skipped[0].fix
