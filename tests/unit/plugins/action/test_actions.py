# SPDX-License-Identifier: GPL-3.0-or-later
"""The control-node half: what stays out of the result, what is shown, what is written. Stand-ins for task and host."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.holmesgpt.onprem.plugins.action import (
    holmes_crds,
    holmes_gate,
    holmes_leftovers,
    holmes_preflight,
    holmes_release,
    holmes_report,
    holmes_rollback,
    holmes_run_report,
    holmes_secret,
    holmes_verify,
)
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _handover

Object = dict[str, t.Any]
CLUSTER_ACTIONS = [
    holmes_crds,
    holmes_leftovers,
    holmes_preflight,
    holmes_release,
    holmes_rollback,
    holmes_secret,
    holmes_verify,
]
HOST = {"inventory_hostname": "bastion"}
CHECKS = [{"id": "a.b", "status": "pass", "message": "fine", "fix": ""}]


def action(plugin: t.Any, arguments: Object, *, diff: bool = False) -> t.Any:
    """The plugin for a task with these arguments, on a remote host."""
    task = MagicMock(args=arguments, diff=diff, async_val=0, check_mode=False, action=plugin.__name__.split(".")[-1])
    return plugin.ActionModule(
        task=task,
        connection=MagicMock(transport="ssh"),
        play_context=MagicMock(no_log=False),
        loader=MagicMock(),
        templar=MagicMock(),
        shared_loader_obj=MagicMock(),
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person sees."""
    lines: list[str] = []
    display = MagicMock()
    display.display.side_effect = lambda text, *_args, **_options: lines.append(str(text))
    monkeypatch.setattr(holmes_preflight, "display", display)
    monkeypatch.setattr(holmes_release, "display", display)
    monkeypatch.setattr(holmes_report, "display", display)
    monkeypatch.setattr(holmes_run_report, "display", display)
    display.warning.side_effect = lambda text, *_args, **_options: lines.append(f"WARNING {text}")
    return lines


def run_module(monkeypatch: pytest.MonkeyPatch, plugin: t.Any, returned: Object, **options: t.Any) -> Object:
    """The result of the action if its module returns ``returned``."""
    made = action(plugin, {"namespace": "holmes", "data": {"llm": "canary-2b6d"}}, **options)
    sent: list[Object] = []

    def execute(**call: t.Any) -> Object:
        # Only of the verification, see test_verify_progress.
        sent.append({name: value for name, value in call["module_args"].items() if name != "watch"})
        return returned

    monkeypatch.setattr(made, "_execute_module", execute)
    result: Object = made.run(None, dict(HOST))
    assert sent == [{"namespace": "holmes", "data": {"llm": "canary-2b6d"}}], "the module gets what the task says"
    return result


@pytest.mark.parametrize("plugin", CLUSTER_ACTIONS)
@pytest.mark.parametrize("module_says", [{}, {"invocation": {"module_args": {"data": "canary-2b6d"}}}])
def test_the_arguments_stay_out_of_the_result(
    monkeypatch: pytest.MonkeyPatch, shown: list[str], plugin: t.Any, module_says: Object
) -> None:
    result = run_module(monkeypatch, plugin, {"changed": True, "token": "abc", **module_says})
    assert "invocation" not in result
    assert "canary" not in json.dumps(result)
    assert (result["changed"], result["token"]) == (True, "abc")


DIFF = {"before": {"resources": {"cpu": 1}}, "after": {"resources": {"cpu": 2}}}


def test_the_diff_of_the_values_is_shown_with_diff(monkeypatch: pytest.MonkeyPatch, shown: list[str]) -> None:
    result = run_module(monkeypatch, holmes_release, {"changed": False, "apply": True, "diff": DIFF}, diff=True)
    assert result["apply"] is True
    lines = "\n".join(shown).splitlines()
    assert "bastion" in lines[0]
    assert "-  cpu: 1" in lines and "+  cpu: 2" in lines


@pytest.mark.parametrize(
    ("diff", "returned"),
    [
        (False, {"diff": DIFF}),
        (True, {"diff": {"before": {"a": 1}, "after": {"a": 1}}}),
        (True, {}),
    ],
)
def test_no_diff_without_the_option_or_a_difference(
    monkeypatch: pytest.MonkeyPatch, shown: list[str], diff: bool, returned: Object
) -> None:
    result = run_module(monkeypatch, holmes_release, {"changed": False, **returned}, diff=diff)
    assert shown == []
    assert "diff" not in result


