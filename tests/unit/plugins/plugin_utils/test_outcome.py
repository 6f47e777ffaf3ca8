# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that broke off or verified nothing is never reported as a success."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import with_outcome
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import report_verdict

GOOD = [{"id": "host.helm", "status": "pass", "message": "Helm 3"}]
BAD = [{"id": "host.helm", "status": "fail", "message": "no Helm"}]


@pytest.mark.parametrize(
    ("checks", "step", "verified", "ids", "verdict"),
    [
        (GOOD, "", True, ["host.helm"], "ready"),
        (GOOD, "", False, ["host.helm", "run.unverified"], "ready_with_limitations"),
        (GOOD, "Release | Install", True, ["host.helm", "run.incomplete"], "not_ready"),
        ([], "Chart | Pull", False, ["run.incomplete"], "not_ready"),
        (BAD, "Preflight", False, ["host.helm"], "not_ready"),
    ],
)
def test_outcome(checks: list[dict[str, str]], step: str, verified: bool, ids: list[str], verdict: str) -> None:
    told = with_outcome(checks, step, verified)
    assert [check["id"] for check in told] == ids
    assert report_verdict(told) == verdict
