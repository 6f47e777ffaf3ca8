# SPDX-License-Identifier: GPL-3.0-or-later
"""What shall be shown beside what was found. Shown only: nothing fails by it."""

from __future__ import annotations

import typing as t

from tests.bench.breakdown import BY_HAND as STEPS
from tests.bench.breakdown import Breakdown
from tests.bench.contenders import FRESH, NOOP
from tests.bench.fleet_table import BASELINE, BY_HAND, NONE, OURS, Point

QUIET = 5


def rows(found: t.Sequence[Point], breakdowns: t.Sequence[Breakdown], cores: int) -> list[tuple[str, ...]]:
    return [
        ("goal", "found"),
        ("no-op: CPU at most 1.5 × plain, better 1.0 ×", _ratios(found)),
        ("no-op: wall at most 1.15 × (CPU ÷ cores)", _stretches(found, cores)),
        ("fresh: at most 5 s over `helm --wait` by hand and the chat", _over(found, breakdowns)),
        (f"the machine was quiet: other CPU at most {QUIET} % of all", _noise(found)),
    ]


def _ratios(found: t.Sequence[Point]) -> str:
    base = {one.hosts: one.cost.own for one in found if (one.situation, one.contender) == (NOOP, BASELINE)}
    return _listed({one.hosts: one.cost.own / base[one.hosts] for one in _ours(found) if one.hosts in base})


def _stretches(found: t.Sequence[Point], cores: int) -> str:
    return _listed({one.hosts: one.stretch(cores) for one in _ours(found)})


def _ours(found: t.Sequence[Point]) -> list[Point]:
    return [one for one in found if (one.situation, one.contender) == (NOOP, OURS)]


def _noise(found: t.Sequence[Point]) -> str:
    if not found:
        return NONE
    share = round(100 * sum(one.others for one in found) / sum(one.cost.machine for one in found))
    return f"{share} %" if share <= QUIET else f"{share} %: not quiet, measure again"


def _listed(figures: dict[int, float]) -> str:
    """Each number of hosts with its figure."""
    return ", ".join(f"{figure:.2f} (N={hosts})" for hosts, figure in figures.items()) or NONE


def _over(found: t.Sequence[Point], breakdowns: t.Sequence[Breakdown]) -> str:
    """By hand only the two steps that the goal names count, so that the rest is on us."""
    hand = {
        step.name: step.wall
        for one in breakdowns
        if (one.situation, one.contender) == (FRESH, BY_HAND)
        for step in one.steps
    }
    ours = [one.cost.wall for one in found if (one.situation, one.contender, one.hosts) == (FRESH, OURS, 1)]
    if not hand or not ours:
        return NONE
    return f"{ours[0] - hand[STEPS['helm']] - hand[STEPS['chat']]:+.1f} s"
