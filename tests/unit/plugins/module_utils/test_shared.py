# SPDX-License-Identifier: GPL-3.0-or-later
"""Several hosts ask once, each in a process of its own as Ansible runs them; a dead or stuck one stops nobody."""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import resource
import signal
import stat
import subprocess
import sys
import time
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import FAULT, GOOD, NOBODY, RUN, Shared
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _handover

from tests.unit.fixtures.shared_folder import hosts_of_a_run

PASSWORD = "canary-5c1e"
# Writes a line for each time it is asked, and takes its time.
ASKER = """
import json, sys, time
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import Shared
folder, host, log, seconds, patience = sys.argv[1:]
def make():
    with open(log, "a") as stream:
        stream.write(host + "\\n")
    time.sleep(float(seconds))
    return "answer of " + host
print(json.dumps(Shared(folder, host).ask(["q"], make, float(patience))))
"""


class Askers:
    """Processes that ask the same."""

    def __init__(self, folder: Path) -> None:
        (self.shared,) = hosts_of_a_run(folder, "test")
        self.log = folder / "log"

    def start(self, host: str, seconds: float = 0.3, patience: float = 30) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", ASKER, self.shared.folder, host, str(self.log), str(seconds), str(patience)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def asked(self, number: int = 0) -> list[str]:
        """Who asked; waits for so many."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            found = self.log.read_text().split() if self.log.exists() else []
            if len(found) >= number:
                return found
            time.sleep(0.02)
        pytest.fail(f"nobody asked: {found}")


def answer(process: subprocess.Popen[str]) -> list[str]:
    found: list[str] = json.loads(process.communicate(timeout=60)[0])
    return found


@pytest.fixture
def askers(tmp_path: Path) -> Askers:
    return Askers(tmp_path)


def test_many_at_the_same_time_ask_once(askers: Askers) -> None:
    running = [askers.start(f"host{number}") for number in range(6)]
    answers = [answer(process) for process in running]
    (who,) = askers.asked()
    assert {told for told, _by in answers} == {f"answer of {who}"}
    assert sorted(by for _told, by in answers) == ["", *[who] * 5]
    assert answer(askers.start("late")) == [f"answer of {who}", who], "also in a later batch"


def test_one_that_is_killed_leaves_the_question_to_the_next(askers: Askers) -> None:
    first = askers.start("killed", seconds=60)
    askers.asked(1)
    waiting = askers.start("next")
    time.sleep(0.5)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert answer(waiting) == ["answer of next", ""]
    assert askers.asked() == ["killed", "next"]


def test_one_that_is_stuck_is_waited_for_no_longer_than_that(askers: Askers) -> None:
    first = askers.start("stuck", seconds=60)
    askers.asked(1)
    started = time.monotonic()
    assert answer(askers.start("next", patience=0.5)) == ["answer of next", ""]
    assert time.monotonic() - started < 20
    first.kill()
    first.wait()


def test_what_was_begun_to_be_written_is_asked_again(tmp_path: Path) -> None:
    (shared,) = hosts_of_a_run(tmp_path, "a")
    shared.ask("q", lambda: "whole", 1)
    (file,) = [path for path in Path(shared.folder).iterdir() if path.name != "key"]
    file.write_text(file.read_text()[:9], encoding="utf-8")
    assert shared.ask("q", lambda: "again", 1) == ("again", "")
    assert replace(shared, host="b").ask("q", lambda: "no", 1) == ("again", "a")


def test_an_exception_is_no_answer(tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with pytest.raises(ZeroDivisionError):
        a.ask("q", lambda: 1 // 0, 1)
    assert b.ask("q", lambda: 2, 1) == (2, "")


def test_nothing_is_also_an_answer(tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    assert a.ask("q", lambda: None, 1) == (None, "")
    assert b.ask("q", lambda: 1, 1) == (None, "a")


def test_another_question_or_run_or_environment_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    (other,) = hosts_of_a_run(tmp_path, "b")
    a.ask(["model", "https://m:1", PASSWORD], lambda: 1, 1)
    assert b.ask(["model", "https://m:1", f"{PASSWORD}2"], lambda: 2, 1) == (2, "")
    assert other.ask(["model", "https://m:1", PASSWORD], lambda: 3, 1) == (3, "")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    assert b.ask(["model", "https://m:1", PASSWORD], lambda: 4, 1) == (4, "")


def test_the_question_can_be_read_from_nowhere(tmp_path: Path) -> None:
    (shared,) = hosts_of_a_run(tmp_path, "a")
    shared.ask(["registry", PASSWORD], lambda: "answer", 1)
    for path in (Path(shared.folder), Path(shared.folder).parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    names = sorted(path.name for path in Path(shared.folder).iterdir())
    assert len(names) == 2
    for path in Path(shared.folder).iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert PASSWORD not in path.name and PASSWORD.encode() not in path.read_bytes()


@pytest.mark.parametrize("gone", ["", "key", "folder"])
def test_without_a_folder_of_the_run_everybody_asks(tmp_path: Path, gone: str) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b") if gone else [NOBODY, NOBODY]
    if gone:
        os.unlink(os.path.join(a.folder, "key"))
    if gone == "folder":
        os.rmdir(a.folder)
    assert [one.ask("q", lambda: 1, 1) for one in (a, b)] == [(1, ""), (1, "")]


def test_what_json_does_not_know_is_nobody_elses_question(tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    assert [one.ask([object()], lambda: 1, 1) for one in (a, b)] == [(1, ""), (1, "")]


class Later:
    """Time goes on by as much as is said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds, true = 0.0, time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: true() + self.seconds)


