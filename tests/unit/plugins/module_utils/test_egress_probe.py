# SPDX-License-Identifier: GPL-3.0-or-later
"""egress.blocked and egress.model: what is asked in the pod, and the way there and back."""

from __future__ import annotations

import json
import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _egress_probe
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_exec import Done, Place
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_probe import PUBLIC, question
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_script import SCRIPT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import FORBIDDEN, TIMEOUT, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_egress import tasks

from tests.unit.fixtures.egress_world import MODEL, SHUT, Commands
from tests.unit.fixtures.live_objects import CANARY, CORE
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.verify_world import forbidden


def values(base: t.Any, **env: t.Any) -> dict[str, t.Any]:
    entries = [
        {"name": name, **(entry if isinstance(entry, dict) else {"value": entry})} for name, entry in env.items()
    ]
    models = base if isinstance(base, dict) else {"m": {"model": "openai/x", "api_base": base}}
    return {"modelList": models, "additionalEnvVars": entries}


SECRET = {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (values("http://llm:8000/v1"), [("m", "llm", 8000)]),
        (values("https://llm/v1"), [("m", "llm", 443)]),
        (values(f"http://u:{CANARY}@llm/v1"), [("m", "llm", 80)]),
        (values("{{ env.B }}", B="http://llm:1/v1"), [("m", "llm", 1)]),
        (values("{{ env.B }}", B=SECRET), [("m", "", "B")]),
        (values("envRef:B", B=SECRET), [("m", "", "B")]),
        (values("http://{{ env.B }}:8000/v1", B=SECRET), []),
        (values(None, OPENAI_API_BASE=SECRET), [("m", "", "OPENAI_API_BASE")]),
        (values({"a": {"model": "openai/x", "api_base": "http://l:1"}, "b": {"model": "openai/y", "api_base": "http://l:1"}}),
         [("a", "l", 1)]),
        (values({}), []),
    ],
)  # fmt: skip
def test_only_host_and_port_or_the_name_of_a_variable_leave_this_host(given: t.Any, asked: list[t.Any]) -> None:
    found = question(given)
    assert found["models"] == asked
    assert found["outside"] == PUBLIC
    assert CANARY not in json.dumps(found)


def run(installation: World, commands: Commands) -> dict[str, Check]:
    wanted = [task for task in tasks(installation.scene(), commands) if task.id == "egress.blocked"]
    found = run_all(wanted)
    assert CANARY not in json.dumps([check.as_dict() for check in found])
    return {check.id: check for check in found}


def printed(*rows: dict[str, t.Any]) -> Done:
    return Done(json.dumps(rows) + "\n", "")


def test_one_command_in_the_holmes_container_of_a_ready_pod() -> None:
    two = world()
    two.restart()
    waiting = json.loads(json.dumps(two.pods[0]))
    waiting["metadata"]["name"], waiting["status"]["conditions"] = "waiting", []
    two.pods.insert(0, waiting)
    commands = Commands([printed(*SHUT, MODEL)])
    found = run(two, commands)
    assert {check.status for check in found.values()} == {PASS}
    ((place, command, seconds),) = commands.calls
    assert place == Place("obs", "holmes-holmes-1-a", "holmes")
    assert command[:5] == ["python3", "-I", "-B", "-c", SCRIPT]
    assert json.loads(command[5])["models"] == [["local", "llm.models.svc.cluster.local", 8000]]
    assert CANARY not in command[5]
    assert seconds < 20


def test_an_image_whose_python_has_another_name() -> None:
    commands = Commands([Done("", 'exec: "python3": not found'), printed(*SHUT, MODEL)])
    assert run(world(), commands)["egress.blocked"].status == PASS
    assert [command[0] for _place, command, _seconds in commands.calls] == ["python3", "python"]


@pytest.mark.parametrize(
    ("answers", "told", "fix"),
    [
        ([Done("", 'exec: "python3": not found'), Done("", "x")], 'exec: "python3": not found', "by hand"),
        ([Done("Traceback", ""), Done("", "")], "printed nothing that can be read", "by hand"),
        ([Unreachable(FORBIDDEN, "lacks the right to create pods/exec")], "create pods/exec", "Give the verifying"),
        ([Unreachable(TIMEOUT, "did not end within 18 s")], "did not end", "kubelet"),
    ],
)
def test_what_could_not_be_tried_is_not_checked(answers: list[t.Any], told: str, fix: str) -> None:
    found = run(world(), Commands(answers))
    assert list(found) == ["egress.blocked", "egress.model"]
    for check in found.values():
        assert (check.status, told in check.message, fix in check.fix) == (NOT_CHECKED, True, True)


def test_switched_off_nothing_is_started() -> None:
    quiet, commands = world(), Commands([])
    quiet.intent = replace(quiet.intent, egress_probe=False)
    found = run(quiet, commands)
    assert [(check.status, check.fix) for check in found.values()] == [
        (NOT_CHECKED, "Set holmes_verify_egress: true.")
    ] * 2
    assert commands.calls == []


def test_without_the_right_to_read_the_model_list() -> None:
    blind = world()
    blind.answers[f"{CORE}/configmaps/custom-toolsets-configmap"] = forbidden("get configmaps")
    for check in run(blind, Commands([])).values():
        assert (check.status, "cannot get configmaps" in check.message) == (NOT_CHECKED, True)
        assert check.fix == "Allow the verifying account to get configmaps in the namespace."


def test_a_cluster_that_does_not_answer_leaves_both_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_egress_probe, "DEADLINE", 2.1)
    slow = world()
    slow.answers[f"{CORE}/configmaps/custom-toolsets-configmap"] = lambda _query: time.sleep(1)
    found = run(slow, Commands([]))
    assert [(check.id, check.status, check.message) for check in found.values()] == [
        ("egress.blocked", NOT_CHECKED, "No result within 0.1 s."),
        ("egress.model", NOT_CHECKED, "No result within 0.1 s."),
    ]
