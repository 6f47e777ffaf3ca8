# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions about modelList."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import case, env

A: dict[str, t.Any] = {"a": {"model": "openai/a"}}
AB: dict[str, t.Any] = {**A, "b": {"model": "openai/b"}}
NEW: Version = (0, 45, 0)
CONTEXT, OUTPUT = "OVERRIDE_MAX_CONTENT_SIZE", "OVERRIDE_MAX_OUTPUT_TOKEN"


def secret(name: str) -> list[dict[str, t.Any]]:
    return [{"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


def with_env(listing: t.Any, *given: list[dict[str, t.Any]], **variables: str) -> dict[str, t.Any]:
    """Values with a model list and variables."""
    return {
        "modelList": listing,
        "additionalEnvVars": [*env(**variables), *(item for items in given for item in items)],
    }


@pytest.mark.parametrize(
    ("values", "server", "expected"),
    [
        (with_env(AB, MODEL="b"), NEW, "b"),
        (with_env(AB, MODEL="c"), NEW, ""),
        (with_env(AB, secret("MODEL")), NEW, ""),
        (with_env(AB, MODEL="b"), (0, 22, 0), "a"),
        ({"modelList": AB}, NEW, "a"),
        ({}, NEW, ""),
    ],
)
def test_which_alias_answers(values: dict[str, t.Any], server: Version, expected: str) -> None:
    assert models.default_alias(case(values, server)) == expected


@pytest.mark.parametrize(
    ("entry", "name", "provider", "served"),
    [
        ({"model": "openai/a/b"}, "openai/a/b", "openai", "a/b"),
        ({"model": "{{ env.P }}/x"}, "openai/x", "openai", "x"),
        ({"model": "envRef:M"}, "hosted_vllm/y", "hosted_vllm", "y"),
        ({"model": "{{ env.S }}"}, None, "", ""),
        ({"model": 5}, "", "", ""),
        ({}, "", "", ""),
        ({"model": "openai"}, "openai", "", ""),
        ({"model": "Qwen/q"}, "Qwen/q", "", "q"),
    ],
)
def test_names(entry: dict[str, t.Any], name: str | None, provider: str, served: str) -> None:
    values = with_env({}, secret("S"), P="openai", M="hosted_vllm/y")
    assert (models.full_name(values, entry), models.provider(values, entry)) == (name, provider)
    assert models.served(values, entry) == served


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ env.A }}{{env.B_1}} {{   env.C   }}", ["A", "B_1", "C"]),
        # The server does not replace the first, and dies of the others.
        ("{{ env. K }}", [" K"]),
        ("{{ env.K | trim }}", ["K | trim"]),
        ("{{ env. }}", [""]),
        ("{{ env .K }}{{ Env.K }}{ env.K }${K}", []),
        ("envRef:K", ["K"]),
        ("xenvRef:K", []),
    ],
)
def test_references(text: str, names: list[str]) -> None:
    found = models.references({"a": [text]})
    assert [(item.name, item.path) for item in found] == [(name, "a.0") for name in names]
    assert [item.short for item in found] == [text.startswith("envRef") for _name in names]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((word, True) for word in (True, 1, "true", "True", "yes", "Y", "on", "t", "1")),
        *((word, False) for word in (False, 0, "false", "no", "N", "off", "f", "0")),
        *((word, None) for word in ("maybe", "", None, 2, "enabled")),
    ],
)
def test_yes_and_no(value: t.Any, expected: bool | None) -> None:
    assert models.truth(value) is expected


OWN = {"model": "openai/a", "custom_args": {"max_context_size": 32768}}
PLAIN = {"model": "openai/b"}


@pytest.mark.parametrize(
    ("entries", "variables", "context", "output"),
    [
        ({"a": OWN}, {CONTEXT: "131072", OUTPUT: "4096"}, 32768, 4096),
        ({"a": OWN, "b": PLAIN}, {"MODEL": "a", CONTEXT: "131072"}, 32768, None),
        ({"a": OWN, "b": PLAIN}, {"MODEL": "b", CONTEXT: "131072"}, 131072, None),
        ({"a": OWN, "b": PLAIN}, {"MODEL": "b", OUTPUT: "4096"}, None, 4096),
        ({"a": {**OWN, "custom_args": {"max_context_size": True}}}, {CONTEXT: "131072"}, 131072, None),
        ({}, {}, None, None),
        ({}, {CONTEXT: "5"}, 5, None),
    ],
)
def test_limits_are_those_of_the_default_model(
    entries: dict[str, t.Any], variables: dict[str, str], context: int | None, output: int | None
) -> None:
    given = case(with_env(entries, **variables))
    assert models.limits(given) == {"context_window": context, "max_output_tokens": output}


def test_models_are_the_entries_or_what_the_server_makes_of_variables() -> None:
    assert models.models({"modelList": {**A, "b": "text"}}) == [models.Model("a", "modelList.a", A["a"])]
    assert models.models(with_env(A, MODEL="x", API_BASE="u")) == [models.Model("a", "modelList.a", A["a"])]
    (alone,) = models.models(with_env({}, secret("API_KEY"), MODEL="openai/x", API_BASE="http://v/v1"))
    entry = {"model": "openai/x", "api_base": "{{ env.API_BASE }}", "api_key": "{{ env.API_KEY }}"}
    assert alone == ("openai/x", "MODEL", entry)
    assert models.models(with_env({}, MODEL="openai/x"))[0].entry == {"model": "openai/x"}
    assert models.models(with_env({}, MODEL="x")) == []
    assert models.models(with_env({}, MODEL="")) == models.models({}) == []


@pytest.mark.parametrize(
    ("name", "given", "where"),
    [
        ("openai/a", ["API_BASE", "OPENAI_BASE_URL", "OPENAI_API_BASE"], "API_BASE"),
        ("openai/a", ["OPENAI_API_BASE", "OPENAI_BASE_URL"], "OPENAI_BASE_URL"),
        ("openai/a", ["OPENAI_API_BASE"], "OPENAI_API_BASE"),
        ("litellm_proxy/a", ["OPENAI_API_BASE", "LITELLM_PROXY_API_BASE"], "LITELLM_PROXY_API_BASE"),
        ("lm_studio/a", ["OPENAI_API_BASE"], "OPENAI_API_BASE"),
        ("xinference/a", ["OPENAI_API_BASE"], "OPENAI_API_BASE"),
        ("ollama_chat/a", ["OLLAMA_API_BASE"], "OLLAMA_API_BASE"),
        ("anthropic/a", ["ANTHROPIC_BASE_URL"], "ANTHROPIC_BASE_URL"),
        ("deepseek/a", ["DEEPSEEK_API_BASE"], "DEEPSEEK_API_BASE"),
        ("nano-gpt/a", ["NANO_GPT_API_BASE"], "NANO_GPT_API_BASE"),
    ],
)
def test_variables_that_hold_the_address(name: str, given: list[str], where: str) -> None:
    model = models.Model("a", "modelList.a", {"model": name})
    values = {"additionalEnvVars": env(**dict.fromkeys(given, "http://v/v1"))}
    assert models.base(values, model) == (f"The variable {where}", "{{ env." + where + " }}")
    assert models.base({"additionalEnvVars": env(**{where: ""})}, model) == ("modelList.a.api_base", None)
    both = model._replace(entry={"model": name, "api_base": "", "base_url": "u"})
    assert models.base(values, both) == ("modelList.a.base_url", "u")
    assert models.base(values, both._replace(entry={**both.entry, "api_base": "v"})) == ("modelList.a.api_base", "v")
