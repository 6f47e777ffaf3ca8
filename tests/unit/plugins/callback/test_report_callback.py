# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback itself, with stand-ins for what Ansible gives: it breaks no run and leaves nothing behind."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from ansible import context
from ansible_collections.holmesgpt.onprem.plugins.callback import report
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._handover import VARIABLE


@pytest.fixture
def callback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> t.Any:
    monkeypatch.setattr(report.constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(context, "CLIARGS", {})
    monkeypatch.delenv(VARIABLE, raising=False)
    made = report.CallbackModule()
    made._display = MagicMock()
    made.get_option = lambda name: None
    return made


def play(*hosts: str, roles: tuple[str, ...] = (), includes: tuple[str, ...] = ()) -> t.Any:
    inventory = MagicMock()
    inventory.get_hosts.return_value = [SimpleNamespace(get_name=lambda name=host: name) for host in hosts]
    manager = MagicMock(_inventory=inventory)
    manager.get_vars.return_value = {}
    tasks = [SimpleNamespace(action="ansible.builtin.include_role", _role_name=name) for name in includes]
    return SimpleNamespace(
        hosts="all",
        get_variable_manager=lambda: manager,
        get_roles=lambda: [SimpleNamespace(get_name=lambda name=role: name) for role in roles],
        get_tasks=lambda: [SimpleNamespace(action="ping"), [SimpleNamespace(block=tasks)]],
    )


def result(host: str, message: str) -> t.Any:
    """As ansible-core before 2.19 gives it."""
    task = MagicMock(_uuid="1", action="ping", _role=None)
    task.get_name.return_value = "ping"
    return SimpleNamespace(_host=SimpleNamespace(get_name=lambda: host), _task=task, _result={"msg": message})


def stats(**numbers: dict[str, int]) -> t.Any:
    return SimpleNamespace(**{"failures": {}, "dark": {}, "processed": {}, **numbers})


def shown(callback: t.Any) -> str:
    return "\n".join(str(call.args[0]) for call in callback._display.display.call_args_list)


def test_the_folder_is_private_named_to_the_workers_and_gone_at_the_end(callback: t.Any, tmp_path: Path) -> None:
    callback.v2_playbook_on_start(None)
    (place,) = tmp_path.iterdir()
    assert os.environ[VARIABLE] == str(place) and place.stat().st_mode & 0o777 == 0o700
    callback.v2_playbook_on_stats(stats())
    assert VARIABLE not in os.environ and list(tmp_path.iterdir()) == []
    assert not callback._display.method_calls


@pytest.mark.parametrize(
    ("used", "told"),
    [
        ({"roles": ("holmesgpt.onprem.holmes",)}, True),
        ({"includes": ("holmesgpt.onprem.holmes",)}, True),
        ({"roles": ("other.holmes",), "includes": ("x",)}, False),
    ],
)
def test_only_plays_with_the_role_are_reported(callback: t.Any, used: t.Any, told: bool) -> None:
    callback.v2_playbook_on_start(None)
    callback.v2_playbook_on_play_start(play("seoul", **used))
    callback.v2_runner_on_unreachable(result("seoul", "no route to host"))
    callback.v2_playbook_on_stats(stats(dark={"seoul": 1}, processed={"seoul": 1}))
    assert ("no route to host" in shown(callback)) is told
    assert bool(callback._display.method_calls) is told


@pytest.mark.parametrize("lost", [True, False])
def test_what_is_ignored_is_no_failure(callback: t.Any, lost: bool) -> None:
    callback.v2_playbook_on_start(None)
    callback.v2_playbook_on_play_start(play("seoul", roles=("holmesgpt.onprem.holmes",)))
    if lost:
        callback.v2_runner_on_failed(result("seoul", "boom"))
    callback.v2_runner_on_failed(result("seoul", "never mind"), ignore_errors=True)
    callback.v2_playbook_on_stats(stats(processed={"seoul": 1}, failures={"seoul": int(lost)}))
    assert "never mind" not in shown(callback)
    assert ("boom" in shown(callback)) is lost
    assert bool(callback._display.method_calls) is lost


def test_a_problem_of_its_own_is_one_warning(callback: t.Any, tmp_path: Path) -> None:
    callback.v2_playbook_on_start(None)
    broken = play("seoul")
    broken.get_variable_manager = MagicMock(side_effect=RuntimeError("no inventory\npassword=hunter2"))
    callback.v2_playbook_on_play_start(broken)
    callback._display.warning.assert_called_once()
    said = callback._display.warning.call_args.args[0]
    assert "no report of this run (RuntimeError: no inventory password=***)" in said
    assert callback.disabled is True, "Ansible does not call it again"
    assert list(tmp_path.iterdir()) == [] and VARIABLE not in os.environ


def test_a_folder_that_cannot_be_made_is_one_warning(callback: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report.constants, "DEFAULT_LOCAL_TMP", "/nonexistent/x")
    callback.v2_playbook_on_start(None)
    callback._display.warning.assert_called_once()
