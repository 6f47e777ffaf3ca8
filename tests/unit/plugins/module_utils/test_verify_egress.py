# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing leaves the site: all checks together, and the real client of Kubernetes at the far end."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_exec import Done
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_egress import EXCUSABLE, IDS, tasks
from kubernetes.client import Configuration

from tests.unit.fixtures.egress_world import ApiServer, Commands, server
from tests.unit.fixtures.live_objects import CANARY
from tests.unit.fixtures.live_world import world

DOCS = Path(__file__).resolve().parents[4] / "docs" / "checks" / "egress.md"
AIRGAP = (
    "{enableTelemetry: false, sentryDSN: '', "
    "toolsets: {internet: {enabled: false}, robusta: {enabled: false}, connectivity_check: {enabled: false}}}"
)


def row(kind: str, host: str, ok: bool) -> dict[str, Any]:
    shown = {"kind": kind, "label": "", "host": host, "port": 443, "ok": ok}
    return {**shown, "answered": ok, "peer": host if ok else "", "error": ""}


ANSWER = json.dumps([row("outside", "1.1.1.1", False), row("model", "llm.models.svc", True)])


def test_an_installation_as_it_should_be() -> None:
    checks = run_all(tasks(world(values=AIRGAP).scene(), Commands([Done(ANSWER, "")])))
    assert {check.id: check.status for check in checks} == dict.fromkeys(IDS, PASS)
    assert CANARY not in json.dumps([check.as_dict() for check in checks])


@pytest.mark.parametrize(
    ("answer", "status"),
    [(ANSWER, PASS), (json.dumps([row("outside", "1.1.1.1", True)]), FAIL)],
)
def test_with_the_real_client(answer: str, status: str) -> None:
    with server(ApiServer([(1, answer + "\n"), (3, '{"status": "Success"}')])) as port:
        configuration = Configuration()
        configuration.host = f"http://127.0.0.1:{port}"
        cluster: Any = world().cluster()
        cluster.raw = SimpleNamespace(configuration=configuration)
        checks = run_all([task for task in tasks(world().scene(cluster)) if task.id == "egress.blocked"])
    assert checks[0].status == status


def test_without_ground_nothing_is_judged_and_nothing_is_started() -> None:
    waiting, commands = world(), Commands([])
    waiting.rolled_out = False
    checks = run_all(tasks(waiting.scene(), commands))
    assert {check.id: check.status for check in checks} == dict.fromkeys(IDS, NOT_CHECKED)
    assert commands.calls == []


def test_every_check_has_a_section_and_the_model_server_cannot_be_accepted() -> None:
    text = DOCS.read_text()
    sections = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert sections == list(IDS)
    assert text.count("**Judged:**") == text.count("**Why:**") == text.count("**Fix:**") == len(IDS)
    assert set(EXCUSABLE) == set(IDS) - {"egress.model"}
