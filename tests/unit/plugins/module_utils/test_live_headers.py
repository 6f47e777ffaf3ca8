# SPDX-License-Identifier: GPL-3.0-or-later
"""live.headers: whether curl's own headers reach the tools of what runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_headers import check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import BLOCKED_HEADERS

from tests.unit.fixtures.live_world import CANARY, World, world
from tests.unit.fixtures.values_world import NEW, OLD

VARIABLE = "HOLMES_PASSTHROUGH_BLOCKED_HEADERS"
OWN_LIST = "authorization,cookie,set-cookie"


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "live.headers"
    assert CANARY not in json.dumps(found.as_dict())
    return found


def test_as_the_guide_leaves_it() -> None:
    found = one(world())
    assert found.status == WARN
    assert "accept, user-agent, content-type" in found.message and "curl" in found.message
    assert VARIABLE in found.fix
    assert found.evidence == {"server": "0.45.0"}


@pytest.mark.parametrize(
    ("chart", "value", "key", "status"),
    [
        (NEW, BLOCKED_HEADERS, True, PASS),
        (NEW, f"{OWN_LIST},accept,user-agent,content-type", False, PASS),
        (NEW, f"{OWN_LIST},accept,user-agent,content-type", True, WARN),
        (NEW, "accept,user-agent,content-type", False, WARN),
        (OLD, None, False, PASS),
    ],
)
def test_what_is_blocked(chart: Path, value: str | None, key: bool, status: str) -> None:
    installation = world(chart)
    if value is not None:
        installation.set_env(VARIABLE, value)
    if key:
        installation.set_env("HOLMES_API_KEY", CANARY)
    assert one(installation).status == status


def test_a_list_that_comes_from_a_secret_is_not_known() -> None:
    installation = world()
    reference = {"secretKeyRef": {"name": "holmes-secrets", "key": "llm"}}
    installation.container["env"].append({"name": VARIABLE, "valueFrom": reference})
    installation.restart()
    found = one(installation)
    assert (found.status, bool(found.fix)) == (NOT_CHECKED, True)


def test_without_pods_there_is_nothing_to_ask() -> None:
    installation = world()
    installation.rolled_out = False
    found = one(installation)
    assert (found.status, found.fix) == (NOT_CHECKED, "See verify.rollout.")
