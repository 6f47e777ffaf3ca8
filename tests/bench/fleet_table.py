# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark `fleet` found, as rows of text and as points of a plot."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.bench.breakdown import Breakdown, Step
from tests.bench.contenders import FRESH, NOOP, Ours, Plain, Raw
from tests.bench.found import Cost, Reading
from tests.bench.plot import Panel

OURS, BASELINE, BY_HAND = Ours.name, Plain.name, Raw.name
ORDER = (BY_HAND, BASELINE, OURS)
WORDS = {FRESH: "fresh install", NOOP: "no-op", "upgrade": "changed upgrade"}
MEGABYTE = 1024 * 1024
HEAD = (
    "hosts",
    "who",
    "CPU s/host",
    f"× {BASELINE}",
    "MB/host",
    "Helm/host",
    "requests/host",
    "wall s",
    f"over {BY_HAND} s",
    "cluster CPU s",
    "other CPU s",
    "wall ÷ (CPU ÷ cores)",
)
NONE = "–"


@dataclass(frozen=True)
class Point:
    """Medians of all runs of one contender in one situation with so many hosts."""

    contender: str
    situation: str
    hosts: int
    cost: Cost

    @property
    def per_host(self) -> float:
        return self.cost.own / self.hosts

    @property
    def others(self) -> float:
        """What neither contender nor lab used: the machine was quiet if this is little."""
        return max(self.cost.machine - self.cost.own - self.cost.cluster, 0.0)

    def stretch(self, cores: int) -> float:
        """1 if all processors worked for this run all the time; what is more was waiting. A lab may have no account."""
        work = self.cost.own + self.cost.cluster if self.cost.cluster else self.cost.machine
        return self.cost.wall / (work / cores)


def points(readings: t.Sequence[Reading]) -> list[Point]:
    """One for each contender, situation and number of hosts, sorted by hosts."""
    groups: dict[tuple[int, int, str], list[Cost]] = {}
    for one in readings:
        groups.setdefault((one.hosts, ORDER.index(one.contender), one.situation), []).append(one.cost)
    return [
        Point(ORDER[place], situation, hosts, Cost.median(costs))
        for (hosts, place, situation), costs in sorted(groups.items())
    ]


def rows(found: t.Sequence[Point], situation: str, cores: int) -> list[tuple[str, ...]]:
    """The table of one situation."""
    chosen = {(one.hosts, one.contender): one for one in found if one.situation == situation}
    made: list[tuple[str, ...]] = [HEAD]
    for (hosts, who), one in chosen.items():
        cost, base, hand = one.cost, chosen.get((hosts, BASELINE)), chosen.get((hosts, BY_HAND))
        made.append(
            (
                str(hosts),
                who,
                f"{one.per_host:.2f}",
                f"{cost.own / base.cost.own:.2f}" if base else NONE,
                f"{cost.memory / MEGABYTE / hosts:.0f}",
                f"{cost.helm / hosts:.1f}",
                f"{cost.requests / hosts:.0f}",
                f"{cost.wall:.1f}",
                f"{cost.wall - hand.cost.wall:+.1f}" if hand else NONE,
                f"{cost.cluster:.1f}",
                f"{one.others:.1f}",
                f"{one.stretch(cores):.2f}",
            )
        )
    return made


def step_rows(found: Breakdown) -> list[tuple[str, ...]]:
    """The table of one breakdown; the sum is the last row."""
    made: list[tuple[str, ...]] = [("step", "wall s", "CPU s", "Ansible", "modules", "Helm", "slowest checks, wall s")]
    for step in [*found.steps, found.total]:
        if step.count:
            many = step.count > 1 and step.name != "all"
            within = (step.ansible, step.module, step.helm) if found.contender != BY_HAND else ()
            made.append(
                (
                    f"{step.name} ({step.count})" if many else step.name,
                    *(f"{seconds:.2f}" for seconds in (step.wall, step.cpu, *within)),
                    *([NONE] * (3 - len(within))),
                    slowest(step),
                )
            )
    return made


def slowest(step: Step, number: int = 3) -> str:
    """The checks that took longest, by the clock; several run at once."""
    longest = sorted(step.checks, key=lambda check: -check[1])[:number]
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in longest if seconds >= 0.01)


def panels(found: t.Sequence[Point]) -> list[list[Panel]]:
    """A row for each situation: processor time of a host, and time by the clock for all of them."""
    made = []
    for situation in dict.fromkeys(one.situation for one in found):
        own: dict[str, list[tuple[float, float]]] = {}
        wall: dict[str, list[tuple[float, float]]] = {}
        for one in found:
            if one.situation == situation:
                own.setdefault(one.contender, []).append((one.hosts, one.per_host))
                wall.setdefault(one.contender, []).append((one.hosts, one.cost.wall))
        words = WORDS[situation]
        made.append([Panel(f"{words}: CPU seconds per host", own), Panel(f"{words}: wall seconds for all", wall)])
    return made
