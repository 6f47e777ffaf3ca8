# SPDX-License-Identifier: GPL-3.0-or-later
"""The module is given this run's identity, and called again when the run in its way turns out to be gone."""

from __future__ import annotations

import os
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.action import holmes_change
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._holder_here import here

from tests.unit.plugins.action.test_actions import HOST, action

Object = dict[str, t.Any]


@pytest.mark.parametrize(("started", "calls"), [("1", 2), (None, 1)], ids=["gone", "alive"])
def test_it_is_called_again_for_a_run_that_is_gone(
    monkeypatch: pytest.MonkeyPatch, started: str | None, calls: int
) -> None:
    other = {**here(HOST), **({"started": started} if started else {})}
    held = {"holder": other, "identity": "anna@ops1", "renewed": "2027-01-15T08:00:00.000000Z"}
    sent: list[Object] = []
    made = action(holmes_change, {"namespace": "holmes"})

    def execute(**call: t.Any) -> Object:
        sent.append(dict(call["module_args"]))
        return {"failed": True, "held": held} if len(sent) == 1 else {"changed": False}

    monkeypatch.setattr(made, "_execute_module", execute)
    result = made.run(None, dict(HOST))
    assert len(sent) == calls and bool(result.get("failed")) is (calls == 1)
    assert sent[0]["holder"]["pid"] == str(os.getppid()) and sent[0]["holder"]["inventory_host"] == "bastion"
    assert "gone" not in sent[0]
    if calls == 2:
        assert sent[1]["gone"] == {"identity": "anna@ops1", "renewed": "2027-01-15T08:00:00.000000Z"}
    assert "invocation" not in result and set(made._task.args) == {"namespace"}
