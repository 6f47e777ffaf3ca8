# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of one run for one host goes: task by task, and within each the modules, Helm and the checks."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass

from tests.bench.control_group import processor_seconds

BEFORE, BETWEEN, AFTER = "until the playbook starts", "between tasks", "after the last task"
SKIPPED = "tasks that were skipped"
# The steps that raw.sh marks.
BY_HAND = {
    "before": "namespace and Secrets",
    "helm": "helm upgrade --install --wait",
    "pods": "kubectl get pods",
    "chat": "port-forward and chat",
}


@dataclass
class Step:
    """A task, or what is no task. ``cpu`` is all of it, ``module`` and ``helm`` the parts of modules and Helm.

    ``modules`` is how many processes of modules ran; ``checks`` are names with seconds by the clock.
    """

    name: str
    count: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    module: float = 0.0
    helm: float = 0.0
    modules: int = 0
    checks: tuple[tuple[str, float], ...] = ()

    @property
    def ansible(self) -> float:
        """Of the processor time, what is neither a module's nor Helm's."""
        return self.cpu - self.module - self.helm


@dataclass(frozen=True)
class Breakdown:
    situation: str
    contender: str
    steps: list[Step]

    @property
    def total(self) -> Step:
        parts = ("count", "wall", "cpu", "module", "helm", "modules")
        return Step("all", **{part: sum(getattr(step, part) for step in self.steps) for part in parts})


@dataclass(frozen=True)
class Clock:
    """When the run began and ended, and its processor time until then."""

    begun: float
    ended: float
    cpu: float


def by_hand(text: str) -> list[Step]:
    """Out of what raw.sh marked for one host: a name, microseconds and the processor time when that step ended."""
    marks = [line.split(maxsplit=2) for line in text.splitlines()]
    return [
        Step(BY_HAND[name], 1, (int(now) - int(since)) / 1e6, processor_seconds(used) - processor_seconds(before))
        for (_name, since, before), (name, now, used) in itertools.pairwise(marks)
    ]


def times(line: str) -> float:
    """Processor time out of a line "clock user system"."""
    _clock, user, system = (float(field) for field in line.split())
    return user + system


def by_task(events: list[t.Any], modules: list[float], helms: list[float], clock: Clock) -> list[Step]:
    """``events`` as the callback writes them. The time between any two belongs to a step: all add up to the run."""
    first = {"what": "begin", "at": clock.begun, "cpu": 0.0, "modules": 0, "starts": 0}
    last = {"what": "done", "at": clock.ended, "cpu": clock.cpu, "modules": len(modules), "starts": len(helms)}
    others = {name: Step(name) for name in (BEFORE, BETWEEN, SKIPPED, AFTER)}
    tasks: list[Step] = []
    for one, two in itertools.pairwise([first, *events, last]):
        name = _belongs(one, two)
        if name:
            step = others[name]
        else:
            step = Step(one["name"].rpartition(" : ")[2], checks=tuple((name, took) for name, took in two["checks"]))
            tasks.append(step)
        _add(step, one, two, modules[one["modules"] : two["modules"]], helms[one["starts"] : two["starts"]])
    return [others[BEFORE], *tasks, *(others[name] for name in (SKIPPED, BETWEEN, AFTER))]


def _belongs(one: t.Any, two: t.Any) -> str:
    """What the time from one event to the next is; empty for a task that ran."""
    if two["what"] == "start":
        return BEFORE
    if two["what"] == "done":
        return AFTER
    if one["what"] != "task" or two["what"] != "end":
        return BETWEEN
    return SKIPPED if two.get("skipped") else ""


def _add(step: Step, one: t.Any, two: t.Any, modules: list[float], helms: list[float]) -> None:
    step.count += 1
    step.wall += two["at"] - one["at"]
    step.cpu += two["cpu"] - one["cpu"]
    step.helm += sum(helms)
    # A module's time has that of the Helm in it which it started.
    step.module += max(sum(modules) - sum(helms), 0.0)
    step.modules += len(modules)
