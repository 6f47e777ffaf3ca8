# SPDX-License-Identifier: GPL-3.0-or-later
"""Two things timed in turn: A B B A …, so that a machine that gets slower does so for both."""

from __future__ import annotations

import resource
import statistics
import time
import typing as t
from dataclasses import dataclass


class Broken(Exception):
    """A run did not do what it was to be timed for."""


@dataclass(frozen=True)
class Comparison:
    """``ours`` and ``baseline`` do the work once and raise Broken if it went wrong. ``goal`` is only shown."""

    name: str
    what: str
    ours: t.Callable[[], None]
    baseline: t.Callable[[], None]
    goal: str = ""


@dataclass(frozen=True)
class Times:
    """Milliseconds: the median, and the quartiles around it."""

    median: float
    low: float
    high: float
    all: tuple[float, ...]

    @classmethod
    def of(cls, found: t.Sequence[float]) -> Times:
        low, median, high = statistics.quantiles(found, n=4, method="inclusive")
        return cls(*(round(one, 2) for one in (median, low, high)), tuple(round(one, 2) for one in found))


@dataclass(frozen=True)
class Result:
    """``on_top`` is over the differences of neighbouring runs, ``ratio`` of the medians.

    ``cpu_on_top``: the same of the processes' own time, which other work on the machine disturbs less.
    """

    name: str
    runs: int
    ours: Times
    baseline: Times
    on_top: Times
    cpu_on_top: Times
    ratio: float
    goal: str


# Milliseconds of one run: by the clock, of the processor.
Point = tuple[float, float]


def compare(made: Comparison, runs: int) -> Result:
    """Times both sides ``runs`` times, after one run of each that fills the caches of the machine."""
    made.ours()
    made.baseline()
    ours: list[Point] = []
    baseline: list[Point] = []
    for number in range(runs):
        # Who goes first changes too, should one leave something for the other.
        sides = [(ours, made.ours), (baseline, made.baseline)]
        for points, work in sides if number % 2 else reversed(sides):
            points.append(_timed(work))
    wall, cpu = ([one[which] - other[which] for one, other in zip(ours, baseline, strict=True)] for which in (0, 1))
    sides_of = [Times.of([point[0] for point in points]) for points in (ours, baseline)]
    ratio = round(sides_of[0].median / sides_of[1].median, 3)
    return Result(made.name, runs, *sides_of, Times.of(wall), Times.of(cpu), ratio, made.goal)


def _timed(work: t.Callable[[], None]) -> Point:
    before, start = _children(), time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000, (_children() - before) * 1000


def _children() -> float:
    """Seconds of processor time of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
