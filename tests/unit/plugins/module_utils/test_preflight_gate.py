# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of failed checks: exceptions and the gate."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, verdict
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_gate import judged, switched_off

KNOWN = (
    "host.helm",
    "llm.latency",
    "llm.tool_call",
    "cluster.rights",
    "cluster.api",
    "cluster.namespace",
    "release.conflict",
)
GOOD = Check("host.helm", "Helm", "pass", "Helm 4")
SLOW = Check("llm.latency", "Latency", "warn", "Slow.", "Wait.")
BAD = Check("llm.tool_call", "Tools", "fail", "No tools.", "Use them.")
WORSE = Check("cluster.rights", "Rights", "fail", "No rights.", "Ask.")


def states(checks: list[Check]) -> dict[str, str]:
    return {check.id: check.status for check in checks}


def test_strict_leaves_everything_as_it_is_and_names_what_may_be_accepted() -> None:
    found = judged([GOOD, SLOW, BAD, WORSE], Exceptions({}), "strict", KNOWN)
    assert [check.status for check in found] == ["pass", "warn", "fail", "fail"]
    assert found[2].evidence == {"may_be_accepted": ["llm.tool_call"]}
    assert found[3].evidence == {}, "rights cannot be accepted"


def test_an_exception_makes_a_warning_with_its_reason() -> None:
    found = judged([BAD], Exceptions({"llm.tool_call": "test model"}), "strict", KNOWN)
    assert states(found) == {"llm.tool_call": "warn"}
    assert found[0].message == "Accepted (test model): No tools."


@pytest.mark.parametrize(
    "check", ["host.helm", "cluster.api", "cluster.rights", "cluster.namespace", "release.conflict"]
)
def test_what_cannot_work_is_not_accepted(check: str) -> None:
    found = judged([Check(check, "x", "fail", "Wrong.", "Mend.")], Exceptions({check: "please"}), "strict", KNOWN)
    assert states(found)[check] == "fail"


def test_gate_warn_lets_pass_and_says_so() -> None:
    found = judged([GOOD, BAD, WORSE], Exceptions({}), "warn", KNOWN)
    assert states(found) == {
        "host.helm": "pass",
        "llm.tool_call": "warn",
        "cluster.rights": "warn",
        "preflight.gate": "warn",
    }
    assert "llm.tool_call, cluster.rights" in found[-1].message
    assert found[1].message == "Let pass: No tools." and found[1].fix == "Use them."
    assert verdict(found) == "ready_with_limitations"


def test_an_open_gate_is_named_even_if_nothing_failed() -> None:
    found = judged([GOOD], Exceptions({}), "warn", KNOWN)
    assert states(found) == {"host.helm": "pass", "preflight.gate": "warn"}
    assert verdict(switched_off()) == "ready_with_limitations"
    assert "nothing was checked" in switched_off()[0].message


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("llm.tool_cal", "fail", "Did you mean 'llm.tool_call'?"),
        ("llm.nothing.like.it", "fail", "There is no check"),
        ("cluster.rights", "fail", "cannot be accepted"),
        ("llm.latency", "warn", "is not needed"),
        ("values.profile", "", ""),
        ("verify.image:x", "", ""),
    ],
)
def test_an_exception_that_does_nothing_is_told(name: str, status: str, says: str) -> None:
    found = judged([GOOD], Exceptions({name: "why"}), "strict", KNOWN)
    told = [check for check in found if check.id == "preflight.exceptions"]
    assert [check.status for check in told] == ([status] if status else [])
    assert all(says in check.message and "holmes_exceptions" in check.fix for check in told)
