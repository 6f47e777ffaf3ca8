# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control node adds for many hosts: where answers are shared, and that no change begins any more."""

from __future__ import annotations

import typing as t
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from ansible_collections.holmesgpt.onprem.plugins.action import holmes_change, holmes_preflight
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _handover

from tests.unit.plugins.action.test_actions import HOST, action

Object = dict[str, t.Any]


def sent(monkeypatch: pytest.MonkeyPatch, made: t.Any) -> list[Object]:
    """What the module is given, at each call."""
    calls: list[Object] = []

    def execute(**call: t.Any) -> Object:
        calls.append(dict(call["module_args"]))
        return {"changed": False}

    monkeypatch.setattr(made, "_execute_module", execute)
    return calls


@pytest.mark.parametrize(
    ("transport", "arguments", "run", "shares"),
    [
        ("local", {"chart": "/c.tgz"}, True, True),
        ("ssh", {"chart": "/c.tgz"}, True, False),
        ("local", {}, True, False),
        ("local", {"chart": "/c.tgz"}, False, False),
    ],
    ids=["local", "bastion", "short form", "no callback"],
)
def test_only_modules_of_this_machine_are_told_where_answers_are_shared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transport: str, arguments: Object, run: bool, shares: bool
) -> None:
    place = _handover.make_place(str(tmp_path))
    monkeypatch.setenv(_handover.VARIABLE, place if run else "")
    made = action(holmes_preflight, dict(arguments))
    made._connection = MagicMock(transport=transport)
    calls = sent(monkeypatch, made)
    made.run(None, dict(HOST))
    expected = {"shared": {"folder": f"{place}/shared", "host": "bastion"}} if shares else {}
    assert calls == [{**arguments, **expected}]
    assert made._task.args == arguments, "a later host of the same task is given its own"


def test_no_change_begins_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "Not begun, because 2 of 4 hosts failed (a, b)."
    made = action(holmes_change, {"namespace": "holmes", "stop": reason})
    calls = sent(monkeypatch, made)
    result = made.run(None, dict(HOST))
    assert calls == [], "nothing is asked of the cluster"
    assert (result["failed"], result["verdict"]) == (True, "not_ready")
    (check,) = result["checks"]
    assert (check["id"], check["message"]) == ("run.not_begun", reason) and check["fix"] in result["msg"]


def test_without_a_reason_the_change_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    made = action(holmes_change, {"namespace": "holmes", "stop": ""})
    calls = sent(monkeypatch, made)
    made.run(None, dict(HOST))
    assert len(calls) == 1 and "stop" not in calls[0]
