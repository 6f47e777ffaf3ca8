# SPDX-License-Identifier: GPL-3.0-or-later
"""A run, taken apart: every moment belongs to one step."""

from __future__ import annotations

import typing as t

import pytest

from tests.bench import breakdown
from tests.bench.breakdown import AFTER, BEFORE, BETWEEN, SKIPPED, Breakdown, Clock, Step

CLOCK = Clock(begun=100.0, ended=110.0, cpu=7.0)


def event(what: str, at: float, cpu: float, modules: int = 0, starts: int = 0, **more: t.Any) -> dict[str, t.Any]:
    return {"what": what, "at": at, "cpu": cpu, "modules": modules, "starts": starts, **more}


EVENTS = [
    event("start", 101.0, 0.5),
    event("task", 101.2, 0.6, name="holmesgpt.onprem.holmes : Values | Generate", action="x"),
    event("end", 104.0, 3.0, modules=2, starts=1, checks=[["a.slow", 1.5], ["a.quick", 0.001]]),
    event("task", 104.1, 3.1, modules=2, starts=1, name="Not wanted", action="x"),
    event("end", 104.2, 3.2, modules=2, starts=1, skipped=True),
    event("task", 104.3, 3.3, modules=2, starts=1, name="Last", action="x"),
    event("end", 108.0, 6.0, modules=3, starts=1, checks=[]),
    event("stats", 109.0, 6.5, modules=3, starts=1),
]


@pytest.fixture
def steps() -> dict[str, Step]:
    made = breakdown.by_task(EVENTS, [1.0, 0.5, 2.0], [0.25], CLOCK)
    return {step.name: step for step in made}


def test_all_steps_add_up_to_the_run(steps: dict[str, Step]) -> None:
    total = Breakdown("noop", "ours", list(steps.values())).total
    assert (total.wall, total.cpu, total.modules) == (pytest.approx(10.0), pytest.approx(7.0), 3)
    assert total.module + total.helm + total.ansible == pytest.approx(7.0)


def test_a_task_is_split_into_modules_helm_and_ansible(steps: dict[str, Step]) -> None:
    task = steps["Values | Generate"]
    assert (task.wall, task.cpu) == (pytest.approx(2.8), pytest.approx(2.4))
    assert (task.module, task.helm, task.modules) == (pytest.approx(1.25), pytest.approx(0.25), 2)
    assert task.ansible == pytest.approx(0.9)
    assert task.checks == (("a.slow", 1.5), ("a.quick", 0.001))


def test_what_is_no_task_has_steps_of_its_own(steps: dict[str, Step]) -> None:
    found = {name: round(steps[name].wall, 3) for name in (BEFORE, SKIPPED, BETWEEN, AFTER)}
    assert found == {BEFORE: 1.0, SKIPPED: 0.1, BETWEEN: 0.2 + 0.1 + 0.1 + 1.0, AFTER: 1.0}
    assert list(steps) == [BEFORE, "Values | Generate", "Last", SKIPPED, BETWEEN, AFTER]


def test_a_run_that_never_came_to_a_task(steps: dict[str, Step]) -> None:
    made = breakdown.by_task([], [], [], CLOCK)
    assert [(step.name, step.wall) for step in made if step.count] == [(AFTER, pytest.approx(10.0))]


@pytest.mark.parametrize("usage", ["{}000000000", "usage_usec {}000000"])
def test_steps_by_hand(usage: str) -> None:
    marks = [("begin", 1_000_000, 0), ("before", 1_500_000, 1), ("helm", 21_500_000, 3), ("chat", 22_000_000, 4)]
    text = "".join(f"{name} {now} {usage.format(used)}\n" for name, now, used in marks)
    made = breakdown.by_hand(text)
    assert [(step.name, step.wall, step.cpu) for step in made] == [
        ("namespace and Secrets", 0.5, 1.0),
        ("helm upgrade --install --wait", 20.0, 2.0),
        ("port-forward and chat", 0.5, 1.0),
    ]


def test_processor_time_of_a_program_is_user_and_system() -> None:
    assert breakdown.times("3.000 0.250 0.125") == 0.375
