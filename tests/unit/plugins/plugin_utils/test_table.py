# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees at the end of a run."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._diff import values_diff
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import WIDTH, report_verdict, table


def check(status: str, message: str = "text", fix: str = "") -> dict[str, t.Any]:
    return {"id": f"a.{status}", "status": status, "message": message, "fix": fix}


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([], "not_ready"),
        (["pass"], "ready"),
        (["pass", "warn"], "ready_with_limitations"),
        (["pass", "not_checked"], "ready_with_limitations"),
        (["warn", "fail", "pass"], "not_ready"),
    ],
)
def test_verdict(statuses: list[str], verdict: str) -> None:
    assert report_verdict([check(status) for status in statuses]) == verdict


def test_table_names_the_fix_of_what_is_not_a_pass() -> None:
    lines = table([check("pass", fix="unseen"), check("fail", "it broke", "set x")], "seoul | holmes")
    assert lines[0] == "seoul | holmes: NOT READY"
    assert "ok" in lines[1] and "unseen" not in "\n".join(lines)
    assert "FAIL" in lines[2] and "it broke" in lines[2]
    assert lines[3].strip() == "-> set x"


def test_long_and_broken_lines_are_folded_under_their_column() -> None:
    lines = table([check("warn", "word\n" * 100)], "h")
    assert all(len(line) <= WIDTH for line in lines)
    assert lines[2].startswith(" " * 15)


class TextOfAnsible(str):
    """As AnsibleUnsafeText of core 2.16: text that PyYAML cannot represent."""


def test_diff_takes_what_a_module_returned() -> None:
    lines = values_diff({}, {TextOfAnsible("key"): [TextOfAnsible("{{ env.X }}")]}, "h")
    assert "+key:" in lines and "+- '{{ env.X }}'" in lines


def test_diff_of_values() -> None:
    lines = values_diff({"a": 1, "b": 2}, {"a": 1, "b": 3}, "seoul | values")
    assert lines[0] == "seoul | values"
    assert "-b: 2" in lines and "+b: 3" in lines and "-a: 1" not in lines
    assert values_diff({"a": 1}, {"a": 1}, "h") == []


def test_what_may_be_accepted_is_told_as_it_is_written() -> None:
    failed = {**check("fail", "It writes.", "Stop it."), "evidence": {"may_be_accepted": ["a.b:x", "a.b:y"]}}
    assert (
        table([failed], "h")[-1].strip() == '-> if it is meant, holmes_exceptions: {"a.b:x": REASON, "a.b:y": REASON}'
    )
