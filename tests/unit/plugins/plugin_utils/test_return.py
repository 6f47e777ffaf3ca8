# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report says after an upgrade that failed."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._return import told_return

WENT = {"applied": 4, "revision": 3, "blamed": ["verify.rollout"], "problem": "", "changed": True, "stays": ""}
GOOD = {"verdict": "ready", "checks": [{"id": "verify.rollout", "status": "pass"}]}


def told(rollback: t.Any, **more: t.Any) -> list[dict[str, t.Any]]:
    return told_return(
        {"returned": {"namespace": "obs", "release_name": "holmes", "rollback": rollback, "secrets": [], **more}}
    )


@pytest.mark.parametrize(
    ("rollback", "verification", "status", "said"),
    [
        (WENT, GOOD, "fail", "went back to revision 3, which runs now and was verified (ready)"),
        (WENT, {"skipped": True}, "fail", "was not verified"),
        ({**WENT, "changed": False, "problem": "Helm said no."}, {}, "fail", "going back to revision 3 did not work"),
        ({**WENT, "revision": 0, "stays": "first"}, {}, "fail", "there is no good revision before it"),
        (
            {**WENT, "stays": "unwanted"},
            {},
            "fail",
            "stays, marked failed, because holmes_rollback_on_failure is false",
        ),
        ({**WENT, "stays": "missing"}, {}, "fail", "revision 3, the last good one, is not in Helm's history any more"),
        ({**WENT, "stays": "outside"}, {}, "warn", "lies outside of it, and revision 3 would meet the same."),
        ({**WENT, "revision": 0, "stays": "outside"}, {}, "warn", "Revision 4 stays: what failed lies outside of it."),
        ({**WENT, "stays": "unverified"}, {}, "warn", "nothing is known of whether it serves"),
        ({**WENT, "stays": "foreign"}, {}, "fail", "Somebody else's Helm has made revision 4 meanwhile"),
        ({**WENT, "stays": "not_begun"}, {}, "warn", "revision 4 runs as before"),
        ({**WENT, "stays": "not_begun", "applied": 0}, {}, "warn", "there is no release"),
        ({"msg": "No connection.", "failed": True}, {}, "fail", "could not be found out: No connection."),
    ],
)
def test_every_end_is_told(rollback: t.Any, verification: t.Any, status: str, said: str) -> None:
    [check] = told(rollback, verification=verification)
    assert (check["id"], check["status"], check["phase"]) == ("release.returned", status, "release")
    assert said in check["message"] and check["fix"]


def test_a_new_secret_stays_and_is_named() -> None:
    [check] = told(WENT, verification=GOOD, secrets=["holmes-secrets"])
    assert "holmes-secrets stays" in check["message"]


@pytest.mark.parametrize("returned", [None, {}, {"rollback": {}}, "text"])
def test_without_a_failed_upgrade_nothing_is_told(returned: t.Any) -> None:
    assert told_return({"returned": returned}) == []
