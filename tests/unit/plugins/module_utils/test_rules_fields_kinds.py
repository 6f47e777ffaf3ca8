# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the fields of a model: kinds of values."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import NUMBERS
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


DIES = "the server dies at start otherwise."
FAILS = "every chat fails otherwise."


@pytest.mark.parametrize(
    ("fields", "status", "text", "fix"),
    [
        *(({name: 5}, "fail", f"modelList.x.{name} must be text: {DIES}", "in quotes") for name in ("name", "api_key")),
        ({"api_version": 2024}, "fail", f"modelList.x.api_version must be text: {DIES}", ""),
        ({"api_base": ["http://v"]}, "fail", "modelList.x.api_base must be text", ""),
        ({"api_base": None, "base_url": 5}, "fail", "modelList.x.base_url must be text", ""),
        ({"api_key": {"secret": "s", "key": "k"}}, "fail", "modelList.x.api_key must be text", ""),
        ({"name": "x", "api_version": "2024"}, "pass", "", ""),
        ({"is_robusta_model": "maybe"}, "fail", f"is_robusta_model must be true or false: {DIES}", "Remove it."),
        ({"is_robusta_model": "false"}, "pass", "", ""),
        ({"custom_args": "x"}, "fail", f"modelList.x.custom_args must be a mapping: {DIES}", "NAME: value"),
        ({"custom_args": {}}, "pass", "", ""),
        ({"custom_args": {"max_context_size": 5}}, "pass", "", ""),
        ({"custom_args": {"max_contxt": 5}}, "fail", "custom_args.max_contxt is read by nothing", "Rename it"),
        ({"extra_headers": '{"a": "b"}'}, "fail", f"extra_headers must be a mapping: {FAILS}", "NAME: value"),
        ({"headers": []}, "fail", f"headers must be a mapping: {FAILS}", ""),
        ({"extra_body": "x"}, "fail", f"extra_body must be a mapping: {FAILS}", ""),
        ({"extra_headers": {"a": 5}}, "fail", f"extra_headers must hold text only: {FAILS}", "in quotes"),
        ({"headers": {"a": "b", "c": True}}, "fail", "headers must hold text only", ""),
        ({"headers": {"a": "b"}, "extra_headers": {"a": "b"}, "extra_body": {"a": 5}}, "pass", "", ""),
        ({"allowed_openai_params": "seed"}, "fail", "must be a list: it has no effect", "[reasoning_effort]"),
        ({"allowed_openai_params": ["seed"]}, "pass", "", ""),
    ],
)
def test_kinds(fields: dict[str, t.Any], status: str, text: str, fix: str) -> None:
    assert_says(entry(**fields), NEW, status, text, fix)


SENT = "is a number in quotes or of a variable, so text is sent"


@pytest.mark.parametrize(
    ("value", "status", "text"),
    [
        *((number, "pass", "") for number in (1, 0, -1, 0.5)),
        *((text, "warn", SENT) for text in ("1", "0.7", "-1", "+2", ".5", "5.", "1e3", "1E-08", " 1 ", "{{ env.N }}")),
        ("{{ env.S }}", "warn", SENT),
        *(
            (text, "fail", "must be a number")
            for text in ("high", "", ".", "1,5", "1k", "0x10", "1e", "{{ env.T }}", "1 2")
        ),
        *((value, "fail", "must be a number") for value in (True, False, [1], {})),
        (None, "pass", ""),
    ],
)
def test_numbers(value: t.Any, status: str, text: str) -> None:
    fix = {"warn": "Write the number itself, without quotes.", "fail": "Write a number there.", "pass": ""}[status]
    assert_says(entry(temperature=value), NEW, status, f"modelList.x.temperature {text}" if text else "", fix)


@pytest.mark.parametrize("field", NUMBERS)
def test_every_field_with_a_number(field: str) -> None:
    assert_says(entry(**{field: "1"}), NEW, "warn", f"modelList.x.{field} {SENT}")
    assert_says(entry(**{field: 1}), NEW, "pass", "")
