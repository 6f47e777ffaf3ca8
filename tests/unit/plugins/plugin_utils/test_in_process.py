# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that breaks within Ansible's process: where, and nothing of what it was about. See also tests/playbooks."""

from __future__ import annotations

import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _in_process

CANARY = "canary-71d0"


def test_a_module_that_breaks_is_a_sentence_without_its_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def main() -> t.NoReturn:
        raise ValueError(f"illegal header value {CANARY}")

    monkeypatch.setattr(_in_process.importlib, "import_module", lambda _name: SimpleNamespace(main=main))
    result = _in_process._run("holmes_x", {"_ansible_remote_tmp": str(tmp_path / "tmp")}, {})
    assert result["failed"] and CANARY not in str(result)
    assert "The module holmes_x broke down (ValueError at test_in_process.py:" in result["msg"]
    assert "Please report it" in result["msg"] and list((tmp_path / "tmp").iterdir()) == []