def report(arguments: Object, variables: Object | None = None) -> Object:
    made = action(holmes_report, arguments)
    made._templar.template.side_effect = lambda value: value
    result: Object = made.run(None, {**HOST, **(variables or {})})
    return result


def test_the_plan_of_a_check_run_is_handed_on(shown: list[str]) -> None:
    checks = [{**CHECKS[0], "id": "release.plan", "evidence": {"plan": "a-b-c-d"}}]
    stats = report({"checks": checks}, {"ansible_check_mode": True})["ansible_stats"]["data"]
    assert stats["holmes_plans"] == {"bastion": "a-b-c-d"}
    assert "holmes_plans" not in report({"checks": checks})["ansible_stats"]["data"]


def test_a_failed_upgrade_is_told(shown: list[str]) -> None:
    rollback = {
        "applied": 1,
        "revision": 0,
        "blamed": ["verify.rollout"],
        "problem": "",
        "changed": True,
        "stays": "first",
    }
    result = report({"checks": CHECKS, "returned": {"rollback": rollback}})
    assert result["verdict"] == "not_ready" and "release.returned" in shown[0]


def test_what_would_change_in_objects_is_shown_with_diff(monkeypatch: pytest.MonkeyPatch, shown: list[str]) -> None:
    lines = ["+kind: Role"]
    result = run_module(monkeypatch, holmes_preflight, {"changed": False, "diff": {"before": [], "after": lines}})
    assert shown == ["bastion | objects\n+kind: Role"] and "diff" not in result


def test_the_checks_are_shown_with_host_and_verdict(shown: list[str]) -> None:
    result = report({"checks": CHECKS, "title": "install"})
    assert (result["changed"], result["verdict"]) == (False, "ready")
    assert len(shown) == 1, "one call, so that hosts do not mix"
    assert shown[0].startswith("bastion | install: READY")
    assert "path" not in result


@pytest.mark.parametrize("checks", [None, "text", {"id": "a"}])
def test_checks_of_another_shape_are_refused(shown: list[str], checks: t.Any) -> None:
    with pytest.raises(AnsibleActionFail, match="'checks' must be"):
        report({"checks": checks})
    with pytest.raises(AnsibleActionFail, match="'checks' must be"):
        report({"phases": {"values": checks}})


def test_phases_of_another_shape_are_refused(shown: list[str]) -> None:
    with pytest.raises(AnsibleActionFail, match="'phases' must be"):
        report({"phases": CHECKS})


