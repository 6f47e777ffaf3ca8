# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that broke off or verified nothing is never reported as a success."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import answered, guarded, with_outcome
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import report_verdict

GOOD = [{"id": "host.helm", "status": "pass", "message": "Helm 3"}]
BAD = [{"id": "host.helm", "status": "fail", "message": "no Helm"}]


@pytest.mark.parametrize(
    ("checks", "step", "verified", "ids", "verdict"),
    [
        (GOOD, "", True, ["host.helm"], "ready"),
        (GOOD, "", False, ["host.helm", "run.unverified"], "ready_with_limitations"),
        ([], "", False, ["run.unverified"], "not_ready"),
        (GOOD, "Release | Install", True, ["host.helm", "run.incomplete"], "not_ready"),
        ([], "Chart | Pull", False, ["run.incomplete"], "not_ready"),
        (BAD, "Preflight", False, ["host.helm"], "not_ready"),
    ],
)
def test_outcome(checks: list[dict[str, str]], step: str, verified: bool, ids: list[str], verdict: str) -> None:
    told = with_outcome(checks, step, verified)
    assert [check["id"] for check in told] == ids
    assert report_verdict(told) == verdict


@pytest.mark.parametrize(
    ("open_", "later", "status"),
    [
        (("cluster.admission", "not_checked"), ("verify.release", "pass"), "pass"),
        (("cluster.admission", "not_checked"), ("verify.release", "fail"), "not_checked"),
        (("cluster.admission", "not_checked"), ("verify.image", "pass"), "not_checked"),
        (("registry.image", "not_checked"), ("verify.image", "pass"), "pass"),
        (("registry.image", "warn"), ("verify.image", "pass"), "warn"),
        (("cluster.release", "warn"), ("verify.release", "pass"), "pass"),
        (("cluster.release", "warn"), ("verify.release", "fail"), "warn"),
        (("cluster.release", "not_checked"), ("verify.release", "pass"), "not_checked"),
        (("registry.image", "fail"), ("verify.image", "pass"), "fail"),
        (("llm.models", "not_checked"), ("verify.chat", "pass"), "not_checked"),
    ],
)
def test_what_the_installation_shows_is_open_no_longer(
    open_: tuple[str, str], later: tuple[str, str], status: str
) -> None:
    checks = [{"id": name, "status": given, "message": "m", "fix": "f"} for name, given in (open_, later)]
    found = answered(checks)
    assert [check["status"] for check in found] == [status, later[1]]
    assert (later[0] in found[0]["message"]) is (status == "pass")
    assert checks[0]["status"] == open_[1], "the given ones stay"


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (["release.state", "verify.chat"], True),
        (["host.helm", "release.state"], False),
        (["preflight.gate", "release.state"], False),
        (["release.removed"], False),
        (["verify.chat"], False),
        ([], False),
    ],
)
def test_a_change_without_checks_before_it_is_named(before: list[str], told: bool) -> None:
    checks = [{"id": name, "status": "pass", "message": "m", "fix": ""} for name in before]
    found = guarded(checks)
    assert [check["id"] for check in found] == before + (["preflight.gate"] if told else [])
    assert report_verdict(found) == ("ready_with_limitations" if told else "ready" if before else "not_ready")
