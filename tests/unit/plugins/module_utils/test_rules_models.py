# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about models, endpoints and limits, both ways."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import SERVICE, case, env, judge

A: dict[str, t.Any] = {"a": {"model": "openai/a"}}
AB: dict[str, t.Any] = {**A, "b": {"model": "openai/b"}}


def rendered(*aliases: str) -> list[dict[str, t.Any]]:
    text = "".join(f"{alias}: {{}}\n" for alias in aliases) or "{}"
    return [{"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"model_list.yaml": text}}]


def assert_row(check: str, case_: t.Any, status: str, text: str) -> None:
    found = judge(check, case_)
    assert (found.status, text in found.message) == (status, True), found
    assert bool(found.fix) == (status != "pass"), found


FROM_SECRET = [{"name": "MODEL", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


@pytest.mark.parametrize(
    ("values", "server", "wanted", "status", "text"),
    [
        ({}, (0, 45, 0), "", "fail", "There is no model"),
        ({"modelList": []}, (0, 45, 0), "", "fail", "There is no model"),
        ({"modelList": A, "additionalEnvVars": env(MODEL="a")}, (0, 45, 0), "", "pass", "'a'"),
        ({"modelList": A, "additionalEnvVars": env(MODEL="a")}, None, "a", "pass", "'a'"),
        ({"modelList": AB}, (0, 45, 0), "", "warn", "'a' answers, because it is the first"),
        ({"modelList": AB}, (0, 45, 0), "c", "fail", "holmes_default_model is 'c', but the aliases are 'a', 'b'"),
        ({"modelList": {"gpt-oss-120b": {}}}, (0, 45, 0), "gpt-oss-20b", "fail", "Did you mean 'gpt-oss-120b'?"),
        (
            {"modelList": AB, "additionalEnvVars": env(MODEL="c")},
            (0, 45, 0),
            "",
            "fail",
            "MODEL is 'c', which is no alias",
        ),
        (
            {"modelList": AB, "additionalEnvVars": FROM_SECRET},
            (0, 45, 0),
            "",
            "not_checked",
            "MODEL comes from a Secret",
        ),
        (
            {"modelList": A, "additionalEnvVars": env(MODEL="a")},
            (0, 16, 1),
            "",
            "fail",
            "MODEL breaks HolmesGPT 0.16.1",
        ),
        (
            {"modelList": A, "additionalEnvVars": env(MODEL="a")},
            (0, 16, 4),
            "",
            "warn",
            "MODEL has no effect on HolmesGPT 0.16.4",
        ),
        ({"modelList": A, "additionalEnvVars": env(MODEL="a")}, (0, 22, 9), "", "warn", "MODEL has no effect"),
        ({"modelList": A}, (0, 16, 1), "", "pass", "'a', the first of the list"),
        ({"modelList": AB}, (0, 16, 1), "a", "pass", "'a', the first of the list"),
        ({"modelList": AB}, (0, 16, 1), "b", "warn", "takes the first alias of the alphabet, 'a'"),
    ],
)
def test_default_model(values: dict[str, t.Any], server: Version | None, wanted: str, status: str, text: str) -> None:
    assert_row("values.default_model", case(values, server, default_model=wanted), status, text)


def test_default_model_follows_the_rendered_order() -> None:
    values = {"modelList": {"a10": {"model": "openai/x"}, "a9": {"model": "openai/y"}}}
    old = case(values, (0, 16, 1), manifests=rendered("a9", "a10"), default_model="a9")
    assert_row("values.default_model", old, "pass", "'a9'")


def test_a_rendered_chart_without_a_model_list() -> None:
    nothing = [{"kind": "Service", "metadata": {"name": "s"}}]
    assert_row("values.default_model", case({"modelList": A}, manifests=nothing), "fail", "holds no model list")


@pytest.mark.parametrize(
    ("values", "server", "expected"),
    [
        ({"modelList": AB, "additionalEnvVars": env(MODEL="b")}, (0, 45, 0), "b"),
        ({"modelList": AB, "additionalEnvVars": env(MODEL="c")}, (0, 45, 0), ""),
        ({"modelList": AB, "additionalEnvVars": FROM_SECRET}, (0, 45, 0), ""),
        ({"modelList": AB, "additionalEnvVars": env(MODEL="b")}, (0, 22, 0), "a"),
        ({"modelList": AB}, (0, 45, 0), "a"),
        ({}, (0, 45, 0), ""),
    ],
)
def test_which_alias_answers(values: dict[str, t.Any], server: Version, expected: str) -> None:
    assert _values_models.default_alias(case(values, server)) == expected


KEY = env(OPENAI_API_KEY="none")


@pytest.mark.parametrize(
    ("values", "server", "status", "text"),
    [
        ({"modelList": A, "additionalEnvVars": KEY}, (0, 45, 0), "fail", "gpt-5.4"),
        ({"modelList": A, "additional_env_vars": KEY}, None, "fail", "gpt-5.4"),
        ({"modelList": A, "additionalEnvVars": KEY}, (0, 23, 0), "fail", "gpt-5.4"),
        ({"modelList": A, "additionalEnvVars": KEY}, (0, 22, 9), "warn", "gpt-4.1"),
        ({"modelList": A, "additionalEnvVars": [*KEY, *env(MODEL="a")]}, (0, 45, 0), "pass", ""),
        ({"modelList": A, "additionalEnvVars": KEY}, (0, 16, 1), "warn", "gpt-4.1"),
        ({"modelList": A, "additionalEnvVars": [*KEY, *env(MODEL="a")]}, (0, 22, 0), "warn", "gpt-4.1"),
        ({"modelList": A, "additionalEnvVars": env(VLLM_API_KEY="none")}, (0, 45, 0), "pass", ""),
        ({"additionalEnvVars": KEY}, (0, 45, 0), "pass", ""),
    ],
)
def test_phantom_model(values: dict[str, t.Any], server: Version | None, status: str, text: str) -> None:
    assert_row("values.phantom_model", case(values, server), status, text)


@pytest.mark.parametrize(
    ("entry", "status", "text"),
    [
        ({"model": "openai/a"}, "pass", ""),
        ({"model": "hosted_vllm/org/a"}, "pass", ""),
        ({"model": "gpt-oss-120b"}, "fail", "names no provider"),
        ({"model": "Qwen/Qwen3-32B"}, "fail", "names no provider"),
        ({"model": "openai"}, "fail", "names no provider"),
        ({}, "fail", "must be a mapping with 'model'"),
        ({"model": 5}, "fail", "must be a mapping with 'model'"),
        ("openai/a", "fail", "must be a mapping with 'model'"),
        ({"model": "openai/a", "is_robusta_model": True}, "fail", "hosted Robusta service"),
        ({"model": "openai/a", "is_robusta_model": False}, "pass", ""),
    ],
)
def test_provider_prefix(entry: t.Any, status: str, text: str) -> None:
    assert_row("values.provider_prefix", case({"modelList": {"x": entry}}), status, text)


def test_model_list_of_another_shape() -> None:
    assert_row("values.provider_prefix", case({"modelList": [A]}), "fail", "must be a mapping of aliases")
    assert_row("values.provider_prefix", case({"modelList": None}), "pass", "")


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ("openai/gpt-oss-120b", "pass"),
        ("openai/Llama-3.1-70B", "warn"),
        ("openai/command-r", "warn"),
        ("openai/llama4", "pass"),
    ],
)
def test_tokenizer(model: str, status: str) -> None:
    assert judge("values.tokenizer", case({"modelList": {"x": {"model": model}}})).status == status


def model(base: str | None = None, name: str = "openai/a", key: str = "api_base") -> dict[str, t.Any]:
    return {"modelList": {"a": {"model": name, **({key: base} if base else {})}}}


@pytest.mark.parametrize(
    ("values", "status", "text"),
    [
        (model("http://v.n.svc.cluster.local:8000/v1"), "pass", "a: http://v.n.svc.cluster.local:8000/v1"),
        (model("https://v/v1/"), "pass", "https://v/v1/"),
        (model("http://v/v1", key="base_url"), "pass", "http://v/v1"),
        (model("http://v:8000"), "fail", "it must end in /v1"),
        (model("http://v/v1/chat/completions"), "fail", "it must end in /v1"),
        (model("v:8000/v1"), "fail", "it must start with http://"),
        (model("http:///v1"), "fail", "it names no host"),
        (model("http://v:80a/v1"), "fail", "no legal URL"),
        (model("http://v:99999/v1"), "fail", "no legal URL"),
        (model("http://[v/v1"), "fail", "no legal URL"),
        (model("http://v w/v1"), "fail", "it contains a space"),
        (model("http://v/v1?x=1"), "fail", "must not have"),
        (model("http://v:11434", name="ollama/a"), "pass", "http://v:11434"),
        (model("http://v:8000", name="hosted_vllm/a"), "fail", "it must end in /v1"),
        (model(), "fail", "modelList.a has no api_base"),
        (model(name="hosted_vllm/a"), "fail", "modelList.a has no api_base"),
        (model(name="anthropic/a"), "warn", "hosted provider 'anthropic'"),
        (model(name="mistral/a"), "warn", "hosted provider 'mistral'"),
        (model(name="huggingface/a"), "warn", "hosted provider 'huggingface'"),
        (model(name="ollama/a"), "fail", "has no api_base"),
        (model(name="anthropic/a", base="http://proxy.site/anthropic"), "pass", "proxy.site"),
        ({**model(), "additionalEnvVars": env(OPENAI_API_BASE="http://v/v1")}, "pass", "http://v/v1"),
        (
            {**model(), "additionalEnvVars": env(OPENAI_API_BASE="http://v")},
            "fail",
            "The variable OPENAI_API_BASE is 'http://v'",
        ),
        (
            {**model(name="hosted_vllm/a"), "additionalEnvVars": env(OPENAI_API_BASE="http://v/v1")},
            "fail",
            "has no api_base",
        ),
        (
            {**model(name="hosted_vllm/a"), "additionalEnvVars": env(HOSTED_VLLM_API_BASE="http://v/v1")},
            "pass",
            "http://v/v1",
        ),
        ({**model("{{ env.B }}"), "additionalEnvVars": env(B="http://v/v1")}, "pass", "http://v/v1"),
        ({**model("{{ env.B }}"), "additionalEnvVars": env(B="http://v")}, "fail", "is 'http://v'"),
        ({**model("http://{{ env.H }}/v1"), "additionalEnvVars": env(H="v:8000")}, "pass", "http://v:8000/v1"),
        ({**model("envRef:B"), "additionalEnvVars": env(B="http://v/v1")}, "pass", "http://v/v1"),
        (
            {**model("{{ env.B }}"), "additionalEnvVars": [{"name": "B", "valueFrom": {}}]},
            "not_checked",
            "without a literal value",
        ),
        (model("{{ env.B }}"), "pass", ""),
        ({"modelList": {"a": "broken"}}, "pass", ""),
    ],
)
def test_api_base(values: dict[str, t.Any], status: str, text: str) -> None:
    assert_row("values.api_base", case(values), status, text)


def test_an_endpoint_that_no_model_uses() -> None:
    unused = case(model("http://v/v1"), llm={"service": SERVICE})
    assert_row("values.api_base", unused, "warn", "is used by no model")
    used = case(
        {**model("{{ env.VLLM_API_BASE }}"), "additionalEnvVars": env(VLLM_API_BASE="http://v/v1")},
        llm={"service": SERVICE},
    )
    assert_row("values.api_base", used, "pass", "http://v/v1")


def limits(context: str | None, output: str | None, size: t.Any = None) -> dict[str, t.Any]:
    entry: dict[str, t.Any] = {"model": "openai/a", **({"custom_args": {"max_context_size": size}} if size else {})}
    given = {"OVERRIDE_MAX_CONTENT_SIZE": context, "OVERRIDE_MAX_OUTPUT_TOKEN": output}
    return {"modelList": {"a": entry}, "additionalEnvVars": env(**{name: text for name, text in given.items() if text})}


@pytest.mark.parametrize(
    ("values", "server", "status", "text"),
    [
        (limits("131072", "8192"), (0, 45, 0), "pass", "context 131072, answer 8192 tokens"),
        (limits("32768", "4096"), (0, 45, 0), "pass", "context 32768"),
        (limits("16384", "8192"), (0, 45, 0), "pass", "context 16384"),
        (limits("16383", "8192"), (0, 45, 0), "fail", "leaves 8191 beside an answer of 8192"),
        (limits("8192", "64000"), (0, 45, 0), "fail", "prompt alone takes"),
        (limits("131072", "1024"), (0, 45, 0), "pass", "answer 1024"),
        (limits("131072", "1023"), (0, 45, 0), "warn", "Answers are cut at 1023"),
        (limits("131072", None), (0, 45, 0), "fail", "without holmes_llm_max_output_tokens"),
        (limits(None, "8192"), (0, 45, 0), "fail", "without holmes_llm_context_window"),
        (limits(None, None), (0, 45, 0), "warn", "asks for 64000"),
        (limits(None, None), (0, 33, 0), "warn", "asks for 64000"),
        (limits(None, None), (0, 32, 9), "warn", "reserves 40000"),
        (limits("128k", "8192"), (0, 45, 0), "fail", "OVERRIDE_MAX_CONTENT_SIZE is '128k', which is no whole number"),
        (limits("131072", "-1"), (0, 45, 0), "fail", "OVERRIDE_MAX_OUTPUT_TOKEN is '-1'"),
        (limits(None, "4096", 32768), (0, 45, 0), "pass", "context 32768"),
        (limits("131072", "4096", 32768), (0, 45, 0), "pass", "context 32768"),
    ],
)
def test_limits(values: dict[str, t.Any], server: Version, status: str, text: str) -> None:
    assert_row("values.limits", case(values, server), status, text)


def test_limits_of_several_models() -> None:
    values = limits("131072", "4096", 32768)
    values["modelList"]["b"] = {"model": "openai/b"}
    assert _values_models.limits(values) == {"context_window": 131072, "max_output_tokens": 4096}
    values["modelList"]["b"] = {"model": "openai/b", "custom_args": {"max_context_size": 16384}}
    assert _values_models.limits(values) == {"context_window": 16384, "max_output_tokens": 4096}
