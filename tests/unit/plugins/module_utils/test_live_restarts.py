# SPDX-License-Identifier: GPL-3.0-or-later
"""live.restarts: how often, when, and why."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_restarts import check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_times import shown

from tests.unit.fixtures.live_objects import CORE
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.verify_world import forbidden

LOG = f"{CORE}/pods/holmes-holmes-1-a/log"


def died(minutes: float, times: int = 1, code: int = 1, reason: str = "Error", **more: t.Any) -> World:
    """A container that died so many minutes ago and runs again."""
    fallen = world()
    when = shown(datetime.now(timezone.utc) - timedelta(minutes=minutes))
    end = {"exitCode": code, "reason": reason, "finishedAt": when, **more}
    fallen.pods[0]["status"]["containerStatuses"][0].update(restartCount=times, lastState={"terminated": end})
    return fallen


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "live.restarts"
    assert bool(found.fix) is (found.status != PASS)
    return found


def test_never() -> None:
    found = one(world())
    assert (found.status, found.message) == (PASS, "No container of 1 pod was ever restarted.")
    assert found.evidence == {"containers": []}


@pytest.mark.parametrize(
    ("minutes", "reason", "status"),
    [(59, "Error", WARN), (61, "Error", PASS), (60 * 24 * 30, "OOMKilled", WARN), (5, "OOMKilled", WARN)],
)
def test_memory_always_counts_and_anything_else_for_an_hour(minutes: float, reason: str, status: str) -> None:
    found = one(died(minutes, 3, 137, reason))
    assert found.status == status
    assert "Container holmes of pod holmes-holmes-1-a was restarted 3 times, last at 20" in found.message
    assert f"({reason}, exit code 137)" in found.message
    (entry,) = found.evidence["containers"]
    assert (entry["restarts"], entry["exit_code"], entry["reason"]) == (3, 137, reason)


def test_memory_names_the_variable() -> None:
    assert "holmes_resources" in one(died(5, reason="OOMKilled")).fix


def test_last_words_that_are_known_are_told_with_their_fix() -> None:
    fallen = died(1)
    fallen.answers[LOG] = "Exception: ENV var replacement VLLM_KEY does not exist"
    found = one(fallen)
    assert "the model list refers to {{ env.VLLM_KEY }}" in found.message
    assert "Define VLLM_KEY in holmes_env" in found.fix


@pytest.mark.parametrize("log", ["nothing known", forbidden("get pods/log")])
def test_without_known_words_it_says_where_to_look(log: t.Any) -> None:
    fallen = died(1)
    fallen.answers[LOG] = log
    found = one(fallen)
    assert (found.status, found.fix[:34]) == (WARN, "Read its last words: kubectl logs ")


def test_only_the_log_of_what_matters_is_read() -> None:
    fallen = died(600)
    cluster = fallen.cluster()
    list(check(fallen.scene(cluster)))
    assert cluster.asked == []


def test_a_death_without_a_time_is_no_news() -> None:
    fallen = died(1, finishedAt=None)
    assert one(fallen).status == PASS
