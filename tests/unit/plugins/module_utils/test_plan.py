# SPDX-License-Identifier: GPL-3.0-or-later
"""One token over what a run would do, and the refusal when something has moved."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _plan

SECRET = "canary-8f2a61"  # noqa: S105  # of no system
INPUTS = _plan.Inputs("a" * 64, "b" * 64, {"skip_crds": True}, {"holmes-secrets": {"key": SECRET}})
LIVE = [["namespace", "u1"], ["release", "sh.helm.release.v1.holmes.v1", "17"]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow digest is slow on purpose."""
    monkeypatch.setattr(_plan, "_ROUNDS", 2)


def test_equal_inputs_on_an_equal_cluster_give_an_equal_token() -> None:
    assert _plan.token(INPUTS, LIVE) == _plan.token(replace(INPUTS, settings={"skip_crds": True}), list(LIVE))


@pytest.mark.parametrize(
    ("inputs", "live", "moved"),
    [
        (replace(INPUTS, chart_sha256="c" * 64), LIVE, ["chart"]),
        (replace(INPUTS, values_sha256="c" * 64), LIVE, ["values"]),
        (replace(INPUTS, settings={"skip_crds": False}), LIVE, ["values"]),
        (replace(INPUTS, secrets={"holmes-secrets": {"key": "another"}}), LIVE, ["secrets"]),
        (replace(INPUTS, secrets=None), LIVE, ["secrets"]),
        (INPUTS, [*LIVE, ["secret", "holmes-secrets", "u2", "3"]], ["cluster"]),
        (replace(INPUTS, chart_sha256="c" * 64), [], ["chart", "cluster"]),
    ],
)
def test_a_refusal_names_what_has_moved(inputs: _plan.Inputs, live: t.Any, moved: list[str]) -> None:
    check = _plan.check(_plan.token(inputs, live), _plan.token(INPUTS, LIVE))
    assert check.status == "fail" and check.evidence["moved"] == moved
    assert all(_plan._MOVED[part] in check.message for part in moved)
    assert "site.yml --check" in check.fix


def test_the_plan_that_still_holds_passes() -> None:
    now = _plan.token(INPUTS, LIVE)
    assert _plan.check(now, now).status == "pass"


def test_a_run_without_a_plan_makes_one() -> None:
    now = _plan.token(INPUTS, LIVE)
    check = _plan.check(now, "")
    assert check.status == "pass" and f"holmes_plan={now}" in check.message and check.evidence == {"plan": now}


@pytest.mark.parametrize("given", ["missing", "yes", "0" * 12, "0123456789AB-" * 4])
def test_what_is_no_plan_is_refused(given: str) -> None:
    check = _plan.check(_plan.token(INPUTS, LIVE), given)
    assert check.status == "fail" and check.fix


def test_no_secret_shows_in_a_token_or_its_digest() -> None:
    assert SECRET not in _plan.token(INPUTS, LIVE)
    assert _plan.token(INPUTS, LIVE) != _plan.token(replace(INPUTS, secrets=SECRET), LIVE)
