# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures that are accepted by name: what becomes of them, and what cannot be accepted."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rules
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions, accepted, check_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    RULES,
    Finding,
    Rule,
    fail,
    good,
    unclear,
    warn,
)

from tests.unit.fixtures.values_world import case

POLICY, FATAL = "values.policy", "values.fatal"


def judged(
    monkeypatch: pytest.MonkeyPatch, exceptions: t.Any, *findings: Finding, excusable: bool = True
) -> tuple[Check, Check]:
    """The check of one made-up rule, and the check about exceptions."""

    def function(_case: t.Any) -> t.Iterable[Finding]:
        return findings

    function.__module__ = _rules.FILES[0].__name__
    rules = {POLICY: Rule(POLICY, "policy", function, excusable)}
    monkeypatch.setattr(_rules, "RULES", rules)
    policy, about = _rules.judge(case({}, exceptions=exceptions))
    return policy, about


BAD = fail("It writes.", "Stop it.", subject="Role/a", roles=["Role/a"])


@pytest.mark.parametrize("name", [POLICY, f"{POLICY}:Role/a"])
def test_an_accepted_failure_is_a_warning_that_says_why(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    policy, about = judged(monkeypatch, {name: " wanted\n by them "}, BAD)
    assert (policy.status, policy.message) == ("warn", "Accepted (wanted by them): It writes.")
    assert "holmes_exceptions" in policy.fix
    assert policy.evidence == {"roles": ["Role/a"], "accepted": ["Role/a"]}
    assert (about.status, about.message, about.evidence) == ("pass", f"Accepted by name: '{name}'", {"used": [name]})


def test_a_failure_that_may_be_accepted_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, _about = judged(monkeypatch, {}, BAD)
    assert policy.evidence == {"roles": ["Role/a"], "may_be_accepted": ["values.policy:Role/a"]}
    policy, _about = judged(monkeypatch, {}, fail("It writes.", "Stop it."))
    assert policy.evidence == {"may_be_accepted": ["values.policy"]}
    policy, _about = judged(monkeypatch, {}, BAD, excusable=False)
    assert "may_be_accepted" not in policy.evidence


def test_an_exception_for_one_thing_accepts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    other = fail("It deletes.", "Stop that.", subject="Role/b")
    policy, about = judged(monkeypatch, {f"{POLICY}:Role/a": "wanted"}, BAD, other)
    assert policy.status == "fail"
    assert policy.message == "(1) It deletes. (2) Accepted (wanted): It writes."
    assert about.status == "pass"


def test_a_finding_without_subject_is_named_by_its_check(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, _about = judged(monkeypatch, {POLICY: "wanted"}, fail("It writes.", "Stop it."))
    assert policy.evidence == {"accepted": [POLICY]}


@pytest.mark.parametrize("finding", [warn("w", "f"), unclear("u", "f")])
def test_a_warning_can_be_accepted_too_and_stays_one(monkeypatch: pytest.MonkeyPatch, finding: Finding) -> None:
    policy, about = judged(monkeypatch, {POLICY: "wanted"}, finding)
    assert (policy.status, about.status) == ("warn", "pass")
    assert policy.message.startswith("Accepted (wanted): ")


def test_a_pass_needs_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, about = judged(monkeypatch, {POLICY: "wanted"}, good("fine"))
    assert (policy.status, policy.message) == ("pass", "fine")
    assert (about.status, about.message) == ("warn", f"The exception '{POLICY}' is not needed.")


def test_what_cannot_work_stays_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, about = judged(monkeypatch, {POLICY: "wanted"}, BAD, excusable=False)
    assert (policy.status, about.status) == ("fail", "fail")
    assert "cannot work" in about.message


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("values.polici", "fail", "Did you mean 'values.policy'?"),
        ("render.nothing_like_it", "fail", "no such check"),
        ("verify.read_only", "pass", "values.exceptions"),
    ],
)
def test_names_of_no_check(monkeypatch: pytest.MonkeyPatch, name: str, status: str, text: str) -> None:
    _policy, about = judged(monkeypatch, {name: "wanted"}, good("fine"))
    assert (about.status, text in f"{about.message} {about.id}") == (status, True), about


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_without_exceptions(monkeypatch: pytest.MonkeyPatch, nothing: t.Any) -> None:
    policy, about = judged(monkeypatch, nothing, BAD)
    assert (policy.status, about.status, about.message) == ("fail", "pass", "No exceptions")


@pytest.mark.parametrize("given", [[POLICY], POLICY, {POLICY: ""}, {POLICY: None}, {POLICY: True}, {POLICY: " "}])
def test_anything_but_names_with_reasons_is_refused(given: t.Any) -> None:
    with pytest.raises(HolmesError) as caught:
        Exceptions.from_option(given)
    assert "holmes_exceptions" in caught.value.msg and "reason" in caught.value.fix


def test_the_narrower_exception_counts_as_the_needed_one() -> None:
    both = Exceptions({POLICY: "all", f"{POLICY}:x": "one"})
    assert (both.reason(POLICY, "x"), both.unused()) == ("one", [POLICY])
    assert (both.reason(POLICY), both.unused()) == ("all", [])
    assert both.reason(FATAL) == ""
    assert check_of(f"{POLICY}:x:y") == POLICY


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        ("fail", "verify.image", "warn"),
        ("fail", "verify.logs", "fail"),
        ("not_checked", "verify.image", "not_checked"),
        ("pass", "verify.image", "pass"),
    ],
)
def test_a_whole_check_is_accepted_only_if_it_failed(status: str, name: str, expected: str) -> None:
    given = Check("verify.image", "t", status, "m", "f", {"a": 1})
    found = accepted(given, Exceptions({name: "wanted"}))
    assert found.status == expected
    assert (found == given) is (expected != "warn")
    if expected == "warn":
        assert (found.message, found.evidence) == ("Accepted (wanted): m", {"a": 1, "accepted": ["verify.image"]})


def test_only_policy_is_excusable() -> None:
    """What ends in a broken installation for certain must not be on this list."""
    never = {"render.failed", "values.default_model", "values.provider_prefix", "values.literal_secret", "values.chart"}
    assert not {rule.id for rule in RULES.values() if rule.excusable} & never