@pytest.mark.parametrize("holds", [GOOD, FAULT, RUN])
def test_an_answer_that_is_old_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holds: float) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    later = Later(monkeypatch)
    assert a.ask("q", lambda: "old", 1, lambda _told: holds) == ("old", "")
    later.seconds = min(holds, 86400) - 10
    assert b.ask("q", lambda: "new", 1, lambda _told: holds) == ("old", "a")
    later.seconds += 20
    assert b.ask("q", lambda: "new", 1, lambda _told: holds) == (("old", "a") if holds == math.inf else ("new", ""))
    assert a.ask("q", lambda: "newer", 1) == (("old", "") if holds == math.inf else ("new", "b")), (
        "nobody asks for itself"
    )


@pytest.mark.parametrize(
    ("statuses", "seconds"),
    [
        (["pass"], GOOD),
        (["pass", "warn", "not_checked"], GOOD),
        (["fail"], FAULT),
        (["pass", "fail"], FAULT),
        (["warn"], FAULT),
        (["not_checked"], FAULT),
        ([], FAULT),
    ],
)
def test_a_fault_is_looked_at_again_sooner_than_what_was_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statuses: list[str], seconds: float
) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    later, asked = Later(monkeypatch), []

    def look() -> list[Check]:
        asked.append(later.seconds)
        return [Check("tls.registry", "t", status, "m", "f") for status in statuses]

    for at in (0, seconds - 10, seconds + 10):
        later.seconds = at
        (b if at else a).checks("q", look, 1)
    assert asked == [0, seconds + 10]


def test_where_no_lock_can_be_had_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: t.Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    started = time.monotonic()
    assert [one.ask("q", lambda: 1, 30) for one in (a, b)] == [(1, ""), (1, "")]
    assert time.monotonic() - started < 20


def test_a_full_disk_takes_no_answer_away(tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        assert [one.ask("q", lambda: 1, 1) for one in (a, b)] == [(1, ""), (1, "")]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_checks_say_who_asked(tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    check = Check("llm.answers", "t", "fail", "m", "f", {"n": 1})
    never: t.Any = None
    assert a.checks("q", lambda: [check], 1) == [check]
    assert b.checks("q", never, 1) == [replace(check, evidence={"n": 1, "asked_by": "a"})]
    assert Shared().checks("q", lambda: [check], 1) == [check]


def test_the_control_node_names_the_folder_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(_handover.VARIABLE, raising=False)
    assert _handover.shared("a") == {}
    place = _handover.make_place(str(tmp_path))
    monkeypatch.setenv(_handover.VARIABLE, place)
    assert _handover.shared("a") == {"folder": f"{place}/shared", "host": "a"}
    assert _handover.taken(place) == ([], {})
