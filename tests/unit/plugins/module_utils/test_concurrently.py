# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks at the same time: order, deadlines, errors, and results that several need."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once, Task, run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError

SECRET = "sk-canary0123456789"


def good(name: str, **more: t.Any) -> Check:
    return Check(name, name, "pass", "fine", **more)


def task(name: str, run: t.Callable[[], t.Iterable[Check]], deadline: float = 5.0, late: str = "not_checked") -> Task:
    return Task(name, f"Title of {name}", run, deadline, late, "Do this.")


def raising(error: Exception) -> t.Callable[[], t.Iterable[Check]]:
    def run() -> t.Iterable[Check]:
        yield good("lost")
        raise error

    return run


def test_all_run_at_the_same_time_and_answer_in_order() -> None:
    meeting = threading.Barrier(3, timeout=5)

    def run(name: str, seconds: float) -> list[Check]:
        meeting.wait()  # breaks unless all three are there at once
        time.sleep(seconds)
        return [good(f"{name}.1"), good(f"{name}.2")]

    names = ("a", "b", "c")
    found = run_all([task(name, lambda name=name, at=at: run(name, 0.1 - at * 0.04)) for at, name in enumerate(names)])
    assert [check.id for check in found] == ["a.1", "a.2", "b.1", "b.2", "c.1", "c.2"]


def test_a_hanging_task_costs_its_deadline_once_and_the_others_nothing() -> None:
    forever = threading.Event()
    hanging = [
        task(f"h{number}", lambda: [forever.wait(30) and good("x")], 0.4, "not_checked" if number else "fail")
        for number in range(4)
    ]
    started = time.monotonic()
    found = run_all([task("quick", lambda: [good("quick")]), *hanging])
    assert 0.4 <= time.monotonic() - started < 1.5
    forever.set()
    assert found[0].status == "pass" and found[0].seconds < 0.3
    for check, late in zip(found[1:], ("fail", "not_checked", "not_checked", "not_checked"), strict=True):
        assert (check.status, check.message, check.fix) == (late, "No result within 0.4 s.", "Do this.")
        assert check.seconds >= 0.4


@pytest.mark.parametrize(
    ("error", "status", "message", "fix"),
    [
        (HolmesError("It is wrong.", "Mend it."), "fail", "It is wrong.", "Mend it."),
        (KubeError("Refused.", 403, "Ask for it."), "not_checked", "Refused.", "Ask for it."),
        (KubeError("Refused.", 403), "not_checked", "Refused.", "Grant this right"),
        (ValueError(SECRET), "not_checked", "This check itself failed: ValueError.", "report"),
    ],
)
def test_an_error_is_one_check(error: Exception, status: str, message: str, fix: str) -> None:
    found = run_all([task("a.b", raising(error)), task("c", lambda: [good("c")])])
    assert [check.id for check in found] == ["a.b", "c"], "half of an answer is none"
    assert (found[0].title, found[0].status, found[0].message) == ("Title of a.b", status, message)
    assert fix in found[0].fix
    assert SECRET not in str(found)


def test_a_check_may_know_its_own_time() -> None:
    found = run_all([task("a", lambda: [good("a", seconds=9.0)])])
    assert found[0].seconds == 9.0


def test_a_result_is_made_once_for_all() -> None:
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    once = Once(make)
    found = run_all([task(str(number), lambda: [good(str(once()))]) for number in range(5)])
    assert [check.id for check in found] == ["1"] * 5 and made == [1]


def test_an_error_is_made_once_too() -> None:
    tried: list[int] = []

    def make() -> int:
        tried.append(1)
        raise KubeError("No connection.", 0, "Look.")

    once = Once(make)
    found = run_all([task(str(number), lambda: [good(str(once()))]) for number in range(3)])
    assert {check.message for check in found} == {"No connection."} and tried == [1]
