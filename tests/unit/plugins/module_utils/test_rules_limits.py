# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the limits in tokens, both ways and at every boundary."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import case, env, judge

NEW: Version = (0, 45, 0)
OLD: Version = (0, 32, 9)
CONTEXT, OUTPUT = "OVERRIDE_MAX_CONTENT_SIZE", "OVERRIDE_MAX_OUTPUT_TOKEN"


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


SET_BOTH = (
    "Set holmes_llm_context_window to the server's --max-model-len and holmes_llm_max_output_tokens, e.g. to 8192."
)
ONE = "Only one of the two limits is set: without "
LOWER = "Lower holmes_llm_max_output_tokens, or serve the model with a larger --max-model-len."
MORE_CALLS = "every turn costs one more call"
SHORT = "which is short for a report"

BOUNDARIES: list[tuple[dict[str, t.Any], Version | None, str, str, str]] = [
    (limits("131072", "8192"), NEW, "pass", "context 131072, answer 8192 tokens", ""),
    (limits("32768", "4096"), NEW, "pass", "context 32768, answer 4096", ""),
    # Both set: at 8192 beside the answer, and at 95 %.
    (
        limits("16383", "8192"),
        NEW,
        "fail",
        "A context of 16383 tokens leaves 8191 beside an answer of 8192, but",
        LOWER,
    ),
    (limits("16384", "8192"), NEW, "warn", "An answer of 8192 and a prompt of 8192 tokens are more than 95 %", "lower"),
    (limits("17246", "8192"), NEW, "warn", f"of a context of 17246: {MORE_CALLS}", "a larger --max-model-len"),
    (limits("17247", "8192"), NEW, "pass", "context 17247", ""),
    (limits("8192", "64000"), NEW, "fail", "leaves -55808 beside", LOWER),
    (limits("200000", "1024"), NEW, "pass", "answer 1024", ""),
    (limits("200000", "1023"), NEW, "warn", f"Answers are cut at 1023 tokens, {SHORT}", "Raise holmes_llm_max_output"),
    (limits("10485760", "8192"), NEW, "pass", "context 10485760", ""),
    (
        limits("10485761", "8192"),
        NEW,
        "warn",
        "A context of 10485761 tokens is more than any model has",
        "Correct holmes",
    ),
    # None set: it depends on the server.
    (
        limits(None, None),
        NEW,
        "warn",
        "No limits are set: HolmesGPT assumes a context of 200000 tokens and asks for 64000",
        SET_BOTH,
    ),
    (limits(None, None), (0, 33, 0), "warn", "asks for 64000 for an answer", SET_BOTH),
    (limits(None, None), None, "warn", "asks for 64000", SET_BOTH),
    (limits(None, None), OLD, "warn", "reserves 40000 for an answer", SET_BOTH),
    (limits(None, None, max_tokens=4096), NEW, "warn", "asks for 4096", SET_BOTH),
    (limits(None, None, max_tokens=4096), OLD, "warn", "asks for 4096", SET_BOTH),
    # One set.
    (limits(None, "8192"), NEW, "warn", f"{ONE}holmes_llm_context_window HolmesGPT believes in 200000", SET_BOTH),
    (limits(None, "8192"), OLD, "warn", f"{ONE}holmes_llm_context_window", SET_BOTH),
    (
        limits("72191", None),
        NEW,
        "fail",
        f"{ONE}holmes_llm_max_output_tokens HolmesGPT keeps 64000 of 72191",
        "e.g. to 4096",
    ),
    (
        limits("32768", None),
        (0, 33, 0),
        "fail",
        "takes up to 8192: every chat fails.",
        "Set holmes_llm_max_output_tokens",
    ),
    (limits("72192", None), NEW, "warn", MORE_CALLS, "Set holmes_llm_max_output_tokens lower"),
    (limits("75991", None), NEW, "warn", MORE_CALLS, ""),
    (
        limits("75992", None),
        NEW,
        "warn",
        f"{ONE}holmes_llm_max_output_tokens HolmesGPT keeps 64000 of 75992",
        "e.g. to 8192",
    ),
    (limits("1000000", None), NEW, "warn", "keeps 120000 of 1000000 tokens free for an answer", ""),
    (limits("32768", None), OLD, "pass", "context 32768, answer 6553 tokens", ""),
    (limits("10240", None), OLD, "warn", MORE_CALLS, ""),
    (limits("10238", None), OLD, "fail", "keeps 2047 of 10238", ""),
    (limits("1000000", None), OLD, "pass", "answer 64000", ""),
    # A model's own context wins, and its own max_tokens has to fit.
    (limits(None, "4096", 32768), NEW, "pass", "context 32768, answer 4096", ""),
    (limits("131072", "4096", 32768), NEW, "pass", "context 32768", ""),
    (limits(None, None, 32768), NEW, "fail", f"{ONE}holmes_llm_max_output_tokens HolmesGPT keeps 64000 of 32768", ""),
    (limits("32768", None, max_tokens=4096), NEW, "fail", "keeps 64000 of 32768", "Set holmes_llm_max_output_tokens"),
    (limits("131072", "8192", max_tokens=8192), NEW, "pass", "answer 8192", ""),
    (limits("131072", "8192", max_tokens=4096), NEW, "pass", "answer 4096", ""),
    (limits("131072", "8192", max_tokens="4096"), NEW, "pass", "answer 4096", ""),
    (
        limits("131072", "8192", max_tokens=8193),
        NEW,
        "fail",
        "asks for 8193 tokens, but only 8192 are kept free",
        "or raise",
    ),
    (limits("131072", "8192", max_tokens=8193), NEW, "fail", "refuses chats of more than 122879.", "Lower max_tokens"),
    (limits("131072", "8192", max_completion_tokens=8193), OLD, "fail", "asks for 8193 tokens", ""),
    (limits("131072", "8192", max_completion_tokens=4096, max_tokens=9999), NEW, "pass", "answer 4096", ""),
    (limits("32768", "4096", max_tokens=24576), NEW, "fail", "asks for 24576 tokens, but only 4096", ""),
    (
        limits("32768", "4096", max_tokens=24577),
        NEW,
        "fail",
        "asks for 24577 of a context of 32768 tokens",
        "Lower max_tokens",
    ),
    (limits("131072", "8192", max_tokens=1023), NEW, "warn", "cut at 1023", ""),
    (limits("131072", "8192", max_tokens=1024), NEW, "pass", "answer 1024", ""),
    (limits("131072", "8192", max_tokens=None), NEW, "pass", "answer 8192", ""),
    (limits("131072", "8192", max_tokens="many"), NEW, "pass", "answer 8192", ""),
]


