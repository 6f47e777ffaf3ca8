# SPDX-License-Identifier: GPL-3.0-or-later
"""The validator as a program, and files that it cannot read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site's own copy of settings and objects."""
    shutil.copytree(ROOT / "awx" / "objects", tmp_path / "awx" / "objects")
    shutil.copy2(ROOT / "awx" / "settings.yml", tmp_path / "awx")
    return tmp_path / "awx"


def run(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "awx" / "validate.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_nothing_is_wrong(folder: Path) -> None:
    for done in (run(), run(folder)):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_setting_is_filled_in(folder: Path) -> None:
    settings = folder / "settings.yml"
    settings.write_text(settings.read_text().replace("holmes_awx_slices: 1", "holmes_awx_slices: many"))
    done = run(folder)
    assert done.returncode == 1 and "HolmesGPT deploy: 'job_slice_count' is not a whole number." in done.stdout


BROKEN = {
    "holmes_awx_inventories: [": "it cannot be read:",
    "- a": "it is no mapping.",
    "holmes_awx_hosts: []": "'holmes_awx_hosts' is no kind of object.",
    "holmes_awx_inventories: {}": "'holmes_awx_inventories' is no list of mappings.",
    "holmes_awx_inventories: [{name: a, name: b}]": "the key 'name' stands twice, in line 1",
    "holmes_awx_inventories: [{name: '{{ holmes_awx_nothing }}'}]": "'holmes_awx_nothing' is no setting.",
}


@pytest.mark.parametrize("content", BROKEN)
def test_a_file_that_is_wrong_is_one_sentence(folder: Path, content: str) -> None:
    (folder / "objects" / "inventories.yml").write_text(content)
    done = run(folder)
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.count("\n") == 1, done.stdout
    assert done.stdout.startswith("awx/objects/inventories.yml: the file: ") and BROKEN[content] in done.stdout


def test_a_mark_on_the_mapping_is_seen(folder: Path) -> None:
    path = folder / "objects" / "credential_types.yml"
    path.write_text(path.read_text().replace("      env:\n        SITE_LLM", "      env: !unsafe\n        SITE_LLM"))
    done = run(folder)
    assert done.returncode == 1 and "injectors.env is stored empty." in done.stdout


@pytest.mark.parametrize("arguments", [["nowhere"], ["a", "b"]])
def test_a_wrong_argument_is_one_sentence(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "validate: name one folder that has settings.yml and objects/, or none.\n"