def test_the_report_is_written_for_its_owner_only(shown: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    mask = os.umask(0)
    try:
        result = report({"phases": {"values": CHECKS}, "title": "install", "state": "present", "dest_dir": str(folder)})
    finally:
        os.umask(mask)
    path = Path(result["path"])
    assert path == folder / "hosts" / "bastion.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = json.loads(path.read_text())
    assert {key: written[key] for key in ("schema", "host", "title", "state", "verdict", "check_mode", "started")} == {
        "schema": 1,
        "host": "bastion",
        "title": "install",
        "state": "present",
        "verdict": "ready",
        "check_mode": False,
        "started": None,
    }
    assert [(check["id"], check["phase"]) for check in written["checks"]] == [("a.b", "values")]
    assert os.listdir(folder) == ["hosts"] and os.listdir(path.parent) == [path.name], "nothing half-written stays"


def test_the_fragment_is_handed_over_with_the_wanted_folder(
    shown: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(_handover.VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    report({"checks": CHECKS, "title": "first"}, {"ansible_check_mode": True})
    report({"checks": CHECKS, "title": "second", "dest_dir": "reports"})
    fragments, folders = _handover.taken(str(tmp_path))
    assert [(one["title"], one["check_mode"]) for one in fragments] == [("first", True), ("second", False)]
    assert folders == {"bastion": str(tmp_path / "reports")}


def test_without_a_callback_nothing_is_handed_over(shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_handover.VARIABLE, "/nonexistent/gone")
    assert report({"checks": CHECKS})["verdict"] == "ready"


def test_the_verdict_is_in_the_statistics_of_the_run(shown: list[str]) -> None:
    stats = report({"checks": CHECKS})["ansible_stats"]
    assert stats == {"data": {"holmes_report": {"bastion": "ready"}}, "aggregate": True, "per_host": False}


def test_known_secrets_are_hidden_in_table_and_file(shown: list[str], tmp_path: Path) -> None:
    canary = "hunter2-canary-8d1f"
    leaky = {"id": "a.b", "status": "fail", "message": f"it said {canary}", "fix": canary, "evidence": {"x": [canary]}}
    variables = {"holmes_secrets": {"key": canary}}
    result = report({"checks": [leaky], "dest_dir": str(tmp_path)}, variables)
    assert canary not in "".join(shown) + json.dumps(result) + Path(result["path"]).read_text()
    assert "it said ********" in shown[0]


def test_a_secret_that_cannot_be_templated_does_not_stop_the_report(shown: list[str]) -> None:
    made = action(holmes_report, {"checks": CHECKS})
    made._templar.template.side_effect = ValueError("no vault")
    assert made.run(None, {**HOST, "holmes_secrets": "{{ vault }}"})["verdict"] == "ready"


def test_a_folder_that_cannot_be_written_is_one_warning_and_the_verdict_stays(shown: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "reports"
    result = report({"checks": CHECKS, "dest_dir": str(folder)})
    assert result["verdict"] == "ready" and "failed" not in result and "path" not in result
    (message,) = [line for line in shown if line.startswith("WARNING")]
    assert str(folder) in message
    assert "Not a directory" in message
    assert "holmes_report_dir" in message
    assert "\n" not in message


def test_with_the_callback_it_is_the_callback_that_writes(
    shown: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(_handover.VARIABLE, str(tmp_path / "place"))
    for folder in ("file", "new"):
        assert "path" not in report({"checks": CHECKS, "dest_dir": str(tmp_path / folder)})
    assert not (tmp_path / "new").exists() and not [line for line in shown if line.startswith("WARNING")]
    assert len(_handover.taken(str(tmp_path / "place"))[0]) == 2


def test_a_run_that_checked_nothing_is_not_ready_and_leaves_the_last_report(shown: list[str], tmp_path: Path) -> None:
    result = report({"phases": {"values": []}, "verified": False, "dest_dir": str(tmp_path)})
    assert result["verdict"] == "not_ready" and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("task", "result", "told"),
    [
        ({"name": "Chart | Pull"}, {"msg": "no canary-2b6d host"}, True),
        ({"name": "Stay failed"}, {"msg": "no canary-2b6d host"}, False),
        ({"name": "Chart | Pull", "no_log": True}, {"msg": "no canary-2b6d host"}, False),
        ({"name": "Chart | Pull"}, {"msg": "no canary-2b6d host", "_ansible_no_log": True}, False),
    ],
)
def test_the_message_of_the_step_that_failed_is_told_masked(
    shown: list[str], task: Object, result: Object, told: bool
) -> None:
    variables = {"ansible_failed_task": task, "ansible_failed_result": result, "holmes_secrets": {"a": "canary-2b6d"}}
    report({"phases": {"values": []}, "failed_step": "Chart | Pull", "verified": False}, variables)
    assert "canary-2b6d" not in shown[0]
    assert ("no ******** host" in shown[0], "stands above" in shown[0]) == (told, not told)


def render(folder: Path, *, check_mode: bool = False, diff: bool = False) -> Object:
    made = action(holmes_run_report, {"report_dir": str(folder)}, diff=diff)
    made._task.check_mode = check_mode
    result: Object = made.run(None, dict(HOST))
    return result


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_fragments_are_rendered_once(shown: list[str], tmp_path: Path) -> None:
    report({"checks": CHECKS, "dest_dir": str(tmp_path)})
    predicted = render(tmp_path, check_mode=True, diff=True)
    assert predicted["changed"] is True and files(tmp_path) == {}
    first = render(tmp_path)
    assert (first["changed"], first["verdict"], first["msg"]) == (True, "ready", "1 host: READY")
    written = files(tmp_path)
    assert sorted(written) == ["report.html", "report.json", "report.xml"]
    again = render(tmp_path, diff=True)
    assert (again["changed"], again["diff"], files(tmp_path)) == (False, [], written)
    (tmp_path / "report.xml").write_text("old")
    third = render(tmp_path, diff=True)
    assert third["changed"] is True and files(tmp_path) == written
    assert [(one["before_header"], one["before"]) for one in third["diff"]] == [(str(tmp_path / "report.xml"), "old")]
    assert [sorted(one) for one in predicted["diff"]] == [
        ["prepared"],
        ["after", "after_header", "before", "before_header"],
        ["after", "after_header", "before", "before_header"],
    ]


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [("hosts/a.json", "{", "is no JSON"), ("hosts/a.txt", "{}", "no fragment"), ("other", "", "No such file")],
)
def test_a_folder_without_fragments_is_named(tmp_path: Path, path: str, text: str, said: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text)
    with pytest.raises(AnsibleActionFail, match=said) as refused:
        render(tmp_path)
    assert str(tmp_path) in str(refused.value) and refused.value.__cause__ is None


def test_a_folder_must_be_given(monkeypatch: pytest.MonkeyPatch, shown: list[str], tmp_path: Path) -> None:
    monkeypatch.delenv(holmes_run_report.GIVEN, raising=False)
    with pytest.raises(AnsibleActionFail, match="holmes_report_dir"):
        action(holmes_run_report, {}).run(None, dict(HOST))
    report({"checks": CHECKS, "dest_dir": str(tmp_path)})
    monkeypatch.setenv(holmes_run_report.GIVEN, str(tmp_path))
    made = action(holmes_run_report, {"report_dir": ""})
    made._task.check_mode = False
    assert made.run(None, dict(HOST))["path"] == str(tmp_path)
    assert shown[-1] == f"HolmesGPT | 1 host: READY. Report: {tmp_path}/report.html"


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            {"verdict": "not_ready", "msg": "[a.b] It is wrong. Mend it.", "checks": CHECKS},
            "[a.b] It is wrong. Mend it.",
        ),
        ({"msg": "No server answers."}, "No server answers."),
        (
            {
                "msg": "Failure when executing Helm command. Exited 1.\nstderr: map[name:KEY value:canary]",
                "command": "x",
            },
            "Failure when executing Helm command. Exited 1. stderr: map[name:KEY value:***.",
        ),
        ({}, "Run again with -vvv"),
        ({"verdict": "not_ready", "skipped": True, "msg": "x"}, "x"),
    ],
)
def test_the_gate_says_only_what_is_wrong(step: Object, sentence: str) -> None:
    found = action(holmes_gate, {"result": step}).run(None, HOST)
    assert found["failed"] is True and sentence in found["msg"]
    assert not set(found) & {"checks", "verdict"}


