# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the limits in tokens: numbers that are none, and variables that nobody reads."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import case, env, judge

NEW: Version = (0, 45, 0)
CONTEXT, OUTPUT = "OVERRIDE_MAX_CONTENT_SIZE", "OVERRIDE_MAX_OUTPUT_TOKEN"
LOWER = "Lower holmes_llm_max_output_tokens, or serve the model with a larger --max-model-len."


def limits(context: str | None, output: str | None, size: t.Any = None, **fields: t.Any) -> dict[str, t.Any]:
    """Values with both variables, and one model with its own context and other fields."""
    entry = {"model": "openai/a", **({"custom_args": {"max_context_size": size}} if size is not None else {}), **fields}
    given = {CONTEXT: context, OUTPUT: output}
    variables = env(**{name: text for name, text in given.items() if text is not None})
    return {"modelList": {"a": entry}, "additionalEnvVars": variables}


def assert_says(values: dict[str, t.Any], server: Version | None, status: str, text: str, fix: str = "") -> None:
    found = judge("values.limits", case(values, server))
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found


NO_COUNT = "which is no whole number from 1 to 999999999: HolmesGPT acts as if it were not set."


@pytest.mark.parametrize("text", ["128k", "-1", "0", "000", "", "1.5", "1e5", "1000000000", "١٢٣", "8 192"])
def test_variables_that_count_as_not_set(text: str) -> None:
    fix = "Set holmes_llm_context_window and holmes_llm_max_output_tokens."
    assert_says(limits(text, "8192"), NEW, "fail", f"{CONTEXT} is '{text}', {NO_COUNT}", fix)
    assert_says(limits("131072", text), NEW, "fail", f"{OUTPUT} is '{text}', {NO_COUNT}", fix)
    found = judge("values.limits", case(limits(text, None))).message
    assert "No limits" not in found and "Only one" not in found


def test_variables_with_blanks_and_zeros_around_count() -> None:
    assert_says(limits(" 131072 ", "008192"), NEW, "pass", "context 131072, answer 8192")


@pytest.mark.parametrize("size", ["32768", 0, -5, True, 1.5, [], "{{ env.X }}"])
def test_contexts_of_a_model_that_break_chats(size: t.Any) -> None:
    told = "modelList.a.custom_args.max_context_size must be a whole number from 1 on"
    assert_says(limits("131072", "8192", size), NEW, "fail", told, "without quotes")


def test_small_contexts_are_legal_numbers() -> None:
    assert_says(limits("131072", "8192", 1), NEW, "fail", "A context of 1 tokens leaves -8191", LOWER)
    assert_says(limits("131072", "8192", custom_args=None), NEW, "pass", "context 131072")
    assert_says(limits("131072", "8192", custom_args="x"), NEW, "pass", "context 131072")


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("value", [0, -1])
def test_answers_of_less_than_one_token(field: str, value: int) -> None:
    told = f"modelList.a.{field} is {value}: model servers refuse"
    assert_says(limits("131072", "8192", **{field: value}), NEW, "fail", told, "Write e.g. 8192 there.")
    assert_says(limits("131072", "8192", **{field: 1}), NEW, "warn", "cut at 1 tokens")
    assert_says(limits("131072", "8192", **{field: False}), NEW, "pass", "answer 8192")


@pytest.mark.parametrize("name", [CONTEXT, OUTPUT])
def test_limits_from_a_secret(name: str) -> None:
    hidden = [{"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    values = {**limits(None, None), "additionalEnvVars": hidden}
    assert_says(values, NEW, "not_checked", f"'{name}' come from a Secret", "Write limits in clear")
    assert "No limits" not in judge("values.limits", case(values)).message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("OVERRIDE_MAX_CONTEXT_SIZE", "Did you mean OVERRIDE_MAX_CONTENT_SIZE?"),
        ("OVERRIDE_MAX_OUTPUT_TOKENS", "Did you mean OVERRIDE_MAX_OUTPUT_TOKEN?"),
        ("OVERIDE_MAX_CONTENT_SIZE", "Did you mean OVERRIDE_MAX_CONTENT_SIZE?"),
        ("OVERRIDE_MAX_TOKENS", f"There are only '{CONTEXT}', '{OUTPUT}'."),
    ],
)
def test_misspelled_variables(name: str, hint: str) -> None:
    values = limits("131072", "8192")
    values["additionalEnvVars"] += [*env(**{name: "4096"}), *env(**{name: "4096"})]
    told = f"The variable {name} is read by nothing. {hint}"
    assert_says(
        values, NEW, "fail", told, "Remove it, and set holmes_llm_context_window and holmes_llm_max_output_tokens."
    )
    assert judge("values.limits", case(values)).message.count("read by nothing") == 1


@pytest.mark.parametrize("name", ["MAX_OUTPUT_TOKEN_RESERVATION", "OVERRIDE_CLUSTER_NAME", "MAX_STEPS"])
def test_other_variables(name: str) -> None:
    values = limits("131072", "8192")
    values["additionalEnvVars"] += env(**{name: "4096"})
    assert_says(values, NEW, "pass", "context 131072")
