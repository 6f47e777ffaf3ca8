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
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _ansible
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._handover import VARIABLE, hand_over

from tests.unit.fixtures import report_fleet as fleet


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


def role_task(name: str = "Chart | Pull") -> t.Any:
    task = MagicMock(_uuid="1", action="ping")
    task._role.get_name.return_value = "holmesgpt.onprem.holmes"
    task.get_name.return_value = name
    return task


def result(host: str, message: str, task: t.Any = None) -> t.Any:
    """As ansible-core before 2.19 gives it."""
    if task is None:
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


def test_secrets_and_folder_that_hang_on_the_role_are_known(
    callback: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables of a role or an include are told by Ansible only together with a task."""
    ours, task = play("seoul", "jeju", roles=("holmesgpt.onprem.holmes",)), role_task()
    given = {"holmes_secrets": {"key": "canary-2b6d"}, "holmes_report_dir": str(tmp_path / "r")}
    ours.get_variable_manager().get_vars.side_effect = lambda **known: dict(given) if known["task"] is task else {}
    monkeypatch.setattr(_ansible, "Templar", lambda loader, variables: SimpleNamespace(template=lambda value: value))
    callback.v2_playbook_on_start(None)
    callback.v2_playbook_on_play_start(ours)
    callback.v2_runner_on_start(SimpleNamespace(get_name=lambda: "seoul"), task)
    callback.v2_runner_on_failed(result("seoul", "no canary-2b6d host", task))
    callback.v2_playbook_on_stats(stats(failures={"seoul": 1}))
    assert "no ******** host" in shown(callback) and "canary-2b6d" not in shown(callback)
    assert sorted(path.name for path in (tmp_path / "r" / "hosts").iterdir()) == ["jeju.json", "seoul.json"]


def test_a_folder_without_a_value_is_one_warning(
    callback: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = play("seoul", roles=("holmesgpt.onprem.holmes",))
    ours.get_variable_manager().get_vars.return_value = {"holmes_report_dir": "{{ nope }}"}
    monkeypatch.setattr(
        _ansible, "Templar", lambda loader, variables: SimpleNamespace(template=MagicMock(side_effect=KeyError("x")))
    )
    callback.v2_playbook_on_start(None)
    callback.v2_playbook_on_play_start(ours)
    callback.v2_runner_on_unreachable(result("seoul", "gone"))
    callback.v2_playbook_on_stats(stats(dark={"seoul": 1}))
    callback._display.warning.assert_called_once()
    assert "'seoul': holmes_report_dir" in callback._display.warning.call_args.args[0]


def test_a_report_without_the_role_is_shown(callback: t.Any) -> None:
    callback.v2_playbook_on_start(None)
    callback.v2_playbook_on_play_start(play("seoul"))
    told = fleet.fragment("seoul", [], failed_step="ping")
    told["checks"] = [fleet.check("", "run.incomplete", "t", "fail", "its message stands above.")]
    hand_over(told, "")
    callback.v2_runner_on_failed(result("seoul", "boom"))
    task = MagicMock(_uuid="2", action="holmesgpt.onprem.holmes_report", _role=None)
    callback.v2_runner_on_ok(result("seoul", "", task))
    callback.v2_playbook_on_stats(stats())
    callback._display.warning.assert_not_called()
    assert "boom" in shown(callback)


@pytest.mark.parametrize("forked", [False, True])
def test_after_an_interrupt_there_is_a_report(
    callback: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: bool
) -> None:
    monkeypatch.setattr(callback, "get_option", lambda name: str(tmp_path / "given"))
    callback.v2_playbook_on_start(None)
    callback.v2_playbook_on_play_start(play("seoul", "busan", roles=("holmesgpt.onprem.holmes",)))
    callback.v2_runner_on_start(SimpleNamespace(get_name=lambda: "seoul"), role_task())
    callback._on_exit(-1 if forked else os.getpid())
    assert ("broke off" in shown(callback)) is not forked
    assert (tmp_path / "given" / "report.json").exists() is not forked
    monkeypatch.undo()
    callback._leave()
    said = shown(callback)
    callback._on_exit(os.getpid())
    assert shown(callback) == said, "once"
