# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout as a person sees it: the module is called again with what it remembers, each change is a line."""

from __future__ import annotations

import time
import typing as t
from unittest.mock import MagicMock

import pytest
from ansible_collections.holmesgpt.onprem.plugins.action import holmes_verify
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _heartbeat

from tests.unit.plugins.action.test_actions import action

Object = dict[str, t.Any]
PULLING = {"seconds": 0.2, "message": "Image holmes is being pulled."}
READY = {"seconds": 17.4, "message": "1 of 1 available."}
DONE = {"changed": False, "verdict": "ready", "checks": []}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    display = MagicMock()
    display.display.side_effect = lambda text, *_args, **_options: shown.append(str(text))
    monkeypatch.setattr(holmes_verify, "display", display)
    return shown


def run(monkeypatch: pytest.MonkeyPatch, replies: list[t.Any], **arguments: t.Any) -> tuple[Object, list[Object]]:
    """The action's result, and what the module was given each time."""
    made = action(holmes_verify, {"namespace": "holmes", **arguments})
    given: list[Object] = []

    def execute(**call: t.Any) -> Object:
        given.append(call["module_args"]["watch"])
        reply = replies[len(given) - 1]
        return dict(reply() if callable(reply) else reply)

    monkeypatch.setattr(made, "_execute_module", execute)
    return made.run(None, {"inventory_hostname": "seoul"}), given


def watch(*history: Object) -> Object:
    return {"changed": False, "watch": {"started": 5.0, "first_seen": {"pods": 0.2}, "history": list(history)}}


def test_every_change_is_one_line_and_the_memory_goes_round(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    result, given = run(monkeypatch, [watch(PULLING), watch(PULLING), watch(PULLING, READY), DONE])
    assert given == [{}, watch(PULLING)["watch"], watch(PULLING)["watch"], watch(PULLING, READY)["watch"]]
    assert lines == [
        "seoul: 0 s: Image holmes is being pulled.",
        "seoul: 0 s: still the same: Image holmes is being pulled.",
        "seoul: 17 s: 1 of 1 available.",
    ]
    assert result["verdict"] == "ready"
    assert "watch" not in result


def test_a_good_installation_says_nothing_and_takes_one_call(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    _result, given = run(monkeypatch, [DONE])
    assert (given, lines) == ([{}], [])


def test_a_module_that_fails_is_not_called_again(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    result, given = run(monkeypatch, [{"failed": True, "msg": "No connection to the cluster."}])
    assert result["failed"]
    assert len(given) == 1


def test_a_long_question_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    monkeypatch.setattr(_heartbeat.Heartbeat.__init__, "__defaults__", (0.02,))

    def slow() -> Object:
        time.sleep(0.1)
        return DONE

    run(monkeypatch, [slow], chat_timeout=240)
    assert lines
    assert lines[0] == "seoul: still verifying after 0 s; a chat may take 240 s (holmes_verify_chat_timeout)"
    before = len(lines)
    time.sleep(0.1)
    assert len(lines) == before, "and is over when the module is"
