# SPDX-License-Identifier: GPL-3.0-or-later
"""The control-node half of holmes_chart: the archive is found here, and what the host gets."""

from __future__ import annotations

import base64
import typing as t
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.holmesgpt.onprem.plugins.action import holmes_chart

Object = dict[str, t.Any]


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, **arguments: t.Any) -> tuple[Object, list[Object]]:
    """The result, and what the module was given."""
    task = MagicMock(args=arguments, async_val=0, check_mode=False, action="holmes_chart")
    task.get_search_path.return_value = [str(folder)]
    plugin = holmes_chart.ActionModule(
        task=task,
        connection=MagicMock(transport="ssh"),
        play_context=MagicMock(),
        loader=DataLoader(),
        templar=MagicMock(),
        shared_loader_obj=MagicMock(),
    )
    sent: list[Object] = []

    def execute(**call: t.Any) -> Object:
        sent.append(call["module_args"])
        return {"changed": True, "invocation": {"module_args": call["module_args"]}}

    monkeypatch.setattr(plugin, "_execute_module", execute)
    return plugin.run(None, {}), sent


def test_the_archive_travels_among_the_arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = bytes(range(256))
    (tmp_path / "chart.tgz").write_bytes(data)
    result, (sent,) = run(monkeypatch, tmp_path, archive="chart.tgz", dest="/tmp/x")  # noqa: S108
    assert base64.b64decode(sent["content"]) == data and result == {"changed": True}


def test_a_repository_is_the_modules_own_matter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _result, sent = run(monkeypatch, tmp_path, repo_url="https://charts.example", dest="/tmp/x")  # noqa: S108
    assert sent == [{"repo_url": "https://charts.example", "dest": "/tmp/x"}]  # noqa: S108


@pytest.mark.parametrize(("name", "told"), [("no.tgz", "does not exist"), ("folder", "is a folder")])
def test_what_is_no_file_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "folder").mkdir()
    result, sent = run(monkeypatch, tmp_path, archive=name)
    assert result["failed"] and sent == []
    assert f"holmes_chart_archive names '{name}', which {told} on the control node." in result["msg"]
    assert "holmes_chart_repo_url" in result["msg"]
