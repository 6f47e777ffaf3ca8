# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a report goes: below the folder of the run, or among the artifacts of ansible-runner's job."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._place import ARTIFACTS, report_folder


@pytest.mark.parametrize(
    ("wanted", "alone", "in_a_job"),
    [
        ("", "", ""),
        ("reports", "{here}/reports", "/runner/artifacts/7/reports"),
        ("./a/../b", "{here}/b", "/runner/artifacts/7/b"),
        ("/mnt/reports", "/mnt/reports", "/mnt/reports"),
        ("~/reports", "/home/op/reports", "/home/op/reports"),
    ],
)
def test_folder(wanted: str, alone: str, in_a_job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/op")
    for value in (None, ""):
        monkeypatch.delenv(ARTIFACTS, raising=False) if value is None else monkeypatch.setenv(ARTIFACTS, value)
        assert report_folder(wanted) == alone.format(here=tmp_path)
    monkeypatch.setenv(ARTIFACTS, "/runner/artifacts/7")
    assert report_folder(wanted) == in_a_job