@pytest.mark.parametrize(
    "step",
    [
        {"verdict": "ready", "msg": "x"},
        {"verdict": "ready_with_limitations"},
        {"skipped": True, "skip_reason": "no"},
        {"status": None, "command": "helm uninstall"},
    ],
)
def test_the_gate_lets_the_rest_pass(step: Object) -> None:
    found = action(holmes_gate, {"result": step}).run(None, HOST)
    assert (found["changed"], found["verdict"]) == (False, step.get("verdict"))


def test_the_gate_wants_a_result() -> None:
    with pytest.raises(AnsibleActionFail, match="registered result"):
        action(holmes_gate, {"result": "x"}).run(None, HOST)


MODELS: Object = {
    "modelList": {"m": {"model": "openai/m", "api_base": "http://vllm.inference.svc:8000/v1", "api_key": "none"}}
}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"chart_values": MODELS}, "bastion: Probe of 1 model: at most 6 requests"),
        ({"chart_values": MODELS, "llm_probe": "full"}, "bastion: Probe of 1 model: at most 9 requests"),
        ({"chart_values": MODELS, "llm_probe": "none"}, ""),
        ({"chart_values": MODELS, "gate": "none"}, ""),
        ({"chart_values": {}}, ""),
        ({}, ""),
    ],
)
def test_the_budget_is_told_before_the_model_server_is_asked(
    monkeypatch: pytest.MonkeyPatch, shown: list[str], options: Object, told: str
) -> None:
    made = action(holmes_preflight, {"namespace": "holmes", **options})

    def execute(**call: t.Any) -> Object:
        assert "chart_values" not in call["module_args"], "they need not travel"
        assert len(shown) == (1 if told else 0), "it is told first"
        return {"changed": False, "verdict": "ready"}

    monkeypatch.setattr(made, "_execute_module", execute)
    made.run(task_vars=HOST)
    assert [line.startswith(told) for line in shown] == ([True] if told else [])
