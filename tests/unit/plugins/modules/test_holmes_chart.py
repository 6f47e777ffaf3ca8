# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(), with a program in the place of Helm."""

from __future__ import annotations

import hashlib
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_source
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_chart

CANARY = "canary-5b2e"
HELM = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
if [ "$1" = pull ]; then
  while [ "$1" != --destination ]; do shift; done
  echo chart > "$2/holmes-0.45.0.tgz"
fi
"""
REFUSES = """#!/bin/sh
echo 'Error: GET "https://registry.example/v2/": response status code 401: unauthorized' >&2
exit 1
"""

Runner = t.Callable[..., tuple[int, dict[str, t.Any]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runner:
    monkeypatch.setattr(_chart_source, "PAUSE", 0.0)

    def runner(helm: str = HELM, **options: t.Any) -> tuple[int, dict[str, t.Any]]:
        program = tmp_path / "helm"
        program.write_text(helm, encoding="utf-8")
        program.chmod(0o755)
        (tmp_path / "work").mkdir(exist_ok=True)
        given = {
            "repo_url": "oci://registry.example/charts",
            "username": "reader",
            "password": CANARY,
            "helm_binary": str(program),
            "work_dir": str(tmp_path / "work"),
            "dest": str(tmp_path / "chart.tgz"),
            **options,
        }
        given = {name: value for name, value in given.items() if value is not None}
        with patch_module_args(given), pytest.raises(SystemExit) as ended:
            holmes_chart.main()
        text = capsys.readouterr().out
        assert CANARY not in text
        assert list((tmp_path / "work").iterdir()) == []
        return int(ended.value.code or 0), json.loads(text)

    return runner


@pytest.mark.parametrize("url", ["oci://registry.example/charts", f"oci://eve:{CANARY}@registry.example/charts"])
def test_the_chart_is_fetched_once(run: Runner, tmp_path: Path, url: str) -> None:
    code, result = run(repo_url=url, _ansible_diff=True)
    assert (code, result["changed"]) == (0, True)
    assert result["dest"] == str(tmp_path / "chart.tgz")
    assert result["sha256"] == _chart_source.sha256(str(tmp_path / "chart.tgz"))
    assert (result["diff"]["before"], result["diff"]["after"]) == ("", result["sha256"] + "\n")
    assert run(repo_url=url)[1]["changed"] is False
    assert CANARY not in (tmp_path / "calls").read_text(encoding="utf-8")


def test_check_mode_looks_and_writes_nothing(run: Runner, tmp_path: Path) -> None:
    assert run(_ansible_check_mode=True)[1]["changed"] is True
    assert not (tmp_path / "chart.tgz").exists()


def test_a_failure_is_one_sentence(run: Runner) -> None:
    code, result = run(REFUSES)
    assert (code, result["kind"]) == (1, "login")
    assert "registry.example refuses the log-in (401)" in result["msg"]
    assert "holmes_chart_repo_password" in result["msg"] and "\n" not in result["msg"]


def test_a_password_of_a_wrong_type_is_not_shown(run: Runner) -> None:
    code, result = run(password={"secret": CANARY})
    assert code == 1 and "holmes_chart_repo_password must be text" in result["msg"]


def test_helm_that_is_not_there(run: Runner) -> None:
    code, result = run(helm_binary="no-such-helm")
    assert code == 1 and result["msg"] == "'no-such-helm' was not found on this host. Set holmes_helm_binary."


@pytest.mark.parametrize("check_mode", [False, True])
def test_an_archive_of_the_control_node(run: Runner, tmp_path: Path, check_mode: bool) -> None:
    dest = tmp_path / "chart.tgz"
    given = {
        "repo_url": None,
        "archive": "/media/chart.tgz",
        "content": "YXJjaGl2ZQ==",
        "_ansible_check_mode": check_mode,
    }
    code, result = run(**given)
    assert (code, result["changed"]) == (0, True)
    assert result["sha256"] == hashlib.sha256(b"archive").hexdigest()
    assert dest.exists() is not check_mode
    assert run(**given)[1]["changed"] is check_mode
    assert "YXJjaGl2ZQ==" not in json.dumps(result)


@pytest.mark.parametrize("given", [{"repo_url": None}, {"archive": "/media/chart.tgz"}])
def test_one_source_and_no_more(run: Runner, given: dict[str, t.Any]) -> None:
    code, result = run(**given)
    assert code == 1 and "repo_url" in result["msg"] and "archive" in result["msg"]


def test_an_empty_archive_is_named(run: Runner) -> None:
    code, result = run(repo_url=None, archive="/media/chart.tgz", content="")
    assert code == 1 and result["msg"].startswith("The archive '/media/chart.tgz' is empty.")
