# SPDX-License-Identifier: GPL-3.0-or-later
"""The common currency."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check


def check(status: str) -> Check:
    return Check("a.b", "title", status, "It broke.", "Set x.")


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        (["pass", "pass"], "ready"),
        (["pass", "warn"], "ready_with_limitations"),
        (["not_checked"], "ready_with_limitations"),
        (["warn", "fail"], "not_ready"),
    ],
)
def test_verdict(statuses: list[str], verdict: str) -> None:
    assert _check.verdict(check(status) for status in statuses) == verdict


def test_failure_message_has_id_sentence_and_fix_of_failures_only() -> None:
    assert _check.failure_message([check("pass"), check("fail")]) == "[a.b] It broke. Set x."


def test_error_becomes_one_sentence() -> None:
    error = _check.HolmesError("It broke.", "Set x.", detail=1)
    assert error.as_result() == {"msg": "It broke. Set x.", "detail": 1}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": 1, "b": [1, {"c": None}]}, {"b": [1, {"c": None}], "a": 1}, True),
        ({"temperature": 1.0}, {"temperature": 1}, True),
        ({"temperature": 0.7}, {"temperature": 1}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": None}, {}, False),
    ],
)
def test_digest(one: object, other: object, equal: bool) -> None:
    assert (_check.digest(one) == _check.digest(other)) is equal
