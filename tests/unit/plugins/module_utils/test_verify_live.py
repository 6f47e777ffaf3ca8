# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs is what was meant: all checks of a running installation together."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _verify_drift
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_live import EXCUSABLE, IDS, tasks

from tests.unit.fixtures.live_objects import CANARY, CORE
from tests.unit.fixtures.live_world import FRONT, World, world
from tests.unit.fixtures.tls_world import Wires
from tests.unit.fixtures.values_world import NEW, OLD
from tests.unit.fixtures.verify_world import forbidden

DOCS = Path(__file__).resolve().parents[4] / "docs" / "checks" / "live.md"


def found(installation: World) -> list[Check]:
    installation.answers[f"{CORE}/services"] = [FRONT]
    checks = run_all(tasks(installation.scene(), Wires(1, "refused")))
    assert [check.id for check in checks] == list(IDS)
    assert CANARY not in json.dumps([check.as_dict() for check in checks])
    return checks


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_an_installation_as_it_should_be(chart: Path) -> None:
    # What the guide leaves out, and what only newer versions mind.
    headers = WARN if chart is NEW else PASS
    statuses = {check.id: check.status for check in found(world(chart))}
    assert statuses == {**dict.fromkeys(IDS, PASS), "live.headers": headers}


def unknown(installation: World) -> t.Any:
    scene = installation.scene()
    return type(scene)(scene.reader, scene.intent)


@pytest.mark.parametrize("how", ["no workload", "not rolled out", "no pods"])
def test_without_ground_nothing_is_judged_and_nothing_is_read(how: str) -> None:
    installation = world()
    installation.rolled_out = how != "not rolled out"
    if how == "no pods":
        installation.pods = []
    scene = unknown(installation) if how == "no workload" else installation.scene()
    checks = run_all(tasks(scene, Wires(1, "refused")))
    assert {check.id: check.status for check in checks} == dict.fromkeys(IDS, NOT_CHECKED)
    assert {check.fix for check in checks} == {"See verify.rollout."}
    assert scene.reader.asked == []


def test_an_account_that_may_read_nothing_gets_no_pass_but_for_restarts() -> None:
    blind = world()
    blind.answers = {path: forbidden("get it") for path in blind.answers}
    blind.release = None
    statuses = {check.id: check.status for check in found(blind)}
    assert statuses == {**dict.fromkeys(IDS, NOT_CHECKED), "live.restarts": PASS}


def test_every_check_has_a_section_and_only_edits_may_be_accepted() -> None:
    text = DOCS.read_text()
    sections = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert sections == [*IDS, *_verify_drift.IDS]
    assert text.count("**Judged:**") == text.count("**Why:**") == text.count("**Fix:**") == len(sections)
    assert EXCUSABLE == ()
    assert set(_verify_drift.EXCUSABLE) == set(_verify_drift.IDS)