@pytest.mark.parametrize(("values", "server", "status", "text", "fix"), BOUNDARIES)
def test_limits(values: dict[str, t.Any], server: Version | None, status: str, text: str, fix: str) -> None:
    assert_says(values, server, status, text, fix)


def test_limits_in_force_are_in_the_evidence() -> None:
    found = judge("values.limits", case(limits("131072", "8192", max_tokens=4096)))
    assert found.evidence == {"context_window": 131072, "max_output_tokens": 4096}


def test_models_that_differ_are_named() -> None:
    values = limits("131072", "4096")
    values["modelList"] |= {
        "b": {"model": "openai/b", "custom_args": {"max_context_size": 8192}},
        "c": {"model": "openai/c"},
        "d": {"model": "openai/d", "max_tokens": 512},
    }
    found = judge("values.limits", case(values))
    assert found.status == "fail"
    assert "modelList.b: A context of 8192 tokens leaves 4096" in found.message
    assert "modelList.d: Answers are cut at 512" in found.message
    assert "modelList.a" not in found.message
    del values["modelList"]["b"]
    assert judge("values.limits", case(values)).message.startswith("modelList.d: Answers are cut")
    del values["modelList"]["d"]
    assert judge("values.limits", case(values)).message == "context 131072, answer 4096 tokens"


def test_without_any_model_the_variables_are_judged() -> None:
    values = {"additionalEnvVars": env(**{CONTEXT: "8192", OUTPUT: "4096"})}
    assert_says(values, NEW, "fail", "A context of 8192 tokens leaves 4096")
    assert_says({}, NEW, "warn", "No limits are set")
    alone = {"additionalEnvVars": env(MODEL="openai/x", **{CONTEXT: "131072", OUTPUT: "8192"})}
    assert_says(alone, NEW, "pass", "context 131072")
