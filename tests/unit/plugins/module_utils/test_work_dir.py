# SPDX-License-Identifier: GPL-3.0-or-later
"""The private folder of a run: who made it is written in it, and those of killed runs go."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _processes, _work_dir
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import holder_of
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_work_dir

US = holder_of(
    {**_processes.machine(), "host": "here", "pid": os.getpid(), "started": _processes.start_of(os.getpid())}
)
GONE = {**US, "started": "1"}
ELSEWHERE = {**US, "boot": "another machine"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_private_and_says_whose_it_is(tmp_path: Path) -> None:
    made = Path(_work_dir.make(US, str(tmp_path)))
    assert mode(made) == 0o700 and mode(made / "owner") == 0o600
    assert json.loads((made / "owner").read_text()) == US


def test_what_is_pushed_is_private_and_stays_inside(tmp_path: Path) -> None:
    made = Path(_work_dir.make(US, str(tmp_path), {"kubeconfig": "c2VjcmV0", "../ca.crt": "Y2E="}))
    assert sorted(path.name for path in made.iterdir()) == ["ca.crt", "kubeconfig", "owner"]
    assert (made / "kubeconfig").read_text() == "secret" and mode(made / "kubeconfig") == 0o600


def test_half_a_folder_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: str, name: str, content: bytes) -> None:
        raise OSError(28, "No space left on device", folder)

    monkeypatch.setattr(_work_dir, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        _work_dir.make(US, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("owner", "age", "is_over"),
    [
        (US, 0, False),
        (US, 10**7, False),
        (GONE, 0, True),
        (ELSEWHERE, 3600, False),
        (ELSEWHERE, 25 * 3600, True),
    ],
    ids=["lives", "lives long", "gone", "unknown, young", "unknown, old"],
)
def test_only_what_is_over_goes(tmp_path: Path, owner: t.Any, age: float, is_over: bool) -> None:
    made = _work_dir.make(owner, str(tmp_path))
    now = os.stat(made).st_mtime + age
    assert _work_dir.left_behind(str(tmp_path), now) == ([made] if is_over else [])


def test_an_empty_one_goes_after_a_day(tmp_path: Path) -> None:
    empty = tmp_path / "holmes.empty"
    empty.mkdir()
    now = empty.stat().st_mtime
    assert _work_dir.left_behind(str(tmp_path), now + 3600) == []
    assert _work_dir.left_behind(str(tmp_path), now + 25 * 3600) == [str(empty)]


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "holmes.without").mkdir()
    (tmp_path / "holmes.file").write_text("x")
    (tmp_path / "other").mkdir()
    target = Path(_work_dir.make(GONE, str(tmp_path)))
    target.rename(tmp_path / "renamed")
    (tmp_path / "holmes.link").symlink_to(tmp_path / "renamed")
    assert _work_dir.left_behind(str(tmp_path)) == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], **arguments: t.Any) -> tuple[int, dict[str, t.Any]]:
    with patch_module_args(arguments), pytest.raises(SystemExit) as ended:
        holmes_work_dir.main()
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_module_removes_the_old_and_makes_a_new_one(
    folder: Path, capsys: pytest.CaptureFixture[str], check_mode: bool
) -> None:
    old = _work_dir.make(GONE)
    code, result = run(capsys, holder=US, _ansible_check_mode=check_mode)
    assert (code, result["changed"], result["removed"]) == (0, False, [old])
    assert [str(path) for path in folder.iterdir()] == [result["path"]]


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_module_removes_the_folder_of_its_run(
    folder: Path, capsys: pytest.CaptureFixture[str], check_mode: bool
) -> None:
    mine, other = _work_dir.make(US), _work_dir.make(US)
    for _again in range(2):
        code, result = run(capsys, state="absent", path=mine, _ansible_check_mode=check_mode)
        assert (code, result["changed"]) == (0, False)
    assert [str(path) for path in folder.iterdir()] == [other]


@pytest.mark.parametrize("path", ["/etc", "/tmp/other", "holmes.abc", "/", "/srv/holmes"])  # noqa: S108
def test_nothing_else_is_removed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(_work_dir, "remove", lambda _paths: pytest.fail("it would be removed"))
    code, result = run(capsys, state="absent", path=path)
    assert code == 1 and result["msg"].endswith("is no work folder of this collection, so it stays.")


def test_a_folder_that_cannot_be_removed_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = _work_dir.make(US)
    monkeypatch.setattr(_work_dir, "remove", lambda _paths: [])
    code, result = run(capsys, state="absent", path=mine)
    assert code == 1 and mine in result["msg"] and "remove it by hand" in result["msg"]


def test_no_room_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: t.Any, **_options: t.Any) -> t.NoReturn:
        raise OSError(28, "No space left on device", "/tmp/holmes.x")  # noqa: S108

    monkeypatch.setattr(_work_dir, "make", full)
    code, result = run(capsys)
    assert code == 1 and "No space left on device (/tmp/holmes.x). Make room there" in result["msg"]


def test_only_folders_of_other_machines_are_removed_on_somebodys_word(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, living = _work_dir.make(ELSEWHERE), _work_dir.make(US)
    other = folder / "other"
    other.mkdir()
    assert [one["path"] for one in run(capsys, holder=US)[1]["others"]] == [theirs]
    code, result = run(capsys, gone=[theirs, living, str(other)])
    assert (code, result["removed"], "path" in result) == (0, [theirs], False)
    assert Path(living).exists() and other.exists()
