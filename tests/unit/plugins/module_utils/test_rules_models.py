# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about which models there are, both ways."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import case, env, judge

A: dict[str, t.Any] = {"a": {"model": "openai/a"}}
AB: dict[str, t.Any] = {**A, "b": {"model": "openai/b"}}
NEW: Version = (0, 45, 0)


def rendered(*aliases: str) -> list[dict[str, t.Any]]:
    text = "".join(f"{alias}: {{}}\n" for alias in aliases) or "{}"
    return [{"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"model_list.yaml": text}}]


def secret(name: str) -> list[dict[str, t.Any]]:
    return [{"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


def with_env(listing: t.Any, *given: list[dict[str, t.Any]], **variables: str) -> dict[str, t.Any]:
    """Values with a model list and variables."""
    return {
        "modelList": listing,
        "additionalEnvVars": [*env(**variables), *(item for items in given for item in items)],
    }


def assert_says(check: str, case_: t.Any, status: str, text: str, fix: str = "") -> None:
    found = judge(check, case_)
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found


DEFAULTS: list[tuple[dict[str, t.Any], Version | None, str, str, str, str]] = [
    ({}, NEW, "", "fail", "There is no model", "Set holmes_models"),
    ({"modelList": []}, NEW, "", "fail", "There is no model", "Set holmes_models"),
    (with_env({}, MODEL=""), NEW, "", "fail", "There is no model", "Set holmes_models"),
    (with_env({}, MODEL="openai/x"), NEW, "", "warn", "one model of MODEL, 'openai/x'", "Name it in holmes_models"),
    (
        with_env({}, MODEL="x"),
        NEW,
        "",
        "fail",
        "MODEL is 'x', but there is no model list",
        "Name the model in holmes_models",
    ),
    (with_env({}, MODEL="openai/x"), (0, 16, 1), "", "warn", "one model of MODEL", "holmes_models"),
    (with_env({}, secret("MODEL")), NEW, "", "not_checked", "The only model is MODEL", "holmes_models"),
    (with_env(A, MODEL="a"), NEW, "", "pass", "'a'", ""),
    (with_env(A, MODEL="a"), None, "a", "pass", "'a'", ""),
    ({"modelList": AB}, NEW, "", "warn", "'a' answers, because it is the first", "Set holmes_default_model."),
    ({"modelList": AB}, NEW, "c", "fail", "is 'c', but the aliases are 'a', 'b'.", "Correct holmes_default_model"),
    ({"modelList": {"gpt-oss-120b": {}}}, NEW, "gpt-oss-20b", "fail", "Did you mean 'gpt-oss-120b'?", "Correct"),
    (with_env(AB, MODEL="c"), NEW, "", "fail", "'c', which is no alias: the server would add", "one of 'a', 'b'."),
    (with_env(AB, MODEL="c"), NEW, "", "fail", "without an endpoint and use it.", "one of 'a', 'b'."),
    (with_env(AB, MODEL=""), NEW, "", "fail", "of that name without an endpoint.", "one of 'a', 'b'."),
    (with_env({"qwen": {}}, MODEL="qwen "), NEW, "", "fail", "Did you mean 'qwen'?", "one of 'qwen'."),
    (with_env(AB, secret("MODEL")), NEW, "", "not_checked", "MODEL comes from a Secret", "Write MODEL in clear"),
    (with_env(A, MODEL="a"), (0, 16, 1), "", "fail", "MODEL breaks HolmesGPT 0.16.1", "Remove MODEL from"),
    (with_env(A, MODEL="a"), (0, 16, 3), "", "fail", "MODEL breaks HolmesGPT 0.16.3", "Remove MODEL from"),
    (with_env(A, MODEL="a"), (0, 16, 4), "", "warn", "MODEL has no effect on HolmesGPT 0.16.4", "Remove MODEL."),
    (with_env(A, MODEL="a"), (0, 22, 9), "", "warn", "MODEL has no effect", "Remove MODEL."),
    (with_env(A, MODEL="a"), (0, 23, 0), "", "pass", "'a'", ""),
    ({"modelList": A}, (0, 16, 1), "", "pass", "'a', the first of the list", ""),
    ({"modelList": AB}, (0, 16, 1), "a", "pass", "'a', the first of the list", ""),
    ({"modelList": AB}, (0, 16, 1), "b", "warn", "takes the first alias of the alphabet, 'a'", "Rename 'b'"),
    (with_env(A, MODEL_LIST_FILE_LOCATION="/x"), NEW, "", "fail", "the server reads no model of modelList", "Remove"),
    (with_env({}, MODEL_LIST_FILE_LOCATION="/x"), NEW, "", "not_checked", "The models come from the file", "Remove"),
    (with_env(A, secret("MODEL_LIST_FILE_LOCATION")), NEW, "", "fail", "names another file", "Remove"),
    (with_env(A, MODEL_LIST_FILE_LOCATION="/etc/holmes/config/model_list.yaml"), NEW, "", "pass", "'a'", ""),
]


@pytest.mark.parametrize(("values", "server", "wanted", "status", "text", "fix"), DEFAULTS)
def test_default_model(
    values: dict[str, t.Any], server: Version | None, wanted: str, status: str, text: str, fix: str
) -> None:
    assert_says("values.default_model", case(values, server, default_model=wanted), status, text, fix)


def test_what_answers_is_in_the_evidence() -> None:
    assert judge("values.default_model", case({"modelList": A})).evidence == {"default": "a"}
    assert judge("values.default_model", case(with_env(AB, MODEL="b"))).evidence == {"default": "b"}


def test_default_model_follows_the_rendered_order() -> None:
    values = {"modelList": {"a10": {"model": "openai/x"}, "a9": {"model": "openai/y"}}}
    old = case(values, (0, 16, 1), manifests=rendered("a9", "a10"), default_model="a9")
    assert_says("values.default_model", old, "pass", "'a9'")


def test_a_rendered_chart_without_a_model_list() -> None:
    nothing = [{"kind": "Service", "metadata": {"name": "s"}}]
    found = case({"modelList": A}, manifests=nothing)
    assert_says("values.default_model", found, "fail", "holds no model list", "enabled: false")


PHANTOM = "adds a model gpt-5.4 and makes it the default"
MORE: dict[str, t.Any] = {"additional_env_froms": [{"secretRef": {"name": "s"}}]}


@pytest.mark.parametrize(
    ("values", "server", "status", "text", "fix"),
    [
        (with_env(A, OPENAI_API_KEY="none"), NEW, "fail", PHANTOM, "Set holmes_default_model. Rename the variable"),
        ({"modelList": A, "additional_env_vars": env(OPENAI_API_KEY="x")}, None, "fail", PHANTOM, "VLLM_API_KEY"),
        (with_env(A, secret("OPENAI_API_KEY")), (0, 23, 0), "fail", PHANTOM, "VLLM_API_KEY"),
        (with_env(A, OPENAI_API_KEY=" "), NEW, "fail", PHANTOM, ""),
        (with_env(A, OPENAI_API_KEY=""), NEW, "pass", "", ""),
        (
            with_env(A, OPENAI_API_KEY="none"),
            (0, 22, 9),
            "warn",
            "HolmesGPT 0.22.9 also lists a model gpt-4.1",
            "Rename",
        ),
        (with_env(A, OPENAI_API_KEY="none"), (0, 16, 1), "warn", "gpt-4.1", "Rename"),
        (with_env(A, OPENAI_API_KEY="none", MODEL="a"), NEW, "pass", "", ""),
        (with_env(A, OPENAI_API_KEY="none", MODEL="a"), (0, 22, 0), "pass", "", ""),
        (with_env(A, VLLM_API_KEY="none"), NEW, "pass", "", ""),
        (with_env({}, OPENAI_API_KEY="none"), NEW, "pass", "", ""),
        (
            {**MORE, "modelList": A},
            NEW,
            "not_checked",
            "if one has the key OPENAI_API_KEY",
            "Set holmes_default_model.",
        ),
        ({"extraEnvVarsSecrets": ["s"], "modelList": A}, NEW, "not_checked", "Whole Secrets are mounted", ""),
        ({**MORE, **with_env(A, MODEL="a")}, NEW, "pass", "", ""),
        ({**MORE, "modelList": A}, (0, 22, 0), "pass", "", ""),
        (with_env(A, ROBUSTA_AI="true", MODEL="a"), NEW, "fail", "adds a model 'Robusta'", 'ROBUSTA_AI to "false"'),
        (with_env(A, ROBUSTA_AI="True"), NEW, "fail", "adds a model 'Robusta'", ""),
        (with_env(A, ROBUSTA_AI="1"), NEW, "fail", "adds a model 'Robusta'", ""),
        (with_env(A, ROBUSTA_AI="false"), NEW, "pass", "", ""),
        (with_env({}, ROBUSTA_AI="true"), NEW, "pass", "", ""),
    ],
)
def test_phantom_model(values: dict[str, t.Any], server: Version | None, status: str, text: str, fix: str) -> None:
    assert_says("values.phantom_model", case(values, server), status, text, fix)
